/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The callers' dialogs. A call sends everything to the server it was started for: route sets are
 * written into the requests (RFC 3261 §12.2.1.1) but do not choose the next hop, which in a bench
 * is always the machine under test.
 */
#include "sip_client.h"

#include <string.h>

#define T1_US 500000
#define T2_US 4000000
#define TRANSACTION_US (64 * (gint64)T1_US) /* timers B and F */

struct _McpLoadClient {
    McpBenchLoop *loop;
    McpLoadMedia *media;
    McpLoadClientConfig config;
    McpBenchSipTransport *transport;
    guint sources;
    GPtrArray *calls;
    McpLoadSipCounts counts;
    guint32 run; /* tells this run's Call-IDs from an earlier one's */
};

static void
call_free(gpointer data)
{
    McpLoadCall *call = data;
    mcp_bench_loop_disarm(call->client->loop, &call->timer);
    mcp_bench_loop_disarm(call->client->loop, &call->plan);
    mcp_load_stream_clear(&call->stream);
    g_free(call->call_id);
    g_free(call->local_tag);
    g_free(call->remote);
    g_free(call->target);
    g_free(call->route);
    if (call->request != NULL)
        g_string_free(call->request, TRUE);
    if (call->ack != NULL)
        g_string_free(call->ack, TRUE);
    g_free(call);
}

static void
transmit(McpLoadCall *call, const GString *text)
{
    mcp_bench_sip_transport_send(call->client->transport, call->path, &call->client->config.server,
                                 text->str, text->len);
}

/* The request line and the headers that every request of a call carries. */
static GString *
request_new(McpLoadCall *call, const char *method, guint32 cseq, const char *branch_of)
{
    McpLoadClient *client = call->client;
    struct sockaddr_in local = mcp_bench_sip_transport_local(client->transport, call->path);
    g_autofree char *address = mcp_bench_address_string(&local);
    guint port = ntohs(local.sin_port);
    GString *text = g_string_sized_new(1024);
    g_string_append_printf(text,
                           "%s %s SIP/2.0\r\n"
                           "Via: SIP/2.0/%s %s:%u;branch=z9hG4bK%08x.%u.%u.%s;rport\r\n"
                           "Max-Forwards: 70\r\n%s"
                           "From: <sip:load@%s:%u>;tag=%s\r\n"
                           "To: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n",
                           method, call->target, client->config.tcp ? "TCP" : "UDP", address, port,
                           client->run, call->number, cseq, branch_of,
                           call->route != NULL ? call->route : "", address, port, call->local_tag,
                           call->remote, call->call_id, cseq, method);
    return text;
}

static void
append_contact(GString *text, McpLoadCall *call)
{
    McpLoadClient *client = call->client;
    struct sockaddr_in local = mcp_bench_sip_transport_local(client->transport, call->path);
    g_autofree char *address = mcp_bench_address_string(&local);
    g_string_append_printf(text,
                           "Contact: <sip:load@%s:%u%s>\r\nUser-Agent: mcp-load/" MCP_VERSION
                           "\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE\r\n",
                           address, ntohs(local.sin_port),
                           client->config.tcp ? ";transport=tcp" : "");
}

static char *
sdp_of(McpLoadCall *call)
{
    McpLoadStream *stream = &call->stream;
    g_autofree char *address = mcp_bench_address_string(&stream->local);
    return mcp_bench_sdp_new(address, ntohs(stream->local.sin_port),
                             mcp_load_media_rtcp_port(stream->media, stream->shared),
                             mcp_load_media_codec(stream->media), call->client->config.event_type);
}

/* Sends @request (taken) and starts its retransmission timer. */
static void
begin_transaction(McpLoadCall *call, GString *request, gint64 limit_us)
{
    gint64 now = mcp_bench_now_us();
    if (call->request != NULL)
        g_string_free(call->request, TRUE);
    call->request = request;
    call->interval_us = T1_US;
    call->give_up_us = now + limit_us;
    transmit(call, request);
    gint64 first = call->client->config.tcp ? limit_us : T1_US;
    mcp_bench_loop_arm(call->client->loop, &call->timer, now + first);
}

static void
send_ack(McpLoadCall *call, gboolean accepted)
{
    /* The ACK of a refusal belongs to the INVITE's transaction (§17.1.1.3), that of a 2xx not. */
    GString *ack = request_new(call, "ACK", call->invite_cseq, accepted ? "ACK" : "INVITE");
    g_string_append(ack, "Content-Length: 0\r\n\r\n");
    if (call->ack != NULL)
        g_string_free(call->ack, TRUE);
    call->ack = ack;
    transmit(call, ack);
}

