/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "messages.h"

#include <rpc_call.h>

G_BEGIN_DECLS

/**
 * McpGoogleStreamEvents: @chunk: samples, big-endian, as they come; @ended: once, and last: NULL
 * when all has come. On the context of who opened it.
 */
typedef struct {
    void (*chunk)(GBytes *samples, gpointer user_data);
    void (*ended)(const GError *error, gpointer user_data);
} McpGoogleStreamEvents;

/** McpGoogleStream: speech that comes while it is made. */
typedef struct _McpGoogleStream McpGoogleStream;

/** mcp_google_stream_open: (transfer full): asks for @utterance by @request; @events is static. */
McpGoogleStream *mcp_google_stream_open(McpRpcChannel *channel, const McpRpcRequest *request,
                                        const McpGoogleUtterance *utterance,
                                        const McpGoogleStreamEvents *events, gpointer user_data);
/** mcp_google_stream_close: (transfer full): no event comes any more. Also out of an event. */
void mcp_google_stream_close(McpGoogleStream *stream);

G_END_DECLS
