/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An RTSP session (RFC 4463 §3.2): SETUP and TEARDOWN become offers of a call, as an MRCPv2 client
 * would make them, and ANNOUNCE carries messages of its channels, translated. Control context.
 */
#include "rtsp_talk.h"

#include "rtsp_session.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <mrcp/description.h>
#include <mrcp/nlsml.h>
#include <mrcp/translate.h>
#include <string.h>

#define MCP_MRCPD_RTSP_KINDS 2
#define PORT_ACTIVE 9
#define MRCP_TYPE "application/mrcp"
#define SDP_TYPE "application/sdp"

MCP_LEDGER_DEFINE(McpMrcpdTalk);

/* A resource; its place is McpMrcpResource. */
typedef struct {
    char *uri;                /* nullable: it is not there */
    McpMrcpdChannel *channel; /* nullable */
    GHashTable *asked;        /* request-id → McpMrcpRtsp that waits for its answer */
} Seat;

struct _McpMrcpdTalk {
    McpMrcpdCarrier carrier; /* first */
    McpMrcpdServices *services;
    McpMrcpdTalkEvents events;
    gpointer user_data;
    GInetAddress *peer;
    char *remote;
    char *local;
    char *id;
    McpMrcpdRtspSession *session; /* nullable: nothing was set up yet */
    Seat seats[MCP_MRCPD_RTSP_KINDS];
    McpSdp *audio; /* nullable: what the client hears and says */
    guint client_port;
    McpMrcpRtsp *changing; /* nullable: SETUP or TEARDOWN that waits */
    McpMrcpResource kind;  /* of that */
    guint32 cseq;          /* of events */
    guint working;         /* requests that have not come to their end */
    McpTimer *timer;
};

static McpMrcpRtsp *
copy(const McpMrcpRtsp *rtsp)
{
    McpMrcpRtsp *own = g_new0(McpMrcpRtsp, 1);

    own->method = g_strdup(rtsp->method);
    own->uri = g_strdup(rtsp->uri);
    own->fields = g_ptr_array_ref(rtsp->fields);
    own->body = rtsp->body != NULL ? g_bytes_ref(rtsp->body) : NULL;
    return own;
}

gboolean
mcp_mrcpd_rtsp_resource(const char *uri, McpMrcpResource *out_resource)
{
    g_autofree char *bare = g_strndup(uri, strcspn(uri, "?"));
    const char *slash = NULL;

    if (g_str_has_suffix(bare, "/"))
        bare[strlen(bare) - 1] = '\0';
    slash = strrchr(bare, '/');
    return slash != NULL && mcp_mrcp_resource_find(MCP_MRCP_V1, slash + 1, out_resource) &&
           *out_resource < MCP_MRCPD_RTSP_KINDS;
}

const char *
mcp_mrcpd_talk_get_id(const McpMrcpdTalk *talk)
{
    return talk->id;
}

gboolean
mcp_mrcpd_talk_is_busy(const McpMrcpdTalk *talk)
{
    return talk->changing != NULL;
}

/* --- answers --- */

static void
set_session(McpMrcpdTalk *self, McpMrcpRtsp *rtsp)
{
    g_autofree char *text = g_strdup_printf("%s;timeout=%" G_GINT64_FORMAT, self->id,
                                            self->services->session_timeout / G_USEC_PER_SEC);

    mcp_mrcp_rtsp_set(rtsp, "Session", text);
}

static void
answer(McpMrcpdTalk *self, const McpMrcpRtsp *request, guint status, const char *reason)
{
    self->events.write(mcp_mrcp_rtsp_response_new(request, status, reason), self->user_data);
}

static void
on_timeout(gpointer user_data)
{
    McpMrcpdTalk *self = user_data;

    self->events.ended(self, "nothing was heard of it", self->user_data);
}

static void
watch(McpMrcpdTalk *self)
{
    mcp_timer_clear(&self->timer);
    if (self->working == 0)
        self->timer = mcp_clock_after(self->services->clock, self->services->control,
                                      self->services->session_timeout, on_timeout, self);
}

