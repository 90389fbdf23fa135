/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rpc_loop.h"

G_BEGIN_DECLS

/**
 * McpRpcChannel: the way to one server, shared by all calls: connects with the first one and again
 * when the connection is lost. Immutable, shared by reference. Any thread.
 */
typedef struct _McpRpcChannel McpRpcChannel;

/** McpRpcChannelOptions: all copied. */
typedef struct {
    const char *target;      /* HOST:PORT, [IPv6]:PORT */
    const char *authorities; /* nullable: PEM of the trust anchors; NULL: the system's */
    gboolean plaintext;      /* without TLS; to this machine only */
    const char *proxy;       /* nullable: "http://[USER:PASSWORD@]HOST:PORT", asked to CONNECT */
    const char *user_agent;  /* nullable: put in front of the library's own */
    gsize most_bytes;        /* of a message that is received; 0: the library's 4 MB */
} McpRpcChannelOptions;

/**
 * mcp_rpc_channel_new: (transfer full): nothing is connected yet.
 *
 * Returns: NULL with MCP_ERROR_REFUSED (plaintext to another machine) or MCP_ERROR_INVALID (trust
 * anchors that are none).
 */
McpRpcChannel *mcp_rpc_channel_new(McpRpcLoop *loop, const McpRpcChannelOptions *options,
                                   GError **error);
/** mcp_rpc_channel_ref: (transfer full). */
McpRpcChannel *mcp_rpc_channel_ref(McpRpcChannel *channel);
/** mcp_rpc_channel_unref: calls that run go on. */
void mcp_rpc_channel_unref(McpRpcChannel *channel);
/** mcp_rpc_target_is_local: whether the host of HOST:PORT is this machine by its very name. */
gboolean mcp_rpc_target_is_local(const char *target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpRpcChannel, mcp_rpc_channel_unref)

G_END_DECLS
