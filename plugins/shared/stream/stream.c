/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection over TCP or TLS, without blocking: connecting, reading as bytes come, writing as
 * they are taken. On its maker's context.
 */
#include "stream.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <tls/tls_connection.h>

/* What may wait for a peer that takes nothing. */
#define WAITING_MAX (4 * 1024 * 1024)
#define READ_BYTES 16384

MCP_LEDGER_DEFINE(McpStream);

struct _McpStream {
    GMainContext *context;
    McpStreamEvents events;
    McpStreamFunc drained; /* nullable */
    gpointer user_data;
    char *remote;
    char *peer_name;
    McpTlsContext *context_tls; /* nullable */
    GSocket *socket;            /* nullable: not connected yet */
    McpTlsConnection *tls;      /* nullable */
    GCancellable *connecting;   /* nullable */
    McpTimer *timer;            /* of the attempt to connect */
    GSource *reading;           /* of TCP */
    GSource *writing;           /* of TCP: something waits */
    GByteArray *waiting;
    gboolean open;
    gboolean overflown; /* the other side took nothing for too long */
};

static void
drop_source(GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

/* Nothing comes in or goes out any more. */
static void
shut(McpStream *self)
{
    drop_source(&self->reading);
    drop_source(&self->writing);
    mcp_timer_clear(&self->timer);
    if (self->connecting != NULL)
        g_cancellable_cancel(self->connecting);
    g_clear_object(&self->connecting);
    g_clear_pointer(&self->tls, mcp_tls_connection_free);
    if (self->socket != NULL)
        g_socket_close(self->socket, NULL);
    g_clear_object(&self->socket);
    self->open = FALSE;
}

/* The last event; the stream may be gone then. @error: (nullable) */
static void
end(McpStream *self, const GError *error)
{
    g_autoptr(GError) copy = error != NULL ? g_error_copy(error) : NULL;

    if (self->overflown) {
        g_clear_error(&copy);
        copy = g_error_new(MCP_ERROR, MCP_ERROR_LIMIT, "%s: takes nothing", self->remote);
    }
    shut(self);
    self->events.closed(self, copy, self->user_data);
}

static void
end_with(McpStream *self, McpError code, const char *what)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, (int)code, "%s: %s", self->remote, what);

    end(self, error);
}

/* --- writing over TCP --- */

static gboolean on_writable(GSocket *socket, GIOCondition condition, gpointer user_data);

/* That the other side is gone is told by the reading side alone, not amid a write. */
static void
send_waiting(McpStream *self)
{
    while (self->waiting->len > 0) {
        g_autoptr(GError) error = NULL;
        gssize n = g_socket_send(self->socket, (const char *)self->waiting->data,
                                 self->waiting->len, NULL, &error);

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            break;
        g_byte_array_remove_range(self->waiting, 0, n >= 0 ? (guint)n : self->waiting->len);
    }
    if (self->waiting->len == 0) {
        drop_source(&self->writing);
    } else if (self->writing == NULL) {
        self->writing = g_socket_create_source(self->socket, G_IO_OUT, NULL);
        g_source_set_callback(self->writing, G_SOURCE_FUNC(on_writable), self, NULL);
        g_source_attach(self->writing, self->context);
    }
}

static gboolean
on_writable(GSocket *socket, GIOCondition condition, gpointer user_data)
{
    McpStream *self = user_data;

    send_waiting(self);
    if (self->waiting->len == 0 && self->drained != NULL)
        self->drained(self, self->user_data);
    /* Its source is destroyed when nothing waits any more. */
    return G_SOURCE_CONTINUE;
}

/* The reading side tells of it. */
static void
overflow(McpStream *self)
{
    self->overflown = TRUE;
    if (self->socket != NULL)
        g_socket_shutdown(self->socket, TRUE, TRUE, NULL);
}

void
mcp_stream_write(McpStream *stream, GBytes *bytes)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);

    /* After its end nothing is sent any more. */
    if (stream->overflown || (stream->socket == NULL && stream->connecting == NULL))
        return;
    if (stream->tls != NULL) {
        mcp_tls_connection_write(stream->tls, data, length);
        if (mcp_tls_connection_get_waiting(stream->tls) > WAITING_MAX)
            overflow(stream);
        return;
    }
    g_byte_array_append(stream->waiting, data, (guint)length);
    if (stream->waiting->len > WAITING_MAX)
        overflow(stream);
    else if (stream->open)
        send_waiting(stream);
}

gsize
mcp_stream_get_waiting(const McpStream *stream)
{
    return stream->tls != NULL ? mcp_tls_connection_get_waiting(stream->tls) : stream->waiting->len;
}

void
mcp_stream_on_drained(McpStream *stream, McpStreamFunc func)
{
    stream->drained = func;
}

/* --- reading over TCP --- */

static gboolean
on_readable(GSocket *socket, GIOCondition condition, gpointer user_data)
{
    McpStream *self = user_data;
    g_autoptr(GError) error = NULL;
    guint8 data[READ_BYTES];
    gssize n = g_socket_receive(socket, (char *)data, sizeof data, NULL, &error);

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
    if (n > 0)
        self->events.received(self, data, (gsize)n, self->user_data);
    else if (n == 0)
        end(self, NULL);
    else
        end_with(self, MCP_ERROR_CLOSED, error->message);
    /* Whoever was told may have freed it, and its source with it. */
    return G_SOURCE_CONTINUE;
}

