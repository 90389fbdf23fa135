/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded list of the SIP messages of one session, written on the SIP context and read from
 * any thread.
 */
#include "ladder.h"

#define LADDER_MAX 64

void
mcp_sip_ladder_init(McpSipLadder *ladder)
{
    g_mutex_init(&ladder->lock);
    ladder->entries = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_ladder_entry_free);
}

void
mcp_sip_ladder_clear(McpSipLadder *ladder)
{
    g_ptr_array_unref(ladder->entries);
    g_mutex_clear(&ladder->lock);
}

void
mcp_sip_ladder_add(McpSipLadder *ladder, gint64 wall, gboolean sent, char *summary)
{
    McpLadderEntry *entry = g_new0(McpLadderEntry, 1);

    entry->wall = wall;
    entry->sent = sent;
    entry->summary = summary;
    g_mutex_lock(&ladder->lock);
    if (ladder->entries->len == LADDER_MAX)
        g_ptr_array_remove_index(ladder->entries, 1);
    g_ptr_array_add(ladder->entries, entry);
    g_mutex_unlock(&ladder->lock);
}

GPtrArray *
mcp_sip_ladder_copy(McpSipLadder *ladder)
{
    GPtrArray *copy = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_ladder_entry_free);

    g_mutex_lock(&ladder->lock);
    for (guint i = 0; i < ladder->entries->len; i++) {
        const McpLadderEntry *entry = ladder->entries->pdata[i];
        McpLadderEntry *twin = g_new0(McpLadderEntry, 1);

        *twin = *entry;
        twin->summary = g_strdup(entry->summary);
        g_ptr_array_add(copy, twin);
    }
    g_mutex_unlock(&ladder->lock);
    return copy;
}
