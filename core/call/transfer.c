/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions that change under a running call, whose dialog and leg go on: the other side refers us
 * elsewhere (REFER, RFC 3515), somebody takes its place (Replaces, RFC 3891), or we refer it. On
 * the call's shard but where said.
 */
#include "call/call_private.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define PLACE_DEADLINE (60 * G_USEC_PER_SEC)
/* Our REFER without any final word is given up then. */
#define REFER_DEADLINE (90 * G_USEC_PER_SEC)
/* The referrer says goodbye itself, usually: after this time we do. */
#define DEPARTURE (2 * G_USEC_PER_SEC)

/* --- taking over --- */

static void
depart(McpCall *call)
{
    mcp_timer_clear(&call->departure_timer);
    if (call->departing != NULL)
        mcp_session_end(call->departing, "SIP;cause=200;text=\"replaced\"", NULL, NULL);
    g_clear_object(&call->departing);
}

static void
on_departure(gpointer user_data)
{
    depart(user_data);
}

/* @session (transfer full) is the call's from now on. */
static void
take_over(McpCall *call, McpSession *session, const char *remote_uri, const char *why)
{
    McpCore *core = mcp_calls_get_core(call->calls);
    g_autofree char *old_uri = call->moved_to != NULL ? call->moved_to : g_strdup(call->remote_uri);

    depart(call);
    call->departing = call->session;
    call->session = session;
    call->session_ended = FALSE;
    call->end_held = FALSE;
    call->departure_timer =
        mcp_clock_after(core->clock, call->shard->context, DEPARTURE, on_departure, call);
    mcp_call_note(call, "session", "%s: %s in place of %s", why, remote_uri, old_uri);
    mcp_log_info("call-transferred", call->id, "%s: %s in place of %s", why, remote_uri, old_uri);
    call->moved_to = g_strdup(remote_uri);
    mcp_calls_tag_session(session, call);
}

void
mcp_call_transfer_clear(McpCall *call)
{
    g_autoptr(McpSession) next = g_steal_pointer(&call->next_session);

    mcp_timer_clear(&call->refer_timer);
    depart(call);
    if (next != NULL)
        mcp_session_end(next, "SIP;cause=487;text=\"the transferred call ended\"", NULL, NULL);
    g_clear_pointer(&call->next_uri, g_free);
    if (call->refer_func != NULL)
        mcp_call_refer_done(call, 487, "the call ended");
}

/* --- REFER of the other side --- */

static void
add_header(GPtrArray *headers, const char *name, const char *value)
{
    if (value != NULL)
        g_ptr_array_add(headers, mcp_header_new(name, value));
}

static McpSession *
place_next(McpCall *call, const McpRefer *refer, GError **error)
{
    g_autoptr(McpSdp) offer = mcp_leg_create_offer(call->leg, error);
    g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    McpPlaceParams params = {
        .purpose = MCP_PURPOSE_TRANSFER,
        .call_id = call->id,
        .target = refer->target,
        .from = call->local_uri != NULL && *call->local_uri != '\0' ? call->local_uri : NULL,
        .offer = offer,
        .headers = headers,
        .deadline = PLACE_DEADLINE};

    if (offer == NULL)
        return NULL;
    add_header(headers, "Replaces", refer->replaces);
    add_header(headers, "Referred-By", refer->referred_by);
    return mcp_call_dial(call, &params, error);
}

static void
refuse_refer(McpCall *call, const McpRefer *refer, guint status, const char *why)
{
    mcp_log_warning("transfer-refused", call->id, "REFER to %s refused with %u: %s", refer->target,
                    status, why);
    mcp_call_note(call, "transfer", "REFER to %s refused: %s", refer->target, why);
    mcp_session_answer_refer(call->session, status, why);
}

