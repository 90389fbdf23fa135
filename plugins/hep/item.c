/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits to be captured. Made on any thread, then owned by one after the other.
 */
#include "item.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpHepItem);

McpHepItem *
mcp_hep_item_new(McpHepKind kind, const char *call, const char *dialog, const char *payload,
                 gsize length)
{
    McpHepItem *item = g_malloc(sizeof *item + length);

    *item = (McpHepItem){.kind = kind, .length = length};
    item->call = call != NULL ? g_ref_string_new(call) : NULL;
    item->dialog = dialog != NULL ? g_ref_string_new(dialog) : NULL;
    if (length > 0)
        memcpy(item->payload, payload, length);
    MCP_LEDGER_CREATED(McpHepItem);
    return item;
}

void
mcp_hep_item_free(McpHepItem *item)
{
    g_clear_pointer(&item->call, g_ref_string_release);
    g_clear_pointer(&item->dialog, g_ref_string_release);
    g_free(item);
    MCP_LEDGER_FINALIZED(McpHepItem);
}

gsize
mcp_hep_item_get_size(const McpHepItem *item)
{
    return sizeof *item + item->length +
           (item->dialog != NULL ? g_ref_string_length(item->dialog) : 0);
}

void
mcp_hep_item_set_call(McpHepItem *item, GRefString *call)
{
    GRefString *before = item->call;

    item->call = g_ref_string_acquire(call);
    g_clear_pointer(&before, g_ref_string_release);
}

const char *
mcp_hep_item_get_correlation(const McpHepItem *item)
{
    return item->call != NULL ? item->call : item->dialog;
}