/* --- messages of channels --- */

static Seat *
seat_of(McpMrcpdTalk *self, const McpMrcpdChannel *channel)
{
    return &self->seats[mcp_mrcpd_channel_get_resource(channel)];
}

/* Results are written in another way, too. */
static void
rewrite_results(McpMrcpMessage *message)
{
    const char *type = mcp_mrcp_message_get(message, "Content-Type");
    g_autoptr(GPtrArray) results = NULL;
    g_autofree McpMrcpInterpretation *list = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GBytes) body = NULL;

    if (message->body == NULL || g_strcmp0(type, mcp_mrcp_nlsml_type(MCP_MRCP_V1)) != 0)
        return;
    results = mcp_mrcp_nlsml_parse(message->body, NULL);
    if (results == NULL)
        return;
    list = g_new0(McpMrcpInterpretation, results->len + 1);
    for (guint i = 0; i < results->len; i++)
        list[i] = *(const McpMrcpInterpretation *)results->pdata[i];
    text = mcp_mrcp_nlsml_write(MCP_MRCP_V1, list, results->len);
    body = g_bytes_new(text, strlen(text));
    mcp_mrcp_message_set_body(message, mcp_mrcp_nlsml_type(MCP_MRCP_V1), body);
}

static void
set_message(McpMrcpRtsp *rtsp, const McpMrcpMessage *message)
{
    g_autoptr(GBytes) body = mcp_mrcp_message_encode(message);

    mcp_mrcp_rtsp_set_body(rtsp, MRCP_TYPE, body);
}

static void
send_response(McpMrcpdTalk *self, Seat *seat, const McpMrcpMessage *message)
{
    const McpMrcpRtsp *request = g_hash_table_lookup(seat->asked, GUINT_TO_POINTER(message->id));
    McpMrcpRtsp *rtsp = NULL;

    if (request == NULL)
        return;
    rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");
    set_message(rtsp, message);
    g_hash_table_remove(seat->asked, GUINT_TO_POINTER(message->id));
    self->events.write(rtsp, self->user_data);
}

/* RFC 2326 §12.17: requests of ours have numbers of their own. */
static void
send_event(McpMrcpdTalk *self, const Seat *seat, const McpMrcpMessage *message)
{
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_request_new("ANNOUNCE", seat->uri, ++self->cseq);

    mcp_mrcp_rtsp_set(rtsp, "Session", self->id);
    set_message(rtsp, message);
    self->events.write(rtsp, self->user_data);
}

/* Those that STOP has ended have no event of theirs. */
static void
note_work(McpMrcpdTalk *self, const McpMrcpMessage *message)
{
    const char *list = mcp_mrcp_message_get(message, "Active-Request-Id-List");
    gint change = 0;

    if (message->kind == MCP_MRCP_RESPONSE && message->state != MCP_MRCP_COMPLETE)
        change = 1;
    else if (message->kind == MCP_MRCP_EVENT && message->state == MCP_MRCP_COMPLETE)
        change = -1;
    for (; list != NULL; list = strchr(list + 1, ','))
        change--;
    self->working = (guint)MAX(0, (gint)self->working + change);
    watch(self);
}

static void
carry(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel, McpMrcpMessage *message)
{
    McpMrcpdTalk *self = (McpMrcpdTalk *)carrier;
    Seat *seat = seat_of(self, channel);

    if (seat->channel != channel)
        return;
    note_work(self, message);
    /* All that our resources say has a word in version 1. */
    if (!mcp_mrcp_message_translate(message, MCP_MRCP_V1, mcp_mrcpd_channel_get_resource(channel),
                                    NULL))
        return;
    /* That a SPEAK leaves the queue is told in version 2 alone (RFC 6787 §8.13). */
    if (message->kind == MCP_MRCP_EVENT && strcmp(message->name, "SPEECH-MARKER") == 0 &&
        mcp_mrcp_message_get(message, "Speech-Marker") == NULL)
        return;
    rewrite_results(message);
    if (message->kind == MCP_MRCP_RESPONSE)
        send_response(self, seat, message);
    else
        send_event(self, seat, message);
}

