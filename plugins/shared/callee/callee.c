/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A party that is called for a caller: an outgoing session and its leg, with all that is offered
 * and answered between them. The session's handler keeps it until its last event. On the call's
 * shard.
 */
#include "callee.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

#define INFO_DIGIT_MS 160
/* RFC 3966 §3: digits and visual separators. */
#define NUMBER "+0123456789*#-.()"

MCP_LEDGER_DEFINE(McpCallee);

struct _McpCallee {
    GObject parent_instance;
    McpCall *call;
    char *target;
    McpSession *session;
    McpLeg *leg; /* NULL once closed */
    gboolean answered;
    gboolean offered; /* our offer went out in a 2xx: the ACK brings the answer */
    McpCalleeFunc func;
    gpointer user_data;
};

G_DEFINE_FINAL_TYPE(McpCallee, mcp_callee, G_TYPE_OBJECT)

static void
emit(McpCallee *self, const McpCalleeEvent *event)
{
    if (self->func != NULL)
        self->func(event, self->user_data);
}

static void
close_leg(McpCallee *self)
{
    g_autoptr(McpLeg) leg = g_steal_pointer(&self->leg);

    if (leg == NULL)
        return;
    mcp_leg_leave(leg);
    mcp_leg_set_handler(leg, NULL, NULL);
    mcp_leg_set_guard(leg, NULL, NULL);
    mcp_leg_close(leg);
}

/* The owner hears why, then nothing more. */
static void
fail(McpCallee *self, guint status, const char *reason)
{
    const McpCalleeEvent event = {
        .type = MCP_CALLEE_ENDED, .status = status, .reason = reason, .local = TRUE};

    emit(self, &event);
    mcp_callee_hang_up(self, reason);
}

/* --- its session --- */

static gboolean
take_answer(McpCallee *self, McpSdp *sdp)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;

    if (sdp != NULL && mcp_leg_apply_answer(self->leg, sdp, &error)) {
        mcp_leg_start(self->leg);
        return TRUE;
    }
    why = g_strdup_printf("its answer cannot be used: %s",
                          error != NULL ? error->message : "no media description");
    fail(self, 488, why);
    return FALSE;
}

static void
on_progress(McpCallee *self, const McpSessionEvent *event)
{
    McpCalleeEvent out = {.type = MCP_CALLEE_RINGING, .status = event->status};
    g_autoptr(GError) error = NULL;

    mcp_call_note(self->call, "bridge", "progress %u%s", event->status,
                  event->sdp != NULL ? " with early media" : "");
    /* RFC 3960 §3.2: early media in place of a ringing tone of ours. */
    if (event->sdp != NULL && mcp_leg_apply_answer(self->leg, event->sdp, &error)) {
        mcp_leg_start(self->leg);
        out.type = MCP_CALLEE_EARLY;
    } else if (error != NULL) {
        mcp_log_info("early-answer-refused", mcp_call_get_id(self->call), "%s", error->message);
    }
    if (event->status > 100)
        emit(self, &out);
}

static void
on_answered(McpCallee *self, McpSdp *sdp)
{
    const McpCalleeEvent event = {.type = MCP_CALLEE_ANSWERED, .status = 200};

    self->answered = TRUE;
    if (take_answer(self, sdp))
        emit(self, &event);
}

/* Hold, another codec, another address: the bridge fits itself to what the leg agrees upon. */
static void
on_offered(McpCallee *self, McpSdp *offer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) sdp = offer != NULL ? mcp_leg_answer(self->leg, offer, &error)
                                          : mcp_leg_create_offer(self->leg, &error);
    g_autoptr(McpReject) reject = NULL;

    self->offered = offer == NULL && sdp != NULL;
    if (sdp != NULL) {
        mcp_call_note(self->call, "bridge", "re-offer of the callee answered");
        mcp_session_answer_offer(self->session, sdp);
        return;
    }
    mcp_leg_rollback(self->leg);
    mcp_log_warning("reoffer-refused", mcp_call_get_id(self->call), "of %s: %s", self->target,
                    error->message);
    reject = mcp_reject_new(488, error->message, NULL);
    mcp_session_reject_offer(self->session, reject);
}

