/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session as client: INVITE with its CANCEL and ACK, INFO and BYE (RFC 3261 §9, §13.2, §15). SIP
 * context, but for the making of a session.
 */
#include "client.h"

#include "attempt.h"
#include "authorize.h"
#include "dialog.h"
#include "handle.h"
#include "header_text.h"
#include "message.h"
#include "offer_answer.h"
#include "refresh.h"
#include "reliable.h"
#include "requests.h"
#include "transport.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

void
mcp_sip_placement_free(McpSipPlacement *placement)
{
    g_free(placement->target);
    g_free(placement->from);
    g_free(placement->lines);
    g_clear_pointer(&placement->offer, mcp_sdp_unref);
    if (placement->redirect_destroy != NULL)
        placement->redirect_destroy(placement->redirect_data);
    g_free(placement);
}

static int
on_bye_response(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip)
{
    guint status = (guint)nta_outgoing_status(outgoing);

    if (status < 200)
        return 0;
    if (session->bye_words != NULL && mcp_sip_authorize_take(session, status, sip)) {
        mcp_sip_outgoing_clear(&session->bye);
        mcp_sip_client_bye(session, g_steal_pointer(&session->bye_words));
    } else {
        mcp_sip_outgoing_clear(&session->bye);
    }
    mcp_sip_session_settle(session);
    return 0;
}

McpSipRoute
mcp_sip_client_route(McpSipSession *session)
{
    return mcp_sip_transport_route(session->stack, session->leg, session->transport,
                                   &session->flow);
}

void
mcp_sip_client_bye(McpSipSession *session, McpSipFarewell *farewell)
{
    g_autoptr(McpSipFarewell) words = farewell;
    const char *reason = words != NULL ? words->reason : NULL;
    const char *type = words != NULL ? words->content_type : NULL;
    sip_payload_t payload[1];
    const sip_payload_t *body =
        mcp_sip_request_payload(payload, words != NULL ? words->body : NULL);
    g_autofree char *proof = NULL;
    McpSipRoute route;

    if (session->bye != NULL || session->leg == NULL)
        return;
    mcp_sip_offer_abandon(session);
    proof = mcp_sip_authorize_lines(session, "BYE");
    route = mcp_sip_client_route(session);
    session->bye = nta_outgoing_tcreate(
        session->leg, on_bye_response, session, NULL, SIP_METHOD_BYE, NULL, MCP_SIP_ROUTE(route),
        TAG_IF(reason != NULL, SIPTAG_REASON_STR(reason)),
        TAG_IF(body != NULL && type != NULL, SIPTAG_CONTENT_TYPE_STR(type)),
        TAG_IF(body != NULL && type != NULL, SIPTAG_PAYLOAD(body)), MCP_SIP_ECHO(session),
        MCP_SIP_PROOF(proof), TAG_END());
    /* In case that a proxy asks for a proof. */
    g_clear_pointer(&session->bye_words, mcp_sip_farewell_free);
    session->bye_words =
        words != NULL ? g_steal_pointer(&words) : mcp_sip_farewell_new(NULL, NULL, NULL);
}

