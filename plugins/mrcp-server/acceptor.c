/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port and its connections: who comes in, how many there may be, when one that nobody needs is
 * closed, and how much a stranger may ask for. Control context.
 */
#include "acceptor.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* Requests of a connection that wait for their answers. */
#define MAX_WAITING 64
/* What may be refused on one connection before it is closed. */
#define MAX_REFUSED 20

struct _McpMrcpdAcceptor {
    McpMrcpdServices *services;
    McpMrcpdLink link;
    const McpMrcpdProtocol *protocol;
    GSocket *socket;
    GSource *source;
    GPtrArray *connections; /* McpMrcpdConnection, the oldest first */
};

struct _McpMrcpdConnection {
    McpMrcpdAcceptor *acceptor;
    McpStream *stream;
    GSocket *socket;
    char *remote;
    gpointer state;
    guint users;
    guint waiting;
    guint refused;
    McpTimer *idle; /* nullable: somebody needs it */
};

static void
set_gauge(McpMrcpdAcceptor *self)
{
    if (self->services->metrics != NULL)
        mcp_metrics_set(self->services->metrics, MCP_MRCPD_METRIC_CONNECTIONS, self->link,
                        self->connections->len);
}

static void
connection_free(McpMrcpdConnection *connection)
{
    McpMrcpdAcceptor *acceptor = connection->acceptor;

    g_ptr_array_remove(acceptor->connections, connection);
    set_gauge(acceptor);
    acceptor->protocol->close(connection->state);
    mcp_timer_clear(&connection->idle);
    mcp_stream_free(connection->stream);
    g_object_unref(connection->socket);
    g_free(connection->remote);
    g_free(connection);
}

/* --- what a protocol says of a connection --- */

static void
on_idle(gpointer user_data)
{
    McpMrcpdConnection *connection = user_data;

    mcp_log_debug("mrcp-idle", NULL, "%s: closed, nobody needs it", connection->remote);
    connection_free(connection);
}

static void
watch_idle(McpMrcpdConnection *connection)
{
    McpMrcpdServices *services = connection->acceptor->services;

    mcp_timer_clear(&connection->idle);
    if (connection->users == 0)
        connection->idle = mcp_clock_after(services->clock, services->control,
                                           services->idle_timeout, on_idle, connection);
}

void
mcp_mrcpd_connection_use(McpMrcpdConnection *connection, gint delta)
{
    connection->users = (guint)((gint)connection->users + delta);
    watch_idle(connection);
}

void
mcp_mrcpd_connection_write(McpMrcpdConnection *connection, GBytes *bytes)
{
    mcp_stream_write(connection->stream, bytes);
}

gboolean
mcp_mrcpd_connection_asked(McpMrcpdConnection *connection, GError **error)
{
    if (++connection->waiting <= MAX_WAITING)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "closed, %u requests wait for their answers",
                connection->waiting);
    return FALSE;
}

void
mcp_mrcpd_connection_answered(McpMrcpdConnection *connection, guint n)
{
    connection->waiting -= MIN(n, connection->waiting);
}

gboolean
mcp_mrcpd_connection_refused(McpMrcpdConnection *connection, const char *text, GError **error)
{
    mcp_mrcpd_refuse(connection->acceptor->services, MCP_MRCPD_REFUSAL_CHANNEL, connection->remote,
                     text);
    if (++connection->refused <= MAX_REFUSED)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "closed, %u requests were refused",
                connection->refused);
    return FALSE;
}

McpMrcpdServices *
mcp_mrcpd_connection_get_services(McpMrcpdConnection *connection)
{
    return connection->acceptor->services;
}

const char *
mcp_mrcpd_connection_get_remote(McpMrcpdConnection *connection)
{
    return connection->remote;
}

static GInetAddress *
take_address(GSocketAddress *address, guint *out_port)
{
    GInetAddress *inner = NULL;

    if (address != NULL && G_IS_INET_SOCKET_ADDRESS(address)) {
        inner = g_object_ref(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
        *out_port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));
    }
    g_clear_object(&address);
    return inner != NULL ? inner : g_inet_address_new_any(G_SOCKET_FAMILY_IPV4);
}

GInetAddress *
mcp_mrcpd_connection_get_local(McpMrcpdConnection *connection, guint *out_port)
{
    return take_address(g_socket_get_local_address(connection->socket, NULL), out_port);
}

GInetAddress *
mcp_mrcpd_connection_get_peer(McpMrcpdConnection *connection)
{
    guint port = 0;

    return take_address(g_socket_get_remote_address(connection->socket, NULL), &port);
}

/* --- bytes --- */

static void
on_received(McpStream *stream, const guint8 *data, gsize length, gpointer user_data)
{
    McpMrcpdConnection *connection = user_data;
    g_autoptr(GError) error = NULL;
    gboolean limit = FALSE;

    if (connection->acceptor->protocol->received(connection->state, data, length, &error))
        return;
    limit = g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT);
    mcp_mrcpd_refuse(connection->acceptor->services,
                     limit ? MCP_MRCPD_REFUSAL_LIMIT : MCP_MRCPD_REFUSAL_GARBAGE,
                     connection->remote, error->message);
    connection_free(connection);
}