static void
clear_seat(Seat *seat)
{
    g_clear_pointer(&seat->uri, g_free);
    g_clear_pointer(&seat->channel, mcp_mrcpd_channel_unref);
    g_hash_table_remove_all(seat->asked);
}

static void
let_go(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel)
{
    Seat *seat = seat_of((McpMrcpdTalk *)carrier, channel);

    if (seat->channel == channel)
        clear_seat(seat);
}

/* MRCP says what it does not like in its own words, in a response of RTSP that is none. */
static void
refuse_message(McpMrcpdTalk *self, const McpMrcpRtsp *request, const McpMrcpMessage *message)
{
    g_autoptr(McpMrcpMessage) refusal =
        mcp_mrcp_response_new(MCP_MRCP_V1, message->id, 401, MCP_MRCP_COMPLETE);
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");

    set_message(rtsp, refusal);
    self->events.write(rtsp, self->user_data);
}

static void
take_message(McpMrcpdTalk *self, const McpMrcpRtsp *request, Seat *seat)
{
    gsize length = 0;
    const void *data = request->body != NULL ? g_bytes_get_data(request->body, &length) : NULL;
    McpMrcpResource kind = mcp_mrcpd_channel_get_resource(seat->channel);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpMessage) message =
        mcp_mrcp_message_parse(MCP_MRCP_V1, data, length, &self->services->limits, &error);

    if (message == NULL || message->kind != MCP_MRCP_REQUEST) {
        mcp_mrcpd_refuse(self->services, MCP_MRCPD_REFUSAL_GARBAGE, self->remote,
                         error != NULL ? error->message : "ANNOUNCE without a request");
        answer(self, request, 400, "Bad Request");
        return;
    }
    if (!mcp_mrcp_message_translate(message, MCP_MRCP_V2, kind, NULL)) {
        refuse_message(self, request, message);
        return;
    }
    g_hash_table_replace(seat->asked, GUINT_TO_POINTER(message->id), copy(request));
    mcp_mrcpd_channel_deliver(seat->channel, g_steal_pointer(&message));
}

static void
take_announce(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    const char *type = mcp_mrcp_rtsp_get(request, "Content-Type");
    McpMrcpResource kind = MCP_MRCP_SPEECHSYNTH;

    if (!mcp_mrcpd_rtsp_resource(request->uri, &kind) || self->seats[kind].channel == NULL)
        answer(self, request, 404, "Not Found");
    else if (type == NULL || g_ascii_strcasecmp(type, MRCP_TYPE) != 0)
        answer(self, request, 415, "Unsupported Media Type");
    else
        take_message(self, request, &self->seats[kind]);
}

/* --- offers --- */

/* Both resources have their lines, there or not, so that lines never move (RFC 3264 §8). */
static McpSdp *
make_offer(McpMrcpdTalk *self)
{
    McpMrcpLine lines[MCP_MRCPD_RTSP_KINDS] = {0};
    McpSdpDirection direction = mcp_sdp_get_media(self->audio, 0)->direction;

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        if (self->seats[i].uri != NULL)
            lines[i] = (McpMrcpLine){
                .port = PORT_ACTIVE,
                .active = TRUE,
                .resource = (char *)mcp_mrcp_resource_name(MCP_MRCP_V2, (McpMrcpResource)i)};
    return mcp_mrcp_describe(self->audio, lines, G_N_ELEMENTS(lines), direction);
}

/* What a client without a description offers. */
static char *
plain_description(const char *address, guint port)
{
    return g_strdup_printf("v=0\r\no=- 0 0 IN IP%c %s\r\ns=-\r\nc=IN IP%c %s\r\nt=0 0\r\n"
                           "m=audio %u RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
                           strchr(address, ':') != NULL ? '6' : '4', address,
                           strchr(address, ':') != NULL ? '6' : '4', address, port);
}