static void
finish(McpLoadCall *call, McpLoadEnd end)
{
    if (call->state == MCP_LOAD_STATE_ENDED)
        return;
    call->state = MCP_LOAD_STATE_ENDED;
    if (call->end == MCP_LOAD_END_NONE)
        call->end = end;
    call->end_us = mcp_bench_now_us();
    mcp_bench_loop_disarm(call->client->loop, &call->timer);
    mcp_load_stream_stop(&call->stream);
    call->client->config.ended(call, call->client->config.user_data);
}

static void
send_bye(McpLoadCall *call)
{
    GString *bye = request_new(call, "BYE", ++call->cseq, "BYE");
    g_string_append(bye, "Content-Length: 0\r\n\r\n");
    call->state = MCP_LOAD_STATE_LEAVING;
    mcp_load_stream_stop(&call->stream);
    begin_transaction(call, bye, TRANSACTION_US);
}

static void
send_cancel(McpLoadCall *call)
{
    GString *cancel = request_new(call, "CANCEL", call->invite_cseq, "INVITE");
    g_string_append(cancel, "Content-Length: 0\r\n\r\n");
    call->state = MCP_LOAD_STATE_CANCELLING;
    begin_transaction(call, cancel, TRANSACTION_US);
}

void
mcp_load_call_hang_up(McpLoadCall *call)
{
    switch (call->state) {
    case MCP_LOAD_STATE_CALLING:
        call->cancel_wanted = TRUE;
        break;
    case MCP_LOAD_STATE_PROCEEDING:
        send_cancel(call);
        break;
    case MCP_LOAD_STATE_UP:
        if (call->end == MCP_LOAD_END_NONE)
            call->end = MCP_LOAD_END_CALLER_HUNG_UP;
        send_bye(call);
        break;
    case MCP_LOAD_STATE_IDLE:
    case MCP_LOAD_STATE_CANCELLING:
    case MCP_LOAD_STATE_LEAVING:
    case MCP_LOAD_STATE_ENDED:
        break;
    }
}

static void
on_timer(gpointer user_data)
{
    McpLoadCall *call = user_data;
    McpLoadSipCounts *counts = &call->client->counts;
    gint64 now = mcp_bench_now_us();
    if (call->state == MCP_LOAD_STATE_PROCEEDING) {
        call->end = MCP_LOAD_END_NO_ANSWER;
        send_cancel(call);
        return;
    }
    if (now >= call->give_up_us) {
        gboolean leaving = call->state == MCP_LOAD_STATE_LEAVING;
        finish(call, leaving ? MCP_LOAD_END_BYE_LOST : MCP_LOAD_END_NO_ANSWER);
        return;
    }
    call->interval_us *= 2;
    if (call->state == MCP_LOAD_STATE_CALLING) {
        counts->invite_repeats++;
    } else {
        counts->request_repeats++;
        call->interval_us = MIN(call->interval_us, T2_US);
    }
    transmit(call, call->request);
    mcp_bench_loop_arm(call->client->loop, &call->timer,
                       MIN(now + call->interval_us, call->give_up_us));
}

/* Starts or redirects the stream by the SDP in @message. */
static gboolean
apply_sdp(McpLoadCall *call, const McpBenchSipMessage *message)
{
    McpBenchSdpAudio audio;
    struct sockaddr_in remote;
    if (!mcp_bench_sdp_parse(message->body, message->body_length, &audio, NULL) ||
        !mcp_bench_resolve(audio.address, audio.port, &remote, NULL))
        return FALSE;
    gboolean same = call->stream.place != 0 && call->stream.remote.sin_port == remote.sin_port &&
                    call->stream.remote.sin_addr.s_addr == remote.sin_addr.s_addr;
    call->stream.event_type = audio.event_type;
    call->payload_type = audio.payload_type;
    call->inactive = audio.inactive;
    if (!same && !audio.inactive)
        mcp_load_stream_start(&call->stream, &remote);
    return TRUE;
}

/* Takes tag, target and route set from the response that makes the dialog (RFC 3261 §12.1.2). */
static void
learn_dialog(McpLoadCall *call, const McpBenchSipMessage *message)
{
    const char *to = mcp_bench_sip_header(message, "To");
    const char *contact = mcp_bench_sip_header(message, "Contact");
    if (to != NULL) {
        g_free(call->remote);
        call->remote = g_strdup(to);
    }
    if (contact != NULL) {
        g_free(call->target);
        call->target = mcp_bench_sip_uri_of(contact);
    }
    g_autoptr(GString) route = g_string_new(NULL);
    for (guint i = 0;; i++) {
        const char *record = mcp_bench_sip_header_at(message, "Record-Route", i);
        if (record == NULL)
            break;
        g_autofree char *line = g_strdup_printf("Route: %s\r\n", record);
        g_string_prepend(route, line);
    }
    g_free(call->route);
    call->route = g_strdup(route->str);
}

