/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offers and answers within a session (RFC 3264 §4, RFC 3311, RFC 6337): theirs, which the core
 * answers unless they repeat what is in force, and ours, with the back-off after a collision
 * (RFC 3261 §14.1). SIP context.
 */
#include "offer_answer.h"

#include "authorize.h"
#include "client.h"
#include "dialog.h"
#include "handle.h"
#include "message.h"
#include "refresh.h"
#include "reliable.h"
#include "reply.h"
#include "stateless.h"

#include <mcp/error.h>
#include <mcp/log.h>

/* RFC 3261 §14.2: between 0 and 10 s. */
#define RETRY_AFTER_MAX 10
/* §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other side up to 2 s, in steps of 10 ms. */
#define BACK_OFF_STEP (10 * G_TIME_SPAN_MILLISECOND)

static void
set_sdp(McpSdp **slot, McpSdp *sdp)
{
    McpSdp *old = *slot;

    *slot = mcp_sdp_ref(sdp);
    g_clear_pointer(&old, mcp_sdp_unref);
}

void
mcp_sip_offer_agree(McpSipSession *session, McpSdp *local, McpSdp *remote)
{
    if (local != NULL)
        set_sdp(&session->local_sdp, local);
    if (remote != NULL)
        set_sdp(&session->remote_sdp, remote);
}

static int
refuse(McpSipSession *session, nta_incoming_t *incoming, guint status, McpSipRefusal refusal,
       const char *reason)
{
    mcp_sip_stack_count_refusal(session->stack, refusal);
    mcp_sip_reply_refuse(session, incoming, status, reason, 0);
    return (int)status;
}

/* Whether the state allows an offer: RFC 3311 §5.1 has it in early dialogs that have agreed. */
static gboolean
is_open(const McpSipSession *session)
{
    return session->state == MCP_SIP_STATE_CONFIRMED ||
           (session->early_agreed &&
            (session->state == MCP_SIP_STATE_CALLING || session->state == MCP_SIP_STATE_INCOMING));
}

static gboolean
check_extensions(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    if (!mcp_sip_stateless_is_unsupported(session->stack, sip))
        return TRUE;
    mcp_sip_stack_count_refusal(session->stack, MCP_SIP_REFUSAL_EXTENSION);
    mcp_sip_reply_bad_extension(session, incoming, sip);
    return FALSE;
}

/* Whether a new offer may come in now; else a refusal has been sent. */
static gboolean
may_offer(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    if (!check_extensions(session, incoming, sip))
        return FALSE;
    if (session->offer_in != NULL ||
        (session->state == MCP_SIP_STATE_INCOMING && !session->early_agreed)) {
        mcp_sip_reply_refuse(session, incoming, 500, "another offer is not yet answered",
                             (guint)g_random_int_range(1, RETRY_AFTER_MAX + 1));
        return FALSE;
    }
    if (session->offer_out != NULL || !is_open(session)) {
        mcp_sip_reply_refuse(session, incoming, 491, "an offer of ours is not yet answered", 0);
        return FALSE;
    }
    return TRUE;
}

/*
 * Whether an offer says nothing new (RFC 4028 §7.4): a refresh then, that renegotiates nothing. By
 * the setting refresh_match the same o= is enough, as some resource managers rewrite the rest.
 */
static gboolean
is_repeated(const McpSipSession *session, const McpSdp *offer)
{
    if (session->remote_sdp == NULL || session->local_sdp == NULL)
        return FALSE;
    if (session->stack->config->match_version)
        return g_strcmp0(mcp_sdp_get_origin(session->remote_sdp), mcp_sdp_get_origin(offer)) == 0;
    return mcp_sdp_equal_but_origin(session->remote_sdp, offer);
}

static void
bind_offer(McpSipSession *session, nta_incoming_t *incoming, gboolean ours)
{
    session->offer_in = incoming;
    session->reoffer_is_ours = ours;
    if (nta_incoming_method(incoming) == sip_method_invite)
        nta_incoming_bind(incoming, mcp_sip_dialog_ack_cancel, session);
}

/* A 2xx; a re-INVITE then waits for its ACK. */
static void
answer(McpSipSession *session, McpSdp *sdp)
{
    gboolean invite = nta_incoming_method(session->offer_in) == sip_method_invite;

    mcp_sip_reply(session, session->offer_in, 200, sdp, NULL);
    if (!invite)
        mcp_sip_incoming_clear(&session->offer_in);
    mcp_sip_refresh_restart(session);
}

static void
answer_repeated(McpSipSession *session, nta_incoming_t *incoming)
{
    bind_offer(session, incoming, FALSE);
    answer(session, session->local_sdp);
}

