/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session as server: INVITE and what follows it within the dialog (RFC 3261 §12–15, RFC 6086).
 * Offers within it are in offer_answer.c, reliable 1xx in reliable.c. SIP context.
 */
#include "dialog.h"

#include "client.h"
#include "handle.h"
#include "message.h"
#include "offer_answer.h"
#include "refer.h"
#include "refresh.h"
#include "reliable.h"
#include "reply.h"

#include <mcp/error.h>
#include <mcp/log.h>

/* RFC 3261 §13.3.1.1: proxies give an INVITE up after three minutes without a 1xx. */
#define PROGRESS_INTERVAL (60 * G_USEC_PER_SEC)

static gboolean
is_answered(nta_incoming_t *incoming)
{
    return nta_incoming_status(incoming) >= 200;
}

void
mcp_sip_dialog_note_request(McpSipSession *session, const sip_t *sip)
{
    mcp_sip_stack_count_request(session->stack, sip->sip_request->rq_method);
}

static int
refuse(McpSipSession *session, nta_incoming_t *incoming, guint status, McpSipRefusal refusal,
       const char *reason)
{
    mcp_sip_stack_count_refusal(session->stack, refusal);
    mcp_sip_reply_refuse(session, incoming, status, reason, 0);
    return (int)status;
}

void
mcp_sip_dialog_fail(McpSipSession *session, guint status, const char *reason)
{
    g_autofree char *value = g_strdup_printf("SIP;cause=%u;text=\"%s\"", status, reason);

    mcp_sip_client_bye(session, mcp_sip_farewell_new(value, NULL, NULL));
    mcp_sip_session_finish(session, status, reason, FALSE, NULL);
}

/* The ACK to a 2xx of ours. Returns FALSE when the answer it had to bring is missing or faulty. */
static gboolean
read_answer(const sip_t *sip, McpSdp **out_sdp)
{
    g_autoptr(GError) error = NULL;

    if (!mcp_sip_message_sdp(sip, out_sdp, &error))
        return FALSE;
    return *out_sdp != NULL;
}

static void
on_ack(McpSipSession *session, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_ACKED};

    mcp_sip_incoming_clear(&session->invite_in);
    if (session->state == MCP_SIP_STATE_ENDED) {
        /* RFC 3261 §15: the callee's BYE had to wait for the ACK. */
        mcp_sip_client_bye(session, g_steal_pointer(&session->farewell));
        return;
    }
    session->state = MCP_SIP_STATE_CONFIRMED;
    if (session->answer_awaited && !read_answer(sip, &sdp)) {
        mcp_sip_dialog_fail(session, 488, "no usable answer in the ACK");
        return;
    }
    session->answer_awaited = FALSE;
    mcp_sip_offer_agree(session, NULL, sdp);
    event.sdp = sdp;
    mcp_sip_session_emit(session, &event);
}

/* No PRACK came for a reliable 1xx (RFC 3262 §3). */
static void
on_prack_missing(McpSipSession *session)
{
    mcp_sip_reply_refuse(session, session->invite_in, 504, "no PRACK came", 0);
    mcp_sip_incoming_clear(&session->invite_in);
    mcp_sip_session_finish(session, 504, "no PRACK came", FALSE, NULL);
}

/* Timer H is over (RFC 3261 §13.3.1.4): the session is ended with a BYE. */
static void
on_ack_missing(McpSipSession *session, nta_incoming_t *incoming)
{
    if (session->state == MCP_SIP_STATE_INCOMING) {
        on_prack_missing(session);
        return;
    }
    if (incoming == session->invite_in)
        mcp_sip_incoming_clear(&session->invite_in);
    else
        mcp_sip_incoming_clear(&session->offer_in);
    if (session->state == MCP_SIP_STATE_ENDED) {
        if (session->bye == NULL)
            mcp_sip_client_bye(session, g_steal_pointer(&session->farewell));
        return;
    }
    session->state = MCP_SIP_STATE_CONFIRMED;
    mcp_sip_dialog_fail(session, 408, "no ACK came");
}

