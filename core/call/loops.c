/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls and the loops that they run on: whose calls suffer when one is stuck, and whether there is
 * one left for a new call. Any thread; nothing here waits for a loop.
 */
#include "call/calls_private.h"
#include "server/core.h"

#include <string.h>

static gboolean
is_a(McpLoopLoad *load, const char *kind)
{
    return g_str_has_prefix(mcp_loop_load_get_name(load), kind);
}

static gboolean
runs_on(McpCall *call, McpLoopLoad *load)
{
    if (is_a(load, "shard-"))
        return call->shard->load == load;
    if (is_a(load, "media-"))
        return g_atomic_pointer_get(&call->media_loop) == load;
    return TRUE;
}

gint
mcp_calls_list_on_loop(McpCalls *calls, McpLoopLoad *load, GPtrArray *ids, guint most)
{
    GHashTableIter iter;
    gpointer call = NULL;
    gint found = 0;

    /* The stuck loop may be the one that holds it. */
    if (!g_mutex_trylock(&calls->lock))
        return -1;
    g_hash_table_iter_init(&iter, calls->running);
    while (g_hash_table_iter_next(&iter, NULL, &call)) {
        if (!runs_on(call, load))
            continue;
        if ((guint)found++ < most)
            g_ptr_array_add(ids, g_strdup(((McpCall *)call)->id));
    }
    g_mutex_unlock(&calls->lock);
    return found;
}

/* Whether there are loops of this kind and all of them are late. */
static gboolean
all_late(McpLoadGuard *guard, const char *kind)
{
    gboolean any = FALSE;

    for (guint i = 0; i < mcp_load_guard_get_loops(guard); i++) {
        McpLoopLoad *load = mcp_load_guard_get_loop(guard, i);

        if (!is_a(load, kind) || mcp_loop_load_get_thread(load) == 0)
            continue;
        if (!mcp_loop_load_is_late(load))
            return FALSE;
        any = TRUE;
    }
    return any;
}

const char *
mcp_calls_is_stuck(McpCalls *calls)
{
    if (all_late(calls->load, "shard-"))
        return "shard";
    return all_late(calls->load, "media-") ? "media" : NULL;
}

const char *
mcp_calls_is_full(McpCalls *calls)
{
    gint64 running = mcp_metrics_get(calls->core->metrics, MCP_CORE_CALLS_RUNNING, 0);

    if (mcp_load_guard_is_full(calls->load))
        return "the platform is busy";
    if (running >= g_atomic_int_get(&calls->most))
        return "maximum number of calls reached";
    return mcp_calls_is_stuck(calls) != NULL ? "no loop that serves calls answers" : NULL;
}
