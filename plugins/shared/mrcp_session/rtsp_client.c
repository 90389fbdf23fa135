/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's RTSP connection (RFC 2326): name, addresses one after the other, requests by CSeq, and
 * those of the server. On its maker's context.
 */
#include "rtsp_client.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <stream/lookup.h>

MCP_LEDGER_DEFINE(McpMrcpRtspClient);

/* A request that is not answered yet. */
typedef struct {
    guint32 cseq;
    McpMrcpRtspFunc func;
    guint tag;
} Asked;

struct _McpMrcpRtspClient {
    McpMrcpRtspClientEvents events;
    gpointer user_data;
    McpClock *clock;
    McpTlsContext *tls; /* nullable */
    char *host;
    guint port;
    gint64 timeout;
    McpLookup *lookup;    /* nullable */
    McpTimer *timer;      /* of the name */
    GPtrArray *addresses; /* char*, not tried yet; the next one last */
    char *address;        /* nullable: the one in use */
    GPtrArray *waiting;   /* GBytes, until there is a stream that opens */
    McpStream *stream;    /* nullable */
    McpMrcpRtspParser *parser;
    GArray *asked; /* Asked */
    guint32 cseq;
    guint busy; /* within a callback: it is not freed */
    gboolean open;
    gboolean over; /* freed, as soon as nothing runs in it, or its end was told */
};

static void
free_if_unused(McpMrcpRtspClient *self)
{
    if (self->busy > 0)
        return;
    g_ptr_array_unref(self->addresses);
    g_ptr_array_unref(self->waiting);
    g_array_unref(self->asked);
    mcp_mrcp_rtsp_parser_free(self->parser);
    g_clear_pointer(&self->tls, mcp_tls_context_unref);
    g_object_unref(self->clock);
    g_free(self->address);
    g_free(self->host);
    g_free(self);
    MCP_LEDGER_FINALIZED(McpMrcpRtspClient);
}

static void
shut(McpMrcpRtspClient *self)
{
    g_clear_pointer(&self->lookup, mcp_lookup_free);
    mcp_timer_clear(&self->timer);
    g_clear_pointer(&self->stream, mcp_stream_free);
    g_array_set_size(self->asked, 0);
    self->open = FALSE;
}

void
mcp_mrcp_rtsp_client_free(McpMrcpRtspClient *client)
{
    if (client == NULL)
        return;
    shut(client);
    client->events = (McpMrcpRtspClientEvents){0};
    client->over = TRUE;
    free_if_unused(client);
}

/* Whoever is told may free it. */
static void
fail(McpMrcpRtspClient *self, const GError *error)
{
    if (self->over)
        return;
    shut(self);
    self->over = TRUE;
    self->events.closed(self, error, self->user_data);
}

static void
fail_with(McpMrcpRtspClient *self, McpError code, const char *what)
{
    g_autoptr(GError) error =
        g_error_new(MCP_ERROR, (int)code, "%s:%u: %s", self->host, self->port, what);

    fail(self, error);
}

/* --- what comes --- */

static void
take_answer(McpMrcpRtspClient *self, const McpMrcpRtsp *message)
{
    guint32 cseq = 0;

    mcp_mrcp_rtsp_cseq(message, &cseq);
    for (guint i = 0; i < self->asked->len; i++) {
        Asked asked = g_array_index(self->asked, Asked, i);

        if (asked.cseq != cseq)
            continue;
        /* RFC 2326 §7: 1xx is not the end of it. */
        if (message->status < 200)
            return;
        g_array_remove_index(self->asked, i);
        if (asked.func != NULL)
            asked.func(self, message, asked.tag, self->user_data);
        return;
    }
}

/* FALSE: there is no more for now. */
static gboolean
take_next(McpMrcpRtspClient *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpRtsp) message = mcp_mrcp_rtsp_parser_next(self->parser, &error);

    if (error != NULL) {
        fail_with(self, MCP_ERROR_INVALID, error->message);
        return FALSE;
    }
    if (message == NULL)
        return FALSE;
    if (message->method == NULL)
        take_answer(self, message);
    else if (self->events.requested != NULL)
        self->events.requested(self, message, 0, self->user_data);
    else
        mcp_mrcp_rtsp_client_reply(self, message, 501, "Not Implemented");
    return !self->over;
}

static void
on_received(McpStream *stream, const guint8 *data, gsize length, gpointer user_data)
{
    McpMrcpRtspClient *self = user_data;

    mcp_mrcp_rtsp_parser_push(self->parser, data, length);
    self->busy++;
    while (take_next(self))
        continue;
    self->busy--;
    /* Told of its end, it is freed by whoever made it; freed within, here. */
    if (self->over && self->events.closed == NULL)
        free_if_unused(self);
}

/* --- connecting --- */

static void connect_next(McpMrcpRtspClient *self);

