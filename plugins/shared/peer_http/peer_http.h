/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/clock.h>

G_BEGIN_DECLS

/** McpPeerHttp: a client of one peer. Lives on the context that it was made on. */
typedef struct _McpPeerHttp McpPeerHttp;

/** McpPeerRequest: what is asked; copied. */
typedef struct {
    const char *method;
    const char *path;           /* below the base URL, escaped, begins with "/" */
    const char *const *headers; /* nullable: name, value, name, value, … NULL */
    const char *body;           /* nullable: JSON */
} McpPeerRequest;

/** McpPeerAnswer: any status is an answer. */
typedef struct {
    guint status;
    char *etag; /* nullable */
    GBytes *body;
} McpPeerAnswer;

/** mcp_peer_http_check_url: whether it is http://HOST[:PORT][/PREFIX] or the same with https. */
gboolean mcp_peer_http_check_url(const char *url, GError **error);
/**
 * mcp_peer_http_new: (transfer full).
 * @url: the base, which was checked
 * @timeout: µs from a request to the last byte of its answer
 * @max_body: bytes of an answer
 */
McpPeerHttp *mcp_peer_http_new(McpClock *clock, const char *url, gint64 timeout, gsize max_body);
/**
 * mcp_peer_http_set_tls: for connections from now on.
 * @authorities: (nullable): PEM; NULL: those of the system
 * @certificate: (nullable): PEM of the client's chain and key
 */
gboolean mcp_peer_http_set_tls(McpPeerHttp *http, GBytes *authorities, GBytes *certificate,
                               GError **error);
/** mcp_peer_http_free: what is under way ends with G_IO_ERROR_CANCELLED. */
void mcp_peer_http_free(McpPeerHttp *http);
/** mcp_peer_http_get_url: (transfer none): the base. */
const char *mcp_peer_http_get_url(McpPeerHttp *http);
/** mcp_peer_http_send_async: one request. @cancellable is cancelled on the same context. */
void mcp_peer_http_send_async(McpPeerHttp *http, const McpPeerRequest *request,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
/**
 * mcp_peer_http_send_finish: (transfer full): MCP_ERROR_TIMEOUT, MCP_ERROR_LIMIT, or
 * MCP_ERROR_FAILED for what goes wrong with connection and certificates; the callback's source
 * object is NULL.
 */
McpPeerAnswer *mcp_peer_http_send_finish(GAsyncResult *result, GError **error);
/** mcp_peer_answer_free: */
void mcp_peer_answer_free(McpPeerAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPeerAnswer, mcp_peer_answer_free)

G_END_DECLS
