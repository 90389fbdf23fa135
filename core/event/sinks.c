/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the bus to the call sinks. Records must not be lost to a burst, so the queue is long; sinks
 * do
 * not block. Control context.
 */
#include "event/sinks.h"

#include <mcp/contract/call_sink.h>
#include <mcp/log.h>

#define QUEUE_LIMIT 200000
/* A record is written a moment later then, and the loop is woken less often. */
#define REST (50 * G_TIME_SPAN_MILLISECOND)

struct _McpSinks {
    McpEvents *events;
    McpRegistry *registry;
    guint types; /* of all live sinks together */
    guint subscription;
};

static void
deliver(McpEvent *event, guint dropped, gpointer user_data)
{
    McpSinks *sinks = user_data;
    g_auto(GStrv) names = mcp_registry_list(sinks->registry, MCP_CONTRACT_CALL_SINK);
    guint bit = 1u << mcp_event_get_event_type(event);

    if (dropped > 0)
        mcp_log_error("records-lost", NULL, "%u events were lost before the call sinks", dropped);
    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(McpCallSink) sink =
            mcp_registry_lookup(sinks->registry, MCP_CONTRACT_CALL_SINK, names[i]);

        if (sink != NULL && (mcp_call_sink_get_types(sink) & bit) != 0)
            mcp_call_sink_deliver(sink, event);
    }
}

void
mcp_sinks_drain(McpSinks *sinks)
{
    if (sinks->types != 0)
        mcp_events_drain(sinks->events, sinks->subscription);
}

void
mcp_sinks_update(McpSinks *sinks)
{
    g_auto(GStrv) names = mcp_registry_list(sinks->registry, MCP_CONTRACT_CALL_SINK);
    guint types = 0;

    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(McpCallSink) sink =
            mcp_registry_lookup(sinks->registry, MCP_CONTRACT_CALL_SINK, names[i]);

        types |= sink != NULL ? mcp_call_sink_get_types(sink) : 0;
    }
    if (types == sinks->types)
        return;
    mcp_sinks_drain(sinks);
    if (sinks->types != 0)
        mcp_events_unsubscribe(sinks->events, sinks->subscription);
    sinks->types = types;
    if (types == 0)
        return;
    sinks->subscription = mcp_events_subscribe(sinks->events, types, QUEUE_LIMIT, deliver, sinks);
    mcp_events_set_rest(sinks->events, sinks->subscription, REST);
}

McpSinks *
mcp_sinks_new(McpEvents *events, McpRegistry *registry)
{
    McpSinks *sinks = g_new0(McpSinks, 1);

    sinks->events = g_object_ref(events);
    sinks->registry = registry;
    mcp_sinks_update(sinks);
    return sinks;
}

void
mcp_sinks_free(McpSinks *sinks)
{
    if (sinks->types != 0)
        mcp_events_unsubscribe(sinks->events, sinks->subscription);
    g_object_unref(sinks->events);
    g_free(sinks);
}

typedef struct {
    guint waiting;
} Flush;

static void
flush_step(GTask *task)
{
    Flush *flush = g_task_get_task_data(task);

    if (--flush->waiting == 0)
        g_task_return_boolean(task, TRUE);
    g_object_unref(task);
}

static void
on_flushed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (!mcp_call_sink_flush_finish(MCP_CALL_SINK(source), result, &error))
        mcp_log_error("records-lost", NULL, "%s", error->message);
    flush_step(user_data);
}

static gboolean
flush_all(gpointer user_data)
{
    GTask *task = user_data;
    McpSinks *sinks = g_object_get_data(G_OBJECT(task), "sinks");
    Flush *flush = g_task_get_task_data(task);
    g_auto(GStrv) names = mcp_registry_list(sinks->registry, MCP_CONTRACT_CALL_SINK);

    mcp_sinks_drain(sinks);
    flush->waiting = g_strv_length(names) + 1;
    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(McpCallSink) sink =
            mcp_registry_lookup(sinks->registry, MCP_CONTRACT_CALL_SINK, names[i]);

        g_object_ref(task);
        if (sink != NULL)
            mcp_call_sink_flush_async(sink, on_flushed, task);
        else
            flush_step(task);
    }
    flush_step(g_object_ref(task));
    return G_SOURCE_REMOVE;
}

void
mcp_sinks_flush_async(McpSinks *sinks, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GSource) source = g_idle_source_new();
    GTask *task = g_task_new(NULL, NULL, callback, user_data);

    g_task_set_task_data(task, g_new0(Flush, 1), g_free);
    g_object_set_data(G_OBJECT(task), "sinks", sinks);
    g_source_set_callback(source, flush_all, task, g_object_unref);
    g_source_attach(source, g_main_context_get_thread_default());
}

void
mcp_sinks_flush_finish(McpSinks *sinks, GAsyncResult *result)
{
    g_task_propagate_boolean(G_TASK(result), NULL);
}
