/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

#include "tls_context.h"

G_BEGIN_DECLS

/**
 * McpTlsConnection: TLS over a connected socket, without blocking and without a thread of its own.
 * Everything on the context it was made with.
 */
typedef struct _McpTlsConnection McpTlsConnection;

/**
 * McpTlsEvents: what a connection reports. Each function may free the connection.
 *
 * @established: the handshake is done and the other side accepted
 * @received: bytes of the other side, not asked for while reading is off
 * @drained: what was written is out, after a write that could not go out at once
 * @closed: the last event: @error is NULL when the other side ended the connection by the rules;
 *   else MCP_ERROR_REFUSED when one side refused the other's certificate, MCP_ERROR_CLOSED for an
 *   end without warning, MCP_ERROR_FAILED for all else
 */
typedef struct {
    void (*established)(McpTlsConnection *connection, gpointer user_data);
    void (*received)(McpTlsConnection *connection, const guint8 *data, gsize length,
                     gpointer user_data);
    void (*drained)(McpTlsConnection *connection, gpointer user_data);
    void (*closed)(McpTlsConnection *connection, const GError *error, gpointer user_data);
} McpTlsEvents;

/**
 * mcp_tls_connection_new: (transfer full):
 * @socket: (transfer none): connected
 * @peer_name: name or address literal that the server's certificate must stand for; NULL on the
 *   server's side
 * @main: (transfer none): the context of all that follows
 *
 * The handshake begins with the next turn of @main.
 */
McpTlsConnection *mcp_tls_connection_new(McpTlsContext *context, GSocket *socket,
                                         const char *peer_name, GMainContext *main,
                                         const McpTlsEvents *events, gpointer user_data);

/** mcp_tls_connection_free: closes the socket at once; no event comes any more. */
void mcp_tls_connection_free(McpTlsConnection *connection);

/**
 * mcp_tls_connection_write: sends, or keeps what cannot go out now; before the handshake is done
 * all is kept.
 */
void mcp_tls_connection_write(McpTlsConnection *connection, gconstpointer data, gsize length);

/** mcp_tls_connection_get_waiting: bytes that are kept. */
gsize mcp_tls_connection_get_waiting(const McpTlsConnection *connection);

/** mcp_tls_connection_set_reading: whether bytes are asked for; they are at first. */
void mcp_tls_connection_set_reading(McpTlsConnection *connection, gboolean reading);

/** mcp_tls_connection_end: tells the other side that nothing more comes, when all has gone out. */
void mcp_tls_connection_end(McpTlsConnection *connection);

/**
 * mcp_tls_connection_get_identities: (transfer none) (not nullable): SIP identities of the peer's
 * verified certificate; empty without one.
 */
const char *const *mcp_tls_connection_get_identities(const McpTlsConnection *connection);

/** mcp_tls_connection_describe: (transfer full): "TLSv1.3, TLS_AES_256_GCM_SHA384", for a log. */
char *mcp_tls_connection_describe(const McpTlsConnection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpTlsConnection, mcp_tls_connection_free)

G_END_DECLS
