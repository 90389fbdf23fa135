/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session as server: INVITE and what follows it within the dialog (RFC 3261 §12–15, RFC 3311,
 * RFC 6086), with one offer outstanding at a time (RFC 3264 §4). SIP context.
 */
#include "dialog.h"

#include "client.h"
#include "handle.h"
#include "message.h"
#include "reply.h"

#include <mcp/error.h>
#include <mcp/log.h>

/* RFC 3261 §14.2: between 0 and 10 s. */
#define RETRY_AFTER_MAX 10

static gboolean
is_answered(nta_incoming_t *incoming)
{
    return nta_incoming_status(incoming) >= 200;
}

static void
note_request(McpSipSession *session, const sip_t *sip)
{
    mcp_sip_stack_count_request(session->stack, sip->sip_request->rq_method);
    mcp_sip_session_note(session, FALSE, "%s", sip->sip_request->rq_method_name);
}

static int
refuse(McpSipSession *session, nta_incoming_t *incoming, guint status, McpSipRefusal refusal,
       const char *reason)
{
    mcp_sip_stack_count_refusal(session->stack, refusal);
    mcp_sip_reply_refuse(session, incoming, status, reason, 0);
    return (int)status;
}

/* The dialog cannot go on: BYE, and the core is told. */
static void
fail_dialog(McpSipSession *session, guint status, const char *reason)
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
        fail_dialog(session, 488, "no usable answer in the ACK");
        return;
    }
    session->answer_awaited = FALSE;
    event.sdp = sdp;
    mcp_sip_session_emit(session, &event);
}

static void
on_offer_ack(McpSipSession *session, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_ACKED};
    gboolean answer_awaited = session->reoffer_is_ours;

    mcp_sip_incoming_clear(&session->offer_in);
    session->reoffer_is_ours = FALSE;
    if (session->state == MCP_SIP_STATE_ENDED || !answer_awaited)
        return;
    if (!read_answer(sip, &sdp)) {
        fail_dialog(session, 488, "no usable answer in the ACK");
        return;
    }
    event.sdp = sdp;
    mcp_sip_session_emit(session, &event);
}

/* Timer H is over (RFC 3261 §13.3.1.4): the session is ended with a BYE. */
static void
on_ack_missing(McpSipSession *session, nta_incoming_t *incoming)
{
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
    fail_dialog(session, 408, "no ACK came");
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
        note_request(session, sip);
        if (sip->sip_request->rq_method == sip_method_cancel)
            on_cancel(session, incoming, sip);
        else if (incoming == session->invite_in)
            on_ack(session, sip);
        else
            on_offer_ack(session, sip);
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

/* Whether a new offer may come in now; else a refusal has been sent. */
static gboolean
may_offer(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    if (sip->sip_require != NULL) {
        mcp_sip_stack_count_refusal(session->stack, MCP_SIP_REFUSAL_EXTENSION);
        mcp_sip_reply_bad_extension(session, incoming, sip->sip_require);
        return FALSE;
    }
    if (session->offer_in != NULL || session->state == MCP_SIP_STATE_INCOMING) {
        mcp_sip_reply_refuse(session, incoming, 500, "another offer is not yet answered",
                             (guint)g_random_int_range(1, RETRY_AFTER_MAX + 1));
        return FALSE;
    }
    if (session->offer_out != NULL || session->state != MCP_SIP_STATE_CONFIRMED) {
        mcp_sip_reply_refuse(session, incoming, 491, "an offer of ours is not yet answered", 0);
        return FALSE;
    }
    return TRUE;
}

static int
on_offer(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) sdp = NULL;
    g_autoptr(GPtrArray) headers = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_OFFERED};
    gboolean update = sip->sip_request->rq_method == sip_method_update;

    if (!may_offer(session, incoming, sip))
        return nta_incoming_status(incoming);
    if (!mcp_sip_message_sdp(sip, &sdp, &error)) {
        if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
            return refuse(session, incoming, 415, MCP_SIP_REFUSAL_BODY, error->message);
        return refuse(session, incoming, 488, MCP_SIP_REFUSAL_SDP, error->message);
    }
    if (sip->sip_contact != NULL)
        nta_leg_server_route(session->leg, NULL, sip->sip_contact);
    if (update && sdp == NULL) {
        mcp_sip_reply(session, incoming, 200, NULL, NULL);
        return 200;
    }
    session->offer_in = incoming;
    session->reoffer_is_ours = sdp == NULL;
    nta_incoming_bind(incoming, mcp_sip_dialog_ack_cancel, session);
    headers = mcp_sip_message_headers(sip);
    event.sdp = sdp;
    event.headers = headers;
    mcp_sip_session_emit(session, &event);
    return 0;
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
        return on_offer(session, incoming, sip);
    if (method == sip_method_info)
        return on_info(session, incoming, sip);
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

    note_request(session, sip);
    status = dispatch(session, incoming, sip);
    mcp_sip_session_settle(session);
    return status;
}

void
mcp_sip_dialog_progress(McpSipSession *session, guint status, McpSdp *sdp)
{
    if (session->state != MCP_SIP_STATE_INCOMING || session->invite_in == NULL || status < 100 ||
        status > 199)
        return;
    mcp_sip_reply(session, session->invite_in, status, sdp, NULL);
}

void
mcp_sip_dialog_answer(McpSipSession *session, McpSdp *sdp, const GPtrArray *headers)
{
    if (session->state != MCP_SIP_STATE_INCOMING || session->invite_in == NULL)
        return;
    session->state = MCP_SIP_STATE_ANSWERED;
    mcp_sip_reply(session, session->invite_in, 200, sdp, headers);
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

void
mcp_sip_dialog_answer_offer(McpSipSession *session, McpSdp *sdp)
{
    if (session->offer_in == NULL || is_answered(session->offer_in))
        return;
    mcp_sip_reply(session, session->offer_in, 200, sdp, NULL);
    if (nta_incoming_method(session->offer_in) == sip_method_update)
        mcp_sip_incoming_clear(&session->offer_in);
}

void
mcp_sip_dialog_reject_offer(McpSipSession *session, const McpReject *reject)
{
    if (session->offer_in == NULL || is_answered(session->offer_in))
        return;
    mcp_sip_reply_reject(session, session->offer_in, reject);
    mcp_sip_incoming_clear(&session->offer_in);
}