static void
on_cancel(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autofree char *reason = mcp_sip_message_reason(sip);
    g_autoptr(GPtrArray) headers = NULL;

    if (is_answered(incoming))
        return;
    mcp_sip_reply_refuse(session, incoming, 487, "cancelled", 0);
    if (incoming == session->offer_in) {
        mcp_sip_incoming_clear(&session->offer_in);
        return;
    }
    mcp_sip_incoming_clear(&session->invite_in);
    headers = mcp_sip_message_headers(sip);
    mcp_sip_session_finish(session, 487, reason != NULL ? reason : "cancelled", TRUE, headers);
}

int
mcp_sip_dialog_ack_cancel(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);

    if (sip == NULL) {
        on_ack_missing(session, incoming);
    } else {
        mcp_sip_dialog_note_request(session, sip);
        if (sip->sip_request->rq_method == sip_method_cancel)
            on_cancel(session, incoming, sip);
        else if (incoming == session->invite_in)
            on_ack(session, sip);
        else
            mcp_sip_offer_acked(session, sip);
    }
    mcp_sip_session_settle(session);
    return 0;
}

static int
on_bye(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autofree char *reason = mcp_sip_message_reason(sip);
    g_autoptr(GPtrArray) headers = mcp_sip_message_headers(sip);

    mcp_sip_reply(session, incoming, 200, NULL, NULL);
    mcp_sip_offer_abandon(session);
    /* RFC 3261 §15.1.2: pending requests are answered with 487. */
    if (session->invite_in != NULL && !is_answered(session->invite_in))
        mcp_sip_reply_refuse(session, session->invite_in, 487, "ended by BYE", 0);
    mcp_sip_incoming_clear(&session->invite_in);
    if (session->offer_in != NULL && !is_answered(session->offer_in))
        mcp_sip_reply_refuse(session, session->offer_in, 487, "ended by BYE", 0);
    mcp_sip_incoming_clear(&session->offer_in);
    /* Before the final answer to our INVITE nothing more will come of it. */
    mcp_sip_outgoing_clear(&session->invite_out);
    mcp_sip_session_finish(session, 200, reason != NULL ? reason : "BYE", TRUE, headers);
    return 200;
}

static int
on_info(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autofree char *type = NULL;
    g_autoptr(GBytes) body = mcp_sip_message_body(sip, &type);
    g_autoptr(GPtrArray) headers = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_INFO};

    mcp_sip_reply(session, incoming, 200, NULL, NULL);
    headers = mcp_sip_message_headers(sip);
    event.headers = headers;
    event.content_type = type;
    event.body = body;
    mcp_sip_session_emit(session, &event);
    return 200;
}

static int
dispatch(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    sip_method_t method = sip->sip_request->rq_method;

    if (method == sip_method_bye)
        return on_bye(session, incoming, sip);
    /* A late ACK, or one to a transaction that is over: there is no answer to it. */
    if (method == sip_method_ack)
        return 481;
    if (session->state == MCP_SIP_STATE_ENDED)
        return refuse(session, incoming, 481, MCP_SIP_REFUSAL_DIALOG, "the session has ended");
    if (method == sip_method_invite || method == sip_method_update)
        return mcp_sip_offer_receive(session, incoming, sip);
    if (method == sip_method_info)
        return on_info(session, incoming, sip);
    if (method == sip_method_refer)
        return mcp_sip_refer_receive(session, incoming, sip);
    if (method == sip_method_notify)
        return mcp_sip_refer_notified(session, incoming, sip);
    if (method == sip_method_options) {
        mcp_sip_reply(session, incoming, 200, NULL, NULL);
        return 200;
    }
    if (method == sip_method_cancel)
        return refuse(session, incoming, 481, MCP_SIP_REFUSAL_DIALOG, "nothing to cancel");
    return refuse(session, incoming, method == sip_method_unknown ? 501 : 405,
                  MCP_SIP_REFUSAL_METHOD, "method not allowed within a session");
}

