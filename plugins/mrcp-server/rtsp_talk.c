/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An RTSP session (RFC 4463 §3.2): SETUP and TEARDOWN become offers of a call, as an MRCPv2 client
 * would make them, and ANNOUNCE carries messages of its channels, translated. Control context.
 */
#include "rtsp_talk.h"

#include "rtsp_media.h"
#include "rtsp_seat.h"
#include "rtsp_session.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <mrcp/description.h>
#include <string.h>

#define PORT_ACTIVE 9
#define SDP_TYPE "application/sdp"

MCP_LEDGER_DEFINE(McpMrcpdTalk);

struct _McpMrcpdTalk {
    McpMrcpdCarrier carrier; /* first */
    McpMrcpdServices *services;
    McpMrcpdTalkEvents events;
    gpointer user_data;
    GInetAddress *peer;
    char *remote;
    char *local;
    char *id;
    McpMrcpdRtspSession *session;             /* nullable: nothing was set up yet */
    McpMrcpdSeat seats[MCP_MRCPD_RTSP_KINDS]; /* by McpMrcpResource */
    McpSdp *audio;                            /* nullable: what the client hears and says */
    guint client_port;
    McpMrcpRtsp *changing; /* nullable: SETUP or TEARDOWN that waits */
    McpMrcpResource kind;  /* of that */
    guint32 cseq;          /* of events */
    guint working;         /* requests that have not come to their end */
    McpTimer *timer;
};

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

/* What was asked of it is answered before it is gone. */
static void
finish(McpMrcpdTalk *self, const char *reason)
{
    g_autoptr(McpMrcpRtsp) changing = g_steal_pointer(&self->changing);

    if (changing != NULL)
        answer(self, changing, 454, "Session Not Found");
    for (guint i = 0; i < G_N_ELEMENTS(self->seats); i++)
        mcp_mrcpd_seat_clear(&self->seats[i], self->events.write, self->user_data);
    self->events.ended(self, reason, self->user_data);
}

