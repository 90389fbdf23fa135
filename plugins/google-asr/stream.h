/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "deps.h"
#include "messages.h"

#include <rpc_call.h>

G_BEGIN_DECLS

/** McpGoogleAsrStream: one StreamingRecognize. Used on the context it was opened on. */
typedef struct _McpGoogleAsrStream McpGoogleAsrStream;

/**
 * McpGoogleAsrStreamEvents:
 * @answer: the service says something
 * @ended: once, and last: @error (MCP_RPC_ERROR) is NULL when the service has said all
 */
typedef struct {
    void (*answer)(const McpGoogleAsrAnswer *answer, gpointer user_data);
    void (*ended)(const GError *error, gpointer user_data);
} McpGoogleAsrStreamEvents;

/** mcp_google_asr_stream_open: (transfer full): @metadata and @setup are copied, @events static.
 * @deadline: µs, told to the service, too */
McpGoogleAsrStream *mcp_google_asr_stream_open(const McpGoogleAsrDeps *deps,
                                               McpGapiService *service, char **metadata,
                                               const McpGoogleAsrSetup *setup, gint64 deadline,
                                               const McpGoogleAsrStreamEvents *events,
                                               gpointer user_data);
/** mcp_google_asr_stream_feed: @n linear samples, sent in messages of 100 ms and more. */
void mcp_google_asr_stream_feed(McpGoogleAsrStream *stream, const gint16 *samples, gsize n);
/** mcp_google_asr_stream_end: the rest is sent, and no more follows. */
void mcp_google_asr_stream_end(McpGoogleAsrStream *stream);
/** mcp_google_asr_stream_get_bytes: of audio, fed so far. */
gsize mcp_google_asr_stream_get_bytes(const McpGoogleAsrStream *stream);
/** mcp_google_asr_stream_get_unsent: bytes that have not left. */
gsize mcp_google_asr_stream_get_unsent(const McpGoogleAsrStream *stream);
/** mcp_google_asr_stream_close: (transfer full): no event comes any more; at any time. */
void mcp_google_asr_stream_close(McpGoogleAsrStream *stream);

G_END_DECLS
