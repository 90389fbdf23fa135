/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between session and leg: who offers, who answers, what a failure means in SIP. On the shard.
 */
#include "call/call_private.h"

#include <mcp/alert.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <mcp/route.h>
#include <string.h>

static gboolean
refuse(McpCall *call, guint status, const char *reason)
{
    g_clear_pointer(&call->reject, mcp_reject_free);
    call->reject = mcp_reject_new(status, reason, NULL);
    return FALSE;
}

static guint
status_of(const GError *error)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_MEDIA) ||
        g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        return 488;
    return g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT) ? 503 : 500;
}

static gboolean
wants_ipv6(const McpCall *call)
{
    const char *place = call->invite != NULL ? call->invite->local_address : call->remote_uri;

    return place != NULL && strchr(place, '[') != NULL;
}

/* Whether nobody but the peer reads the descriptions; of a placed call its URI has to say so. */
static gboolean
is_secure(const McpCall *call)
{
    if (call->invite != NULL)
        return g_strcmp0(call->invite->transport, "tls") == 0;
    return g_ascii_strncasecmp(call->remote_uri, "sips:", 5) == 0 ||
           strstr(call->remote_uri, ";transport=tls") != NULL;
}

/* "192.0.2.1:5060" or "[2001:db8::1]:5060" without the port. */
static char *
host_part(const char *address)
{
    const char *close = address != NULL ? strchr(address, ']') : NULL;

    if (address == NULL)
        return NULL;
    if (close != NULL)
        return g_strndup(address + 1, (gsize)(close - address - 1));
    return g_strndup(address, strcspn(address, ":"));
}

/* Of a far end its address counts, not the ports of its calls. */
static void
alert(McpCall *call, const McpLegEvent *event, const char *what, const char *detail)
{
    g_autofree char *remote = event->remote != NULL ? host_part(event->remote) : NULL;

    mcp_alert_raise(mcp_calls_get_core(call->calls)->events, MCP_ALERT_MEDIA_FAILURE, call->id,
                    remote != NULL && *remote != '\0' ? remote : "unknown", "%s%s", what, detail);
}

/* One side's silence is found by media, but ending the call is not the dialog's business. */
static void
on_guard(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    g_autoptr(McpCall) call = g_object_ref(user_data);

    if (event->type == MCP_LEG_MEDIA_STARTED)
        mcp_call_note(call, "media", "first packet from %s", event->remote);
    if (event->type == MCP_LEG_ONE_WAY) {
        mcp_log_warning("one-way-audio", call->id, "one-way audio: %s (ours %s, theirs %s)",
                        event->mark, event->local, event->remote);
        mcp_call_note(call, "one-way-audio", "%s", event->mark);
        alert(call, event, "one-way audio: ", event->mark);
    }
    if (event->type != MCP_LEG_NO_MEDIA || call->quiet)
        return;
    mcp_log_warning("no-media", call->id, "hanging up: no RTP from %s to %s",
                    event->remote != NULL && *event->remote != '\0' ? event->remote : "anywhere",
                    event->local);
    alert(call, event, "no media received", "");
    mcp_call_hangup(call, "no media received");
}

gboolean
mcp_call_make_leg(McpCall *call)
{
    McpCore *core = mcp_calls_get_core(call->calls);
    g_autoptr(McpMedia) media = mcp_registry_lookup(core->registry, MCP_CONTRACT_MEDIA, NULL);
    g_autofree char *local = call->invite != NULL ? host_part(call->invite->local_address)
                                                  : mcp_route_local_address(call->remote_uri);
    McpLegParams params = {call->id, local, wants_ipv6(call), is_secure(call),
                           call->peer != NULL ? mcp_peer_get_codecs(call->peer) : NULL};
    g_autoptr(GError) error = NULL;

    if (media == NULL)
        return refuse(call, 503, "no media service is running");
    call->leg = mcp_media_create_leg(media, &params, &error);
    if (call->leg != NULL) {
        mcp_leg_set_guard(call->leg, on_guard, call);
        g_atomic_pointer_set(&call->media_loop, mcp_leg_get_loop(call->leg));
    }
    return call->leg != NULL || refuse(call, status_of(error), error->message);
}

