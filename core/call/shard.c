/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shards: contexts with a thread each. A call lives on one shard from its first to its last event,
 * so
 * its objects need no locks.
 */
#include "call/shard.h"

static gpointer
shard_thread(gpointer data)
{
    McpShard *shard = data;

    g_main_context_push_thread_default(shard->context);
    g_main_loop_run(shard->loop);
    /* What was posted before the end still runs: it may hold the last references. */
    while (g_main_context_iteration(shard->context, FALSE))
        ;
    mcp_loop_beat_free(shard->beat);
    g_main_context_pop_thread_default(shard->context);
    return NULL;
}

McpShard *
mcp_shard_new(guint index, McpClock *clock, McpLoopLoad *load)
{
    McpShard *shard = g_new0(McpShard, 1);
    g_autofree char *name = g_strdup_printf("mcp-shard-%u", index);

    shard->index = index;
    shard->load = load;
    shard->context = g_main_context_new();
    shard->loop = g_main_loop_new(shard->context, FALSE);
    shard->beat = mcp_loop_beat_new(load, clock, shard->context, TRUE);
    shard->thread = g_thread_new(name, shard_thread, shard);
    return shard;
}

static gboolean
quit(gpointer data)
{
    g_main_loop_quit(data);
    return G_SOURCE_REMOVE;
}

void
mcp_shards_free(McpShard **shards, guint n)
{
    for (guint i = 0; i < n; i++) {
        mcp_shard_invoke(shards[i], quit, shards[i]->loop, NULL);
        g_thread_join(shards[i]->thread);
    }
    /* What one shard still held for another goes with its context, and may be a call of either. */
    for (guint i = 0; i < n; i++) {
        g_main_loop_unref(shards[i]->loop);
        g_main_context_unref(shards[i]->context);
    }
    for (guint i = 0; i < n; i++)
        g_free(shards[i]);
    g_free(shards);
}

void
mcp_shard_invoke(McpShard *shard, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, func, data, destroy);
    g_source_attach(source, shard->context);
}
