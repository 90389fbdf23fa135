/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection: look-up, TCP or TLS, negotiation, and the sign of life that each side owes the
 * other. Control context.
 */
#include "link.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <stream/lookup.h>
#include <stream/stream.h>
#include <string.h>

#define MAX_FRAME_IN (256 * 1024)
#define MAX_FRAME_OUT (4 * 1024 * 1024)
#define LEAST_CHECK (100 * G_TIME_SPAN_MILLISECOND)
/* Producers are told of before their first message. */
#define MAX_PRODUCERS 8

MCP_LEDGER_DEFINE(McpOpenwireLink);

typedef enum {
    LINK_CONNECTING,
    LINK_NEGOTIATING, /* waits for the broker's WireFormatInfo */
    LINK_OPENING,     /* waits for the response to ours of the connection */
    LINK_READY,
} LinkState;

struct _McpOpenwireLink {
    McpClock *clock;
    McpOpenwireLinkEvents events;
    gpointer user_data;
    char *host;
    guint port;
    char *remote;
    McpTlsContext *tls;
    char *connection;
    char *user;
    char *password; /* wiped when freed */
    gint64 timeout;
    gint64 inactivity; /* µs; what both sides agree on once negotiated */
    gint64 max_frame;  /* bytes that the broker takes; 0: not said */
    LinkState state;
    McpLookup *lookup; /* nullable */
    McpStream *stream; /* nullable */
    McpOpenwireParser *parser;
    McpTimer *deadline;
    McpTimer *check;
    gint64 received; /* clock µs of the last byte */
    gint64 sent;
    gint32 command;
    gint32 opening;     /* number of the command that is to be answered */
    gint64 transaction; /* the last one begun */
    gint64 producers[MAX_PRODUCERS];
    guint n_producers;
    guint busy; /* amid a walk over what came */
    gboolean freed;
};

static void
wipe(char *secret)
{
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

static void
shut(McpOpenwireLink *self)
{
    g_clear_pointer(&self->lookup, mcp_lookup_free);
    mcp_timer_clear(&self->deadline);
    mcp_timer_clear(&self->check);
    g_clear_pointer(&self->stream, mcp_stream_free);
}

static void
finalize(McpOpenwireLink *self)
{
    shut(self);
    mcp_openwire_parser_free(self->parser);
    g_clear_pointer(&self->tls, mcp_tls_context_unref);
    g_object_unref(self->clock);
    g_free(self->host);
    g_free(self->remote);
    g_free(self->connection);
    g_free(self->user);
    wipe(self->password);
    g_free(self);
    MCP_LEDGER_FINALIZED(McpOpenwireLink);
}

static void
end(McpOpenwireLink *self, McpError code, const char *what)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, (int)code, "%s: %s", self->remote, what);

    shut(self);
    self->events.closed(self, error, self->user_data);
}

static void
send_bytes(McpOpenwireLink *self, GBytes *bytes)
{
    if (self->stream != NULL)
        mcp_stream_write(self->stream, bytes);
    self->sent = mcp_clock_now(self->clock);
    g_bytes_unref(bytes);
}

/* --- signs of life --- */

static void on_check(gpointer user_data);

static gint64
check_interval(const McpOpenwireLink *self)
{
    return MAX(self->inactivity / 3, LEAST_CHECK);
}

static void
arm_check(McpOpenwireLink *self)
{
    if (self->inactivity > 0)
        self->check = mcp_clock_after(self->clock, NULL, check_interval(self), on_check, self);
}

static void
on_check(gpointer user_data)
{
    McpOpenwireLink *self = user_data;
    gint64 now = mcp_clock_now(self->clock);

    mcp_timer_clear(&self->check);
    if (now - self->received > self->inactivity + check_interval(self)) {
        end(self, MCP_ERROR_TIMEOUT, "the broker gives no sign of life");
        return;
    }
    if (now - self->sent >= check_interval(self) / 2)
        send_bytes(self, mcp_openwire_keep_alive(++self->command));
    arm_check(self);
}

/* --- negotiation --- */

