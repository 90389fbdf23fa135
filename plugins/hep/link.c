/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection: look-up, UDP, TCP or TLS, a moment in which it has to hold before anything that
 * matters is sent, and the watch over a server that takes nothing. Over UDP the only news of a
 * server is that its host refuses a datagram (ICMP), which the next call on the socket tells.
 * Control context.
 */
#include "link.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <stream/lookup.h>
#include <stream/stream.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECT_TIMEOUT (3 * G_TIME_SPAN_SECOND)
/* A refusal is back sooner. */
#define PROVE (250 * G_TIME_SPAN_MILLISECOND)
/* What the system may hold for a server, which would be megabytes: it is lost with a dead one, and
 * only when it is full does it show that nothing is taken. */
#define SYSTEM_QUEUE (128 * 1024)
/* A server that takes nothing for so long is left. */
#define STALL (5 * G_TIME_SPAN_SECOND)
#define FULL (256 * 1024)
/* What a server may say that has nothing to say. */
#define IDLE_TALK (64 * 1024)
#define READ_BYTES 2048

MCP_LEDGER_DEFINE(McpHepLink);

struct _McpHepLink {
    McpClock *clock;
    McpHepLinkEvents events;
    gpointer user_data;
    char *host;
    guint port;
    guint attempt;
    char *remote;
    gboolean datagrams;
    McpTlsContext *tls;    /* nullable */
    McpLookup *lookup;     /* nullable */
    GSocket *socket;       /* of UDP; nullable */
    GSource *reading;      /* of UDP */
    GSource *writing;      /* of UDP: it is full */
    McpStream *stream;     /* of TCP and TLS; nullable */
    GByteArray *collected; /* for it, until it is flushed */
    McpTraceEnd ends[2];   /* local, remote */
    McpTimer *deadline;    /* to be connected, then to be ready */
    McpTimer *stall;       /* while something waits */
    GError *failure;       /* nullable: of a datagram; told with the next turn */
    McpTimer *failing;
    guint64 sent;  /* bytes */
    guint64 taken; /* of them by the server, as the stall timer saw it */
    gsize heard;   /* bytes */
};

static void
drop_source(GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static void
shut(McpHepLink *self)
{
    g_clear_pointer(&self->lookup, mcp_lookup_free);
    mcp_timer_clear(&self->deadline);
    mcp_timer_clear(&self->stall);
    mcp_timer_clear(&self->failing);
    drop_source(&self->reading);
    drop_source(&self->writing);
    g_clear_object(&self->socket);
    g_clear_pointer(&self->stream, mcp_stream_free);
}

static void
end(McpHepLink *self, McpError code, const char *what)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, (gint)code, "%s: %s", self->remote, what);

    shut(self);
    self->events.closed(self, error, self->user_data);
}

/* --- being connected --- */

static void
read_end(GSocketAddress *address, McpTraceEnd *out_end)
{
    g_autoptr(GSocketAddress) owned = address;
    GInetAddress *host = NULL;

    if (!G_IS_INET_SOCKET_ADDRESS(address))
        return;
    host = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));
    out_end->ipv6 = g_inet_address_get_family(host) == G_SOCKET_FAMILY_IPV6;
    out_end->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));
    memcpy(out_end->address, g_inet_address_to_bytes(host), g_inet_address_get_native_size(host));
}

static void
on_proven(gpointer user_data)
{
    McpHepLink *self = user_data;

    mcp_timer_clear(&self->deadline);
    self->events.ready(self, self->user_data);
}

static void
begin(McpHepLink *self, GSocket *socket)
{
    if (socket != NULL) {
        read_end(g_socket_get_local_address(socket, NULL), &self->ends[0]);
        read_end(g_socket_get_remote_address(socket, NULL), &self->ends[1]);
    }
    mcp_timer_clear(&self->deadline);
    self->deadline = mcp_clock_after(self->clock, NULL, PROVE, on_proven, self);
    self->events.connected(self, self->user_data);
}

/* --- UDP --- */

static void
on_failing(gpointer user_data)
{
    McpHepLink *self = user_data;

    end(self, MCP_ERROR_REFUSED, self->failure->message);
}

