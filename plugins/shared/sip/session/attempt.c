/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where and how often the INVITE of a placed session is sent (RFC 3261 §8.1.3.4, §22; RFC 3263 §4).
 * SIP context.
 */
#include "attempt.h"

#include "authorize.h"
#include "client.h"
#include "handle.h"
#include "message.h"
#include "reliable.h"
#include "transport.h"

#include <mcp/dial.h>
#include <mcp/log.h>
#include <string.h>

#define CONTACTS_MAX 10

/* A target that a 3xx named, and its place in the history (RFC 7044 §10.3). */
typedef struct {
    char *target;
    char *index;
} Other;

static void
other_free(gpointer data)
{
    Other *other = data;

    g_free(other->target);
    g_free(other->index);
    g_free(other);
}

static void
give_up(McpSipSession *session, guint status, const char *reason)
{
    mcp_sip_session_finish(session, status, reason, FALSE, NULL);
    mcp_sip_session_settle(session);
}

static void
forget_connection(McpSipSession *session)
{
    g_clear_pointer(&session->flow, mcp_sip_flow_unref);
    session->transport = NULL;
}

static gboolean try_next(McpSipSession *session);

/* Nothing was heard of this one: its INVITE is taken back, in case it hears of it yet. */
static void
on_silence(gpointer user_data)
{
    g_autoptr(McpSipSession) session = g_object_ref(MCP_SIP_SESSION(user_data));

    mcp_timer_clear(&session->attempt->timer);
    if (session->invite_out == NULL || session->state != MCP_SIP_STATE_CALLING)
        return;
    mcp_log_info("destination-silent", session->call_id, "%s: no answer, the next one is tried",
                 session->sip_call_id);
    nta_outgoing_tcancel(session->invite_out, NULL, NULL, TAG_END());
    mcp_sip_outgoing_clear(&session->invite_out);
    try_next(session);
}

void
mcp_sip_attempt_heard(McpSipSession *session)
{
    if (session->attempt != NULL)
        mcp_timer_clear(&session->attempt->timer);
}

static void
send_to(McpSipSession *session, const McpSipDestination *destination)
{
    McpSipAttempt *attempt = session->attempt;
    McpSipStack *stack = session->stack;
    g_autofree char *text = mcp_sip_destination_to_string(destination);

    g_free(attempt->hop);
    attempt->hop = mcp_sip_destination_to_url(destination);
    mcp_log_debug("invite-sent", session->call_id, "INVITE %s to %s (%s)", attempt->target, text,
                  session->sip_call_id);
    mcp_sip_client_invite(session);
    if (session->invite_out != NULL && attempt->next < attempt->destinations->len)
        attempt->timer = mcp_clock_after(stack->clock, stack->context, stack->config->failover_time,
                                         on_silence, session);
}

/* The next destination that can be reached at all; FALSE when none is left. */
static gboolean
try_next(McpSipSession *session)
{
    McpSipAttempt *attempt = session->attempt;
    g_autoptr(GError) error = NULL;

    while (attempt->destinations != NULL && attempt->next < attempt->destinations->len) {
        const McpSipDestination *destination = attempt->destinations->pdata[attempt->next++];

        g_clear_error(&error);
        forget_connection(session);
        session->transport =
            mcp_sip_transport_reach(session->stack, destination, &session->flow, &error);
        if (session->transport == NULL)
            continue;
        if (!mcp_sip_client_open(session)) {
            give_up(session, 503, "no memory");
            return TRUE;
        }
        send_to(session, destination);
        if (session->invite_out != NULL)
            return TRUE;
    }
    if (session->invite_out == NULL && session->leg == NULL)
        give_up(session, 503, error != NULL ? error->message : "INVITE could not be sent");
    return FALSE;
}

static void
on_located(GPtrArray *destinations, const char *failure, gpointer user_data)
{
    g_autoptr(McpSipSession) session = g_object_ref(MCP_SIP_SESSION(user_data));
    McpSipAttempt *attempt = session->attempt;

    attempt->search = NULL;
    g_clear_pointer(&attempt->destinations, g_ptr_array_unref);
    attempt->destinations = destinations;
    attempt->next = 0;
    if (failure != NULL)
        give_up(session, 503, failure);
    else if (!try_next(session) && session->state == MCP_SIP_STATE_CALLING)
        give_up(session, 503, "no destination could be reached");
}

