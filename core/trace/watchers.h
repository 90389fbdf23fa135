/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/trace.h>

G_BEGIN_DECLS

/** MCP_TRACE_WATCHERS_MAX: how many watchers there may be. */
#define MCP_TRACE_WATCHERS_MAX 4

/**
 * McpTraceWatchers: those who see all messages. Whoever calls one counts as a user of its place
 * meanwhile, so that no lock is held across the call. All zero is none.
 */
typedef struct {
    struct {
        gconstpointer watcher; /* atomic: McpTraceWatcher, NULL: the place is free */
        gpointer user_data;
        gint users; /* atomic */
    } places[MCP_TRACE_WATCHERS_MAX];
    gint count; /* atomic */
} McpTraceWatchers;

/** mcp_trace_watchers_add: see mcp_traces_watch(). */
guint mcp_trace_watchers_add(McpTraceWatchers *watchers, const McpTraceWatcher *watcher,
                             gpointer user_data);
/** mcp_trace_watchers_remove: see mcp_traces_unwatch(). */
void mcp_trace_watchers_remove(McpTraceWatchers *watchers, guint number);
/** mcp_trace_watchers_any: one atomic read. Any thread. */
gboolean mcp_trace_watchers_any(McpTraceWatchers *watchers);
/** mcp_trace_watchers_message: Any thread. */
void mcp_trace_watchers_message(McpTraceWatchers *watchers, const McpTraceMessage *message);
/** mcp_trace_watchers_dialog: Any thread. */
void mcp_trace_watchers_dialog(McpTraceWatchers *watchers, const char *call_id,
                               const char *sip_call_id);

G_END_DECLS
