/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpLoopLoad: how busy one loop (a thread that serves calls) is, as it says itself. New calls are
 * refused while a loop has little left ([core] max_cpu_percent, max_loop_delay).
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

G_END_DECLS
