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
    ladder->marks = g_array_new(FALSE, FALSE, sizeof(guint64));
}

void
mcp_sip_ladder_clear(McpSipLadder *ladder)
{
    g_free(ladder->sip_call_id);
    g_free(ladder->tag);
    g_ptr_array_unref(ladder->entries);
    g_array_unref(ladder->marks);
    g_mutex_clear(&ladder->lock);
}

static gboolean
is_repeat(const McpSipLadder *ladder, gboolean sent, guint64 mark)
{
    for (guint i = 0; i < ladder->marks->len; i++) {
        const McpLadderEntry *entry = ladder->entries->pdata[i];

        if (entry->sent == sent && g_array_index(ladder->marks, guint64, i) == mark)
            return TRUE;
    }
    return FALSE;
}

void
mcp_sip_ladder_add(McpSipLadder *ladder, McpLadderEntry *entry, guint64 mark)
{
    g_mutex_lock(&ladder->lock);
    entry->repeat = is_repeat(ladder, entry->sent, mark);
    if (ladder->entries->len == LADDER_MAX) {
        g_ptr_array_remove_index(ladder->entries, 1);
        g_array_remove_index(ladder->marks, 1);
    }
    g_ptr_array_add(ladder->entries, entry);
    g_array_append_val(ladder->marks, mark);
    g_mutex_unlock(&ladder->lock);
}

GPtrArray *
mcp_sip_ladder_copy(McpSipLadder *ladder)
{
    GPtrArray *copy = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_ladder_entry_free);

    g_mutex_lock(&ladder->lock);
    for (guint i = 0; i < ladder->entries->len; i++)
        g_ptr_array_add(copy, mcp_ladder_entry_copy(ladder->entries->pdata[i]));
    g_mutex_unlock(&ladder->lock);
    return copy;
}