static void
on_timeout(gpointer user_data)
{
    finish(user_data, "nothing was heard of it");
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

static McpMrcpdSeat *
seat_of(McpMrcpdTalk *self, const McpMrcpdChannel *channel)
{
    return &self->seats[mcp_mrcpd_channel_get_resource(channel)];
}

static void
carry(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel, McpMrcpMessage *message)
{
    McpMrcpdTalk *self = (McpMrcpdTalk *)carrier;
    McpMrcpdSeat *seat = seat_of(self, channel);
    McpMrcpRtsp *rtsp = NULL;

    if (seat->channel != channel)
        return;
    note_work(self, message);
    rtsp = mcp_mrcpd_seat_carry(seat, message, self->id, &self->cseq);
    if (rtsp != NULL)
        self->events.write(rtsp, self->user_data);
}

static void
let_go(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel)
{
    McpMrcpdTalk *self = (McpMrcpdTalk *)carrier;
    McpMrcpdSeat *seat = seat_of(self, channel);

    if (seat->channel == channel)
        mcp_mrcpd_seat_clear(seat, self->events.write, self->user_data);
}

static void
take_announce(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    McpMrcpResource kind = MCP_MRCP_SPEECHSYNTH;
    g_autoptr(GError) error = NULL;
    McpMrcpRtsp *rtsp = NULL;

    if (!mcp_mrcpd_rtsp_resource(request->uri, &kind) || self->seats[kind].channel == NULL) {
        answer(self, request, 404, "Not Found");
        return;
    }
    rtsp = mcp_mrcpd_seat_take(&self->seats[kind], request, &self->services->limits, &error);
    if (error != NULL)
        mcp_mrcpd_refuse(self->services, MCP_MRCPD_REFUSAL_GARBAGE, self->remote, error->message);
    if (rtsp != NULL)
        self->events.write(rtsp, self->user_data);
}

/* --- offers --- */

static gboolean
is_setup(const McpMrcpRtsp *request)
{
    return strcmp(request->method, "SETUP") == 0;
}

/* Whether the resource is to be there when @request is done. */
static gboolean
is_wanted(const McpMrcpdTalk *self, guint index, const McpMrcpRtsp *request)
{
    return self->seats[index].uri != NULL && (is_setup(request) || index != self->kind);
}

/* Both resources have their lines, there or not, so that lines never move (RFC 3264 §8). */
static McpSdp *
make_offer(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    McpMrcpLine lines[MCP_MRCPD_RTSP_KINDS] = {0};
    McpSdpDirection direction = mcp_sdp_get_media(self->audio, 0)->direction;

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        if (is_wanted(self, i, request))
            lines[i] = (McpMrcpLine){
                .port = PORT_ACTIVE,
                .active = TRUE,
                .resource = (char *)mcp_mrcp_resource_name(MCP_MRCP_V2, (McpMrcpResource)i)};
    return mcp_mrcp_describe(self->audio, lines, G_N_ELEMENTS(lines), direction);
}

/* The first SETUP says where the audio goes; FALSE: it is answered. */
static gboolean
read_audio(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    g_autofree char *address = g_inet_address_to_string(self->peer);
    guint status = 0;

    self->audio = mcp_mrcpd_rtsp_audio(request, address, &self->client_port, &status);
    if (self->audio != NULL)
        return TRUE;
    answer(self, request, status, status == 461 ? "Unsupported Transport" : "Bad Request");
    return FALSE;
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

static void
finish_setup(McpMrcpdTalk *self, const McpMrcpRtsp *request, McpSdp *whole)
{
    g_autoptr(McpSdp) audio = mcp_mrcp_read_audio(whole);
    const char *text = mcp_sdp_get_text(audio);
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
    g_autofree char *transport = mcp_mrcpd_rtsp_transport(self->client_port, audio);
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");

    set_session(self, rtsp);
    mcp_mrcp_rtsp_set(rtsp, "Transport", transport);
    mcp_mrcp_rtsp_set_body(rtsp, SDP_TYPE, body);
    self->events.write(rtsp, self->user_data);
}

static void
take_channels(McpMrcpdTalk *self, McpSdp *whole)
{
    g_autoptr(GPtrArray) lines = mcp_mrcp_read_lines(whole);

    for (guint i = 0; i < lines->len && i < G_N_ELEMENTS(self->seats); i++) {
        const McpMrcpLine *line = lines->pdata[i];
        McpMrcpdSeat *seat = &self->seats[i];

        if (line->channel == NULL || seat->channel != NULL)
            continue;
        seat->channel = mcp_mrcpd_channels_find(self->services->channels, line->channel);
        if (seat->channel != NULL && mcp_mrcpd_channel_attach(seat->channel, &self->carrier))
            mcp_log_info("mrcp-channel", mcp_mrcpd_channel_get_call_id(seat->channel),
                         "channel %s is used by %s over RTSP", line->channel, self->remote);
    }
}

/* All is as it was before. The talk may be gone then. */
static void
refuse_change(McpMrcpdTalk *self, const McpMrcpRtsp *request, guint status, const char *reason)
{
    McpMrcpdSeat *seat = &self->seats[self->kind];
    gboolean none = TRUE;

    answer(self, request, mcp_mrcpd_rtsp_status(status), reason != NULL ? reason : "Refused");
    if (seat->channel == NULL)
        g_clear_pointer(&seat->uri, g_free);
    for (guint i = 0; i < G_N_ELEMENTS(self->seats); i++)
        none = none && self->seats[i].uri == NULL;
    if (none)
        finish(self, reason != NULL ? reason : "refused");
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
    if (is_setup(request)) {
        finish_setup(self, request, sdp);
        return;
    }
    mcp_mrcpd_seat_clear(&self->seats[self->kind], self->events.write, self->user_data);
    answer(self, request, 200, "OK");
}

static void
on_ended(McpMrcpdRtspSession *session, const char *reason, gpointer user_data)
{
    McpMrcpdTalk *self = user_data;

    finish(self, reason != NULL ? reason : "ended by the server");
}

/* What is set up has changed: the call is asked. */
static void
change(McpMrcpdTalk *self, const McpMrcpRtsp *request)
{
    static const McpMrcpdRtspEvents events = {on_answered, on_ended};
    g_autoptr(McpSdp) offer = make_offer(self, request);
    g_autoptr(McpInvite) invite = NULL;
    g_autofree char *id = NULL;

    self->changing = mcp_mrcp_rtsp_copy(request);
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
        finish(self, "no audio was offered");
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
        change(self, request);
        return;
    }
    answer(self, request, 200, "OK");
    finish(self, "TEARDOWN");
}

void
mcp_mrcpd_talk_take(McpMrcpdTalk *talk, const McpMrcpRtsp *request)
{
    watch(talk);
    if (is_setup(request))
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
        mcp_mrcpd_seat_init(&self->seats[i]);
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
    for (guint i = 0; i < G_N_ELEMENTS(talk->seats); i++)
        mcp_mrcpd_seat_free(&talk->seats[i]);
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
