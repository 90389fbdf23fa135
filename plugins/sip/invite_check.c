/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What signalling asks of a request before it becomes a session: a table of checks, done in order,
 * for requests that came and for those that are only explained. SIP context.
 */
#include "invite_check.h"

#include "dialog.h"
#include "gate.h"
#include "interfaces.h"
#include "message.h"
#include "stateless.h"
#include "transport.h"

#include <mcp/error.h>

typedef struct {
    McpSipStack *stack;
    McpInvite *invite;
    const sip_t *sip;
    McpSipRefused *out;
} Subject;

typedef struct {
    const char *name;
    gboolean (*check)(const Subject *subject);
    const char *passed;
} Check;

void
mcp_sip_refused_clear(McpSipRefused *refused)
{
    g_clear_pointer(&refused->text, g_free);
    g_clear_pointer(&refused->lines, g_free);
}

static gboolean
refuse(McpSipRefused *out, guint status, McpSipRefusal cause, const char *text)
{
    out->status = status;
    out->cause = cause;
    out->text = g_strdup(text);
    return FALSE;
}

gboolean
mcp_sip_check_method(const sip_t *sip, McpSipRefused *out)
{
    sip_method_t method = sip->sip_request->rq_method;

    if (method == sip_method_cancel)
        return refuse(out, 481, MCP_SIP_REFUSAL_DIALOG, "nothing to cancel");
    if (sip->sip_to->a_tag != NULL || method == sip_method_bye || method == sip_method_update ||
        method == sip_method_info || method == sip_method_prack)
        return refuse(out, 481, MCP_SIP_REFUSAL_DIALOG, "no such session");
    if (method == sip_method_unknown)
        return refuse(out, 501, MCP_SIP_REFUSAL_METHOD, "unknown method");
    if (method != sip_method_invite && method != sip_method_options)
        return refuse(out, 405, MCP_SIP_REFUSAL_METHOD, "method not allowed");
    return TRUE;
}

McpInvite *
mcp_sip_check_invite_uri(const sip_t *sip, McpSipRefused *out)
{
    g_autoptr(GError) error = NULL;
    McpInvite *invite = mcp_sip_message_invite(sip, &error);

    if (invite == NULL)
        refuse(out, 400, MCP_SIP_REFUSAL_SYNTAX, error->message);
    return invite;
}

void
mcp_sip_check_source(McpSipStack *stack, McpInvite *invite, msg_t *message, tport_t *transport,
                     const char *const *identities)
{
    guint port = 0;
    g_autoptr(GInetAddress) source = mcp_sip_message_source(message, &port);

    invite->remote_address = source != NULL ? mcp_sip_format_address(source, port) : g_strdup("");
    invite->local_address = mcp_sip_transport_local(stack->config, transport);
    invite->transport = g_strdup(mcp_sip_transport_protocol(transport));
    invite->secure = identities != NULL;
    if (source != NULL)
        invite->peer = mcp_calls_match_tls_peer(stack->calls, source, identities);
}

static gboolean
may_use_any(McpSipStack *stack, const McpPeer *peer)
{
    g_autoptr(McpSettings) settings = mcp_host_get_settings(stack->host);
    const char *const *names = mcp_settings_get_instances(settings, "service");

    for (; peer != NULL && *names != NULL; names++) {
        if (mcp_peer_allows_service(peer, *names))
            return TRUE;
    }
    return FALSE;
}

/* A caller whose account is looked for. */
typedef struct {
    McpSipStack *stack;
    GInetAddress *source;
    const char *const *identities;
    McpPeer *peer; /* nullable: that has the account */
} Claim;

static const char *
find_account(const char *user, gpointer user_data)
{
    Claim *claim = user_data;

    g_clear_pointer(&claim->peer, mcp_peer_unref);
    claim->peer =
        mcp_calls_match_account(claim->stack->calls, claim->source, claim->identities, user);
    return claim->peer != NULL ? mcp_peer_get_password(claim->peer) : NULL;
}

static gboolean
ask_for_proof(McpSipStack *stack, msg_t *message, gboolean stale, McpSipRefused *out,
              const char *text)
{
    out->lines = mcp_sip_authenticator_challenge(stack->authenticator, msg_addr(message),
                                                 mcp_clock_now(stack->clock), stale);
    return refuse(out, 401, MCP_SIP_REFUSAL_AUTH, text);
}

