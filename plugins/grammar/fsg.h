/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "grammar.h"

/** mcp_compiled_grammar_to_fsg: the function mcp_grammar_to_fsg() of the grammar contract. */
McpFsg *mcp_compiled_grammar_to_fsg(const McpGrammar *grammar, guint max_states, GError **error);
