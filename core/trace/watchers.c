/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places for watchers, added and removed on the control context, called on any thread without a
 * lock.
 */
#include "trace/watchers.h"

guint
mcp_trace_watchers_add(McpTraceWatchers *watchers, const McpTraceWatcher *watcher,
                       gpointer user_data)
{
    for (guint i = 0; i < MCP_TRACE_WATCHERS_MAX; i++) {
        if (watchers->places[i].watcher != NULL)
            continue;
        watchers->places[i].user_data = user_data;
        g_atomic_pointer_set(&watchers->places[i].watcher, watcher);
        g_atomic_int_inc(&watchers->count);
        return i + 1;
    }
    return 0;
}

void
mcp_trace_watchers_remove(McpTraceWatchers *watchers, guint number)
{
    if (number == 0 || number > MCP_TRACE_WATCHERS_MAX ||
        watchers->places[number - 1].watcher == NULL)
        return;
    g_atomic_int_add(&watchers->count, -1);
    g_atomic_pointer_set(&watchers->places[number - 1].watcher, NULL);
    while (g_atomic_int_get(&watchers->places[number - 1].users) > 0)
        g_thread_yield();
}

gboolean
mcp_trace_watchers_any(McpTraceWatchers *watchers)
{
    return g_atomic_int_get(&watchers->count) > 0;
}

/* (nullable): to be followed by leave(), whatever it returns. */
static const McpTraceWatcher *
enter(McpTraceWatchers *watchers, guint place)
{
    g_atomic_int_inc(&watchers->places[place].users);
    return g_atomic_pointer_get(&watchers->places[place].watcher);
}

static void
leave(McpTraceWatchers *watchers, guint place)
{
    g_atomic_int_add(&watchers->places[place].users, -1);
}

void
mcp_trace_watchers_message(McpTraceWatchers *watchers, const McpTraceMessage *message)
{
    for (guint i = 0; i < MCP_TRACE_WATCHERS_MAX && mcp_trace_watchers_any(watchers); i++) {
        const McpTraceWatcher *watcher = enter(watchers, i);

        if (watcher != NULL)
            watcher->message(message, watchers->places[i].user_data);
        leave(watchers, i);
    }
}

void
mcp_trace_watchers_dialog(McpTraceWatchers *watchers, const char *call_id, const char *sip_call_id)
{
    for (guint i = 0; i < MCP_TRACE_WATCHERS_MAX && mcp_trace_watchers_any(watchers); i++) {
        const McpTraceWatcher *watcher = enter(watchers, i);

        if (watcher != NULL)
            watcher->dialog(call_id, sip_call_id, watchers->places[i].user_data);
        leave(watchers, i);
    }
}