/* Credentials came that are for us. */
static gboolean
take_verdict(Claim *claim, McpInvite *invite, msg_t *message, McpSipVerdict verdict,
             McpSipRefused *out)
{
    McpSipStack *stack = claim->stack;
    gint64 now = mcp_clock_now(stack->clock);

    if (verdict == MCP_SIP_VERDICT_STALE)
        return ask_for_proof(stack, message, TRUE, out, "the nonce is over");
    mcp_sip_sources_note_proof(stack->sources, msg_addr(message), now,
                               verdict == MCP_SIP_VERDICT_GOOD);
    if (verdict == MCP_SIP_VERDICT_WRONG)
        return ask_for_proof(stack, message, FALSE, out, "wrong username or password");
    mcp_peer_unref(invite->peer);
    invite->peer = g_steal_pointer(&claim->peer);
    return TRUE;
}

gboolean
mcp_sip_check_account(McpSipStack *stack, McpInvite *invite, const sip_t *sip, msg_t *message,
                      const char *const *identities, McpSipRefused *out)
{
    guint port = 0;
    g_autoptr(GInetAddress) source = mcp_sip_message_source(message, &port);
    gint64 now = mcp_clock_now(stack->clock);
    Claim claim = {stack, source, identities, NULL};
    McpSipVerdict verdict = MCP_SIP_VERDICT_NONE;
    gint64 wait = 0;
    gboolean passed = TRUE;

    if (source == NULL || invite->peer == NULL ||
        !mcp_calls_has_accounts(stack->calls, source, identities))
        return TRUE;
    if (sip->sip_authorization != NULL)
        wait = mcp_sip_sources_proof_wait(stack->sources, msg_addr(message), now);
    if (wait > 0) {
        out->retry_after = (guint)(wait / G_USEC_PER_SEC) + 1;
        return refuse(out, 403, MCP_SIP_REFUSAL_AUTH, "too many wrong credentials");
    }
    verdict = mcp_sip_authenticator_judge(stack->authenticator, sip, msg_addr(message), now,
                                          find_account, &claim);
    if (verdict != MCP_SIP_VERDICT_NONE)
        passed = take_verdict(&claim, invite, message, verdict, out);
    else if (!may_use_any(stack, invite->peer))
        passed = ask_for_proof(stack, message, FALSE, out, "an account is to be proven");
    g_clear_pointer(&claim.peer, mcp_peer_unref);
    return passed;
}

/* Whether any service is open to the peer: others learn nothing of what there is. */
static gboolean
check_peer(const Subject *subject)
{
    if (may_use_any(subject->stack, subject->invite->peer))
        return TRUE;
    return refuse(subject->out, 403, MCP_SIP_REFUSAL_PEER, "the peer may use no service");
}

/* What takes the place of a session is no new call. */
static gboolean
check_room(const Subject *subject)
{
    McpSipStack *stack = subject->stack;
    const char *closed = subject->sip->sip_replaces == NULL
                             ? mcp_calls_is_closed(stack->calls, subject->invite->peer)
                             : NULL;

    if (closed == NULL && g_hash_table_size(stack->sessions) >= stack->config->max_sessions)
        closed = "max_sessions is reached";
    if (closed == NULL)
        return TRUE;
    subject->out->retry_after = mcp_calls_get_retry_after(stack->calls);
    return refuse(subject->out, 503, MCP_SIP_REFUSAL_LIMIT, closed);
}

static gboolean
check_scheme(const Subject *subject)
{
    const url_t *url = subject->sip->sip_request->rq_url;

    if (url->url_type == url_sip || url->url_type == url_sips)
        return TRUE;
    return refuse(subject->out, 416, MCP_SIP_REFUSAL_SYNTAX, "request-URI is no sip: URI");
}

static gboolean
check_require(const Subject *subject)
{
    if (!mcp_sip_stateless_is_unsupported(subject->stack, subject->sip))
        return TRUE;
    return refuse(subject->out, 420, MCP_SIP_REFUSAL_EXTENSION, "required extension not supported");
}

static gboolean
check_session_timer(const Subject *subject)
{
    McpSipSessionTimer timer = {0};

    if (mcp_sip_session_timer_answer(&timer, &subject->stack->config->session_timer, subject->sip))
        return TRUE;
    return refuse(subject->out, 422, MCP_SIP_REFUSAL_LIMIT, "session interval too small");
}