gboolean
mcp_call_has_media(McpSdp *sdp)
{
    for (guint i = 0; i < mcp_sdp_get_n_media(sdp); i++) {
        if (mcp_sdp_get_media(sdp, i)->port != 0)
            return TRUE;
    }
    return FALSE;
}

static McpSdp *
build_bare_answer(McpCall *call, McpSdp *offer, guint64 version)
{
    g_autofree char *local = host_part(call->invite->local_address);
    McpSdpBuilder *builder = mcp_sdp_builder_new((guint64)call->arrived_wall, version,
                                                 local != NULL ? local : "0.0.0.0");

    for (guint i = 0; i < mcp_sdp_get_n_media(offer); i++) {
        const McpSdpMedia *media = mcp_sdp_get_media(offer, i);
        g_autofree char *formats = g_strjoinv(" ", media->raw_formats);

        mcp_sdp_builder_add_media(builder, media->type, 0, media->protocol, formats);
    }
    return mcp_sdp_builder_finish(builder);
}

/*
 * RFC 5552 §2.3: a session without media is prepared only; every line is refused (port 0). RFC 3264
 * §8: the version counts changes.
 */
static McpSdp *
refuse_all_lines(McpCall *call, McpSdp *offer)
{
    McpSdp *before = call->bare_answer;
    guint64 version = before != NULL ? mcp_sdp_get_version(before) : 1;
    g_autoptr(McpSdp) sdp = build_bare_answer(call, offer, version);

    if (before != NULL && !mcp_sdp_equal_but_origin(before, sdp)) {
        mcp_sdp_unref(sdp);
        sdp = build_bare_answer(call, offer, version + 1);
    }
    g_clear_pointer(&call->bare_answer, mcp_sdp_unref);
    call->bare_answer = mcp_sdp_ref(sdp);
    return g_steal_pointer(&sdp);
}

/*
 * RFC 3264 §8: a leg that was made for a session that had no media goes on with the origin of that
 * session; its own versions count on from there.
 */
static McpSdp *
continue_origin(McpCall *call, McpSdp *sdp)
{
    g_auto(GStrv) words = NULL;
    g_auto(GStrv) parts = NULL;
    g_autofree char *text = NULL;

    if (call->bare_answer == NULL || sdp == NULL)
        return sdp;
    words = g_strsplit(mcp_sdp_get_origin(call->bare_answer), " ", -1);
    g_free(words[2]);
    words[2] = g_strdup_printf("%" G_GUINT64_FORMAT,
                               mcp_sdp_get_version(call->bare_answer) + mcp_sdp_get_version(sdp));
    {
        g_autofree char *origin = g_strjoinv(" ", words);

        parts = g_strsplit(mcp_sdp_get_text(sdp), mcp_sdp_get_origin(sdp), 2);
        text = g_strjoinv(origin, parts);
    }
    mcp_sdp_unref(sdp);
    return mcp_sdp_parse(text, strlen(text), NULL);
}

/* (transfer full) (nullable): what the leg answers to @offer, or offers itself without one. */
static McpSdp *
ask_leg(McpCall *call, McpSdp *offer, GError **error)
{
    call->offer_in_answer = offer == NULL;
    return continue_origin(call, offer != NULL ? mcp_leg_answer(call->leg, offer, error)
                                               : mcp_leg_create_offer(call->leg, error));
}

/* (transfer full) (nullable): the leg's answer with the lines of the dialog; else why not. */
static McpSdp *
make_whole(McpCall *call, McpSdp *offer, McpReject **out_reject)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) sdp = ask_leg(call, offer, &error);

    if (sdp == NULL) {
        *out_reject = mcp_reject_new(status_of(error), error->message, NULL);
        return NULL;
    }
    /* An offer that is only explained has no dialog. */
    if (call->dialog == NULL)
        return g_steal_pointer(&sdp);
    return mcp_dialog_answer(call->dialog, offer, sdp, out_reject);
}

