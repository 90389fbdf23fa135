/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "services.h"
#include <stream/stream.h>

G_BEGIN_DECLS

/** McpMrcpdAcceptor: a port, and the connections to it. Control context. */
typedef struct _McpMrcpdAcceptor McpMrcpdAcceptor;
/** McpMrcpdConnection: one of them. */
typedef struct _McpMrcpdConnection McpMrcpdConnection;

/**
 * McpMrcpdProtocol: what is spoken over the connections of a port.
 *
 * @open: (transfer full): the state of a new connection
 * @received: bytes of the other side; FALSE with @error: they make no sense, and it is closed
 * @close: the connection is gone; frees @state
 */
typedef struct {
    gpointer (*open)(McpMrcpdConnection *connection);
    gboolean (*received)(gpointer state, const guint8 *data, gsize length, GError **error);
    void (*close)(gpointer state);
} McpMrcpdProtocol;

/** mcp_mrcpd_acceptor_new: (transfer full) (nullable): listens at the port of @link. */
McpMrcpdAcceptor *mcp_mrcpd_acceptor_new(McpMrcpdServices *services, McpMrcpdLink link,
                                         const McpMrcpdProtocol *protocol, GError **error);
/** mcp_mrcpd_acceptor_free: closes the port and its connections. */
void mcp_mrcpd_acceptor_free(McpMrcpdAcceptor *acceptor);

/** mcp_mrcpd_connection_write: sends @bytes (transfer none). */
void mcp_mrcpd_connection_write(McpMrcpdConnection *connection, GBytes *bytes);
/**
 * mcp_mrcpd_connection_use: there are @delta more sessions or channels that need it. One that
 * nobody needs is closed after idle_timeout, or when the port is full.
 */
void mcp_mrcpd_connection_use(McpMrcpdConnection *connection, gint delta);
/** mcp_mrcpd_connection_asked: a request has come; FALSE: too many wait for their answers. */
gboolean mcp_mrcpd_connection_asked(McpMrcpdConnection *connection, GError **error);
/** mcp_mrcpd_connection_answered: @n have been answered, or will not be any more. */
void mcp_mrcpd_connection_answered(McpMrcpdConnection *connection, guint n);
/** mcp_mrcpd_connection_refused: what came is refused, one line; FALSE: too often. */
gboolean mcp_mrcpd_connection_refused(McpMrcpdConnection *connection, const char *text,
                                      GError **error);
/** mcp_mrcpd_connection_get_services: (transfer none). */
McpMrcpdServices *mcp_mrcpd_connection_get_services(McpMrcpdConnection *connection);
/** mcp_mrcpd_connection_get_remote: (transfer none): "192.0.2.1:40000". */
const char *mcp_mrcpd_connection_get_remote(McpMrcpdConnection *connection);
/** mcp_mrcpd_connection_get_local: (transfer full): the address that it came to. */
GInetAddress *mcp_mrcpd_connection_get_local(McpMrcpdConnection *connection, guint *out_port);
/** mcp_mrcpd_connection_get_peer: (transfer full): the address that it came from. */
GInetAddress *mcp_mrcpd_connection_get_peer(McpMrcpdConnection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpdAcceptor, mcp_mrcpd_acceptor_free)

G_END_DECLS