/* The proxy of the trunk, or the target itself. */
static void
locate(McpSipSession *session)
{
    McpSipAttempt *attempt = session->attempt;
    su_home_t home[1] = {SU_HOME_INIT(home)};
    const url_t *url = NULL;
    McpSipSearch *search = NULL;

    su_home_init(home);
    url = url_make(home, attempt->trunk != NULL && attempt->trunk->proxy != NULL
                             ? attempt->trunk->proxy
                             : attempt->target);
    if (url == NULL) {
        give_up(session, 503, "the target cannot be read");
    } else {
        search = mcp_sip_locator_find(session->stack->locator, url, on_located, session);
        if (search != NULL)
            attempt->search = search;
    }
    su_home_deinit(home);
}

static void
choose_trunk(McpSipSession *session)
{
    McpSipAttempt *attempt = session->attempt;

    attempt->trunk = mcp_sip_trunks_find(session->stack->config->trunks, attempt->target);
    mcp_sip_authorization_clear(&session->authorization);
    session->authorization.trunk = attempt->trunk;
    session->authorization.call_id = session->call_id;
}

void
mcp_sip_attempt_begin(McpSipSession *session)
{
    McpSipAttempt *attempt = g_new0(McpSipAttempt, 1);

    session->attempt = attempt;
    attempt->target = g_strdup(session->placement->target);
    choose_trunk(session);
    attempt->index = g_strdup("1");
    g_queue_init(&attempt->others);
    locate(session);
}

/* --- 3xx --- */

static gboolean
may_follow(McpSipSession *session, const char *target)
{
    const McpSipPlacement *placement = session->placement;
    const char *const *patterns = (const char *const *)session->stack->config->redirect_targets;

    if (placement->may_redirect != NULL)
        return placement->may_redirect(target, placement->redirect_data);
    return mcp_dial_match(patterns, target);
}

/* A header field of a URI in a History-Info entry: the answer that ended it. */
static void
add_history(McpSipAttempt *attempt, guint status)
{
    if (attempt->history == NULL)
        attempt->history = g_string_new(NULL);
    else
        g_string_append(attempt->history, ", ");
    g_string_append_printf(attempt->history, "<%s%cReason=SIP%%3Bcause%%3D%u>;index=%s",
                           attempt->target, strchr(attempt->target, '?') != NULL ? '&' : '?',
                           status, attempt->index);
}

static void
take_contacts(McpSipSession *session, const sip_t *sip)
{
    McpSipAttempt *attempt = session->attempt;
    const sip_contact_t *contact = sip->sip_contact;
    guint n = 0;

    /* The first ones first, before what earlier answers left. */
    for (; contact != NULL && n < CONTACTS_MAX; contact = contact->m_next) {
        g_autofree char *target = mcp_sip_message_url(contact->m_url);
        Other *other = NULL;

        if (!mcp_sip_message_is_uri(target) || !may_follow(session, target)) {
            mcp_log_warning("redirect-refused", session->call_id, "%s: not redirected to %s: %s",
                            session->sip_call_id, target,
                            mcp_sip_message_is_uri(target)
                                ? "neither dial rights nor [sip] redirect_targets have it"
                                : "no sip: URI");
            continue;
        }
        other = g_new0(Other, 1);
        other->target = g_steal_pointer(&target);
        other->index = g_strdup_printf("%s.%u", attempt->index, ++n);
        g_queue_push_nth(&attempt->others, other, (gint)n - 1);
    }
}

static gboolean
follow(McpSipSession *session, guint status)
{
    McpSipAttempt *attempt = session->attempt;
    Other *other = g_queue_pop_head(&attempt->others);

    if (other == NULL)
        return FALSE;
    if (attempt->redirects == session->stack->config->max_redirects) {
        mcp_log_warning("redirect-refused", session->call_id,
                        "%s: not redirected to %s: max_redirects is reached", session->sip_call_id,
                        other->target);
        other_free(other);
        return FALSE;
    }
    attempt->redirects++;
    add_history(attempt, status);
    mcp_log_info("redirected", session->call_id, "%s: %u, %s in place of %s", session->sip_call_id,
                 status, other->target, attempt->target);
    g_free(attempt->target);
    g_free(attempt->index);
    attempt->target = g_steal_pointer(&other->target);
    attempt->index = g_steal_pointer(&other->index);
    other_free(other);
    choose_trunk(session);
    locate(session);
    return TRUE;
}