void
mcp_call_on_referred(McpCall *call, const McpRefer *refer)
{
    g_autoptr(GError) error = NULL;

    if (call->state != MCP_CALL_RUNNING || call->leg == NULL) {
        refuse_refer(call, refer, 480, "the call cannot be moved now");
    } else if (call->next_session != NULL || call->offer_in_answer || call->redirect != NULL) {
        refuse_refer(call, refer, 491, "the call is being moved already");
    } else if (!mcp_call_may_dial(call, refer->target, &error)) {
        refuse_refer(call, refer, 403, error->message);
    } else {
        call->next_session = place_next(call, refer, &error);
        if (call->next_session == NULL) {
            mcp_leg_rollback(call->leg);
            refuse_refer(call, refer, 503, error->message);
            return;
        }
        call->next_uri = g_strdup(refer->target);
        mcp_session_set_handler(call->next_session, call->shard->context, mcp_call_on_session,
                                g_object_ref(call), g_object_unref);
        mcp_log_info("transfer", call->id, "referred to %s", refer->target);
        mcp_session_answer_refer(call->session, 202, NULL);
    }
}

static void
on_next_answered(McpCall *call, McpSdp *sdp)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *uri = g_steal_pointer(&call->next_uri);

    if (!mcp_leg_apply_answer(call->leg, sdp, &error)) {
        mcp_log_warning("transfer-failed", call->id, "%s: %s", uri, error->message);
        call->next_uri = g_steal_pointer(&uri);
        mcp_session_end(call->next_session, "SIP;cause=488", NULL, NULL);
        return;
    }
    mcp_session_notify_refer(call->session, 200);
    take_over(call, g_steal_pointer(&call->next_session), uri, "transfer");
}

/* The target did not answer: the call goes on as it was, or ends if its session did meanwhile. */
static void
on_next_ended(McpCall *call, guint status, const char *reason)
{
    g_autoptr(McpSession) next = g_steal_pointer(&call->next_session);
    g_autofree char *uri = g_steal_pointer(&call->next_uri);

    mcp_log_info("transfer-failed", call->id, "%s: %u %s", uri, status,
                 reason != NULL ? reason : "");
    mcp_call_note(call, "transfer", "%s failed: %u", uri, status);
    if (call->leg != NULL)
        mcp_leg_rollback(call->leg);
    if (call->end_held) {
        call->end_held = FALSE;
        mcp_call_handle(call, MCP_CALL_EVENT_SESSION_ENDED);
    } else {
        mcp_session_notify_refer(call->session, status >= 300 ? status : 480);
    }
}

void
mcp_call_on_next_session(McpCall *call, const McpSessionEvent *event)
{
    if (event->type == MCP_SESSION_PROGRESS && !call->end_held)
        mcp_session_notify_refer(call->session, event->status);
    else if (event->type == MCP_SESSION_ANSWERED)
        on_next_answered(call, event->sdp);
    else if (event->type == MCP_SESSION_ENDED)
        on_next_ended(call, event->status, event->reason);
}

/* --- Replaces --- */

typedef struct {
    McpCall *call;
    McpSession *old;
    McpSession *session;
    McpInvite *invite;
} Replacement;

static void
replacement_free(gpointer data)
{
    Replacement *replacement = data;

    g_object_unref(replacement->call);
    g_object_unref(replacement->old);
    g_object_unref(replacement->session);
    mcp_invite_unref(replacement->invite);
    g_free(replacement);
}

static void
refuse_replacement(Replacement *replacement, guint status, const char *why)
{
    g_autoptr(McpReject) reject = mcp_reject_new(status, why, NULL);

    mcp_calls_refused(replacement->call->calls, replacement->invite, status, why);
    mcp_session_reject(replacement->session, reject);
}

static gboolean
may_replace(const McpCall *call, const McpInvite *invite)
{
    if (call->peer != NULL &&
        g_str_equal(mcp_peer_get_name(call->peer), mcp_peer_get_name(invite->peer)))
        return TRUE;
    return *call->route->service == '\0' ||
           mcp_peer_allows_service(invite->peer, call->route->service);
}

