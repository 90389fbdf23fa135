/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>

G_BEGIN_DECLS

/**
 * McpLoopLoad: how busy one loop (a thread that serves calls) is, as it says itself, and that it is
 * alive. New calls are refused while a loop has little left ([core] max_cpu_percent,
 * max_loop_delay). One that misses its beats gets no new calls after a second; after two the
 * platform is not ready, and the stall is logged with its stack and its calls.
 */
typedef struct _McpLoopLoad McpLoopLoad;

/**
 * mcp_loop_load_set: @percent of the loop's last period that it was busy; @delay: µs that it last
 * came too late. About once a second. Any thread, without a lock.
 */
void mcp_loop_load_set(McpLoopLoad *load, guint percent, gint64 delay);

/**
 * mcp_loop_load_sample: the same with the share of a core that the calling thread, always the
 * loop's own, has used since it last called.
 */
void mcp_loop_load_sample(McpLoopLoad *load, gint64 delay);

/**
 * mcp_loop_load_beat: the loop is alive; four times a second or more often, always from the loop's
 * own thread. From the first one on it is waited for.
 */
void mcp_loop_load_beat(McpLoopLoad *load);
/** mcp_loop_load_rest: nobody waits for the loop until its next beat: it ends. Its own thread. */
void mcp_loop_load_rest(McpLoopLoad *load);
/** mcp_loop_load_is_late: whether it has missed its beats for a second. Any thread. */
gboolean mcp_loop_load_is_late(McpLoopLoad *load);

/** McpLoopBeat: has the loop of a GMainContext beat. */
typedef struct _McpLoopBeat McpLoopBeat;

/**
 * mcp_loop_beat_new: (transfer full): from now on. Any thread.
 * @sample: whether it calls mcp_loop_load_sample() as well, twice a second
 */
McpLoopBeat *mcp_loop_beat_new(McpLoopLoad *load, McpClock *clock, GMainContext *context,
                               gboolean sample);
/** mcp_loop_beat_free: the loop rests. On the thread that runs the context. */
void mcp_loop_beat_free(McpLoopBeat *beat);

G_END_DECLS