/* RFC 3261 §13.2.2.4: the ACK to a 2xx is a request of its own with the INVITE's number. */
void
mcp_sip_client_ack(McpSipSession *session, nta_outgoing_t *invite, McpSdp *sdp)
{
    sip_cseq_t cseq[1];
    nta_outgoing_t *ack = NULL;
    McpSipRoute route;

    sip_cseq_init(cseq);
    cseq->cs_seq = nta_outgoing_cseq(invite);
    cseq->cs_method = sip_method_ack;
    cseq->cs_method_name = "ACK";
    route = mcp_sip_client_route(session);
    ack = nta_outgoing_tcreate(
        session->leg, NULL, NULL, NULL, SIP_METHOD_ACK, NULL, MCP_SIP_ROUTE(route),
        NTATAG_ACK_BRANCH(nta_outgoing_branch(invite)), SIPTAG_CSEQ(cseq),
        TAG_IF(sdp != NULL, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(sdp != NULL, SIPTAG_PAYLOAD_STR(sdp != NULL ? mcp_sdp_get_text(sdp) : NULL)),
        MCP_SIP_ECHO(session), MCP_SIP_PROOF(session->invite_proof), TAG_END());
    mcp_sip_outgoing_clear(&ack);
}

void
mcp_sip_client_hang_up(McpSipSession *session, guint status, const char *reason)
{
    mcp_sip_client_bye(session, mcp_sip_farewell_new(NULL, NULL, NULL));
    mcp_sip_session_finish(session, status, reason, FALSE, NULL);
}

void
mcp_sip_client_read_sdp(const sip_t *sip, McpSdp **out_sdp)
{
    g_autoptr(GError) error = NULL;

    if (!mcp_sip_message_sdp(sip, out_sdp, &error))
        mcp_log_info("body-refused", NULL, "body of a response: %s", error->message);
}

gboolean
mcp_sip_client_is_lost(McpSipSession *session, guint status)
{
    /* RFC 3261 §12.2.1.2: these two end the dialog, others leave it as it was. */
    if (status != 481 && status != 408)
        return FALSE;
    mcp_sip_client_hang_up(session, status, "the other side has lost the session");
    return TRUE;
}

/* What a 2xx, or a reliable 1xx before it, says of media: (transfer full) (nullable). */
static McpSdp *
answered_sdp(McpSipSession *session, const sip_t *sip)
{
    McpSdp *sdp = NULL;

    mcp_sip_client_read_sdp(sip, &sdp);
    if (sdp == NULL && session->early_agreed && session->remote_sdp != NULL)
        return mcp_sdp_ref(session->remote_sdp);
    if (sdp != NULL)
        mcp_sip_offer_agree(session, NULL, sdp);
    return sdp;
}

static void
confirm(McpSipSession *session, McpSdp *answer)
{
    mcp_sip_client_ack(session, session->invite_out, answer);
    mcp_sip_outgoing_clear(&session->invite_out);
    session->state = MCP_SIP_STATE_CONFIRMED;
    session->answer_awaited = FALSE;
    mcp_sip_refresh_restart(session);
}

static void
on_answered(McpSipSession *session, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = NULL;
    g_autoptr(GPtrArray) headers = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_ANSWERED, .status = 200};

    mcp_sip_reliable_choose(session, sip);
    sdp = answered_sdp(session, sip);
    if (session->state == MCP_SIP_STATE_ENDED || sdp == NULL) {
        /* Given up meanwhile, or nothing to talk about: taken, then ended (§13.2.2.4). */
        mcp_sip_client_ack(session, session->invite_out, NULL);
        mcp_sip_outgoing_clear(&session->invite_out);
        mcp_sip_client_hang_up(session, 488, "no usable session description in the 2xx");
        return;
    }
    mcp_sip_session_target(session, sip);
    mcp_sip_session_timer_take(&session->timer, sip);
    if (session->answer_awaited)
        session->state = MCP_SIP_STATE_ANSWERED;
    else
        confirm(session, NULL);
    mcp_timer_clear(&session->deadline);
    headers = mcp_sip_message_headers(sip);
    event.status = (guint)sip->sip_status->st_status;
    event.sdp = sdp;
    event.headers = headers;
    mcp_sip_session_emit(session, &event);
}

static void
on_progress(McpSipSession *session, guint status, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_PROGRESS, .status = status};

    if (session->state != MCP_SIP_STATE_CALLING || sip == NULL)
        return;
    mcp_sip_client_read_sdp(sip, &sdp);
    if (!mcp_sip_reliable_receive(session, sip, sdp != NULL))
        return;
    if (sdp != NULL)
        mcp_sip_offer_agree(session, NULL, sdp);
    event.sdp = sdp;
    mcp_sip_session_emit(session, &event);
}

static int on_invite_response(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip);