/* --- */

/* RFC 3263 §4.3: no answer, a transport that failed, or 503. */
static gboolean
is_unreachable(guint status, const sip_t *sip)
{
    return status == 503 || ((sip == NULL || nta_sip_is_internal(sip)) && status == 408);
}

gboolean
mcp_sip_attempt_continue(McpSipSession *session, guint status, const sip_t *sip)
{
    McpSipAttempt *attempt = session->attempt;

    if (attempt == NULL || session->state != MCP_SIP_STATE_CALLING)
        return FALSE;
    if (mcp_sip_authorize_take(session, status, sip)) {
        mcp_sip_outgoing_clear(&session->invite_out);
        mcp_sip_client_invite(session);
        return session->invite_out != NULL;
    }
    if (is_unreachable(status, sip) && attempt->next < attempt->destinations->len) {
        mcp_sip_outgoing_clear(&session->invite_out);
        return try_next(session);
    }
    if (status >= 300 && status < 400 && sip != NULL)
        take_contacts(session, sip);
    /* What is busy at one of them may be free at the next; 6xx is the last word. */
    if (status >= 600 || g_queue_is_empty(&attempt->others))
        return FALSE;
    mcp_sip_outgoing_clear(&session->invite_out);
    return follow(session, status);
}

static const char *
asserted_identity(const McpSipSession *session)
{
    const McpSipTrunk *trunk = session->attempt->trunk;

    if (trunk == NULL || trunk->asserted_identity == NULL)
        return NULL;
    return strcmp(trunk->asserted_identity, "from") == 0 ? mcp_sip_client_identity(session)
                                                         : trunk->asserted_identity;
}

char *
mcp_sip_attempt_lines(const McpSipSession *session)
{
    const McpSipAttempt *attempt = session->attempt;
    const McpSipTrunk *trunk = attempt->trunk;
    GString *lines = g_string_new(NULL);
    const char *identity = asserted_identity(session);

    if (trunk != NULL && trunk->proxy != NULL)
        mcp_sip_trunk_append_route(trunk, lines);
    if (identity != NULL)
        g_string_append_printf(lines, "P-Asserted-Identity: <%s>\r\n", identity);
    if (trunk != NULL && trunk->privacy != NULL)
        g_string_append_printf(lines, "Privacy: %s\r\n", trunk->privacy);
    if (attempt->history != NULL)
        g_string_append_printf(lines, "History-Info: %s, <%s>;index=%s;rc=%.*s\r\n",
                               attempt->history->str, attempt->target, attempt->index,
                               (int)(strrchr(attempt->index, '.') - attempt->index),
                               attempt->index);
    return g_string_free(lines, FALSE);
}

/* Whoever may be asked about redirects may be who holds the session: given back at its end. */
static void
forget_redirects(McpSipPlacement *placement)
{
    if (placement != NULL && placement->redirect_destroy != NULL)
        placement->redirect_destroy(placement->redirect_data);
    if (placement != NULL)
        placement->redirect_destroy = NULL;
}

void
mcp_sip_attempt_stop(McpSipSession *session)
{
    McpSipAttempt *attempt = session->attempt;

    forget_redirects(session->placement);
    if (attempt == NULL)
        return;
    g_clear_pointer(&attempt->search, mcp_sip_search_cancel);
    mcp_timer_clear(&attempt->timer);
    g_queue_clear_full(&attempt->others, other_free);
}

void
mcp_sip_attempt_clear(McpSipSession *session)
{
    McpSipAttempt *attempt = session->attempt;

    if (attempt == NULL)
        return;
    mcp_sip_attempt_stop(session);
    session->attempt = NULL;
    g_clear_pointer(&attempt->destinations, g_ptr_array_unref);
    if (attempt->history != NULL)
        g_string_free(attempt->history, TRUE);
    g_free(attempt->target);
    g_free(attempt->index);
    g_free(attempt->hop);
    g_free(attempt);
}
