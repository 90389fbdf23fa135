/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session timer of a session (RFC 4028), both roles: we refresh at half of the interval, by
 * UPDATE without a description where the other side allows it (§7.4), else by a re-INVITE with the
 * one in force; when nobody refreshed in time the session ends with a BYE (§10). SIP context.
 */
#include "refresh.h"

#include "authorize.h"
#include "client.h"
#include "dialog.h"
#include "handle.h"
#include "offer_answer.h"

#include <mcp/log.h>

static const McpSipTimerPolicy *
policy_of(const McpSipSession *session)
{
    return &session->stack->config->session_timer;
}

gboolean
mcp_sip_refresh_receive(McpSipSession *session, const sip_t *sip)
{
    return mcp_sip_session_timer_answer(&session->timer, policy_of(session), sip);
}

char *
mcp_sip_refresh_request(McpSipSession *session)
{
    return mcp_sip_session_timer_request(&session->timer, policy_of(session));
}

char *
mcp_sip_refresh_min_se(McpSipSession *session)
{
    return session->timer.min_se != 0 ? g_strdup_printf("%u", session->timer.min_se) : NULL;
}

static void on_expired(gpointer user_data);
static void on_refresh_due(gpointer user_data);

static void
arm(McpSipSession *session, gint64 when, McpTimerFunc func)
{
    McpSipStack *stack = session->stack;
    gint64 delay = MAX(when - mcp_clock_now(stack->clock), 0);

    mcp_timer_clear(&session->refresh_timer);
    session->refresh_timer = mcp_clock_after(stack->clock, stack->context, delay, func, session);
}

static void
on_expired(gpointer user_data)
{
    g_autoptr(McpSipSession) session = g_object_ref(MCP_SIP_SESSION(user_data));

    mcp_timer_clear(&session->refresh_timer);
    mcp_log_info("session-expired", session->call_id, "session %s: no refresh within %u s",
                 session->sip_call_id, session->timer.interval);
    mcp_sip_dialog_fail(session, 408, "session timer expired");
    mcp_sip_session_settle(session);
}

static void
on_refresh_due(gpointer user_data)
{
    g_autoptr(McpSipSession) session = g_object_ref(MCP_SIP_SESSION(user_data));

    arm(session, session->expires_at, on_expired);
    mcp_sip_refresh_send(session);
}

void
mcp_sip_refresh_restart(McpSipSession *session)
{
    gint64 now = mcp_clock_now(session->stack->clock);
    gint64 after = mcp_sip_session_timer_refresh_after(&session->timer);

    session->refresh_due = FALSE;
    mcp_timer_clear(&session->refresh_timer);
    if (session->timer.interval == 0 || session->state == MCP_SIP_STATE_ENDED)
        return;
    session->expires_at = now + mcp_sip_session_timer_expires_after(&session->timer);
    if (after > 0)
        arm(session, now + after, on_refresh_due);
    else
        arm(session, session->expires_at, on_expired);
}

void
mcp_sip_refresh_take(McpSipSession *session, const sip_t *sip)
{
    mcp_sip_session_timer_take(&session->timer, sip);
    mcp_sip_refresh_restart(session);
}

void
mcp_sip_refresh_failed(McpSipSession *session, guint status, const sip_t *sip)
{
    gboolean update_unknown = (status == 405 || status == 501) && session->peer_update;

    session->refresh_due = TRUE;
    if (status == 491)
        return;
    if (update_unknown)
        session->peer_update = FALSE;
    if (update_unknown || (status == 422 && sip != NULL &&
                           mcp_sip_session_timer_raise(&session->timer, policy_of(session), sip))) {
        mcp_sip_refresh_send(session);
        return;
    }
    mcp_log_warning("refresh-refused", session->call_id,
                    "refresh of session %s refused with %u; it ends when its time is over",
                    session->sip_call_id, status);
}

static int
on_response(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);
    guint status = (guint)nta_outgoing_status(outgoing);
    nta_outgoing_t *done = outgoing;

    if (status < 200)
        return 0;
    session->refresh = NULL;
    if (status < 300 && sip != NULL) {
        mcp_sip_session_target(session, sip);
        mcp_sip_refresh_take(session, sip);
    } else if (mcp_sip_authorize_take(session, status, sip)) {
        mcp_sip_refresh_send(session);
    } else if (!mcp_sip_client_is_lost(session, status)) {
        mcp_sip_refresh_failed(session, status, sip);
        if (status == 491)
            mcp_sip_offer_back_off(session);
    }
    /* The response goes with its transaction. */
    mcp_sip_outgoing_clear(&done);
    mcp_sip_session_settle(session);
    return 0;
}

static void
send_update(McpSipSession *session)
{
    McpSipStack *stack = session->stack;
    g_autofree char *expires = mcp_sip_refresh_request(session);
    g_autofree char *min_se = mcp_sip_refresh_min_se(session);
    g_autofree char *proof = NULL;
    McpSipRoute route;

    if (session->refresh != NULL)
        return;
    proof = mcp_sip_authorize_lines(session, "UPDATE");
    route = mcp_sip_client_route(session);
    session->refresh = nta_outgoing_tcreate(
        session->leg, on_response, session, NULL, SIP_METHOD_UPDATE, NULL, MCP_SIP_ROUTE(route),
        SIPTAG_CONTACT_STR(session->contact), SIPTAG_SUPPORTED(stack->supported),
        TAG_IF(expires != NULL, SIPTAG_SESSION_EXPIRES_STR(expires)),
        TAG_IF(min_se != NULL, SIPTAG_MIN_SE_STR(min_se)), MCP_SIP_ECHO(session),
        MCP_SIP_PROOF(proof), TAG_END());
}

void
mcp_sip_refresh_send(McpSipSession *session)
{
    session->refresh_due = TRUE;
    if (session->state != MCP_SIP_STATE_CONFIRMED)
        return;
    if (session->peer_update)
        send_update(session);
    else
        mcp_sip_offer_refresh(session);
}

void
mcp_sip_refresh_clear(McpSipSession *session)
{
    mcp_timer_clear(&session->refresh_timer);
    mcp_sip_outgoing_clear(&session->refresh);
}
