/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "grammar.h"

/** mcp_text_match: the function mcp_grammar_match_words() of the grammar contract. */
McpGrammarResult *mcp_text_match(McpGrammar *const *grammars, guint n_grammars, const char *text,
                                 GError **error);