static void
on_accepted(McpLoadCall *call, const McpBenchSipMessage *message, gint64 time_us)
{
    if (call->status != 0) {
        call->client->counts.answer_repeats++;
        transmit(call, call->ack);
        return;
    }
    mcp_bench_loop_disarm(call->client->loop, &call->timer);
    call->status = message->status;
    call->answer_us = time_us;
    learn_dialog(call, message);
    send_ack(call, TRUE);
    int wanted = mcp_load_media_codec(call->client->media)->payload_type;
    gboolean cancelled = call->cancel_wanted || call->state == MCP_LOAD_STATE_CANCELLING;
    call->state = MCP_LOAD_STATE_UP;
    if (!apply_sdp(call, message) || call->payload_type != wanted) {
        call->end = MCP_LOAD_END_BAD_ANSWER;
        send_bye(call);
    } else if (cancelled) {
        mcp_load_call_hang_up(call);
    } else {
        call->client->config.answered(call, call->client->config.user_data);
    }
}

static void
on_refused(McpLoadCall *call, const McpBenchSipMessage *message)
{
    if (call->status != 0) {
        call->client->counts.answer_repeats++;
        transmit(call, call->ack);
        return;
    }
    call->status = message->status;
    const char *to = mcp_bench_sip_header(message, "To");
    if (to != NULL) {
        g_free(call->remote);
        call->remote = g_strdup(to);
    }
    send_ack(call, FALSE);
    finish(call, MCP_LOAD_END_REFUSED);
}

static void
on_provisional(McpLoadCall *call, const McpBenchSipMessage *message)
{
    if (call->state != MCP_LOAD_STATE_CALLING && call->state != MCP_LOAD_STATE_PROCEEDING)
        return;
    call->state = MCP_LOAD_STATE_PROCEEDING;
    mcp_bench_loop_arm(call->client->loop, &call->timer,
                       call->invite_us + call->client->config.answer_limit_us);
    if (message->body_length > 0)
        apply_sdp(call, message); /* early media */
    if (call->cancel_wanted)
        send_cancel(call);
}

static void
on_response(McpLoadCall *call, const McpBenchSipMessage *message, gint64 time_us)
{
    if (strcmp(message->method, "INVITE") == 0) {
        if (message->status < 200)
            on_provisional(call, message);
        else if (message->status < 300)
            on_accepted(call, message, time_us);
        else
            on_refused(call, message);
    } else if (message->status < 200) {
        return;
    } else if (strcmp(message->method, "BYE") == 0 && call->state == MCP_LOAD_STATE_LEAVING) {
        finish(call, MCP_LOAD_END_CALLER_HUNG_UP);
    } else if (strcmp(message->method, "CANCEL") == 0 && call->state == MCP_LOAD_STATE_CANCELLING) {
        mcp_bench_loop_arm(call->client->loop, &call->timer, call->give_up_us);
    }
}

static void
respond(McpLoadClient *client, guint path, const struct sockaddr_in *from,
        const McpBenchSipMessage *request, const char *status_line)
{
    g_autoptr(GString) text = g_string_sized_new(512);
    mcp_bench_sip_append_response(text, request, status_line, "load", "", "");
    mcp_bench_sip_transport_send(client->transport, path, from, text->str, text->len);
}

/* A re-INVITE or UPDATE: the session goes on as offered before. */
static void
respond_with_session(McpLoadCall *call, const struct sockaddr_in *from,
                     const McpBenchSipMessage *request)
{
    g_autoptr(GString) text = g_string_sized_new(1024);
    g_autoptr(GString) extra = g_string_new(NULL);
    gboolean offer = request->body_length > 0;
    gboolean session = offer || strcmp(request->method, "INVITE") == 0;
    g_autofree char *sdp = session ? sdp_of(call) : g_strdup("");
    append_contact(extra, call);
    if (session)
        g_string_append(extra, "Content-Type: application/sdp\r\n");
    if (offer)
        apply_sdp(call, request);
    mcp_bench_sip_append_response(text, request, "200 OK", NULL, extra->str, sdp);
    mcp_bench_sip_transport_send(call->client->transport, call->path, from, text->str, text->len);
}

static void
on_request(McpLoadCall *call, const McpBenchSipMessage *message, const struct sockaddr_in *from)
{
    McpLoadClient *client = call->client;
    if (strcmp(message->method, "ACK") == 0)
        return;
    if (strcmp(message->method, "BYE") == 0) {
        respond(client, call->path, from, message, "200 OK");
        if (call->state == MCP_LOAD_STATE_ENDED)
            client->counts.server_repeats++;
        else if (call->state != MCP_LOAD_STATE_LEAVING)
            finish(call, MCP_LOAD_END_SERVER_HUNG_UP);
    } else if (call->state == MCP_LOAD_STATE_ENDED) {
        respond(client, call->path, from, message, "481 Call/Transaction Does Not Exist");
    } else if (strcmp(message->method, "INVITE") == 0 || strcmp(message->method, "UPDATE") == 0) {
        respond_with_session(call, from, message);
    } else {
        respond(client, call->path, from, message, "200 OK");
    }
}

