/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "builtin.h"
#include <srgs/network.h>

/* A compiled grammar; shared between calls and threads by reference. */
struct _McpGrammar {
    gatomicrefcount ref_count;
    McpNetwork *network;
    McpBuiltin builtin; /* kind NONE: not a builtin one */
};

McpGrammar *mcp_compiled_grammar_new(McpNetwork *network, const McpBuiltin *builtin);
McpGrammar *mcp_compiled_grammar_ref(McpGrammar *grammar);
void mcp_compiled_grammar_unref(McpGrammar *grammar);
McpGrammarMode mcp_compiled_grammar_get_mode(const McpGrammar *grammar);
