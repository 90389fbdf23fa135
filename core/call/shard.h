/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/load.h>

/** McpShard: one context with its thread, on which a share of the calls runs. */
typedef struct {
    guint index;
    GMainContext *context;
    GMainLoop *loop;
    GThread *thread;
    gint calls; /* atomic */
    McpLoopLoad *load;
    McpLoopBeat *beat;
} McpShard;

/** mcp_shard_new: (transfer full): starts the thread, which reports to @load. */
McpShard *mcp_shard_new(guint index, McpClock *clock, McpLoopLoad *load);
/**
 * mcp_shards_free: (transfer full): ends all threads before any shard is gone: what one of them
 * does at its end may be about a call of another.
 */
void mcp_shards_free(McpShard **shards, guint n);
/** mcp_shard_invoke: runs @func once on the shard, in order of calling. Any thread. */
void mcp_shard_invoke(McpShard *shard, GSourceFunc func, gpointer data, GDestroyNotify destroy);