static void
open_connection(McpOpenwireLink *self)
{
    g_autofree char *client = g_strdup_printf("%s-%08x", self->connection, g_random_int());
    const McpOpenwireConnection facts = {self->connection, client, self->user, self->password};

    self->state = LINK_OPENING;
    self->opening = ++self->command;
    send_bytes(self, mcp_openwire_connection(self->opening, &facts));
}

static void
take_wire_format(McpOpenwireLink *self, const McpOpenwireCommand *command)
{
    gint64 theirs = command->max_inactivity * G_TIME_SPAN_MILLISECOND;

    if (self->state != LINK_NEGOTIATING)
        return;
    if (command->version < 1) {
        end(self, MCP_ERROR_UNSUPPORTED, "the broker speaks no version of OpenWire that is known");
        return;
    }
    self->inactivity = MIN(self->inactivity, theirs);
    self->max_frame = command->max_frame;
    arm_check(self);
    open_connection(self);
}

static void
take_response(McpOpenwireLink *self, const McpOpenwireCommand *command)
{
    if (self->state == LINK_READY) {
        self->events.answered(self, command->correlation, command->error_class, command->error_text,
                              self->user_data);
    } else if (self->state == LINK_OPENING && command->correlation == self->opening) {
        const McpOpenwireProducer producer = {self->connection, 1, 0};

        if (command->error_class != NULL) {
            g_autofree char *text = g_strdup_printf("refused: %s", command->error_text);

            end(self, MCP_ERROR_REFUSED, text);
            return;
        }
        self->state = LINK_READY;
        mcp_timer_clear(&self->deadline);
        send_bytes(self, mcp_openwire_session(++self->command, &producer));
        self->events.ready(self, self->user_data);
    }
}

static void
take_command(McpOpenwireLink *self, const McpOpenwireCommand *command)
{
    g_autofree char *text = NULL;

    switch (command->type) {
    case MCP_OPENWIRE_WIRE_FORMAT_INFO:
        take_wire_format(self, command);
        break;
    case MCP_OPENWIRE_RESPONSE:
    case MCP_OPENWIRE_EXCEPTION_RESPONSE:
        take_response(self, command);
        break;
    case MCP_OPENWIRE_KEEP_ALIVE_INFO:
        if (command->response_required)
            send_bytes(self, mcp_openwire_keep_alive(++self->command));
        break;
    case MCP_OPENWIRE_CONNECTION_ERROR:
        text = g_strdup_printf("the broker: %s", command->error_text);
        end(self, MCP_ERROR_REFUSED, text);
        break;
    case MCP_OPENWIRE_SHUTDOWN_INFO:
        end(self, MCP_ERROR_CLOSED, "the broker shuts down");
        break;
    default: /* what it tells of itself and of others */
        break;
    }
}

/* --- the stream --- */

static void
on_opened(McpStream *stream, gpointer user_data)
{
    McpOpenwireLink *self = user_data;

    self->state = LINK_NEGOTIATING;
    self->received = mcp_clock_now(self->clock);
    send_bytes(self,
               mcp_openwire_wire_format(self->inactivity / G_TIME_SPAN_MILLISECOND, MAX_FRAME_OUT));
}

static gboolean
take_next(McpOpenwireLink *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpOpenwireCommand) command = NULL;

    if (self->freed || self->stream == NULL)
        return FALSE;
    command = mcp_openwire_parser_next(self->parser, &error);
    if (command != NULL)
        take_command(self, command);
    else if (error != NULL)
        end(self, MCP_ERROR_INVALID, error->message);
    return command != NULL;
}

static void
on_received(McpStream *stream, const guint8 *data, gsize length, gpointer user_data)
{
    McpOpenwireLink *self = user_data;

    self->received = mcp_clock_now(self->clock);
    mcp_openwire_parser_push(self->parser, data, length);
    self->busy++;
    while (take_next(self))
        continue;
    self->busy--;
    if (self->freed && self->busy == 0)
        finalize(self);
}

static void
on_closed(McpStream *stream, const GError *error, gpointer user_data)
{
    McpOpenwireLink *self = user_data;

    end(self, MCP_ERROR_CLOSED,
        error != NULL ? error->message : "the broker closed the connection");
}