int
mcp_sip_dialog_request(McpSipSession *session, nta_leg_t *leg, nta_incoming_t *incoming,
                       const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);
    int status = 0;

    mcp_sip_transport_follow(session->stack, incoming, &session->flow);
    mcp_sip_dialog_note_request(session, sip);
    status = dispatch(session, incoming, sip);
    mcp_sip_session_settle(session);
    return status;
}

static void on_progress_due(gpointer user_data);

static void
repeat_progress_later(McpSipSession *session, guint status)
{
    McpSipStack *stack = session->stack;

    session->progress = status;
    mcp_timer_clear(&session->progress_timer);
    session->progress_timer =
        mcp_clock_after(stack->clock, stack->context, PROGRESS_INTERVAL, on_progress_due, session);
}

static void
on_progress_due(gpointer user_data)
{
    McpSipSession *session = user_data;

    if (session->state != MCP_SIP_STATE_INCOMING || session->invite_in == NULL) {
        mcp_timer_clear(&session->progress_timer);
        return;
    }
    mcp_sip_reply(session, session->invite_in, session->progress, NULL, NULL);
    repeat_progress_later(session, session->progress);
}

void
mcp_sip_dialog_progress(McpSipSession *session, guint status, McpSdp *sdp)
{
    if (session->state != MCP_SIP_STATE_INCOMING || session->invite_in == NULL || status < 100 ||
        status > 199)
        return;
    if (!mcp_sip_reliable_progress(session, status, sdp))
        mcp_sip_reply(session, session->invite_in, status, sdp, NULL);
    if (status > 100)
        repeat_progress_later(session, status);
}

/* Offer and answer have met in a reliable 1xx: RFC 6337 §2.3 wants no description in the 2xx. */
static void
send_answer(McpSipSession *session, McpSdp *sdp, const GPtrArray *headers)
{
    McpSdp *body = session->early_agreed ? NULL : sdp;

    mcp_timer_clear(&session->progress_timer);
    session->state = MCP_SIP_STATE_ANSWERED;
    if (body != NULL)
        mcp_sip_offer_agree(session, body, NULL);
    mcp_sip_reply(session, session->invite_in, 200, body, headers);
    mcp_sip_refresh_restart(session);
}

void
mcp_sip_dialog_answer(McpSipSession *session, McpSdp *sdp, const GPtrArray *headers)
{
    if (session->state != MCP_SIP_STATE_INCOMING || session->invite_in == NULL)
        return;
    if (!session->prack_awaited) {
        send_answer(session, sdp, headers);
        return;
    }
    session->answer_held = TRUE;
    session->held_sdp = sdp != NULL ? mcp_sdp_ref(sdp) : NULL;
    session->held_headers = mcp_sip_headers_copy(headers);
}

void
mcp_sip_dialog_pracked(McpSipSession *session)
{
    g_autoptr(McpSdp) sdp = g_steal_pointer(&session->held_sdp);
    g_autoptr(GPtrArray) headers = g_steal_pointer(&session->held_headers);

    session->prack_awaited = FALSE;
    if (!session->answer_held || session->state != MCP_SIP_STATE_INCOMING)
        return;
    session->answer_held = FALSE;
    send_answer(session, sdp, headers);
}

void
mcp_sip_dialog_reject(McpSipSession *session, const McpReject *reject)
{
    if (session->state != MCP_SIP_STATE_INCOMING || session->invite_in == NULL)
        return;
    mcp_sip_stack_count_refusal(session->stack, MCP_SIP_REFUSAL_CORE);
    mcp_sip_reply_reject(session, session->invite_in, reject);
    mcp_sip_incoming_clear(&session->invite_in);
    mcp_sip_session_finish(session, reject->status, reject->reason, FALSE, NULL);
    mcp_sip_session_settle(session);
}