void
mcp_sip_client_invite(McpSipSession *session)
{
    McpSipStack *stack = session->stack;
    const McpSipPlacement *placement = session->placement;
    const McpSipAttempt *attempt = session->attempt;
    const char *text = placement->offer != NULL ? mcp_sdp_get_text(placement->offer) : NULL;
    g_autofree char *expires = mcp_sip_refresh_request(session);
    g_autofree char *min_se = mcp_sip_refresh_min_se(session);
    g_autofree char *proof = mcp_sip_authorize_invite(session, attempt->target);
    g_autofree char *lines = mcp_sip_attempt_lines(session);
    McpSipRoute route = {tport_ident(session->transport),
                         session->flow != NULL ? mcp_sip_flow_get_tport(session->flow) : NULL};

    mcp_sip_reliable_clear(session);
    session->early_agreed = FALSE;
    session->answer_awaited = text == NULL;
    session->invite_out = nta_outgoing_tcreate(
        session->leg, on_invite_response, session, (const url_string_t *)attempt->hop,
        SIP_METHOD_INVITE, (const url_string_t *)attempt->target, MCP_SIP_ROUTE(route),
        SIPTAG_CONTACT_STR(session->contact), SIPTAG_ALLOW(stack->allow),
        SIPTAG_SUPPORTED(stack->supported),
        TAG_IF(expires != NULL, SIPTAG_SESSION_EXPIRES_STR(expires)),
        TAG_IF(min_se != NULL, SIPTAG_MIN_SE_STR(min_se)),
        TAG_IF(text != NULL, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(text != NULL, SIPTAG_PAYLOAD_STR(text)),
        TAG_IF(placement->lines != NULL, SIPTAG_HEADER_STR(placement->lines)),
        TAG_IF(*lines != '\0', SIPTAG_HEADER_STR(lines)), MCP_SIP_PROOF(proof), TAG_END());
}

/* RFC 4028 §7.4: asked again with the interval that the other side wants. */
static gboolean
try_again(McpSipSession *session, guint status, const sip_t *sip)
{
    if (status != 422 || sip == NULL || session->state != MCP_SIP_STATE_CALLING ||
        !mcp_sip_session_timer_raise(&session->timer, &session->stack->config->session_timer, sip))
        return FALSE;
    mcp_sip_outgoing_clear(&session->invite_out);
    mcp_sip_client_invite(session);
    return session->invite_out != NULL;
}

static void
on_failed(McpSipSession *session, guint status, const sip_t *sip)
{
    g_autofree char *reason = sip != NULL ? mcp_sip_message_reason(sip) : NULL;
    g_autoptr(GPtrArray) headers = sip != NULL ? mcp_sip_message_headers(sip) : NULL;
    const char *phrase = sip != NULL && sip->sip_status != NULL ? sip->sip_status->st_phrase
                                                                : sip_status_phrase((int)status);

    /* The stack makes responses of its own: no answer, no route, connection refused. */
    gboolean remote = sip != NULL && !nta_sip_is_internal(sip);

    /* What the stack knows of is a connection that broke; the flow knows why. */
    if (!remote && session->flow != NULL && mcp_sip_flow_get_error(session->flow) != NULL)
        phrase = mcp_sip_flow_get_error(session->flow);
    mcp_sip_outgoing_clear(&session->invite_out);
    mcp_sip_session_finish(session, status, reason != NULL ? reason : phrase, remote, headers);
}

static int
on_invite_response(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);
    guint status = (guint)nta_outgoing_status(outgoing);

    mcp_sip_attempt_heard(session);
    if (status < 200)
        on_progress(session, status, sip);
    else if (status < 300 && sip != NULL)
        on_answered(session, sip);
    else if (!try_again(session, status, sip) && !mcp_sip_attempt_continue(session, status, sip))
        on_failed(session, status, sip);
    mcp_sip_session_settle(session);
    return 0;
}

void
mcp_sip_client_answer(McpSipSession *session, McpSdp *sdp)
{
    if (mcp_sip_reliable_answer(session, sdp) || session->state != MCP_SIP_STATE_ANSWERED ||
        session->invite_out == NULL)
        return;
    if (sdp != NULL)
        mcp_sip_offer_agree(session, sdp, NULL);
    confirm(session, sdp);
}

/* Before the final answer: CANCEL, which the stack holds back until a provisional one came. */
static void
cancel(McpSipSession *session, const char *reason)
{
    nta_outgoing_tcancel(session->invite_out, NULL, NULL,
                         TAG_IF(reason != NULL, SIPTAG_REASON_STR(reason)), TAG_END());
}

static void
end_with(McpSipSession *session, McpSipFarewell *farewell, guint status, const char *text)
{
    g_autoptr(McpSipFarewell) words = farewell;

    if (session->state == MCP_SIP_STATE_CALLING) {
        if (session->invite_out != NULL)
            cancel(session, words->reason);
    } else if (session->state == MCP_SIP_STATE_INCOMING) {
        g_autoptr(McpReject) reject = mcp_reject_new(480, text, NULL);

        mcp_sip_dialog_reject(session, reject);
        return;
    } else if (session->state == MCP_SIP_STATE_ANSWERED && !session->outgoing) {
        session->farewell = g_steal_pointer(&words);
    } else {
        if (session->state == MCP_SIP_STATE_ANSWERED)
            mcp_sip_client_answer(session, NULL);
        mcp_sip_client_bye(session, g_steal_pointer(&words));
    }
    mcp_sip_session_finish(session, status, text, FALSE, NULL);
    mcp_sip_session_settle(session);
}

void
mcp_sip_client_end(McpSipSession *session, McpSipFarewell *farewell)
{
    g_autofree char *text = NULL;

    if (session->state == MCP_SIP_STATE_ENDED) {
        mcp_sip_farewell_free(farewell);
        return;
    }
    text = farewell->reason != NULL ? mcp_sip_reason_text(farewell->reason) : NULL;
    end_with(session, farewell, session->state == MCP_SIP_STATE_CALLING ? 487 : 200, text);
}

