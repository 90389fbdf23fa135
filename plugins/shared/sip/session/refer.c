/* SPDX-License-Identifier: Apache-2.0 */
/*
 * REFER within a session (RFC 3515): theirs, which the core answers and tells the progress of, and
 * ours, whose progress comes by NOTIFY. One at a time in each direction. SIP context.
 */
#include "refer.h"

#include "client.h"
#include "handle.h"
#include "message.h"
#include "refer_text.h"
#include "reply.h"
#include "requests.h"

#include <mcp/error.h>
#include <mcp/log.h>

/* RFC 3515 §2.4.4: how long the referrer is promised to be told, seconds. */
#define SUBSCRIPTION_EXPIRES 180

/* --- theirs --- */

static int
refuse(McpSipSession *session, nta_incoming_t *incoming, guint status, const char *reason)
{
    mcp_sip_stack_count_refusal(session->stack, MCP_SIP_REFUSAL_SYNTAX);
    mcp_sip_reply_refuse(session, incoming, status, reason, status == 500 ? 5 : 0);
    return (int)status;
}

int
mcp_sip_refer_receive(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpRefer) refer = mcp_sip_refer_read(sip, &error);
    McpSessionEvent event = {.type = MCP_SESSION_REFERRED, .refer = refer};

    if (refer == NULL)
        return refuse(session, incoming,
                      g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED) ? 501 : 400,
                      error->message);
    if (session->refer_in != NULL || session->refer_notifies)
        return refuse(session, incoming, 500, "another REFER is under way");
    if (session->state != MCP_SIP_STATE_CONFIRMED)
        return refuse(session, incoming, 491, "the session is not confirmed");
    session->refer_in = incoming;
    session->refer_silent = mcp_sip_refer_is_silent(sip);
    /* §2.4.6: the first one needs no id. */
    session->refer_id = session->refer_seen ? sip->sip_cseq->cs_seq : 0;
    session->refer_seen = TRUE;
    mcp_sip_session_emit(session, &event);
    return 0;
}

void
mcp_sip_refer_answer(McpSipSession *session, guint status, const char *reason)
{
    nta_incoming_t *incoming = g_steal_pointer(&session->refer_in);

    if (incoming == NULL)
        return;
    if (status >= 300) {
        mcp_sip_stack_count_refusal(session->stack, MCP_SIP_REFUSAL_CORE);
        mcp_sip_reply_refuse(session, incoming, status, reason != NULL ? reason : "refused", 0);
    } else {
        mcp_sip_reply_accepted(session, incoming, session->refer_silent);
        session->refer_notifies = TRUE;
        mcp_sip_refer_notify(session, 100);
    }
    mcp_sip_incoming_clear(&incoming);
}

void
mcp_sip_refer_notify(McpSipSession *session, guint status)
{
    g_autofree char *text =
        g_strdup_printf("SIP/2.0 %u %s\r\n", status, sip_status_phrase((int)status));
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
    g_autofree char *id =
        session->refer_id != 0 ? g_strdup_printf(";id=%u", session->refer_id) : g_strdup("");
    char *lines = NULL;

    if (!session->refer_notifies)
        return;
    session->refer_notifies = status < 200;
    if (session->refer_silent)
        return;
    if (status < 200)
        lines = g_strdup_printf("Event: refer%s\r\nSubscription-State: active;expires=%d\r\n", id,
                                SUBSCRIPTION_EXPIRES);
    else
        lines = g_strdup_printf(
            "Event: refer%s\r\nSubscription-State: terminated;reason=noresource\r\n", id);
    mcp_sip_requests_send(session, mcp_sip_request_new(SIP_METHOD_NOTIFY, lines,
                                                       "message/sipfrag;version=2.0", body));
}

/* --- ours --- */

static void
emit_progress(McpSipSession *session, guint status)
{
    McpSessionEvent event = {.type = MCP_SESSION_REFER_PROGRESS,
                             .status = status,
                             .reason = sip_status_phrase((int)status)};

    session->refer_out = status < 200;
    mcp_sip_session_emit(session, &event);
}

