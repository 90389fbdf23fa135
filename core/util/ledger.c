/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live-object ledger: a list of static entries, joined at their first use. Any thread; the list
 * only grows, so readers need no lock.
 */
#include <mcp/ledger.h>

static McpLedgerEntry *ledger_head;

static void
ledger_register(McpLedgerEntry *entry)
{
    McpLedgerEntry *head;

    if (!g_atomic_int_compare_and_exchange(&entry->registered, 0, 1))
        return;
    do {
        head = g_atomic_pointer_get(&ledger_head);
        entry->next = head;
    } while (!g_atomic_pointer_compare_and_exchange(&ledger_head, head, entry));
}

void
mcp_ledger_created(McpLedgerEntry *entry)
{
    if (g_atomic_int_get(&entry->registered) == 0)
        ledger_register(entry);
    g_atomic_int_inc(&entry->live);
}

void
mcp_ledger_finalized(McpLedgerEntry *entry)
{
    g_atomic_int_add(&entry->live, -1);
}

void
mcp_ledger_foreach(McpLedgerFunc func, gpointer user_data)
{
    for (McpLedgerEntry *entry = g_atomic_pointer_get(&ledger_head); entry != NULL;
         entry = entry->next)
        func(entry->type, g_atomic_int_get(&entry->live), user_data);
}
