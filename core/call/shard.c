/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shards: contexts with a thread each. A call lives on one shard from its first to its last event,
 * so
 * its objects need no locks.
 */
#include "call/shard.h"

typedef struct {
    McpShard *shard;
    McpClock *clock;
    gint64 sent;
} Ping;

static gpointer
shard_thread(gpointer data)
{
    McpShard *shard = data;

    g_main_context_push_thread_default(shard->context);
    g_main_loop_run(shard->loop);
    /* What was posted before the end still runs: it may hold the last references. */
    while (g_main_context_iteration(shard->context, FALSE))
        ;
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
    shard->answered = mcp_clock_now(clock);
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

static gboolean
answer_ping(gpointer data)
{
    Ping *ping = data;
    gint64 now = mcp_clock_now(ping->clock);

    __atomic_store_n(&ping->shard->answered, now, __ATOMIC_RELAXED);
    mcp_loop_load_sample(ping->shard->load, now - ping->sent);
    g_atomic_int_set(&ping->shard->pinged, FALSE);
    return G_SOURCE_REMOVE;
}

static void
ping_free(Ping *ping)
{
    g_object_unref(ping->clock);
    g_free(ping);
}

gint64
mcp_shard_check(McpShard *shard, McpClock *clock)
{
    gint64 now = mcp_clock_now(clock);
    Ping *ping;

    if (!g_atomic_int_compare_and_exchange(&shard->pinged, FALSE, TRUE)) {
        mcp_loop_load_set(shard->load, 100, now - shard->sent);
        return now - __atomic_load_n(&shard->answered, __ATOMIC_RELAXED);
    }
    shard->sent = now;
    ping = g_new(Ping, 1);
    ping->sent = now;
    ping->shard = shard;
    ping->clock = g_object_ref(clock);
    mcp_shard_invoke(shard, answer_ping, ping, (GDestroyNotify)ping_free);
    return 0;
}