static void
on_opened(McpStream *stream, gpointer user_data)
{
    McpMrcpRtspClient *self = user_data;

    self->open = TRUE;
    for (guint i = 0; i < self->waiting->len; i++)
        mcp_stream_write(stream, self->waiting->pdata[i]);
    g_ptr_array_set_size(self->waiting, 0);
}

static void
on_closed(McpStream *stream, const GError *error, gpointer user_data)
{
    McpMrcpRtspClient *self = user_data;

    if (!self->open && self->addresses->len > 0)
        connect_next(self);
    else if (error != NULL)
        fail(self, error);
    else
        fail_with(self, MCP_ERROR_CLOSED, "the server closed the connection");
}

static void
connect_next(McpMrcpRtspClient *self)
{
    static const McpStreamEvents events = {on_opened, on_received, on_closed};
    McpStreamTarget target = {
        .port = self->port, .tls = self->tls, .peer_name = self->host, .timeout = self->timeout};

    g_free(self->address);
    self->address = g_ptr_array_steal_index(self->addresses, self->addresses->len - 1);
    target.address = self->address;
    g_clear_pointer(&self->stream, mcp_stream_free);
    self->stream = mcp_stream_connect(&target, self->clock, &events, self);
}

static void
on_addresses(GList *addresses, const GError *error, gpointer user_data)
{
    McpMrcpRtspClient *self = user_data;

    g_clear_pointer(&self->lookup, mcp_lookup_free);
    mcp_timer_clear(&self->timer);
    for (const GList *item = addresses; item != NULL; item = item->next)
        g_ptr_array_insert(self->addresses, 0, g_inet_address_to_string(item->data));
    if (self->addresses->len > 0)
        connect_next(self);
    else
        fail_with(self, MCP_ERROR_NOT_FOUND, "no address is known");
}

static void
on_timeout(gpointer user_data)
{
    fail_with(user_data, MCP_ERROR_TIMEOUT, "the name service does not answer");
}

static void
look_up(McpMrcpRtspClient *self)
{
    self->timer = mcp_clock_after(self->clock, NULL, self->timeout, on_timeout, self);
    self->lookup = mcp_lookup_new(self->host, on_addresses, self);
}

McpMrcpRtspClient *
mcp_mrcp_rtsp_client_new(const McpMrcpRtspTarget *target, McpTlsContext *tls, gint64 timeout,
                         McpClock *clock, const McpMrcpRtspClientEvents *events, gpointer user_data)
{
    McpMrcpRtspClient *self = g_new0(McpMrcpRtspClient, 1);

    self->events = *events;
    self->user_data = user_data;
    self->clock = g_object_ref(clock);
    self->tls = tls != NULL ? mcp_tls_context_ref(tls) : NULL;
    self->host = g_strdup(target->host);
    self->port = target->port;
    self->timeout = timeout;
    self->addresses = g_ptr_array_new_with_free_func(g_free);
    self->waiting = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    self->parser = mcp_mrcp_rtsp_parser_new(NULL);
    self->asked = g_array_new(FALSE, FALSE, sizeof(Asked));
    MCP_LEDGER_CREATED(McpMrcpRtspClient);
    if (g_hostname_is_ip_address(target->host)) {
        g_ptr_array_add(self->addresses, g_strdup(target->host));
        connect_next(self);
    } else {
        look_up(self);
    }
    return self;
}

/* --- what goes --- */

McpMrcpRtsp *
mcp_mrcp_rtsp_client_request(McpMrcpRtspClient *client, const char *method, const char *uri)
{
    return mcp_mrcp_rtsp_request_new(method, uri, ++client->cseq);
}

/* What was written to an address that takes nothing is for the next one. */
static void
write_message(McpMrcpRtspClient *self, const McpMrcpRtsp *message)
{
    g_autoptr(GBytes) bytes = mcp_mrcp_rtsp_encode(message);

    if (self->open)
        mcp_stream_write(self->stream, bytes);
    else if (!self->over)
        g_ptr_array_add(self->waiting, g_steal_pointer(&bytes));
}

void
mcp_mrcp_rtsp_client_send(McpMrcpRtspClient *client, McpMrcpRtsp *request, McpMrcpRtspFunc answered,
                          guint tag)
{
    g_autoptr(McpMrcpRtsp) own = request;
    Asked asked = {.func = answered, .tag = tag};

    mcp_mrcp_rtsp_cseq(own, &asked.cseq);
    if (!client->over)
        g_array_append_val(client->asked, asked);
    write_message(client, own);
}

void
mcp_mrcp_rtsp_client_reply(McpMrcpRtspClient *client, const McpMrcpRtsp *request, guint status,
                           const char *reason)
{
    g_autoptr(McpMrcpRtsp) response = mcp_mrcp_rtsp_response_new(request, status, reason);

    write_message(client, response);
}

const char *
mcp_mrcp_rtsp_client_get_address(const McpMrcpRtspClient *client)
{
    return client->address;
}

gboolean
mcp_mrcp_rtsp_client_waits(const McpMrcpRtspClient *client)
{
    return client->asked->len > 0;
}
