/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "plan.h"

/**
 * mcp_speech_ssml_plan:
 * @text: an SSML 1.0 document
 * @out_language: (out) (optional): xml:lang of <speak>, to be freed
 *
 * Returns: (transfer full) (nullable): what to say; MCP_ERROR_INVALID with the line. Compute
 * pool.
 */
McpSpeechPlan *mcp_speech_ssml_plan(const char *text, char **out_language, GError **error);