McpSipSession *
mcp_sip_check_replaced(McpSipStack *stack, const sip_t *sip)
{
    nta_leg_t *leg =
        sip->sip_replaces != NULL ? nta_leg_by_replaces(stack->agent, sip->sip_replaces) : NULL;

    return leg != NULL ? nta_leg_magic(leg, mcp_sip_dialog_request) : NULL;
}

/* RFC 3891 §3 */
static gboolean
check_replaces(const Subject *subject)
{
    const sip_t *sip = subject->sip;
    const McpSipSession *session = NULL;

    if (sip->sip_replaces == NULL)
        return TRUE;
    session = mcp_sip_check_replaced(subject->stack, sip);
    if (session == NULL)
        return refuse(subject->out, 481, MCP_SIP_REFUSAL_DIALOG, "no session to be replaced");
    if (session->state == MCP_SIP_STATE_ENDED)
        return refuse(subject->out, 603, MCP_SIP_REFUSAL_DIALOG, "the session has ended");
    if (session->state != MCP_SIP_STATE_CONFIRMED)
        return refuse(subject->out, 481, MCP_SIP_REFUSAL_DIALOG, "the session is not confirmed");
    if (sip->sip_replaces->rp_early_only)
        return refuse(subject->out, 486, MCP_SIP_REFUSAL_DIALOG, "the session is confirmed");
    return TRUE;
}

static gboolean
check_contact(const Subject *subject)
{
    const sip_contact_t *contact = subject->sip->sip_contact;

    if (contact != NULL && contact->m_url->url_host != NULL)
        return TRUE;
    return refuse(subject->out, 400, MCP_SIP_REFUSAL_SYNTAX, "no Contact header");
}

static gboolean
check_body(const Subject *subject)
{
    g_autoptr(GError) error = NULL;
    gboolean body = FALSE;

    if (mcp_sip_message_sdp(subject->sip, &subject->invite->offer, &error))
        return TRUE;
    body = g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    return refuse(subject->out, body ? 415 : 488, body ? MCP_SIP_REFUSAL_BODY : MCP_SIP_REFUSAL_SDP,
                  error->message);
}

static const Check checks[] = {
    {"services", check_peer, "the peer may use some service"},
    {"room", check_room, "below max_sessions, and calls are taken"},
    {"request-URI", check_scheme, "a sip: or sips: URI"},
    {"Require", check_require, "nothing that is not supported"},
    {"Session-Expires", check_session_timer, "none, or long enough"},
    {"Replaces", check_replaces, "none, or a session that can be replaced"},
    {"Contact", check_contact, "one with a host"},
    {"body", check_body, "none, a session description, or something that may be ignored"},
};

gboolean
mcp_sip_check_invite(McpSipStack *stack, McpInvite *invite, const sip_t *sip, McpExplain *explain,
                     McpSipRefused *out)
{
    Subject subject = {stack, invite, sip, out};

    for (guint i = 0; i < G_N_ELEMENTS(checks); i++) {
        if (!checks[i].check(&subject)) {
            mcp_explain_add(explain, checks[i].name, MCP_EXPLAIN_REFUSED, "%u: %s", out->status,
                            out->text);
            return FALSE;
        }
        mcp_explain_add(explain, checks[i].name, MCP_EXPLAIN_PASSED, "%s", checks[i].passed);
    }
    return TRUE;
}

gboolean
mcp_sip_check_core(McpSipStack *stack, McpInvite *invite, const sip_t *sip, McpSipRefused *out)
{
    g_autoptr(McpReject) reject =
        mcp_calls_examine(stack->calls, invite, sip->sip_replaces != NULL);

    if (reject == NULL)
        return TRUE;
    out->retry_after = reject->retry_after;
    return refuse(out, reject->status, MCP_SIP_REFUSAL_CORE, reject->reason);
}

gboolean
mcp_sip_check_address(McpSipStack *stack, msg_t *message, McpSipRefused *out)
{
    if (mcp_sip_gate_take_call(stack, message))
        return TRUE;
    out->retry_after = mcp_calls_get_retry_after(stack->calls);
    return refuse(out, 503, MCP_SIP_REFUSAL_LIMIT, "too many calls a second of one address");
}
