/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "grammar.h"

/** mcp_text_list_matches: the function mcp_grammar_list_matches() of the grammar contract. */
GPtrArray *mcp_text_list_matches(McpGrammar *const *grammars, guint n_grammars, const char *text,
                                 guint max, GError **error);