static gboolean
replace(gpointer data)
{
    Replacement *replacement = data;
    McpCall *call = replacement->call;
    McpSdp *offer = replacement->invite->offer;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) sdp = NULL;

    if (call->session != replacement->old || call->state != MCP_CALL_RUNNING || call->leg == NULL ||
        call->session_ended || call->redirect != NULL) {
        refuse_replacement(replacement, 481, "no session to be replaced");
        return G_SOURCE_REMOVE;
    }
    if (!may_replace(call, replacement->invite)) {
        refuse_replacement(replacement, 403, "the peer may not take this call's place");
        return G_SOURCE_REMOVE;
    }
    sdp = offer != NULL ? mcp_leg_answer(call->leg, offer, &error)
                        : mcp_leg_create_offer(call->leg, &error);
    if (sdp == NULL) {
        mcp_leg_rollback(call->leg);
        refuse_replacement(replacement, 488, error->message);
        return G_SOURCE_REMOVE;
    }
    call->offer_in_answer = offer == NULL;
    mcp_session_set_handler(replacement->session, call->shard->context, mcp_call_on_session,
                            g_object_ref(call), g_object_unref);
    mcp_session_answer(replacement->session, sdp, NULL);
    take_over(call, g_object_ref(replacement->session), replacement->invite->from_uri, "Replaces");
    depart(call);
    return G_SOURCE_REMOVE;
}

void
mcp_calls_replace(McpCalls *calls, McpSession *old, McpSession *session, McpInvite *invite)
{
    g_autoptr(McpCall) call = mcp_calls_find_by_session(calls, old);
    Replacement *replacement = NULL;

    if (call == NULL) {
        g_autoptr(McpReject) reject = mcp_reject_new(481, "no session to be replaced", NULL);

        mcp_calls_refused(calls, invite, reject->status, reject->reason);
        mcp_session_reject(session, reject);
        return;
    }
    replacement = g_new0(Replacement, 1);
    replacement->call = g_object_ref(call);
    replacement->old = g_object_ref(old);
    replacement->session = g_object_ref(session);
    replacement->invite = mcp_invite_ref(invite);
    mcp_shard_invoke(call->shard, replace, replacement, replacement_free);
}

/* --- REFER of ours --- */

void
mcp_call_refer_done(McpCall *call, guint status, const char *reason)
{
    McpCallReferFunc func = call->refer_func;
    g_autofree char *target = g_steal_pointer(&call->refer_target);

    mcp_timer_clear(&call->refer_timer);
    call->refer_func = NULL;
    mcp_call_note(call, "transfer", "referred to %s: %u %s", target, status, reason);
    func(call, status, reason, call->refer_data);
}

static void
on_refer_deadline(gpointer user_data)
{
    g_autoptr(McpCall) call = g_object_ref(MCP_CALL(user_data));

    mcp_timer_clear(&call->refer_timer);
    if (call->refer_func != NULL)
        mcp_call_refer_done(call, 408, "no word of how the transfer went");
}

/* Begins a REFER; FALSE after @func was told why not. */
static gboolean
begin_refer(McpCall *call, const char *target, McpCallReferFunc func, gpointer user_data)
{
    McpCore *core = mcp_calls_get_core(call->calls);

    if (call->refer_func != NULL || call->next_session != NULL || call->redirect != NULL) {
        func(call, 491, "the call is being moved already", user_data);
        return FALSE;
    }
    if (call->state != MCP_CALL_RUNNING || call->session_ended) {
        func(call, 481, "the call is not connected", user_data);
        return FALSE;
    }
    call->refer_func = func;
    call->refer_data = user_data;
    call->refer_target = g_strdup(target);
    call->refer_blind = FALSE;
    call->refer_accepted = FALSE;
    call->refer_timer =
        mcp_clock_after(core->clock, call->shard->context, REFER_DEADLINE, on_refer_deadline, call);
    mcp_log_info("transfer", call->id, "referring %s to %s", call->remote_uri, target);
    return TRUE;
}

static char *
referred_by(const McpCall *call)
{
    return call->local_uri != NULL && *call->local_uri != '\0'
               ? g_strdup_printf("<%s>", call->local_uri)
               : NULL;
}

static void
refer_to(McpCall *call, const char *target, McpCallReferFunc func, gpointer user_data)
{
    g_autofree char *by = referred_by(call);
    g_autoptr(McpRefer) refer = mcp_refer_new(target, NULL, by);

    if (begin_refer(call, target, func, user_data))
        mcp_session_refer(call->session, refer);
}