static void
on_closed(McpStream *stream, const GError *error, gpointer user_data)
{
    McpMrcpdConnection *connection = user_data;

    mcp_log_debug("mrcp-closed", NULL, "%s: %s", connection->remote,
                  error != NULL ? error->message : "closed by the client");
    connection_free(connection);
}

/* --- the port --- */

/* One that nobody needs gives way; FALSE: there is none. */
static gboolean
make_room(McpMrcpdAcceptor *self)
{
    for (guint i = 0; i < self->connections->len; i++) {
        McpMrcpdConnection *connection = self->connections->pdata[i];

        if (connection->users > 0)
            continue;
        mcp_mrcpd_refuse(self->services, MCP_MRCPD_REFUSAL_CONNECTION, connection->remote,
                         "closed for another one, nobody needs it");
        connection_free(connection);
        return TRUE;
    }
    return FALSE;
}

/* A client whose machine is gone says nothing more: within two minutes its sessions end. */
static void
keep_alive(GSocket *socket)
{
    g_socket_set_keepalive(socket, TRUE);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 60, NULL);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 15, NULL);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 4, NULL);
}

static void
take(McpMrcpdAcceptor *self, GSocket *socket)
{
    static const McpStreamEvents events = {NULL, on_received, on_closed};
    McpTlsContext *tls = self->link == MCP_MRCPD_LINK_TLS ? self->services->tls : NULL;
    McpMrcpdConnection *connection = NULL;

    if (self->connections->len >= self->services->max_connections && !make_room(self)) {
        mcp_mrcpd_refuse(self->services, MCP_MRCPD_REFUSAL_CONNECTION, "-",
                         "max_connections is reached, and all are needed");
        g_socket_close(socket, NULL);
        return;
    }
    keep_alive(socket);
    connection = g_new0(McpMrcpdConnection, 1);
    connection->acceptor = self;
    connection->socket = g_object_ref(socket);
    connection->stream = mcp_stream_accept(socket, tls, &events, connection);
    connection->remote = g_strdup(mcp_stream_get_remote(connection->stream));
    connection->state = self->protocol->open(connection);
    g_ptr_array_add(self->connections, connection);
    set_gauge(self);
    watch_idle(connection);
}

static gboolean
on_acceptable(GSocket *listener, GIOCondition condition, gpointer user_data)
{
    McpMrcpdAcceptor *self = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) socket = g_socket_accept(listener, NULL, &error);

    if (socket != NULL)
        take(self, socket);
    else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        mcp_mrcpd_refuse(self->services, MCP_MRCPD_REFUSAL_CONNECTION, "-", error->message);
    return G_SOURCE_CONTINUE;
}

static GSocket *
listen_at(const char *address, guint port, GError **error)
{
    g_autoptr(GSocketAddress) place = g_inet_socket_address_new_from_string(address, port);
    g_autoptr(GSocket) socket = NULL;

    if (place == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no address", address);
        return NULL;
    }
    socket = g_socket_new(g_socket_address_get_family(place), G_SOCKET_TYPE_STREAM,
                          G_SOCKET_PROTOCOL_TCP, error);
    if (socket == NULL)
        return NULL;
    g_socket_set_blocking(socket, FALSE);
    if (!g_socket_bind(socket, place, TRUE, error) || !g_socket_listen(socket, error)) {
        g_prefix_error(error, "port %u at %s: ", port, address);
        return NULL;
    }
    return g_steal_pointer(&socket);
}

McpMrcpdAcceptor *
mcp_mrcpd_acceptor_new(McpMrcpdServices *services, McpMrcpdLink link,
                       const McpMrcpdProtocol *protocol, GError **error)
{
    GSocket *socket = listen_at(services->address, services->ports[link], error);
    McpMrcpdAcceptor *self = NULL;

    if (socket == NULL)
        return NULL;
    self = g_new0(McpMrcpdAcceptor, 1);
    self->services = mcp_mrcpd_services_ref(services);
    self->link = link;
    self->protocol = protocol;
    self->socket = socket;
    self->connections = g_ptr_array_new();
    self->source = g_socket_create_source(socket, G_IO_IN, NULL);
    g_source_set_callback(self->source, G_SOURCE_FUNC(on_acceptable), self, NULL);
    g_source_attach(self->source, services->control);
    return self;
}

void
mcp_mrcpd_acceptor_free(McpMrcpdAcceptor *acceptor)
{
    if (acceptor == NULL)
        return;
    g_source_destroy(acceptor->source);
    g_source_unref(acceptor->source);
    g_socket_close(acceptor->socket, NULL);
    g_object_unref(acceptor->socket);
    while (acceptor->connections->len > 0)
        connection_free(acceptor->connections->pdata[0]);
    g_ptr_array_unref(acceptor->connections);
    mcp_mrcpd_services_unref(acceptor->services);
    g_free(acceptor);
}
