/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "grammar.h"

/* The functions of the grammar contract of the same names. */
McpDtmfMatcher *mcp_dtmf_matcher_new(McpGrammar *const *grammars, guint n_grammars);
void mcp_dtmf_matcher_free(McpDtmfMatcher *matcher);
McpMatchState mcp_dtmf_matcher_feed(McpDtmfMatcher *matcher, char digit);
McpGrammarResult *mcp_dtmf_matcher_result(McpDtmfMatcher *matcher, GError **error);