static void
connect_to(McpOpenwireLink *self, GInetAddress *address)
{
    static const McpStreamEvents events = {on_opened, on_received, on_closed};
    g_autofree char *literal = g_inet_address_to_string(address);
    const McpStreamTarget target = {
        .address = literal,
        .port = self->port,
        .tls = self->tls,
        .peer_name = self->host,
        .timeout = self->timeout,
    };

    self->stream = mcp_stream_connect(&target, self->clock, &events, self);
}

static void
on_looked_up(GList *addresses, const GError *error, gpointer user_data)
{
    McpOpenwireLink *self = user_data;

    g_clear_pointer(&self->lookup, mcp_lookup_free);
    if (addresses == NULL) {
        end(self, MCP_ERROR_NOT_FOUND, error->message);
        return;
    }
    connect_to(self, g_list_nth_data(addresses, g_random_int() % g_list_length(addresses)));
}

static void
on_deadline(gpointer user_data)
{
    McpOpenwireLink *self = user_data;

    end(self, MCP_ERROR_TIMEOUT, "not ready in time");
}

McpOpenwireLink *
mcp_openwire_link_new(const McpOpenwireLinkOptions *options, McpClock *clock,
                      const McpOpenwireLinkEvents *events, gpointer user_data)
{
    McpOpenwireLink *self = g_new0(McpOpenwireLink, 1);

    self->clock = g_object_ref(clock);
    self->events = *events;
    self->user_data = user_data;
    self->host = g_strdup(options->host);
    self->port = options->port;
    self->remote = g_strdup_printf(strchr(options->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                                   options->host, options->port);
    self->tls = options->tls != NULL ? mcp_tls_context_ref(options->tls) : NULL;
    self->connection = g_strdup(options->connection);
    self->user = g_strdup(options->user);
    self->password = g_strdup(options->password);
    self->timeout = options->timeout;
    self->inactivity = options->inactivity;
    self->parser = mcp_openwire_parser_new(MAX_FRAME_IN);
    /* The broker may still have those of an earlier connection of this id. */
    self->transaction = (gint64)(g_random_int() >> 1) << 32;
    self->deadline = mcp_clock_after(clock, NULL, options->timeout, on_deadline, self);
    self->lookup = mcp_lookup_new(self->host, on_looked_up, self);
    MCP_LEDGER_CREATED(McpOpenwireLink);
    return self;
}

void
mcp_openwire_link_free(McpOpenwireLink *link)
{
    if (link == NULL || link->freed)
        return;
    if (link->state == LINK_READY)
        send_bytes(link, mcp_openwire_shutdown(++link->command));
    link->freed = TRUE;
    shut(link);
    if (link->busy == 0)
        finalize(link);
}

static void
introduce(McpOpenwireLink *self, const McpOpenwireProducer *producer)
{
    for (guint i = 0; i < self->n_producers; i++)
        if (self->producers[i] == producer->value)
            return;
    if (self->n_producers < MAX_PRODUCERS)
        self->producers[self->n_producers++] = producer->value;
    send_bytes(self, mcp_openwire_producer(++self->command, producer));
}

gint32
mcp_openwire_link_send(McpOpenwireLink *link, const McpOpenwireMessage *message)
{
    GBytes *frame = NULL;

    introduce(link, message->producer);
    frame = mcp_openwire_message(link->command + 1, message);
    /* A broker ends the connection for one that is above, without a word. Of its length the
     * frame's own four bytes are none. */
    if (link->max_frame > 0 && (gint64)g_bytes_get_size(frame) - 4 > link->max_frame) {
        g_bytes_unref(frame);
        return 0;
    }
    send_bytes(link, frame);
    return ++link->command;
}

gint64
mcp_openwire_link_begin(McpOpenwireLink *link)
{
    send_bytes(link, mcp_openwire_transaction(++link->command, link->connection,
                                              ++link->transaction, FALSE));
    return link->transaction;
}

gint32
mcp_openwire_link_commit(McpOpenwireLink *link, gint64 transaction)
{
    send_bytes(link,
               mcp_openwire_transaction(++link->command, link->connection, transaction, TRUE));
    return link->command;
}

const char *
mcp_openwire_link_get_remote(const McpOpenwireLink *link)
{
    return link->remote;
}