/* The answer to our REFER: a 2xx is only a promise. */
static void
on_answered(McpSipSession *session, guint status)
{
    if (!session->refer_out || session->state == MCP_SIP_STATE_ENDED)
        return;
    if (status >= 300)
        emit_progress(session, status);
    else if (!session->refer_told)
        emit_progress(session, 100);
}

static void
send_refer(McpSipSession *session, const McpRefer *refer)
{
    char *lines = mcp_sip_refer_lines(refer);
    McpSipRequest *request = NULL;

    if (lines == NULL || session->refer_out || session->state != MCP_SIP_STATE_CONFIRMED) {
        McpSessionEvent event = {.type = MCP_SESSION_REFER_PROGRESS,
                                 .status = lines == NULL ? 400 : 491,
                                 .reason = lines == NULL ? "the target is no URI"
                                                         : "another REFER is under way"};

        g_free(lines);
        mcp_sip_session_emit(session, &event);
        return;
    }
    session->refer_out = TRUE;
    session->refer_told = FALSE;
    request = mcp_sip_request_new(SIP_METHOD_REFER, lines, NULL, NULL);
    request->done = on_answered;
    mcp_sip_requests_send(session, request);
}

void
mcp_sip_refer_send(McpSipSession *session, const McpRefer *refer)
{
    send_refer(session, refer);
}

/* Where the other side of @session can be reached: its Contact. (transfer full) (nullable) */
static char *
remote_target(McpSipSession *session)
{
    const sip_route_t *route = NULL;
    const sip_contact_t *target = NULL;

    if (session->leg == NULL || nta_leg_get_route(session->leg, &route, &target) < 0 ||
        target == NULL)
        return NULL;
    return mcp_sip_message_url(target->m_url);
}

void
mcp_sip_refer_send_session(McpSipSession *session, McpSipSession *other, const char *referred_by)
{
    su_home_t home[1] = {SU_HOME_INIT(home)};
    g_autofree char *target = remote_target(other);
    g_autoptr(McpRefer) refer = NULL;
    sip_replaces_t *replaces = NULL;

    su_home_init(home);
    if (target != NULL && other->state == MCP_SIP_STATE_CONFIRMED)
        replaces = nta_leg_make_replaces(other->leg, home, 0);
    refer = mcp_refer_new(target != NULL ? target : "",
                          replaces != NULL ? sip_header_as_string(home, (sip_header_t *)replaces)
                                           : NULL,
                          referred_by);
    su_home_deinit(home);
    if (replaces != NULL) {
        send_refer(session, refer);
    } else {
        McpSessionEvent event = {.type = MCP_SESSION_REFER_PROGRESS,
                                 .status = 481,
                                 .reason = "the other session is not confirmed"};

        mcp_sip_session_emit(session, &event);
    }
}

int
mcp_sip_refer_notified(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    const char *state =
        sip->sip_subscription_state != NULL ? sip->sip_subscription_state->ss_substate : "";
    gboolean over = g_ascii_strcasecmp(state, "terminated") == 0;
    guint status = mcp_sip_refer_fragment_status(sip);

    if (!session->refer_out || sip->sip_event == NULL ||
        g_ascii_strcasecmp(sip->sip_event->o_type, "refer") != 0)
        return refuse(session, incoming, 481, "no such subscription");
    mcp_sip_reply(session, incoming, 200, NULL, NULL);
    session->refer_told = TRUE;
    /* Some end the subscription without a word of how it went. */
    if (over && status < 200)
        status = 408;
    if (status != 0)
        emit_progress(session, status);
    return 200;
}

void
mcp_sip_refer_clear(McpSipSession *session)
{
    mcp_sip_incoming_clear(&session->refer_in);
    session->refer_out = FALSE;
    session->refer_notifies = FALSE;
}