/* Call-IDs are NUMBER.RUN@ADDRESS. Returns: (nullable) */
static McpLoadCall *
find_call(McpLoadClient *client, const char *call_id)
{
    char *end = NULL;
    if (call_id == NULL)
        return NULL;
    guint64 number = g_ascii_strtoull(call_id, &end, 10);
    if (end == call_id || *end != '.' || number >= client->calls->len)
        return NULL;
    McpLoadCall *call = g_ptr_array_index(client->calls, (guint)number);
    return strcmp(call->call_id, call_id) == 0 ? call : NULL;
}

static void
on_message(const McpBenchSipMessage *message, guint path, const struct sockaddr_in *from,
           gint64 time_us, gpointer user_data)
{
    McpLoadClient *client = user_data;
    McpLoadCall *call = find_call(client, mcp_bench_sip_header(message, "Call-ID"));
    if (call != NULL && message->is_request) {
        on_request(call, message, from);
    } else if (call != NULL) {
        on_response(call, message, time_us);
    } else {
        client->counts.unexpected++;
        if (message->is_request && strcmp(message->method, "ACK") != 0)
            respond(client, path, from, message, "481 Call/Transaction Does Not Exist");
    }
}

McpLoadClient *
mcp_load_client_new(McpBenchLoop *loop, McpLoadMedia *media, const McpLoadClientConfig *config)
{
    McpLoadClient *client = g_new0(McpLoadClient, 1);
    client->loop = loop;
    client->media = media;
    client->config = *config;
    client->transport = mcp_bench_sip_transport_new(loop, on_message, client);
    client->calls = g_ptr_array_new_with_free_func(call_free);
    client->run = g_random_int();
    return client;
}

void
mcp_load_client_free(McpLoadClient *client)
{
    g_ptr_array_unref(client->calls);
    mcp_bench_sip_transport_free(client->transport);
    g_free(client);
}

gboolean
mcp_load_client_add_source(McpLoadClient *client, const struct sockaddr_in *address, GError **error)
{
    gboolean path = client->config.tcp
                        ? mcp_bench_sip_transport_add_tcp(client->transport, address,
                                                          &client->config.server, error)
                        : mcp_bench_sip_transport_add_udp(client->transport, address, error);
    if (!path || !mcp_load_media_add_socket(client->media, address, error))
        return FALSE;
    client->sources++;
    return TRUE;
}

McpLoadCall *
mcp_load_client_call(McpLoadClient *client, GError **error)
{
    McpLoadCall *call = g_new0(McpLoadCall, 1);
    call->client = client;
    call->number = client->calls->len;
    call->path = call->number % client->sources;
    mcp_bench_timer_init(&call->timer, on_timer, call);
    if (!mcp_load_stream_open(client->media, &call->stream, call->number, call->path,
                              client->config.own_sockets, error)) {
        call_free(call);
        return NULL;
    }
    struct sockaddr_in local = mcp_bench_sip_transport_local(client->transport, call->path);
    g_autofree char *address = mcp_bench_address_string(&local);
    call->call_id = g_strdup_printf("%u.%08x@%s", call->number, client->run, address);
    call->local_tag = g_strdup_printf("%x.%08x", call->number, client->run);
    call->target = mcp_bench_sip_target_of(
        client->config.target, client->config.group > 0 ? call->number / client->config.group : 0);
    call->remote = g_strdup_printf("<%s>", call->target);
    call->cseq = 1;
    call->invite_cseq = 1;
    g_ptr_array_add(client->calls, call);

    g_autofree char *sdp = sdp_of(call);
    GString *invite = request_new(call, "INVITE", call->cseq, "INVITE");
    append_contact(invite, call);
    g_string_append_printf(invite, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
                           strlen(sdp), sdp);
    call->state = MCP_LOAD_STATE_CALLING;
    call->invite_us = mcp_bench_now_us();
    begin_transaction(call, invite, TRANSACTION_US);
    return call;
}

const GPtrArray *
mcp_load_client_calls(McpLoadClient *client)
{
    return client->calls;
}

McpLoadSipCounts
mcp_load_client_counts(McpLoadClient *client)
{
    return client->counts;
}

McpBenchSipTransport *
mcp_load_client_transport(McpLoadClient *client)
{
    return client->transport;
}
