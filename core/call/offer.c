/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Incoming calls: what may become of them, and how a refusal is told. Any thread.
 */
#include "call/belief.h"
#include "call/calls_private.h"
#include "call/override.h"
#include "plugin/metrics.h"

#include <mcp/alert.h>
#include <mcp/log.h>
#include <mcp/trace_context.h>
#include <string.h>

/* Of the calls there may be: at so many the next refusal is news again. */
#define ROOM_PERCENT 95

static const char too_many[] = "maximum number of calls reached";

/* Why no new call is taken at present; NULL while they are. */
const char *
mcp_calls_closed_because(McpCalls *calls, const McpCallsConfig *config)
{
    if (g_atomic_int_get(&calls->core->draining))
        return "draining";
    if (g_atomic_pointer_get(&calls->held) != NULL)
        return g_atomic_pointer_get(&calls->held);
    if (mcp_load_guard_is_full(calls->load))
        return "the platform is busy";
    if (mcp_calls_is_stuck(calls) != NULL)
        return "no loop that serves calls answers";
    if (mcp_calls_get_running(calls) >= config->max_calls)
        return too_many;
    return NULL;
}

void
mcp_calls_hold(McpCalls *calls, gconstpointer holder, const char *why)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&calls->lock);
    GHashTableIter iter;
    gpointer other = NULL;

    if (why != NULL)
        g_hash_table_insert(calls->holds, (gpointer)holder, (gpointer)why);
    else
        g_hash_table_remove(calls->holds, holder);
    g_hash_table_iter_init(&iter, calls->holds);
    g_hash_table_iter_next(&iter, NULL, &other);
    g_atomic_pointer_set(&calls->held, (const char *)other);
}

guint
mcp_calls_get_admission(McpCalls *calls, guint *out_retry_after)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    if (mcp_calls_closed_because(calls, config) == NULL)
        return 0;
    *out_retry_after = (guint)(config->retry_after / G_USEC_PER_SEC);
    return 503;
}

const char *
mcp_calls_is_closed(McpCalls *calls, const McpPeer *peer)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);
    const char *why = mcp_calls_closed_because(calls, config);

    return why != NULL ? why : mcp_admission_check(calls->admission, peer);
}

guint
mcp_calls_get_retry_after(McpCalls *calls)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    return (guint)(config->retry_after / G_USEC_PER_SEC);
}

/* One line a refused call; of a flood the first ones, and then how many more there were. */
static void
log_refused(McpCalls *calls, const McpInvite *invite, const char *id, guint status, const char *why)
{
    const char *from = invite->remote_address != NULL ? invite->remote_address : "-";
    const char *port = strrchr(from, ':');
    g_autofree char *source = g_strndup(from, port != NULL ? (gsize)(port - from) : strlen(from));
    g_autofree char *to = NULL;

    if (!mcp_log_limit_pass(calls->refusals, source, mcp_clock_now(calls->core->clock)))
        return;
    to = mcp_override_mask(invite->request_uri != NULL ? invite->request_uri : "-");
    mcp_log_info("call-refused", id, "refused %s from %s (peer %s) to %s: %u, %s",
                 invite->from_uri != NULL ? invite->from_uri : "-", from,
                 invite->peer != NULL ? mcp_peer_get_name(invite->peer) : "anonymous", to, status,
                 why);
}

/* Once, until there has been room again for a while: mcp_calls_check_room(). */
static void
note_exhausted(McpCalls *calls)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    if (!g_atomic_int_compare_and_exchange(&calls->exhausted, 0, 1))
        return;
    mcp_log_warning("calls-exhausted", NULL,
                    "calls are refused: there are %" G_GINT64_FORMAT ", as many as may be",
                    config->max_calls);
    mcp_alert_raise(calls->core->events, MCP_ALERT_SESSIONS_EXHAUSTED, NULL, "[core] max_calls",
                    "%s: %" G_GINT64_FORMAT, too_many, config->max_calls);
}

void
mcp_calls_check_room(McpCalls *calls)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    if (mcp_calls_get_running(calls) * (gint64)100 <= config->max_calls * ROOM_PERCENT)
        g_atomic_int_set(&calls->exhausted, 0);
}

