/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "health/health.h"

/** McpWatch: a thread of its own that looks at the beats of all loops five times a second. */
typedef struct _McpWatch McpWatch;

/** McpWatchFunc: feeds a watchdog; on the thread of the watch. */
typedef void (*McpWatchFunc)(void);

/** mcp_watch_new: (transfer full): starts the thread. */
McpWatch *mcp_watch_new(McpCore *core);
/** mcp_watch_free: waits for the thread. */
void mcp_watch_free(McpWatch *watch);
/** mcp_watch_feed: @func runs every @interval µs unless a loop has been stuck for 45 s. */
void mcp_watch_feed(McpWatch *watch, gint64 interval, McpWatchFunc func);