static void
on_acked(McpCallee *self, McpSdp *sdp)
{
    if (self->offered)
        take_answer(self, sdp);
    self->offered = FALSE;
}

static void
on_ended(McpCallee *self, const McpSessionEvent *event)
{
    const char *reason = event->reason != NULL ? event->reason : "hung up";
    const McpCalleeEvent out = {
        .type = MCP_CALLEE_ENDED, .status = self->answered ? 0 : event->status, .reason = reason};

    close_leg(self);
    emit(self, &out);
    self->func = NULL;
}

static void
on_info(McpCallee *self, const McpSessionEvent *event)
{
    const McpCalleeEvent out = {
        .type = MCP_CALLEE_INFO, .content_type = event->content_type, .body = event->body};

    if (event->content_type != NULL && event->body != NULL)
        emit(self, &out);
}

static void
on_session(McpSession *session, const McpSessionEvent *event, gpointer user_data)
{
    g_autoptr(McpCallee) self = g_object_ref(user_data);

    /* What comes while the session ends is of no use any more. */
    if (event->type == MCP_SESSION_ENDED)
        on_ended(self, event);
    if (self->leg == NULL)
        return;
    if (event->type == MCP_SESSION_PROGRESS)
        on_progress(self, event);
    else if (event->type == MCP_SESSION_ANSWERED)
        on_answered(self, event->sdp);
    else if (event->type == MCP_SESSION_OFFERED)
        on_offered(self, event->sdp);
    else if (event->type == MCP_SESSION_ACKED)
        on_acked(self, event->sdp);
    else if (event->type == MCP_SESSION_INFO)
        on_info(self, event);
    /* The right to dial is the caller's service's: a callee moves nobody. */
    else if (event->type == MCP_SESSION_REFERRED)
        mcp_session_answer_refer(session, 603, "Decline");
}

/* --- its leg --- */