static void
emit_offered(McpSipSession *session, McpSdp *sdp, const sip_t *sip)
{
    g_autoptr(GPtrArray) headers = mcp_sip_message_headers(sip);
    McpSessionEvent event = {.type = MCP_SESSION_OFFERED, .sdp = sdp, .headers = headers};

    mcp_sip_session_emit(session, &event);
}

int
mcp_sip_offer_receive(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) sdp = NULL;
    sip_method_t method = sip->sip_request->rq_method;

    if (!may_offer(session, incoming, sip))
        return nta_incoming_status(incoming);
    if (!mcp_sip_message_sdp(sip, &sdp, &error)) {
        if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
            return refuse(session, incoming, 415, MCP_SIP_REFUSAL_BODY, error->message);
        return refuse(session, incoming, 488, MCP_SIP_REFUSAL_SDP, error->message);
    }
    if (method != sip_method_prack) {
        if (!mcp_sip_refresh_receive(session, sip))
            return refuse(session, incoming, 422, MCP_SIP_REFUSAL_LIMIT,
                          "session interval too small");
        mcp_sip_session_target(session, sip);
    }
    if (method != sip_method_invite && sdp == NULL) {
        mcp_sip_reply(session, incoming, 200, NULL, NULL);
        mcp_sip_refresh_restart(session);
        return 200;
    }
    if (sdp != NULL && is_repeated(session, sdp)) {
        answer_repeated(session, incoming);
        return 0;
    }
    bind_offer(session, incoming, sdp == NULL);
    if (sdp != NULL)
        set_sdp(&session->offered, sdp);
    emit_offered(session, sdp, sip);
    return 0;
}

void
mcp_sip_offer_acked(McpSipSession *session, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = NULL;
    g_autoptr(GError) error = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_ACKED};
    gboolean awaited = session->reoffer_is_ours;

    mcp_sip_incoming_clear(&session->offer_in);
    session->reoffer_is_ours = FALSE;
    if (session->state == MCP_SIP_STATE_ENDED || !awaited)
        return;
    if (!mcp_sip_message_sdp(sip, &sdp, &error) || sdp == NULL) {
        mcp_sip_dialog_fail(session, 488, "no usable answer in the ACK");
        return;
    }
    mcp_sip_offer_agree(session, NULL, sdp);
    event.sdp = sdp;
    mcp_sip_session_emit(session, &event);
}

static gboolean
awaits_answer(McpSipSession *session)
{
    return session->offer_in != NULL && nta_incoming_status(session->offer_in) < 200;
}

void
mcp_sip_offer_answer(McpSipSession *session, McpSdp *sdp)
{
    if (!awaits_answer(session))
        return;
    mcp_sip_offer_agree(session, sdp, session->offered);
    g_clear_pointer(&session->offered, mcp_sdp_unref);
    answer(session, sdp);
}

void
mcp_sip_offer_reject(McpSipSession *session, const McpReject *reject)
{
    if (!awaits_answer(session))
        return;
    g_clear_pointer(&session->offered, mcp_sdp_unref);
    mcp_sip_reply_reject(session, session->offer_in, reject);
    mcp_sip_incoming_clear(&session->offer_in);
}

/* --- ours --- */

static void
emit_failed(McpSipSession *session, guint status)
{
    McpSessionEvent event = {.type = MCP_SESSION_REOFFER_FAILED,
                             .status = status,
                             .reason = sip_status_phrase((int)status)};

    mcp_sip_session_emit(session, &event);
}

static gint64
back_off(const McpSipSession *session)
{
    gint steps = session->outgoing ? g_random_int_range(210, 401) : g_random_int_range(0, 201);

    return steps * BACK_OFF_STEP;
}

static void on_back_off_over(gpointer user_data);

static void
schedule_again(McpSipSession *session)
{
    McpSipStack *stack = session->stack;

    if (session->back_off == NULL)
        session->back_off = mcp_clock_after(stack->clock, stack->context, back_off(session),
                                            on_back_off_over, session);
}

/* The time after a collision is over: a refresh is sent again, the core asked for its offer. */
static void
on_back_off_over(gpointer user_data)
{
    g_autoptr(McpSipSession) session = g_object_ref(MCP_SIP_SESSION(user_data));
    McpSessionEvent event = {.type = MCP_SESSION_REOFFER_DUE};

    mcp_timer_clear(&session->back_off);
    if (session->state == MCP_SIP_STATE_ENDED)
        return;
    if (session->offer_in != NULL || session->offer_out != NULL)
        schedule_again(session);
    else if (session->refresh_due)
        mcp_sip_refresh_send(session);
    else
        mcp_sip_session_emit(session, &event);
}

