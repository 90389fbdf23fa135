/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests outside of any dialog. Whatever is refused is answered without a transaction, so that a
 * flood from strangers leaves nothing behind; only an INVITE that its peer may send gets a session.
 * SIP context.
 */
#include "server.h"

#include "dialog.h"
#include "gate.h"
#include "handle.h"
#include "header_text.h"
#include "invite_check.h"
#include "message.h"
#include "offer_answer.h"
#include "reply.h"
#include "stateless.h"
#include "transport.h"

#include <mcp/disclosure.h>
#include <mcp/log.h>

static McpSipSession *
open_session(McpSipStack *stack, const McpInvite *invite, msg_t *message, sip_t *sip,
             tport_t *connection)
{
    tport_t *transport = tport_parent(connection);
    McpSipFlow *flow = mcp_sip_front_find(stack->front, connection);
    g_autoptr(McpSipSession) session = mcp_sip_session_new(stack, invite->sip_call_id, FALSE);

    session->transport = transport;
    session->flow = flow != NULL ? mcp_sip_flow_ref(flow) : NULL;
    session->contact =
        mcp_sip_transport_contact(stack->config, transport, mcp_sip_message_is_sips(sip));
    session->warning_host = g_strdup(mcp_sip_transport_host(transport));
    session->echo = mcp_sip_header_echo(invite->headers);
    session->answer_awaited = invite->offer == NULL;
    session->peer_requires_reliable = sip_has_feature(sip->sip_require, "100rel");
    session->peer_reliable = sip_has_feature(sip->sip_supported, "100rel");
    session->peer_update =
        sip->sip_allow != NULL && sip_is_allowed(sip->sip_allow, SIP_METHOD_UPDATE);
    mcp_sip_session_timer_answer(&session->timer, &stack->config->session_timer, sip);
    mcp_sip_offer_agree(session, NULL, invite->offer);
    session->leg = nta_leg_tcreate(stack->agent, mcp_sip_dialog_request, session,
                                   SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_to),
                                   SIPTAG_TO(sip->sip_from),
                                   NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
    if (session->leg == NULL || nta_leg_tag(session->leg, NULL) == NULL) {
        mcp_sip_leg_clear(&session->leg);
        msg_destroy(message);
        return NULL;
    }
    nta_leg_server_route(session->leg, sip->sip_record_route, sip->sip_contact);
    mcp_sip_wire_watch(stack->wire, &session->ladder, session->sip_call_id, sip->sip_from->a_tag,
                       message);
    session->invite_in = nta_incoming_create(stack->agent, session->leg, message, sip, TAG_END());
    if (session->invite_in == NULL) {
        mcp_sip_leg_clear(&session->leg);
        return NULL;
    }
    nta_incoming_bind(session->invite_in, mcp_sip_dialog_ack_cancel, session);
    mcp_sip_stack_list(stack, session);
    return g_steal_pointer(&session);
}

static void
accept_invite(McpSipStack *stack, McpInvite *invite, msg_t *message, sip_t *sip,
              tport_t *connection)
{
    g_autoptr(McpSipSession) session = open_session(stack, invite, message, sip, connection);
    g_autofree char *uri = mcp_text_hide_passwords(invite->request_uri);
    McpSipSession *replaced = NULL;

    if (session == NULL) {
        mcp_log_warning("invite-lost", NULL, "no memory for the session of %s",
                        invite->sip_call_id);
        return;
    }
    mcp_log_debug("invite-received", NULL, "INVITE %s from %s over %s (%s, peer %s)", uri,
                  invite->remote_address, invite->transport, invite->sip_call_id,
                  mcp_peer_get_name(invite->peer));
    replaced = mcp_sip_check_replaced(stack, sip);
    mcp_sip_reply(session, session->invite_in, 100, NULL, NULL);
    if (replaced != NULL) {
        session->call_id = g_strdup(replaced->call_id);
        mcp_calls_replace(stack->calls, MCP_SESSION(replaced), MCP_SESSION(session), invite);
    } else {
        session->call_id = mcp_calls_offer(stack->calls, MCP_SESSION(session), invite);
    }
    session->ladder.call_id = session->call_id;
}

static void
receive_invite(McpSipStack *stack, msg_t *message, sip_t *sip)
{
    tport_t *connection = tport_delivered_by(nta_agent_tports(stack->agent), message);
    g_auto(McpSipRefused) refused = {0};
    g_autoptr(McpInvite) invite = mcp_sip_check_invite_uri(sip, &refused);
    const McpSipFlow *flow = NULL;
    const char *const *identities = NULL;

    if (invite == NULL) {
        mcp_sip_gate_refuse(stack, message, refused.status, refused.cause, refused.text);
        return;
    }
    if (connection == NULL) {
        msg_destroy(message);
        return;
    }
    flow = mcp_sip_front_find(stack->front, connection);
    identities = flow != NULL ? mcp_sip_flow_get_identities(flow) : NULL;
    mcp_sip_check_source(stack, invite, message, tport_parent(connection), identities);
    if (mcp_sip_check_account(stack, invite, sip, message, identities, &refused) &&
        mcp_sip_check_invite(stack, invite, sip, NULL, &refused) &&
        mcp_sip_check_address(stack, message, &refused) &&
        mcp_sip_check_core(stack, invite, sip, &refused)) {
        accept_invite(stack, invite, message, sip, connection);
        return;
    }
    mcp_sip_stack_count_refusal(stack, refused.cause);
    if (!mcp_sip_gate_admit_stranger(stack, message)) {
        msg_destroy(message);
        return;
    }
    mcp_calls_refused(stack->calls, invite, refused.status, refused.text);
    mcp_sip_stateless_reply(stack, message, refused.status, refused.text, refused.retry_after,
                            refused.lines);
}

static void
receive_options(McpSipStack *stack, msg_t *message)
{
    guint retry_after = 0;
    guint status = mcp_calls_get_admission(stack->calls, &retry_after);

    if (mcp_sip_gate_admit_stranger(stack, message))
        mcp_sip_stateless_options(stack, message, status, retry_after);
    else
        msg_destroy(message);
}

static void
receive_request(McpSipStack *stack, msg_t *message, sip_t *sip)
{
    sip_method_t method = sip->sip_request->rq_method;
    g_auto(McpSipRefused) refused = {0};

    mcp_sip_stack_count_request(stack, method);
    if (method == sip_method_ack)
        msg_destroy(message);
    else if (!mcp_sip_check_method(sip, &refused))
        mcp_sip_gate_refuse(stack, message, refused.status, refused.cause, refused.text);
    else if (method == sip_method_invite)
        receive_invite(stack, message, sip);
    else if (mcp_sip_stateless_is_unsupported(stack, sip))
        mcp_sip_gate_refuse(stack, message, 420, MCP_SIP_REFUSAL_EXTENSION,
                            "required extension not supported");
    else
        receive_options(stack, message);
}

int
mcp_sip_server_receive(McpSipStack *stack, nta_agent_t *agent, msg_t *message, sip_t *sip)
{
    tport_t *connection = tport_delivered_by(nta_agent_tports(agent), message);

    /* Responses that belong to no transaction of ours are dropped. */
    if (sip->sip_request == NULL || sip->sip_via == NULL ||
        !mcp_sip_front_admits(stack->front, connection) || !mcp_sip_gate_enter(stack, message)) {
        msg_destroy(message);
        return 0;
    }
    receive_request(stack, message, sip);
    return 0;
}