static gboolean
is_passing(const GError *error)
{
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* (transfer full) @error: told with the next turn, for who sends is not done yet. */
static void
fail(McpHepLink *self, GError *error)
{
    if (self->failure != NULL) {
        g_error_free(error);
        return;
    }
    self->failure = error;
    self->failing = mcp_clock_after(self->clock, NULL, 0, on_failing, self);
}

static gboolean
on_readable(GSocket *socket, GIOCondition condition, gpointer user_data)
{
    McpHepLink *self = user_data;
    g_autoptr(GError) error = NULL;
    char data[READ_BYTES];

    if (g_socket_receive(socket, data, sizeof data, NULL, &error) < 0 && !is_passing(error))
        fail(self, g_steal_pointer(&error));
    return G_SOURCE_CONTINUE;
}

static gboolean
on_socket_writable(GSocket *socket, GIOCondition condition, gpointer user_data)
{
    McpHepLink *self = user_data;

    drop_source(&self->writing);
    self->events.writable(self, self->user_data);
    return G_SOURCE_REMOVE;
}

static void
wait_writable(McpHepLink *self)
{
    if (self->writing != NULL)
        return;
    self->writing = g_socket_create_source(self->socket, G_IO_OUT, NULL);
    g_source_set_callback(self->writing, G_SOURCE_FUNC(on_socket_writable), self, NULL);
    g_source_attach(self->writing, g_main_context_get_thread_default());
}

static McpHepSent
send_datagram(McpHepLink *self, const guint8 *data, gsize length)
{
    g_autoptr(GError) error = NULL;

    if (self->socket == NULL || self->failure != NULL)
        return MCP_HEP_NOT_NOW;
    if (g_socket_send(self->socket, (const char *)data, length, NULL, &error) >= 0)
        return MCP_HEP_SENT;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
        return MCP_HEP_LOST;
    if (is_passing(error))
        wait_writable(self);
    else
        fail(self, g_steal_pointer(&error));
    return MCP_HEP_NOT_NOW;
}

static void
connect_datagrams(McpHepLink *self, GInetAddress *host)
{
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new(host, (guint16)self->port);
    g_autoptr(GError) error = NULL;

    self->socket = g_socket_new(g_inet_address_get_family(host), G_SOCKET_TYPE_DATAGRAM,
                                G_SOCKET_PROTOCOL_UDP, &error);
    if (self->socket == NULL || !g_socket_connect(self->socket, address, NULL, &error)) {
        end(self, MCP_ERROR_CLOSED, error->message);
        return;
    }
    g_socket_set_blocking(self->socket, FALSE);
    self->reading = g_socket_create_source(self->socket, G_IO_IN, NULL);
    g_source_set_callback(self->reading, G_SOURCE_FUNC(on_readable), self, NULL);
    g_source_attach(self->reading, g_main_context_get_thread_default());
    begin(self, self->socket);
}

/* --- TCP and TLS --- */

static void
on_opened(McpStream *stream, gpointer user_data)
{
    GSocket *socket = mcp_stream_get_socket(stream);

    if (socket != NULL)
        g_socket_set_option(socket, SOL_SOCKET, SO_SNDBUF, SYSTEM_QUEUE, NULL);
    begin(user_data, socket);
}

static void
on_received(McpStream *stream, const guint8 *data, gsize length, gpointer user_data)
{
    McpHepLink *self = user_data;

    self->heard += length;
    if (self->heard > IDLE_TALK)
        end(self, MCP_ERROR_INVALID, "it talks, which no capture server does");
}

static void
on_closed(McpStream *stream, const GError *error, gpointer user_data)
{
    McpHepLink *self = user_data;
    g_autofree char *prefix = g_strconcat(mcp_stream_get_remote(stream), ": ", NULL);
    const char *message = error != NULL ? error->message : "the server closed the connection";
    g_autofree char *why = NULL;

    /* The stream's text is gone with it; whom it is about is said once. */
    why = g_strdup(g_str_has_prefix(message, prefix) ? message + strlen(prefix) : message);
    end(self, MCP_ERROR_CLOSED, why);
}

static void
on_drained(McpStream *stream, gpointer user_data)
{
    McpHepLink *self = user_data;

    mcp_timer_clear(&self->stall);
    self->events.writable(self, self->user_data);
}

static void
on_stall(gpointer user_data)
{
    McpHepLink *self = user_data;
    gsize waiting = mcp_stream_get_waiting(self->stream);

    mcp_timer_clear(&self->stall);
    if (waiting > 0 && self->sent - waiting == self->taken) {
        end(self, MCP_ERROR_TIMEOUT, "it takes nothing");
        return;
    }
    self->taken = self->sent - waiting;
    if (waiting > 0)
        self->stall = mcp_clock_after(self->clock, NULL, STALL, on_stall, self);
}

static McpHepSent
send_bytes(McpHepLink *self, const guint8 *data, gsize length)
{
    if (self->stream == NULL)
        return MCP_HEP_NOT_NOW;
    g_byte_array_append(self->collected, data, (guint)length);
    return MCP_HEP_SENT;
}

void
mcp_hep_link_flush(McpHepLink *link)
{
    g_autoptr(GBytes) bytes = NULL;
    gsize waiting = 0;

    if (link->stream == NULL || link->collected->len == 0)
        return;
    link->sent += link->collected->len;
    bytes = g_byte_array_free_to_bytes(link->collected);
    link->collected = g_byte_array_new();
    mcp_stream_write(link->stream, bytes);
    waiting = mcp_stream_get_waiting(link->stream);
    if (waiting > 0 && link->stall == NULL) {
        link->taken = link->sent - waiting;
        link->stall = mcp_clock_after(link->clock, NULL, STALL, on_stall, link);
    }
}

static void
connect_stream(McpHepLink *self, GInetAddress *host)
{
    static const McpStreamEvents events = {on_opened, on_received, on_closed};
    g_autofree char *literal = g_inet_address_to_string(host);
    const McpStreamTarget target = {
        .address = literal,
        .port = self->port,
        .tls = self->tls,
        .peer_name = self->host,
        .timeout = CONNECT_TIMEOUT,
    };

    self->stream = mcp_stream_connect(&target, self->clock, &events, self);
    mcp_stream_on_drained(self->stream, on_drained);
}

/* --- life --- */

static void
on_looked_up(GList *addresses, const GError *error, gpointer user_data)
{
    McpHepLink *self = user_data;
    GInetAddress *host = NULL;

    g_clear_pointer(&self->lookup, mcp_lookup_free);
    if (addresses == NULL) {
        end(self, MCP_ERROR_NOT_FOUND, error->message);
        return;
    }
    host = g_list_nth_data(addresses, self->attempt % g_list_length(addresses));
    if (self->datagrams)
        connect_datagrams(self, host);
    else
        connect_stream(self, host);
}

static void
on_deadline(gpointer user_data)
{
    end(user_data, MCP_ERROR_TIMEOUT, "not connected in time");
}

McpHepLink *
mcp_hep_link_new(const McpHepLinkOptions *options, McpClock *clock, const McpHepLinkEvents *events,
                 gpointer user_data)
{
    McpHepLink *self = g_new0(McpHepLink, 1);

    self->clock = g_object_ref(clock);
    self->events = *events;
    self->user_data = user_data;
    self->host = g_strdup(options->host);
    self->port = options->port;
    self->attempt = options->attempt;
    self->remote = g_strdup_printf(strchr(options->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                                   options->host, options->port);
    self->datagrams = options->datagrams;
    self->tls = options->tls != NULL ? mcp_tls_context_ref(options->tls) : NULL;
    self->collected = g_byte_array_new();
    self->deadline = mcp_clock_after(clock, NULL, CONNECT_TIMEOUT, on_deadline, self);
    self->lookup = mcp_lookup_new(self->host, on_looked_up, self);
    MCP_LEDGER_CREATED(McpHepLink);
    return self;
}

void
mcp_hep_link_free(McpHepLink *link)
{
    if (link == NULL)
        return;
    shut(link);
    g_clear_error(&link->failure);
    g_byte_array_unref(link->collected);
    g_clear_pointer(&link->tls, mcp_tls_context_unref);
    g_object_unref(link->clock);
    g_free(link->host);
    g_free(link->remote);
    g_free(link);
    MCP_LEDGER_FINALIZED(McpHepLink);
}

gboolean
mcp_hep_link_is_full(const McpHepLink *link)
{
    return link->writing != NULL || link->failure != NULL ||
           (link->stream != NULL &&
            link->collected->len + mcp_stream_get_waiting(link->stream) >= FULL);
}

McpHepSent
mcp_hep_link_send(McpHepLink *link, const guint8 *data, gsize length)
{
    return link->datagrams ? send_datagram(link, data, length) : send_bytes(link, data, length);
}

void
mcp_hep_link_get_ends(const McpHepLink *link, McpTraceEnd *out_local, McpTraceEnd *out_remote)
{
    *out_local = link->ends[0];
    *out_remote = link->ends[1];
}

const char *
mcp_hep_link_get_remote(const McpHepLink *link)
{
    return link->remote;
}