static void
on_accepted(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_REOFFER_DONE, .status = 200};
    gboolean refresh = session->offer_is_refresh;

    mcp_sip_session_target(session, sip);
    if (nta_outgoing_method(outgoing) == sip_method_invite)
        mcp_sip_client_ack(session, outgoing, NULL);
    mcp_sip_refresh_take(session, sip);
    mcp_sip_client_read_sdp(sip, &sdp);
    if (sdp == NULL) {
        mcp_sip_client_hang_up(session, 488, "no usable answer to our offer");
        return;
    }
    if (refresh && session->remote_sdp != NULL &&
        mcp_sdp_equal_but_origin(session->remote_sdp, sdp))
        return;
    mcp_sip_offer_agree(session, session->offer_sent, sdp);
    event.sdp = sdp;
    mcp_sip_session_emit(session, &event);
}

static gboolean send_offer(McpSipSession *session, McpSdp *sdp);

/* A proxy asked for a proof: the same offer again. */
static gboolean
prove(McpSipSession *session, guint status, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = session->offer_sent != NULL ? mcp_sdp_ref(session->offer_sent) : NULL;

    return sdp != NULL && session->state != MCP_SIP_STATE_ENDED &&
           mcp_sip_authorize_take(session, status, sip) && send_offer(session, sdp);
}

static void
on_refused(McpSipSession *session, guint status, const sip_t *sip)
{
    gboolean refresh = session->offer_is_refresh;

    if (prove(session, status, sip) || mcp_sip_client_is_lost(session, status))
        return;
    if (refresh)
        mcp_sip_refresh_failed(session, status, sip);
    else
        emit_failed(session, status);
    if (status == 491)
        schedule_again(session);
}

static int
on_response(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);
    guint status = (guint)nta_outgoing_status(outgoing);
    nta_outgoing_t *done = outgoing;

    if (status < 200)
        return 0;
    session->offer_out = NULL;
    if (status < 300 && sip != NULL)
        on_accepted(session, outgoing, sip);
    else
        on_refused(session, status, sip);
    /* The response goes with its transaction. */
    mcp_sip_outgoing_clear(&done);
    mcp_sip_session_settle(session);
    return 0;
}

static gboolean
send_offer(McpSipSession *session, McpSdp *sdp)
{
    McpSipStack *stack = session->stack;
    gboolean early = session->state != MCP_SIP_STATE_CONFIRMED;
    g_autofree char *expires = early ? NULL : mcp_sip_refresh_request(session);
    g_autofree char *min_se = mcp_sip_refresh_min_se(session);
    g_autofree char *proof = mcp_sip_authorize_lines(session, early ? "UPDATE" : "INVITE");
    McpSipRoute route = mcp_sip_client_route(session);

    set_sdp(&session->offer_sent, sdp);
    session->offer_out = nta_outgoing_tcreate(
        session->leg, on_response, session, NULL, early ? sip_method_update : sip_method_invite,
        early ? "UPDATE" : "INVITE", NULL, MCP_SIP_ROUTE(route),
        SIPTAG_CONTACT_STR(session->contact), SIPTAG_ALLOW(stack->allow),
        SIPTAG_SUPPORTED(stack->supported),
        TAG_IF(expires != NULL, SIPTAG_SESSION_EXPIRES_STR(expires)),
        TAG_IF(min_se != NULL, SIPTAG_MIN_SE_STR(min_se)),
        SIPTAG_CONTENT_TYPE_STR("application/sdp"), SIPTAG_PAYLOAD_STR(mcp_sdp_get_text(sdp)),
        MCP_SIP_ECHO(session), MCP_SIP_PROOF(proof), TAG_END());
    return session->offer_out != NULL;
}

void
mcp_sip_offer_send(McpSipSession *session, McpSdp *sdp)
{
    if (session->state == MCP_SIP_STATE_ENDED)
        return;
    /* Within early dialogs of an INVITE of ours nobody has use for an offer of ours. */
    if (sdp == NULL || !is_open(session) || session->state == MCP_SIP_STATE_CALLING ||
        (session->state == MCP_SIP_STATE_INCOMING && !session->peer_update)) {
        emit_failed(session, 491);
        return;
    }
    if (session->offer_out != NULL || session->offer_in != NULL) {
        emit_failed(session, 491);
        schedule_again(session);
        return;
    }
    session->offer_is_refresh = FALSE;
    if (!send_offer(session, sdp))
        emit_failed(session, 500);
}

void
mcp_sip_offer_refresh(McpSipSession *session)
{
    if (session->local_sdp == NULL)
        return;
    if (session->offer_out != NULL || session->offer_in != NULL) {
        schedule_again(session);
        return;
    }
    session->offer_is_refresh = TRUE;
    send_offer(session, session->local_sdp);
}

void
mcp_sip_offer_back_off(McpSipSession *session)
{
    schedule_again(session);
}

void
mcp_sip_offer_clear(McpSipSession *session)
{
    mcp_timer_clear(&session->back_off);
    mcp_sip_incoming_clear(&session->offer_in);
    mcp_sip_outgoing_clear(&session->offer_out);
}
