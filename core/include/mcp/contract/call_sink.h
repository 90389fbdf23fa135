/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/event.h>

G_BEGIN_DECLS

/** The call-sink contract: takes typed events and call records. Control context. */
#define MCP_CONTRACT_CALL_SINK "call-sink"
#define MCP_CONTRACT_CALL_SINK_MAJOR 1
#define MCP_CONTRACT_CALL_SINK_MINOR 0

#define MCP_TYPE_CALL_SINK (mcp_call_sink_get_type())
G_DECLARE_INTERFACE(McpCallSink, mcp_call_sink, MCP, CALL_SINK, GObject)

/** McpCallSinkInterface: members as the functions of the same names. */
struct _McpCallSinkInterface {
    GTypeInterface parent_iface;
    guint (*get_types)(McpCallSink *self);
    void (*deliver)(McpCallSink *self, McpEvent *event);
    void (*flush_async)(McpCallSink *self, GAsyncReadyCallback callback, gpointer user_data);
    gboolean (*flush_finish)(McpCallSink *self, GAsyncResult *result, GError **error);
};

/** mcp_call_sink_get_types: mask of 1 << McpEventType that it wants. */
guint mcp_call_sink_get_types(McpCallSink *sink);
/** mcp_call_sink_deliver: one event; must not block. */
void mcp_call_sink_deliver(McpCallSink *sink, McpEvent *event);
/** mcp_call_sink_flush_async: everything delivered so far is safe when it finishes. */
void mcp_call_sink_flush_async(McpCallSink *sink, GAsyncReadyCallback callback, gpointer user_data);
/** mcp_call_sink_flush_finish: FALSE with what could not be written. */
gboolean mcp_call_sink_flush_finish(McpCallSink *sink, GAsyncResult *result, GError **error);

G_END_DECLS
