/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>

#include "connections.h"
#include "head.h"
#include "wire.h"

G_BEGIN_DECLS

/** McpHttpExchangeRequest: one request to one server; valid during the call that starts it. */
typedef struct {
    SoupSession *session;
    McpHttpSlot *slot; /* (transfer full) */
    McpHttpConfig *config;
    McpClock *clock;
    const char *method;
    GUri *uri;
    const char *accept; /* nullable, as all below */
    const char *accept_language;
    const char *cookie;
    const char *traceparent; /* W3C Trace Context §3.2 */
    const char *content_type;
    GBytes *body;
    const char *etag;          /* of a stored response: If-None-Match */
    const char *last_modified; /* If-Modified-Since */
    gint64 max_age;            /* seconds, -1 not said: Cache-Control */
    gsize max_bytes;
} McpHttpExchangeRequest;

/** McpHttpExchange: what came back; one owner. */
typedef struct {
    McpHttpHead head;
    GBytes *body;
    GPtrArray *set_cookies; /* char*: Set-Cookie fields */
    gint64 sent;            /* monotonic µs */
    gint64 arrived;
} McpHttpExchange;

/** mcp_http_exchange_free: frees it. */
void mcp_http_exchange_free(McpHttpExchange *exchange);

/**
 * mcp_http_exchange_async: sends; redirects are not followed. On the session's context.
 * @cancellable: of this exchange alone: it is cancelled from within when the body is too large
 */
void mcp_http_exchange_async(const McpHttpExchangeRequest *request, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
/**
 * mcp_http_exchange_finish: (transfer full): MCP_ERROR_REFUSED (address policy), MCP_ERROR_LIMIT
 * (size), G_IO_ERROR_CANCELLED, MCP_ERROR_FAILED (all of the network).
 */
McpHttpExchange *mcp_http_exchange_finish(GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpExchange, mcp_http_exchange_free)

G_END_DECLS
