/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rtsp_target.h"
#include <stream/stream.h>

G_BEGIN_DECLS

/**
 * McpMrcpRtspClient: a connection to an RTSP server (RFC 2326): our requests and who waits for
 * their answers, and the server's. On the context that was thread-default when it was made; never
 * blocks, names are looked up meanwhile.
 */
typedef struct _McpMrcpRtspClient McpMrcpRtspClient;

/** McpMrcpRtspFunc: @message is the server's request, or its answer; may free the client. */
typedef void (*McpMrcpRtspFunc)(McpMrcpRtspClient *client, const McpMrcpRtsp *message, guint tag,
                                gpointer user_data);

/** McpMrcpRtspClientEvents: @requested: (nullable): @tag is 0. @closed: the last event; the client
 * may be freed within. */
typedef struct {
    McpMrcpRtspFunc requested;
    void (*closed)(McpMrcpRtspClient *client, const GError *error, gpointer user_data);
} McpMrcpRtspClientEvents;

/**
 * mcp_mrcp_rtsp_client_new: (transfer full): connects; what is sent before waits.
 * @tls: (nullable): of a target with TLS
 * @timeout: µs for the name, and for each address of it
 */
McpMrcpRtspClient *mcp_mrcp_rtsp_client_new(const McpMrcpRtspTarget *target, McpTlsContext *tls,
                                            gint64 timeout, McpClock *clock,
                                            const McpMrcpRtspClientEvents *events,
                                            gpointer user_data);
/** mcp_mrcp_rtsp_client_free: closes; nothing is told any more. */
void mcp_mrcp_rtsp_client_free(McpMrcpRtspClient *client);
/** mcp_mrcp_rtsp_client_request: (transfer full): with the next CSeq; to be filled and sent. */
McpMrcpRtsp *mcp_mrcp_rtsp_client_request(McpMrcpRtspClient *client, const char *method,
                                          const char *uri);
/** mcp_mrcp_rtsp_client_send: (transfer full): @request; @answered gets @tag with the answer. */
void mcp_mrcp_rtsp_client_send(McpMrcpRtspClient *client, McpMrcpRtsp *request,
                               McpMrcpRtspFunc answered, guint tag);
/** mcp_mrcp_rtsp_client_reply: answers a request of the server. */
void mcp_mrcp_rtsp_client_reply(McpMrcpRtspClient *client, const McpMrcpRtsp *request, guint status,
                                const char *reason);
/** mcp_mrcp_rtsp_client_get_address: (nullable) (transfer none): that it connects to; NULL: not
 * known yet. */
const char *mcp_mrcp_rtsp_client_get_address(const McpMrcpRtspClient *client);
/** mcp_mrcp_rtsp_client_waits: whether an answer is still to come. */
gboolean mcp_mrcp_rtsp_client_waits(const McpMrcpRtspClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpRtspClient, mcp_mrcp_rtsp_client_free)

G_END_DECLS
