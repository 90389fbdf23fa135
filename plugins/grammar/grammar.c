/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled grammar: its network and what it is a builtin of. Immutable. Any thread.
 */
#include "grammar.h"
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpGrammar);

McpGrammar *
mcp_compiled_grammar_new(McpNetwork *network, const McpBuiltin *builtin)
{
    McpGrammar *grammar = g_new0(McpGrammar, 1);

    g_atomic_ref_count_init(&grammar->ref_count);
    grammar->network = network;
    grammar->builtin = *builtin;
    MCP_LEDGER_CREATED(McpGrammar);
    return grammar;
}

McpGrammar *
mcp_compiled_grammar_ref(McpGrammar *grammar)
{
    g_atomic_ref_count_inc(&grammar->ref_count);
    return grammar;
}

void
mcp_compiled_grammar_unref(McpGrammar *grammar)
{
    if (!g_atomic_ref_count_dec(&grammar->ref_count))
        return;
    mcp_network_free(grammar->network);
    g_free(grammar);
    MCP_LEDGER_FINALIZED(McpGrammar);
}

McpGrammarMode
mcp_compiled_grammar_get_mode(const McpGrammar *grammar)
{
    return ((const McpGrammarDocument *)grammar->network->documents->pdata[0])->mode;
}
