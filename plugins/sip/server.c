/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests outside of any dialog. Whatever is refused is answered without a transaction, so that a
 * flood from strangers leaves nothing behind; only an INVITE that its peer may send gets a session.
 * SIP context.
 */
#include "server.h"

#include "dialog.h"
#include "handle.h"
#include "header_text.h"
#include "interfaces.h"
#include "message.h"
#include "offer_answer.h"
#include "reply.h"
#include "stateless.h"
#include "transport.h"

#include <mcp/error.h>
#include <mcp/log.h>

/* Why an INVITE is refused. */
typedef struct {
    guint status;
    McpSipRefusal cause;
    char *text; /* owned */
    guint retry_after;
} Refusal;

static void
refuse(McpSipStack *stack, msg_t *message, guint status, McpSipRefusal cause, const char *reason)
{
    const sip_t *sip = sip_object(message);
    guint port = 0;
    g_autoptr(GInetAddress) source = mcp_sip_message_source(message, &port);
    g_autofree char *from = source != NULL ? g_inet_address_to_string(source) : NULL;

    mcp_sip_stack_count_refusal(stack, cause);
    mcp_log_info("request-refused", NULL, "%s (%s) from %s:%u refused with %u: %s",
                 sip->sip_request->rq_method_name, sip->sip_call_id->i_id,
                 from != NULL ? from : "?", port, status, reason);
    mcp_sip_stateless_reply(stack, message, status, reason, 0);
}

/* Whether any service is open to the peer: others learn nothing of what there is. */
static gboolean
has_service(McpSipStack *stack, const McpPeer *peer)
{
    g_autoptr(McpSettings) settings = mcp_host_get_settings(stack->host);
    const char *const *names = mcp_settings_get_instances(settings, "service");

    for (; *names != NULL; names++) {
        if (mcp_peer_allows_service(peer, *names))
            return TRUE;
    }
    return FALSE;
}

static void
fill_addresses(McpSipStack *stack, McpInvite *invite, msg_t *message, tport_t *transport,
               const McpSipFlow *flow)
{
    guint port = 0;
    g_autoptr(GInetAddress) source = mcp_sip_message_source(message, &port);

    invite->remote_address = source != NULL ? mcp_sip_format_address(source, port) : g_strdup("");
    invite->local_address = mcp_sip_transport_local(stack->config, transport);
    invite->transport = g_strdup(mcp_sip_transport_protocol(transport));
    invite->secure = flow != NULL;
    if (source != NULL)
        invite->peer = mcp_calls_match_tls_peer(
            stack->calls, source, flow != NULL ? mcp_sip_flow_get_identities(flow) : NULL);
}

static gboolean
set_refusal(Refusal *refusal, guint status, McpSipRefusal cause, const char *text)
{
    refusal->status = status;
    refusal->cause = cause;
    refusal->text = g_strdup(text);
    return FALSE;
}

/* The session that an INVITE with Replaces is to take the place of: (transfer none) (nullable). */
static McpSipSession *
replaced_session(McpSipStack *stack, const sip_t *sip)
{
    nta_leg_t *leg =
        sip->sip_replaces != NULL ? nta_leg_by_replaces(stack->agent, sip->sip_replaces) : NULL;

    return leg != NULL ? nta_leg_magic(leg, mcp_sip_dialog_request) : NULL;
}

/* RFC 3891 §3 */
static gboolean
check_replaces(McpSipStack *stack, const sip_t *sip, Refusal *refusal)
{
    const McpSipSession *session = NULL;

    if (sip->sip_replaces == NULL)
        return TRUE;
    session = replaced_session(stack, sip);
    if (session == NULL)
        return set_refusal(refusal, 481, MCP_SIP_REFUSAL_DIALOG, "no session to be replaced");
    if (session->state == MCP_SIP_STATE_ENDED)
        return set_refusal(refusal, 603, MCP_SIP_REFUSAL_DIALOG, "the session has ended");
    if (session->state != MCP_SIP_STATE_CONFIRMED)
        return set_refusal(refusal, 481, MCP_SIP_REFUSAL_DIALOG, "the session is not confirmed");
    if (sip->sip_replaces->rp_early_only)
        return set_refusal(refusal, 486, MCP_SIP_REFUSAL_DIALOG, "the session is confirmed");
    return TRUE;
}

