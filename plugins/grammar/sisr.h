/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <srgs/derivation.h>

/**
 * mcp_sisr_interpret: (transfer full) (nullable): the result of a parse as JSON, after Semantic
 * Interpretation for Speech Recognition 1.0. Scripts run in an engine of their own with limits;
 * MCP_ERROR_INVALID for a script that fails, MCP_ERROR_LIMIT for one that takes too much. Without
 * any tag: a string of the input.
 */
char *mcp_sisr_interpret(const McpChart *chart, const GArray *steps, GError **error);
/** mcp_sisr_utterance: (transfer full): the input, words with @separator between them. */
char *mcp_sisr_utterance(const McpChart *chart, const char *separator);
