/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of calls and messages to traces and watchers. Any thread: the lock is held while a
 * message is copied into a trace's files, never while a watcher sees it or a line is logged.
 */
#include "trace/traces_private.h"

gboolean
mcp_traces_is_active(McpTraces *traces)
{
    return g_atomic_int_get(&traces->active) > 0 || mcp_trace_watchers_any(&traces->watchers);
}

void
mcp_traces_add_call(McpTraces *traces, const McpTraceCall *call)
{
    if (call->dialog != NULL)
        mcp_trace_watchers_dialog(&traces->watchers, call->id, call->dialog);
    g_mutex_lock(&traces->lock);
    for (guint i = 0; i < traces->running->len; i++)
        mcp_trace_add_call(traces->running->pdata[i], call);
    g_mutex_unlock(&traces->lock);
}

void
mcp_traces_add_refused(McpTraces *traces, const char *id, const char *dialog)
{
    mcp_trace_watchers_dialog(&traces->watchers, id, dialog);
}

void
mcp_traces_remove_call(McpTraces *traces, const char *id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&traces->lock);

    for (guint i = 0; i < traces->running->len; i++) {
        McpTrace *trace = traces->running->pdata[i];

        g_hash_table_remove(trace->calls, id);
    }
}

gboolean
mcp_traces_wanted(McpTraces *traces)
{
    return g_atomic_int_get(&traces->wanted) > 0 || mcp_traces_watched(traces);
}

/* Copies into files; TRUE with (transfer full) @out_call when the log is to have it as well. */
static gboolean
distribute(McpTraces *traces, const McpTraceMessage *message, char **out_call)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&traces->lock);
    gboolean logged = FALSE;

    for (guint i = 0; i < traces->running->len; i++) {
        McpTrace *trace = traces->running->pdata[i];

        if (!mcp_trace_fits(trace, message))
            continue;
        logged |= trace->messages && !mcp_trace_is_full(trace);
        mcp_trace_write(trace, message);
        if (message->dialog != NULL && *out_call == NULL)
            *out_call = g_strdup(g_hash_table_lookup(trace->dialogs, message->dialog));
    }
    return logged;
}

void
mcp_traces_message(McpTraces *traces, const McpTraceMessage *message)
{
    g_autofree char *call = NULL;
    g_autofree char *head = NULL;

    mcp_trace_watchers_message(&traces->watchers, message);
    if (message->kind != MCP_TRACE_SIP || !distribute(traces, message, &call))
        return;
    head = mcp_trace_message_head(message);
    mcp_log_message(MCP_LOG_INFO, "mcp-trace", "sip-message",
                    call != NULL && *call != '\0' ? call : NULL, "%s\n%.*s", head,
                    (gint)message->length, message->data);
}

guint
mcp_traces_watch(McpTraces *traces, const McpTraceWatcher *watcher, gpointer user_data)
{
    return mcp_trace_watchers_add(&traces->watchers, watcher, user_data);
}

void
mcp_traces_unwatch(McpTraces *traces, guint number)
{
    mcp_trace_watchers_remove(&traces->watchers, number);
}

gboolean
mcp_traces_watched(McpTraces *traces)
{
    return mcp_trace_watchers_any(&traces->watchers);
}
