/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rpc_channel.h"
#include "rpc_error.h"

G_BEGIN_DECLS

/** McpRpcRequest: what a call is to be; all copied. */
typedef struct {
    const char *method;          /* "/package.Service/Method" */
    const char *const *metadata; /* nullable: name, value, name, value …, NULL */
    gint64 deadline;             /* µs from now, told to the server, too; 0: none */
} McpRpcRequest;

/**
 * McpRpcEvents: what a call tells, on the context that was thread-default when it was opened.
 *
 * @message: a message has come; the next one is asked for when this returns, so that a slow reader
 *   slows the server down
 * @closed: once, and last: the server has ended the call, or it could not be made; @error
 *   (MCP_RPC_ERROR) is NULL for success
 */
typedef struct {
    void (*message)(GBytes *message, gpointer user_data);
    void (*closed)(const GError *error, gpointer user_data);
} McpRpcEvents;

/** McpRpcCall: one call with any number of messages either way. Used on its context only. */
typedef struct _McpRpcCall McpRpcCall;

/** mcp_rpc_call_open: (transfer full): a call that goes out with its first message; @events is
 * static. */
McpRpcCall *mcp_rpc_call_open(McpRpcChannel *channel, const McpRpcRequest *request,
                              const McpRpcEvents *events, gpointer user_data);
/**
 * mcp_rpc_call_send: @message (transfer none) goes out behind those sent before; @last: no more
 * will follow. What is sent to a call that has ended is dropped.
 */
void mcp_rpc_call_send(McpRpcCall *call, GBytes *message, gboolean last);
/** mcp_rpc_call_end: no more will follow behind what was sent; as often as wanted. */
void mcp_rpc_call_end(McpRpcCall *call);
/**
 * mcp_rpc_call_get_unsent: bytes of messages that the library has not taken yet, because there is
 * no connection or the server does not keep up.
 */
gsize mcp_rpc_call_get_unsent(const McpRpcCall *call);
/**
 * mcp_rpc_call_close: (transfer full): cancels what still runs; no event comes any more. At any
 * time, also out of an event.
 */
void mcp_rpc_call_close(McpRpcCall *call);

/**
 * mcp_rpc_unary_async: one message there, one back. @message is (transfer none). Finishes on the
 * caller's context, with G_IO_ERROR_CANCELLED when @cancellable says so.
 */
void mcp_rpc_unary_async(McpRpcChannel *channel, const McpRpcRequest *request, GBytes *message,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data);
/** mcp_rpc_unary_finish: (transfer full): the answer, or NULL with MCP_RPC_ERROR. */
GBytes *mcp_rpc_unary_finish(GAsyncResult *result, GError **error);

G_END_DECLS