void
mcp_calls_refused(McpCalls *calls, const McpInvite *invite, guint status, const char *why)
{
    McpEvents *events = calls->core->events;
    const char *peer = invite->peer != NULL ? mcp_peer_get_name(invite->peer) : "anonymous";
    /* There is no call: its id joins line, event and trace of this refusal. */
    g_autofree char *id = mcp_call_id_new();
    g_autofree char *to = NULL;
    McpEvent *event;

    if (invite->sip_call_id != NULL)
        mcp_traces_add_refused(calls->core->traces, id, invite->sip_call_id);
    log_refused(calls, invite, id, status, why);
    if (g_strcmp0(why, too_many) == 0)
        note_exhausted(calls);
    mcp_metrics_add(calls->core->metrics, MCP_CORE_CALLS_REFUSED, CLAMP(status / 100, 3, 6) - 3, 1);
    if (!mcp_events_wanted(events, MCP_EVENT_CALL_REFUSED))
        return;
    event = mcp_event_new(MCP_EVENT_CALL_REFUSED, id, "refused-at-once");
    mcp_event_set_int(event, "code", status);
    mcp_event_set_string(event, "reason", why);
    mcp_event_set_string(event, "from", invite->from_uri);
    to = invite->to_uri != NULL ? mcp_override_mask(invite->to_uri) : NULL;
    mcp_event_set_string(event, "to", to);
    mcp_event_set_string(event, "peer", peer);
    if (invite->peer != NULL && mcp_peer_believes_trace_context(invite->peer))
        mcp_event_set_string(event, MCP_TRACEPARENT,
                             mcp_headers_get(invite->headers, MCP_TRACEPARENT));
    mcp_events_publish(events, event);
}

static void
refuse(McpCalls *calls, McpSession *session, McpInvite *invite, McpReject *reject)
{
    mcp_calls_refused(calls, invite, reject->status, reject->reason);
    mcp_session_reject(session, reject);
    mcp_reject_free(reject);
}

/* Adds the last step when there is one to explain. */
static McpReject *
decline(McpExplain *explain, const char *check, guint status, const char *why)
{
    mcp_explain_add(explain, check, MCP_EXPLAIN_REFUSED, "%u: %s", status, why);
    return mcp_reject_new(status, why, NULL);
}

static McpReject *
decline_for_now(const McpCallsConfig *config, McpExplain *explain, const char *why)
{
    McpReject *reject = decline(explain, "admission", 503, why);

    reject->retry_after = (guint)(config->retry_after / G_USEC_PER_SEC);
    return reject;
}

static McpReject *
read_overrides(McpCalls *calls, McpInvite *invite, McpExplain *explain)
{
    g_autoptr(McpSettings) base = mcp_core_get_settings(calls->core);
    McpReject *reject = NULL;

    if (invite->settings != NULL)
        return NULL;
    invite->settings = mcp_override_read(invite, base, &reject);
    if (reject != NULL)
        mcp_explain_add(explain, "gvp.config", MCP_EXPLAIN_REFUSED, "%u: %s", reject->status,
                        reject->reason);
    else if (invite->settings != NULL)
        mcp_explain_add(explain, "gvp.config", MCP_EXPLAIN_PASSED, "settings of its own");
    return reject;
}

/* First what costs least, so that a flood is refused at little cost. */
McpReject *
mcp_calls_decide(McpCalls *calls, McpInvite *invite, McpExplain *explain, McpRoute **out_route)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);
    const char *closed = mcp_calls_is_closed(calls, invite->peer);
    McpRoute *route = NULL;
    McpReject *reject = NULL;

    mcp_belief_apply(invite);
    if (closed != NULL)
        return decline_for_now(config, explain, closed);
    mcp_explain_add(explain, "admission", MCP_EXPLAIN_PASSED, "%u of %" G_GINT64_FORMAT " calls",
                    mcp_calls_get_running(calls), config->max_calls);
    route = mcp_router_match(config->router, invite, explain);
    if (route == NULL)
        return decline(explain, "service", 404, "no such service");
    if (!mcp_peer_allows_service(invite->peer, route->service))
        return decline(explain, "right", 403, "peer may not use this service");
    mcp_explain_add(explain, "right", MCP_EXPLAIN_PASSED, "peer %s may use %s",
                    mcp_peer_get_name(invite->peer), route->service);
    reject = read_overrides(calls, invite, explain);
    if (reject == NULL)
        *out_route = mcp_route_ref(route);
    return reject;
}

McpReject *
mcp_calls_examine(McpCalls *calls, McpInvite *invite, gboolean replaces)
{
    g_autoptr(McpRoute) route = NULL;

    mcp_belief_apply(invite);
    return replaces ? NULL : mcp_calls_decide(calls, invite, NULL, &route);
}

char *
mcp_calls_offer(McpCalls *calls, McpSession *session, McpInvite *invite)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);
    g_autoptr(McpRoute) route = NULL;
    McpReject *reject = mcp_calls_decide(calls, invite, NULL, &route);
    const char *closed = NULL;
    g_autoptr(McpCall) call = NULL;

    if (reject == NULL) {
        closed = mcp_admission_take(calls->admission, invite->peer);
        if (closed != NULL)
            reject = decline_for_now(config, NULL, closed);
    }
    if (reject != NULL) {
        refuse(calls, session, invite, reject);
        return NULL;
    }
    call = mcp_calls_new_call(calls, route);
    mcp_call_take_invite(call, invite);
    call->session = g_object_ref(session);
    mcp_calls_tag_session(session, call);
    mcp_calls_start(calls, call);
    return g_strdup(call->id);
}