/* On behalf of a dialog: it is its call that has somebody dial. */
void
mcp_call_refer(McpCall *call, const char *target, McpCallReferFunc func, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (mcp_call_may_dial(call, target, &error))
        refer_to(call, target, func, user_data);
    else
        func(call, 403, error->message, user_data);
}

void
mcp_call_refer_blind(McpCall *call, const char *target, McpCallReferFunc func, gpointer user_data)
{
    mcp_call_refer(call, target, func, user_data);
    call->refer_blind = call->refer_func != NULL && call->refer_data == user_data;
}

gboolean
mcp_call_refer_was_accepted(McpCall *call)
{
    return call->refer_accepted;
}

void
mcp_call_refer_session(McpCall *call, McpSession *other, const char *name, McpCallReferFunc func,
                       gpointer user_data)
{
    g_autofree char *by = referred_by(call);

    if (begin_refer(call, name, func, user_data))
        mcp_session_refer_session(call->session, other, by);
}

typedef struct {
    McpCall *call;
    McpCall *other;      /* (nullable): attended */
    McpSession *session; /* (nullable): of @other */
    char *target;
    McpOutcome *outcome;
} Transfer;

static void
transfer_free(Transfer *transfer)
{
    g_object_unref(transfer->call);
    g_clear_object(&transfer->other);
    g_clear_object(&transfer->session);
    g_free(transfer->target);
    g_free(transfer);
}

/* Takes the transfer. */
static void
on_transferred(McpCall *call, guint status, const char *reason, gpointer user_data)
{
    Transfer *transfer = user_data;

    if (status < 300) {
        g_autofree char *why = g_strdup_printf("transferred to %s", transfer->target);

        mcp_call_hangup(call, why);
    }
    mcp_outcome_tell(transfer->outcome, status, reason);
    transfer_free(transfer);
}

/* Asked for by the operator, whose right it is: no peer's list is looked at. */
static gboolean
run_transfer(gpointer data)
{
    Transfer *transfer = data;

    if (transfer->other == NULL)
        refer_to(transfer->call, transfer->target, on_transferred, transfer);
    else if (transfer->session != NULL)
        mcp_call_refer_session(transfer->call, transfer->session, transfer->target, on_transferred,
                               transfer);
    else
        on_transferred(transfer->call, 481, "the other call is not connected", transfer);
    return G_SOURCE_REMOVE;
}

/* On the other call's shard: its session is asked for, then the way goes on to the call's own. */
static gboolean
fetch_session(gpointer data)
{
    Transfer *transfer = data;
    McpCall *other = transfer->other;

    if (other->state == MCP_CALL_RUNNING && !other->session_ended)
        transfer->session = g_object_ref(other->session);
    mcp_shard_invoke(transfer->call->shard, run_transfer, transfer, NULL);
    return G_SOURCE_REMOVE;
}

gboolean
mcp_calls_transfer(McpCalls *calls, const char *call_id, const char *target, McpTransferFunc func,
                   gpointer user_data)
{
    g_autoptr(McpCall) call = mcp_calls_find(calls, call_id);
    Transfer *transfer = NULL;

    if (call == NULL)
        return FALSE;
    transfer = g_new0(Transfer, 1);
    transfer->call = g_object_ref(call);
    transfer->other = mcp_calls_find(calls, target);
    transfer->target = g_strdup(target);
    transfer->outcome = mcp_outcome_new(func, user_data);
    if (transfer->other != NULL)
        mcp_shard_invoke(transfer->other->shard, fetch_session, transfer, NULL);
    else
        mcp_shard_invoke(call->shard, run_transfer, transfer, NULL);
    return TRUE;
}

void
mcp_call_on_refer_progress(McpCall *call, guint status, const char *reason)
{
    mcp_call_note(call, "transfer", "progress %u", status);
    /* The provider tells a 2xx to the REFER itself as a 100 of the target. */
    if (status < 300)
        call->refer_accepted = TRUE;
    if (status < 200 && call->refer_func != NULL && call->refer_blind)
        mcp_call_refer_done(call, 202, "accepted");
    else if (status >= 200 && call->refer_func != NULL)
        mcp_call_refer_done(call, status, reason != NULL ? reason : "");
}