McpSdp *
mcp_call_make_answer(McpCall *call)
{
    McpSdp *offer = call->invite->offer;

    if (call->media == MCP_DIALOG_MEDIA_NONE && offer != NULL)
        return refuse_all_lines(call, offer);
    g_clear_pointer(&call->reject, mcp_reject_free);
    return make_whole(call, offer, &call->reject);
}

/* Whether a session that waits for media goes on waiting after @offer. */
static gboolean
goes_on_waiting(McpCall *call, McpSdp *offer)
{
    return call->state == MCP_CALL_WAITING && call->leg == NULL && offer != NULL &&
           !mcp_call_has_media(offer);
}

static void
reject_offer(McpCall *call, const McpReject *reject)
{
    mcp_log_warning("reoffer-refused", call->id, "%s", reject->reason);
    mcp_session_reject_offer(call->session, reject);
}

void
mcp_call_answer_offer(McpCall *call, McpSdp *offer)
{
    g_autoptr(McpReject) reject = NULL;
    g_autoptr(McpSdp) sdp = NULL;

    if (goes_on_waiting(call, offer)) {
        sdp = refuse_all_lines(call, offer);
        mcp_session_answer_offer(call->session, sdp);
        return;
    }
    if (call->state == MCP_CALL_WAITING && call->leg == NULL && !mcp_call_make_leg(call)) {
        reject_offer(call, call->reject);
        return;
    }
    if (call->leg == NULL) {
        reject = mcp_reject_new(488, "session has no media", NULL);
        reject_offer(call, reject);
        return;
    }
    sdp = make_whole(call, offer, &reject);
    if (sdp == NULL) {
        mcp_leg_rollback(call->leg);
        reject_offer(call, reject);
        return;
    }
    mcp_call_note(call, "media", "re-offer answered");
    mcp_session_answer_offer(call->session, sdp);
    /* No event follows the ACK to an answer of ours. */
    if (offer != NULL && mcp_call_has_media(offer))
        mcp_call_handle(call, MCP_CALL_EVENT_MEDIA);
}

void
mcp_call_close_leg(McpCall *call)
{
    g_autoptr(McpLeg) leg = g_steal_pointer(&call->leg);
    McpJson *json;

    if (leg == NULL)
        return;
    mcp_leg_get_statistics(leg, &call->statistics);
    call->has_statistics = TRUE;
    json = mcp_json_new();
    mcp_json_begin_object(json, NULL);
    mcp_leg_describe(leg, json);
    mcp_json_end_object(json);
    call->leg_facts = mcp_json_finish(json);
    mcp_leg_set_handler(leg, NULL, NULL);
    mcp_leg_set_guard(leg, NULL, NULL);
    mcp_leg_close(leg);
}

gboolean
mcp_call_take_digit_info(McpCall *call, const char *content_type, GBytes *body)
{
    gsize length;
    const char *data = g_bytes_get_data(body, &length);
    g_autofree char *text = g_strndup(data, MIN(length, 256));
    gboolean relay = g_ascii_strncasecmp(content_type, "application/dtmf-relay", 22) == 0;
    const char *signal = relay ? strcasestr(text, "signal") : text;
    const char *duration = relay ? strcasestr(text, "duration") : NULL;
    guint ms = 0;

    if (!relay && g_ascii_strncasecmp(content_type, "application/dtmf", 16) != 0)
        return FALSE;
    if (signal != NULL)
        signal += relay ? 6 : 0;
    while (signal != NULL && *signal != '\0' && strchr(" =\t\r\n", *signal) != NULL)
        signal++;
    if (duration != NULL)
        ms = (guint)g_ascii_strtoull(duration + 8 + strspn(duration + 8, " =\t"), NULL, 10);
    if (signal != NULL && *signal != '\0' && strchr("0123456789*#ABCDabcd", *signal) != NULL &&
        call->leg != NULL)
        mcp_leg_put_digit(call->leg, g_ascii_toupper(*signal), MIN(ms, 10000));
    return TRUE;
}