/* What signalling itself asks of an INVITE; FALSE with the refusal. */
static gboolean
check_invite(McpSipStack *stack, McpInvite *invite, const sip_t *sip, Refusal *refusal)
{
    g_autoptr(GError) error = NULL;
    McpSipSessionTimer timer = {0};

    if (invite->peer == NULL || !has_service(stack, invite->peer))
        return set_refusal(refusal, 403, MCP_SIP_REFUSAL_PEER, "the peer may use no service");
    if (sip->sip_request->rq_url->url_type != url_sip &&
        sip->sip_request->rq_url->url_type != url_sips)
        return set_refusal(refusal, 416, MCP_SIP_REFUSAL_SYNTAX, "request-URI is no sip: URI");
    if (mcp_sip_stateless_is_unsupported(stack, sip))
        return set_refusal(refusal, 420, MCP_SIP_REFUSAL_EXTENSION,
                           "required extension not supported");
    if (!mcp_sip_session_timer_answer(&timer, &stack->config->session_timer, sip))
        return set_refusal(refusal, 422, MCP_SIP_REFUSAL_LIMIT, "session interval too small");
    if (!check_replaces(stack, sip, refusal))
        return FALSE;
    if (sip->sip_contact == NULL || sip->sip_contact->m_url->url_host == NULL)
        return set_refusal(refusal, 400, MCP_SIP_REFUSAL_SYNTAX, "no Contact header");
    if (!mcp_sip_message_sdp(sip, &invite->offer, &error)) {
        gboolean body = g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);

        return set_refusal(refusal, body ? 415 : 488,
                           body ? MCP_SIP_REFUSAL_BODY : MCP_SIP_REFUSAL_SDP, error->message);
    }
    if (g_hash_table_size(stack->sessions) >= stack->config->max_sessions) {
        refusal->retry_after = 10;
        return set_refusal(refusal, 503, MCP_SIP_REFUSAL_LIMIT, "max_sessions is reached");
    }
    return TRUE;
}

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
    McpSipSession *replaced = NULL;

    if (session == NULL) {
        mcp_log_warning("invite-lost", NULL, "no memory for the session of %s",
                        invite->sip_call_id);
        return;
    }
    mcp_log_debug("invite-received", NULL, "INVITE %s from %s over %s (%s, peer %s)",
                  invite->request_uri, invite->remote_address, invite->transport,
                  invite->sip_call_id, mcp_peer_get_name(invite->peer));
    replaced = replaced_session(stack, sip);
    mcp_sip_reply(session, session->invite_in, 100, NULL, NULL);
    if (replaced != NULL) {
        session->call_id = g_strdup(replaced->call_id);
        mcp_calls_replace(stack->calls, MCP_SESSION(replaced), MCP_SESSION(session), invite);
    } else {
        session->call_id = mcp_calls_offer(stack->calls, MCP_SESSION(session), invite);
    }
}

static void
receive_invite(McpSipStack *stack, msg_t *message, sip_t *sip)
{
    tport_t *connection = tport_delivered_by(nta_agent_tports(stack->agent), message);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpInvite) invite = mcp_sip_message_invite(sip, &error);
    Refusal refusal = {0};

    if (invite == NULL) {
        refuse(stack, message, 400, MCP_SIP_REFUSAL_SYNTAX, error->message);
        return;
    }
    if (connection == NULL) {
        msg_destroy(message);
        return;
    }
    fill_addresses(stack, invite, message, tport_parent(connection),
                   mcp_sip_front_find(stack->front, connection));
    if (check_invite(stack, invite, sip, &refusal)) {
        accept_invite(stack, invite, message, sip, connection);
        return;
    }
    mcp_sip_stack_count_refusal(stack, refusal.cause);
    mcp_calls_refused(stack->calls, invite, refusal.status, refusal.text);
    mcp_sip_stateless_reply(stack, message, refusal.status, refusal.text, refusal.retry_after);
    g_free(refusal.text);
}

static void
receive_options(McpSipStack *stack, msg_t *message)
{
    guint retry_after = 0;
    guint status = mcp_calls_get_admission(stack->calls, &retry_after);

    mcp_sip_stateless_options(stack, message, status, retry_after);
}

static void
receive_request(McpSipStack *stack, msg_t *message, sip_t *sip)
{
    sip_method_t method = sip->sip_request->rq_method;

    mcp_sip_stack_count_request(stack, method);
    if (method == sip_method_ack)
        msg_destroy(message);
    else if (method == sip_method_cancel)
        refuse(stack, message, 481, MCP_SIP_REFUSAL_DIALOG, "nothing to cancel");
    else if (sip->sip_to->a_tag != NULL || method == sip_method_bye ||
             method == sip_method_update || method == sip_method_info || method == sip_method_prack)
        refuse(stack, message, 481, MCP_SIP_REFUSAL_DIALOG, "no such session");
    else if (method == sip_method_unknown)
        refuse(stack, message, 501, MCP_SIP_REFUSAL_METHOD, "unknown method");
    else if (method != sip_method_invite && method != sip_method_options)
        refuse(stack, message, 405, MCP_SIP_REFUSAL_METHOD, "method not allowed");
    else if (method == sip_method_invite)
        receive_invite(stack, message, sip);
    else if (mcp_sip_stateless_is_unsupported(stack, sip))
        refuse(stack, message, 420, MCP_SIP_REFUSAL_EXTENSION, "required extension not supported");
    else
        receive_options(stack, message);
}

int
mcp_sip_server_receive(McpSipStack *stack, nta_agent_t *agent, msg_t *message, sip_t *sip)
{
    tport_t *connection = tport_delivered_by(nta_agent_tports(agent), message);

    /* Responses that belong to no transaction of ours are dropped. */
    if (sip->sip_request == NULL || sip->sip_via == NULL ||
        !mcp_sip_front_admits(stack->front, connection)) {
        msg_destroy(message);
        return 0;
    }
    receive_request(stack, message, sip);
    return 0;
}
