/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of call sinks: a function a slot, so that a provider which lacks one
 * gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/call_sink.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpCallSink, mcp_call_sink, G_TYPE_OBJECT)

static void
mcp_call_sink_default_init(McpCallSinkInterface *iface)
{
}

guint
mcp_call_sink_get_types(McpCallSink *sink)
{
    McpCallSinkInterface *iface = MCP_CALL_SINK_GET_IFACE(sink);

    if (iface->get_types == NULL)
        return 0;
    return iface->get_types(sink);
}

void
mcp_call_sink_deliver(McpCallSink *sink, McpEvent *event)
{
    McpCallSinkInterface *iface = MCP_CALL_SINK_GET_IFACE(sink);

    if (iface->deliver != NULL)
        iface->deliver(sink, event);
}

void
mcp_call_sink_flush_async(McpCallSink *sink, GAsyncReadyCallback callback, gpointer user_data)
{
    McpCallSinkInterface *iface = MCP_CALL_SINK_GET_IFACE(sink);

    if (iface->flush_async == NULL) {
        g_task_report_new_error(sink, callback, user_data, NULL, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                                "%s cannot flush", G_OBJECT_TYPE_NAME(sink));
        return;
    }
    iface->flush_async(sink, callback, user_data);
}

gboolean
mcp_call_sink_flush_finish(McpCallSink *sink, GAsyncResult *result, GError **error)
{
    McpCallSinkInterface *iface = MCP_CALL_SINK_GET_IFACE(sink);

    if (iface->flush_finish == NULL)
        return g_task_propagate_boolean(G_TASK(result), error);
    return iface->flush_finish(sink, result, error);
}