static void
on_guard(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    g_autoptr(McpCallee) self = g_object_ref(user_data);

    if (event->type == MCP_LEG_MEDIA_STARTED)
        mcp_call_note(self->call, "bridge", "first packet from %s", event->remote);
    if (event->type != MCP_LEG_NO_MEDIA || !self->answered)
        return;
    mcp_log_warning("no-media", mcp_call_get_id(self->call),
                    "hanging up: no RTP from the callee %s to %s", self->target, event->local);
    fail(self, 0, "no media received from the callee");
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

static gboolean
make_leg(McpCallee *self, const McpCalleeParams *params, GError **error)
{
    const McpInvite *invite = mcp_call_get_invite(self->call);
    g_autofree char *local = host_part(invite->local_address);
    const McpLegParams leg = {
        .call_id = mcp_call_get_id(self->call),
        .local_address = local,
        .ipv6 = local != NULL && strchr(local, ':') != NULL,
        /* RFC 4568 §7.3: keys are for who has an encrypted way to the end only. */
        .secure = g_ascii_strncasecmp(self->target, "sips:", 5) == 0 ||
                  strstr(self->target, ";transport=tls") != NULL,
        .codecs = params->codecs,
    };

    self->leg = mcp_media_create_leg(params->media, &leg, error);
    if (self->leg != NULL)
        mcp_leg_set_guard(self->leg, on_guard, self);
    return self->leg != NULL;
}

static gboolean
place(McpCallee *self, const McpCalleeParams *params, GError **error)
{
    g_autoptr(McpSdp) offer = mcp_leg_create_offer(self->leg, error);
    const McpPlaceParams place = {.purpose = MCP_PURPOSE_TRANSFER,
                                  .call_id = mcp_call_get_id(self->call),
                                  .target = self->target,
                                  .from = params->from,
                                  .offer = offer,
                                  .deadline = params->ring_timeout};

    if (offer == NULL)
        return FALSE;
    self->session = mcp_call_dial(self->call, &place, error);
    if (self->session == NULL)
        return FALSE;
    mcp_session_set_handler(self->session, mcp_call_get_context(self->call), on_session,
                            g_object_ref(self), g_object_unref);
    return TRUE;
}

McpCallee *
mcp_callee_dial(McpCall *call, const McpCalleeParams *params, GError **error)
{
    g_autoptr(McpCallee) self = g_object_new(MCP_TYPE_CALLEE, NULL);

    self->call = g_object_ref(call);
    self->target = g_strdup(params->target);
    if (make_leg(self, params, error) && place(self, params, error))
        return g_steal_pointer(&self);
    close_leg(self);
    return NULL;
}

char *
mcp_callee_number(const char *number, const char *gateway, GError **error)
{
    g_autofree char *user = NULL;

    if (*number == '\0' || strspn(number, NUMBER) != strlen(number)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no telephone number", number);
        return NULL;
    }
    user = g_uri_escape_string(number, "+*()", FALSE);
    return g_strdup_printf("sip:%s@%s;user=phone", user, gateway);
}

void
mcp_callee_set_handler(McpCallee *callee, McpCalleeFunc func, gpointer user_data)
{
    callee->func = func;
    callee->user_data = user_data;
}

McpLeg *
mcp_callee_get_leg(McpCallee *callee)
{
    return callee->leg;
}

McpSession *
mcp_callee_get_session(McpCallee *callee)
{
    return callee->session;
}

void
mcp_callee_send_info(McpCallee *callee, const char *content_type, GBytes *body)
{
    if (callee->answered && callee->leg != NULL)
        mcp_session_send_info(callee->session, content_type, body);
}

void
mcp_callee_press(McpCallee *callee, const McpDigit *digit)
{
    const char keys[] = {digit->digit, '\0'};
    guint ms = digit->duration_ms != 0 ? digit->duration_ms : INFO_DIGIT_MS;
    g_autofree char *text = NULL;
    g_autoptr(GBytes) body = NULL;

    if (callee->leg == NULL || mcp_leg_send_digits(callee->leg, keys, ms, 100, NULL))
        return;
    text = g_strdup_printf("Signal=%s\r\nDuration=%u\r\n", keys, ms);
    body = g_bytes_new(text, strlen(text));
    mcp_callee_send_info(callee, "application/dtmf-relay", body);
}

void
mcp_callee_hang_up(McpCallee *callee, const char *why)
{
    g_autofree char *text = g_strdup(why);
    g_autofree char *reason = NULL;

    callee->func = NULL;
    if (callee->leg == NULL)
        return;
    g_strdelimit(text, "\"\\\r\n", '\'');
    reason = g_strdup_printf("Q.850;cause=16;text=\"%s\"", text);
    close_leg(callee);
    mcp_session_end(callee->session, reason, NULL, NULL);
}

void
mcp_callee_describe(McpCallee *callee, McpJson *json)
{
    mcp_json_string(json, "target", callee->target);
    mcp_json_bool(json, "answered", callee->answered);
    mcp_json_string(json, "sip_call_id", mcp_session_get_sip_call_id(callee->session));
    if (callee->leg == NULL)
        return;
    mcp_json_begin_object(json, "leg");
    mcp_leg_describe(callee->leg, json);
    mcp_json_end_object(json);
}

static void
mcp_callee_finalize(GObject *object)
{
    McpCallee *self = MCP_CALLEE(object);

    g_clear_object(&self->leg);
    g_clear_object(&self->session);
    g_clear_object(&self->call);
    g_free(self->target);
    MCP_LEDGER_FINALIZED(McpCallee);
    G_OBJECT_CLASS(mcp_callee_parent_class)->finalize(object);
}

static void
mcp_callee_class_init(McpCalleeClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_callee_finalize;
}

static void
mcp_callee_init(McpCallee *self)
{
    MCP_LEDGER_CREATED(McpCallee);
}