static void
begin_tcp(McpStream *self)
{
    self->open = TRUE;
    self->reading = g_socket_create_source(self->socket, G_IO_IN, NULL);
    g_source_set_callback(self->reading, G_SOURCE_FUNC(on_readable), self, NULL);
    g_source_attach(self->reading, self->context);
    send_waiting(self);
    if (self->events.opened != NULL)
        self->events.opened(self, self->user_data);
}

/* --- TLS --- */

static void
on_established(McpTlsConnection *connection, gpointer user_data)
{
    McpStream *self = user_data;

    mcp_timer_clear(&self->timer);
    self->open = TRUE;
    if (self->events.opened != NULL)
        self->events.opened(self, self->user_data);
}

static void
on_received(McpTlsConnection *connection, const guint8 *data, gsize length, gpointer user_data)
{
    McpStream *self = user_data;

    self->events.received(self, data, length, self->user_data);
}

static void
on_drained(McpTlsConnection *connection, gpointer user_data)
{
    McpStream *self = user_data;

    if (self->drained != NULL)
        self->drained(self, self->user_data);
}

static void
on_tls_closed(McpTlsConnection *connection, const GError *error, gpointer user_data)
{
    McpStream *self = user_data;
    g_autoptr(GError) copy = error != NULL ? g_error_copy(error) : NULL;

    if (copy != NULL)
        g_prefix_error(&copy, "%s: ", self->remote);
    end(self, copy);
}

static void
begin_tls(McpStream *self, gboolean client)
{
    static const McpTlsEvents events = {on_established, on_received, on_drained, on_tls_closed};

    self->tls =
        mcp_tls_connection_new(self->context_tls, self->socket, client ? self->peer_name : NULL,
                               self->context, &events, self);
    if (self->waiting->len > 0)
        mcp_tls_connection_write(self->tls, self->waiting->data, self->waiting->len);
    g_byte_array_set_size(self->waiting, 0);
}

/* --- both sides --- */

static McpStream *
stream_new(const McpStreamEvents *events, gpointer user_data)
{
    McpStream *self = g_new0(McpStream, 1);

    self->context = g_main_context_ref_thread_default();
    self->events = *events;
    self->user_data = user_data;
    self->waiting = g_byte_array_new();
    MCP_LEDGER_CREATED(McpStream);
    return self;
}

static void
begin(McpStream *self, gboolean client)
{
    g_socket_set_blocking(self->socket, FALSE);
    /* A request is one small write, and its answer is waited for. */
    g_socket_set_option(self->socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
    if (self->context_tls != NULL) {
        begin_tls(self, client);
        return;
    }
    mcp_timer_clear(&self->timer);
    begin_tcp(self);
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &error);
    McpStream *self = user_data;

    /* Freed, or too late: its end was told already. A connection that was made a moment before is
     * no error, so the error alone does not say it. */
    if (g_cancellable_is_cancelled(g_task_get_cancellable(G_TASK(result))))
        return;
    g_clear_object(&self->connecting);
    if (connection == NULL) {
        end_with(self, MCP_ERROR_CLOSED, error->message);
        return;
    }
    self->socket = g_object_ref(g_socket_connection_get_socket(connection));
    begin(self, TRUE);
}

static void
on_timeout(gpointer user_data)
{
    end_with(user_data, MCP_ERROR_TIMEOUT, "not connected in time");
}

McpStream *
mcp_stream_connect(const McpStreamTarget *target, McpClock *clock, const McpStreamEvents *events,
                   gpointer user_data)
{
    McpStream *self = stream_new(events, user_data);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address =
        g_inet_socket_address_new_from_string(target->address, target->port);

    self->remote = g_strdup_printf(strchr(target->address, ':') != NULL ? "[%s]:%u" : "%s:%u",
                                   target->address, target->port);
    self->peer_name = g_strdup(target->peer_name != NULL ? target->peer_name : target->address);
    self->context_tls = target->tls != NULL ? mcp_tls_context_ref(target->tls) : NULL;
    self->connecting = g_cancellable_new();
    self->timer = mcp_clock_after(clock, self->context, address != NULL ? target->timeout : 0,
                                  on_timeout, self);
    g_socket_client_set_enable_proxy(client, FALSE);
    if (address != NULL)
        g_socket_client_connect_async(client, G_SOCKET_CONNECTABLE(address), self->connecting,
                                      on_connected, self);
    return self;
}

static char *
remote_of(GSocket *socket)
{
    g_autoptr(GSocketAddress) address = g_socket_get_remote_address(socket, NULL);

    return address != NULL ? g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address))
                           : g_strdup("?");
}

McpStream *
mcp_stream_accept(GSocket *socket, McpTlsContext *tls, const McpStreamEvents *events,
                  gpointer user_data)
{
    McpStream *self = stream_new(events, user_data);

    self->remote = remote_of(socket);
    self->context_tls = tls != NULL ? mcp_tls_context_ref(tls) : NULL;
    self->socket = g_object_ref(socket);
    begin(self, FALSE);
    return self;
}

void
mcp_stream_free(McpStream *stream)
{
    if (stream == NULL)
        return;
    shut(stream);
    g_byte_array_unref(stream->waiting);
    g_clear_pointer(&stream->context_tls, mcp_tls_context_unref);
    g_main_context_unref(stream->context);
    g_free(stream->remote);
    g_free(stream->peer_name);
    g_free(stream);
    MCP_LEDGER_FINALIZED(McpStream);
}

const char *
mcp_stream_get_remote(const McpStream *stream)
{
    return stream->remote;
}

GSocket *
mcp_stream_get_socket(const McpStream *stream)
{
    return stream->socket;
}