/* The address of a description may be "any" (RFC 2326 §C.1.7); the port is that of Transport. */
static char *
adjust_description(const McpSdp *sdp, const char *address, guint port)
{
    g_auto(GStrv) lines = g_strsplit(mcp_sdp_get_text(sdp), "\r\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; lines[i] != NULL; i++) {
        const char *rest = lines[i];

        if (rest[0] == '\0')
            continue;
        if (g_str_has_prefix(rest, "c=") && strstr(rest, " 0.0.0.0") != NULL) {
            g_string_append_printf(out, "c=IN IP4 %s\r\n", address);
        } else if (g_str_has_prefix(rest, "m=audio ") && port != 0) {
            rest += strlen("m=audio ");
            g_string_append_printf(out, "m=audio %u%s\r\n", port, rest + strcspn(rest, " "));
        } else {
            g_string_append_printf(out, "%s\r\n", rest);
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* The first SETUP says where the audio goes (RFC 4463 §3.3); FALSE: it is answered. */
static gboolean
read_audio(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    const char *value = mcp_mrcp_rtsp_get(request, "Transport");
    g_auto(McpMrcpTransport) transport = {0};
    g_autofree char *address = g_inet_address_to_string(self->peer);
    g_autofree char *text = NULL;
    g_autoptr(McpSdp) sdp = NULL;
    g_autoptr(McpSdp) audio = NULL;
    gsize length = 0;
    const char *data = request->body != NULL ? g_bytes_get_data(request->body, &length) : NULL;

    if (value == NULL || !mcp_mrcp_transport_parse(value, &transport) ||
        (transport.client_port == 0 && data == NULL)) {
        answer(self, request, 461, "Unsupported Transport");
        return FALSE;
    }
    if (data != NULL)
        sdp = mcp_sdp_parse(data, length, NULL);
    if (sdp != NULL)
        audio = mcp_mrcp_read_audio(sdp);
    if (data != NULL && audio == NULL) {
        answer(self, request, 400, "Bad Request");
        return FALSE;
    }
    self->client_port = transport.client_port;
    text = audio != NULL ? adjust_description(audio, address, transport.client_port)
                         : plain_description(address, transport.client_port);
    self->audio = mcp_sdp_parse(text, strlen(text), NULL);
    if (self->audio == NULL || mcp_sdp_get_n_media(self->audio) == 0) {
        answer(self, request, 400, "Bad Request");
        return FALSE;
    }
    return TRUE;
}

static McpInvite *
make_invite(McpMrcpdTalk *self, const McpMrcpRtsp *request, McpSdp *offer)
{
    McpInvite *invite = mcp_invite_new();
    McpCalls *calls = mcp_host_get_calls(self->services->host);

    invite->sip_call_id = g_strdup(self->id);
    invite->request_uri = g_strdup(request->uri);
    invite->user = g_strdup("");
    invite->host = g_inet_address_to_string(self->peer);
    invite->from_uri = g_strdup_printf("rtsp://%s", self->remote);
    invite->to_uri = g_strdup(request->uri);
    invite->remote_address = g_strdup(self->remote);
    invite->local_address = g_strdup(self->local);
    invite->transport = g_strdup("rtsp");
    invite->peer = mcp_calls_match_peer(calls, self->peer);
    invite->offer = mcp_sdp_ref(offer);
    return invite;
}

/* --- SETUP, TEARDOWN --- */

/* RFC 2326 §12.39 */
static void
set_transport(McpMrcpdTalk *self, McpMrcpRtsp *rtsp, const McpSdp *audio)
{
    guint port = mcp_sdp_get_media(audio, 0)->port;
    g_autofree char *text = NULL;

    if (self->client_port != 0)
        text = g_strdup_printf("RTP/AVP;unicast;client_port=%u-%u;server_port=%u-%u",
                               self->client_port, self->client_port + 1, port, port + 1);
    else
        text = g_strdup_printf("RTP/AVP;unicast;server_port=%u-%u", port, port + 1);
    mcp_mrcp_rtsp_set(rtsp, "Transport", text);
}

static void
finish_setup(McpMrcpdTalk *self, const McpMrcpRtsp *request, McpSdp *whole)
{
    g_autoptr(McpSdp) audio = mcp_mrcp_read_audio(whole);
    const char *text = mcp_sdp_get_text(audio);
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");

    set_session(self, rtsp);
    set_transport(self, rtsp, audio);
    mcp_mrcp_rtsp_set_body(rtsp, SDP_TYPE, body);
    self->events.write(rtsp, self->user_data);
}

static void
take_channels(McpMrcpdTalk *self, McpSdp *whole)
{
    g_autoptr(GPtrArray) lines = mcp_mrcp_read_lines(whole);

    for (guint i = 0; i < lines->len && i < G_N_ELEMENTS(self->seats); i++) {
        const McpMrcpLine *line = lines->pdata[i];
        Seat *seat = &self->seats[i];

        if (line->channel == NULL || seat->channel != NULL)
            continue;
        seat->channel = mcp_mrcpd_channels_find(self->services->channels, line->channel);
        if (seat->channel != NULL && mcp_mrcpd_channel_attach(seat->channel, &self->carrier))
            mcp_log_info("mrcp-channel", mcp_mrcpd_channel_get_call_id(seat->channel),
                         "channel %s is used by %s over RTSP", line->channel, self->remote);
    }
}

static guint
status_of(guint status)
{
    switch (status) {
    case 488: /* no codec in common */
        return 461;
    case 480:
    case 487:
        return 503;
    default:
        return status >= 400 && status <= 505 ? status : 500;
    }
}

/* FALSE: the talk may be gone. */
static gboolean
refuse_change(McpMrcpdTalk *self, const McpMrcpRtsp *request, guint status, const char *reason)
{
    Seat *seat = &self->seats[self->kind];
    gboolean none = TRUE;

    answer(self, request, status_of(status), reason != NULL ? reason : "Refused");
    if (seat->channel == NULL)
        g_clear_pointer(&seat->uri, g_free);
    for (guint i = 0; i < G_N_ELEMENTS(self->seats); i++)
        none = none && self->seats[i].uri == NULL;
    if (none)
        self->events.ended(self, reason != NULL ? reason : "refused", self->user_data);
    return !none;
}

static void
on_answered(McpMrcpdRtspSession *session, McpSdp *sdp, guint status, const char *reason,
            gpointer user_data)
{
    McpMrcpdTalk *self = user_data;
    g_autoptr(McpMrcpRtsp) request = g_steal_pointer(&self->changing);

    if (request == NULL)
        return;
    if (sdp == NULL) {
        refuse_change(self, request, status, reason);
        return;
    }
    take_channels(self, sdp);
    if (strcmp(request->method, "SETUP") == 0)
        finish_setup(self, request, sdp);
    else
        answer(self, request, 200, "OK");
}

static void
on_ended(McpMrcpdRtspSession *session, const char *reason, gpointer user_data)
{
    McpMrcpdTalk *self = user_data;

    self->events.ended(self, reason != NULL ? reason : "ended by the server", self->user_data);
}

/* What is set up has changed: the call is asked. */
static void
change(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    static const McpMrcpdRtspEvents events = {on_answered, on_ended};
    g_autoptr(McpSdp) offer = make_offer(self);
    g_autoptr(McpInvite) invite = NULL;
    g_autofree char *id = NULL;

    self->changing = copy(request);
    if (self->session != NULL) {
        mcp_mrcpd_rtsp_session_offer(self->session, offer);
        return;
    }
    self->session = mcp_mrcpd_rtsp_session_new(self->id, self->services->control, &events, self);
    invite = make_invite(self, request, offer);
    id = mcp_calls_offer(mcp_host_get_calls(self->services->host), MCP_SESSION(self->session),
                         invite);
}

static void
take_setup(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    if (!mcp_mrcpd_rtsp_resource(request->uri, &self->kind)) {
        answer(self, request, 404, "Not Found");
        return;
    }
    if (self->seats[self->kind].uri != NULL) {
        answer(self, request, 455, "Method Not Valid in This State");
        return;
    }
    if (self->audio == NULL && !read_audio(self, request)) {
        self->events.ended(self, "no audio was offered", self->user_data);
        return;
    }
    self->seats[self->kind].uri = g_strdup(request->uri);
    change(self, request);
}

/* Of the session as a whole, or of the last of its resources, it is the end. */
static void
take_teardown(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    guint left = 0;
    gboolean one = mcp_mrcpd_rtsp_resource(request->uri, &self->kind);

    if (one && self->seats[self->kind].uri == NULL) {
        answer(self, request, 404, "Not Found");
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(self->seats); i++)
        left += self->seats[i].uri != NULL && (!one || i != self->kind) ? 1 : 0;
    if (one && left > 0) {
        g_clear_pointer(&self->seats[self->kind].uri, g_free);
        change(self, request);
        return;
    }
    answer(self, request, 200, "OK");
    self->events.ended(self, "TEARDOWN", self->user_data);
}

void
mcp_mrcpd_talk_take(McpMrcpdTalk *talk, const McpMrcpRtsp *request)
{
    watch(talk);
    if (strcmp(request->method, "SETUP") == 0)
        take_setup(talk, request);
    else if (strcmp(request->method, "TEARDOWN") == 0)
        take_teardown(talk, request);
    else
        take_announce(talk, request);
}

/* --- life --- */

McpMrcpdTalk *
mcp_mrcpd_talk_new(McpMrcpdServices *services, const McpMrcpdTalkPlace *place,
                   const McpMrcpdTalkEvents *events, gpointer user_data)
{
    McpMrcpdTalk *self = g_new0(McpMrcpdTalk, 1);
    g_autofree char *uuid = g_uuid_string_random();

    g_strdelimit(uuid, "-", '0');
    self->carrier = (McpMrcpdCarrier){carry, let_go};
    self->services = mcp_mrcpd_services_ref(services);
    self->events = *events;
    self->user_data = user_data;
    self->peer = g_object_ref(place->peer);
    self->remote = g_strdup(place->remote);
    self->local = g_strdup(place->local);
    self->id = g_steal_pointer(&uuid);
    for (guint i = 0; i < G_N_ELEMENTS(self->seats); i++)
        self->seats[i].asked =
            g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)mcp_mrcp_rtsp_free);
    watch(self);
    MCP_LEDGER_CREATED(McpMrcpdTalk);
    return self;
}

void
mcp_mrcpd_talk_free(McpMrcpdTalk *talk)
{
    mcp_timer_clear(&talk->timer);
    if (talk->session != NULL)
        mcp_mrcpd_rtsp_session_end(talk->session, "TEARDOWN");
    g_clear_object(&talk->session);
    for (guint i = 0; i < G_N_ELEMENTS(talk->seats); i++) {
        if (talk->seats[i].channel != NULL)
            mcp_mrcpd_channel_lose(talk->seats[i].channel);
        clear_seat(&talk->seats[i]);
        g_hash_table_unref(talk->seats[i].asked);
    }
    g_clear_pointer(&talk->changing, mcp_mrcp_rtsp_free);
    g_clear_pointer(&talk->audio, mcp_sdp_unref);
    g_object_unref(talk->peer);
    mcp_mrcpd_services_unref(talk->services);
    g_free(talk->remote);
    g_free(talk->local);
    g_free(talk->id);
    g_free(talk);
    MCP_LEDGER_FINALIZED(McpMrcpdTalk);
}
