/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/json.h>
#include <mcp/load.h>
#include <mcp/settings.h>

/**
 * McpLoadGuard: watches what the process has left, so that new calls are refused before running
 * ones suffer. Sampled on the control context; the verdict is read on any thread.
 */
typedef struct _McpLoadGuard McpLoadGuard;

/** mcp_load_guard_new: (transfer full). */
McpLoadGuard *mcp_load_guard_new(void);
/** mcp_load_guard_free: loops may no longer report. */
void mcp_load_guard_free(McpLoadGuard *guard);
/** mcp_load_guard_configure: limits from [core]. */
void mcp_load_guard_configure(McpLoadGuard *guard, McpSettings *settings);
/** mcp_load_guard_add: (transfer none): the loop @name; the same for an equal name. Any thread. */
McpLoopLoad *mcp_load_guard_add(McpLoadGuard *guard, const char *name);
/** mcp_load_guard_measure: reads the process's CPU time and judges; about twice a second. */
void mcp_load_guard_measure(McpLoadGuard *guard);
/** mcp_load_guard_judge: one sample: @percent of the machine's CPU that the process used. */
void mcp_load_guard_judge(McpLoadGuard *guard, guint percent);
/** mcp_load_guard_is_full: whether new calls must wait. Any thread. */
gboolean mcp_load_guard_is_full(McpLoadGuard *guard);
/** mcp_load_guard_get_percent: the last sample. Any thread. */
guint mcp_load_guard_get_percent(McpLoadGuard *guard);
/** mcp_load_guard_describe: adds an object "load". Any thread. */
void mcp_load_guard_describe(McpLoadGuard *guard, McpJson *json);

/** mcp_load_guard_get_loops: how many loops there are. Any thread, as all that follow. */
guint mcp_load_guard_get_loops(McpLoadGuard *guard);
/** mcp_load_guard_get_loop: (transfer none): loop @index. */
McpLoopLoad *mcp_load_guard_get_loop(McpLoadGuard *guard, guint index);
/**
 * mcp_load_guard_look: whether each loop has beaten since the last look, which was @elapsed µs ago.
 * No more of that than two looks are apart counts against a loop: when the whole process stood
 * still, none is to blame. One caller, @interval µs between its calls.
 */
void mcp_load_guard_look(McpLoadGuard *guard, gint64 elapsed, gint64 interval);
/** mcp_loop_load_get_name: "control", "sip", "shard-0", "media-0". */
const char *mcp_loop_load_get_name(const McpLoopLoad *load);
/** mcp_loop_load_get_silence: ms for which beats have been missing; 0 for one that is well. */
guint mcp_loop_load_get_silence(McpLoopLoad *load);
/** mcp_loop_load_get_thread: the kernel's id of its thread; 0 for one that nobody waits for. */
gint mcp_loop_load_get_thread(McpLoopLoad *load);