static void
on_deadline(gpointer user_data)
{
    g_autoptr(McpSipSession) session = g_object_ref(MCP_SIP_SESSION(user_data));

    end_with(session, mcp_sip_farewell_new("SIP;cause=408;text=\"no answer in time\"", NULL, NULL),
             408, "no answer in time");
}

const char *
mcp_sip_client_identity(const McpSipSession *session)
{
    const McpSipPlacement *placement = session->placement;
    const McpSipTrunk *trunk = session->attempt->trunk;

    if (placement->from != NULL)
        return placement->from;
    if (trunk != NULL && trunk->identity != NULL)
        return trunk->identity;
    return session->stack->config->identity;
}

/* The identity that is shown: what was asked for, configured, the own address; or nobody's. */
static char *
from_value(const McpSipSession *session)
{
    const McpSipTrunk *trunk = session->attempt->trunk;
    const char *identity = mcp_sip_client_identity(session);

    /* RFC 3323 §4.1.1.3 */
    if (trunk != NULL && trunk->privacy != NULL && strcmp(trunk->privacy, "none") != 0)
        return g_strdup("\"Anonymous\" <sip:anonymous@anonymous.invalid>");
    return identity != NULL ? g_strdup_printf("<%s>", identity) : g_strdup(session->contact);
}

static gboolean
make_leg(McpSipSession *session)
{
    McpSipStack *stack = session->stack;
    g_autofree char *from = from_value(session);
    g_autofree char *to = g_strdup_printf("<%s>", session->placement->target);

    session->leg = nta_leg_tcreate(stack->agent, mcp_sip_dialog_request, session,
                                   SIPTAG_CALL_ID_STR(session->sip_call_id), SIPTAG_FROM_STR(from),
                                   SIPTAG_TO_STR(to), TAG_END());
    if (session->leg == NULL || nta_leg_tag(session->leg, NULL) == NULL)
        return FALSE;
    mcp_sip_wire_watch(stack->wire, &session->ladder, session->sip_call_id,
                       nta_leg_get_tag(session->leg), NULL);
    return TRUE;
}

gboolean
mcp_sip_client_open(McpSipSession *session)
{
    gboolean sips = g_ascii_strncasecmp(session->attempt->target, "sips:", 5) == 0;

    g_free(session->contact);
    g_free(session->warning_host);
    session->contact = mcp_sip_transport_contact(session->stack->config, session->transport, sips);
    session->warning_host = g_strdup(mcp_sip_transport_host(session->transport));
    return session->leg != NULL || make_leg(session);
}

static void
do_place(gpointer object, gpointer data)
{
    McpSipSession *session = object;
    const McpSipPlacement *placement = session->placement;

    if (session->state == MCP_SIP_STATE_ENDED)
        return;
    mcp_sip_stack_list(session->stack, session);
    if (placement->offer != NULL)
        mcp_sip_offer_agree(session, placement->offer, NULL);
    if (placement->deadline > 0)
        session->deadline = mcp_clock_after(session->stack->clock, session->stack->context,
                                            placement->deadline, on_deadline, session);
    mcp_sip_attempt_begin(session);
}

McpSession *
mcp_sip_client_place(McpSipStack *stack, const McpPlaceParams *params, GError **error)
{
    g_autofree char *sip_call_id = g_uuid_string_random();
    g_autoptr(McpSipSession) session = NULL;
    McpSipPlacement *placement = NULL;

    if (!mcp_sip_message_is_uri(params->target) ||
        (params->from != NULL && !mcp_sip_message_is_uri(params->from))) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s is no sip: URI",
                    mcp_sip_message_is_uri(params->target) ? params->from : params->target);
        return NULL;
    }
    session = mcp_sip_session_new(stack, sip_call_id, TRUE);
    session->call_id = g_strdup(params->call_id);
    session->ladder.call_id = session->call_id;
    placement = g_new0(McpSipPlacement, 1);
    placement->target = g_strdup(params->target);
    placement->from = g_strdup(params->from);
    placement->lines = mcp_sip_header_lines(params->headers);
    placement->offer = params->offer != NULL ? mcp_sdp_ref(params->offer) : NULL;
    placement->deadline = params->deadline;
    placement->may_redirect = params->may_redirect;
    placement->redirect_data = params->redirect_data;
    placement->redirect_destroy = params->redirect_destroy;
    session->placement = placement;
    if (!mcp_sip_stack_post(stack, session, do_place, NULL, NULL, TRUE)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "signalling takes no new sessions");
        return NULL;
    }
    return MCP_SESSION(g_steal_pointer(&session));
}
