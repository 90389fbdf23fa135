/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Media redirect: two running calls are joined so that RTP flows between their other sides, not
 * through us (third-party call control, RFC 3725 §4.1). Both calls are taken, the first is asked
 * for an offer, the second answers it; then their dialogs end and legs close, and the sessions stay
 * a pair until one of them ends. Until then whatever fails leaves both calls with their dialogs and
 * their own media. On the pair's home but where said.
 */
#include "call/redirect_private.h"

#include <mcp/log.h>
#include <string.h>

/* What is done on the shard of one side, or comes from there. */
typedef struct {
    McpRedirect *pair;
    guint side;
    McpSessionEvent event;
    char *reason;
    char *content_type;
    char *text;
    gboolean restore;
    guint status;
} Message;

/* --- the pair --- */

static McpRedirect *
pair_ref(McpRedirect *pair)
{
    g_atomic_ref_count_inc(&pair->refs);
    return pair;
}

static void
pair_unref(McpRedirect *pair)
{
    if (!g_atomic_ref_count_dec(&pair->refs))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(pair->sides); i++) {
        g_clear_object(&pair->sides[i].session);
        g_object_unref(pair->sides[i].call);
    }
    g_free(pair->verdict);
    g_free(pair);
}

static McpRedirect *
pair_new(McpCall *first, McpCall *second, McpOutcome *outcome)
{
    McpRedirect *pair = g_new0(McpRedirect, 1);

    g_atomic_ref_count_init(&pair->refs);
    pair->sides[0].call = g_object_ref(first);
    pair->sides[1].call = g_object_ref(second);
    pair->outcome = outcome;
    return pair;
}

static void
message_free(gpointer data)
{
    Message *message = data;

    g_clear_pointer(&message->event.sdp, mcp_sdp_unref);
    g_clear_pointer(&message->event.body, g_bytes_unref);
    g_free(message->reason);
    g_free(message->content_type);
    g_free(message->text);
    pair_unref(message->pair);
    g_free(message);
}

static Message *
message_new(McpRedirect *pair, guint side)
{
    Message *message = g_new0(Message, 1);

    message->pair = pair_ref(pair);
    message->side = side;
    return message;
}

/* Copies what a pair, or the call later, has use for. */
static Message *
message_new_event(McpRedirect *pair, guint side, const McpSessionEvent *event)
{
    Message *message = message_new(pair, side);

    message->reason = g_strdup(event->reason);
    message->content_type = g_strdup(event->content_type);
    message->event = (McpSessionEvent){.type = event->type,
                                       .status = event->status,
                                       .reason = message->reason,
                                       .remote = event->remote,
                                       .content_type = message->content_type};
    message->event.sdp = event->sdp != NULL ? mcp_sdp_ref(event->sdp) : NULL;
    message->event.body = event->body != NULL ? g_bytes_ref(event->body) : NULL;
    return message;
}

static McpCall *
call_of(const Message *message)
{
    return message->pair->sides[message->side].call;
}

/* To the shard of the message's side. */
static void
post(Message *message, GSourceFunc func)
{
    mcp_shard_invoke(call_of(message)->shard, func, message, message_free);
}

static void
post_home(Message *message, GSourceFunc func)
{
    mcp_shard_invoke(message->pair->sides[0].call->shard, func, message, message_free);
}

/* The first word counts. Told after the calls are let go, so that both can be asked for again. */
static void
decide(McpRedirect *pair, guint status, const char *reason)
{
    if (pair->status != 0)
        return;
    pair->status = status;
    pair->verdict = g_strdup_printf("%u %s", status, reason != NULL ? reason : "");
    if (status >= 300)
        mcp_log_warning("redirect-failed", pair->sides[0].call->id, "to call %s: %s",
                        pair->sides[1].call->id, pair->verdict);
}

static void
tell(McpRedirect *pair)
{
    McpOutcome *outcome = g_steal_pointer(&pair->outcome);

    if (outcome != NULL)
        mcp_outcome_tell(outcome, pair->status, strchr(pair->verdict, ' ') + 1);
}

/* --- on the shard of one call --- */

static const char *
other_id(const Message *message)
{
    return message->pair->sides[!message->side].call->id;
}

static void
drop_pair(McpCall *call)
{
    McpRedirect *pair = g_steal_pointer(&call->redirect);

    call->redirect_agreed = FALSE;
    pair_unref(pair);
}

/* RFC 3264 §8.3.1: the other side is told anew where its media go. */
static void
restore(McpCall *call)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = call->leg != NULL ? mcp_leg_create_offer(call->leg, &error) : NULL;

    call->restoring = offer != NULL;
    if (offer != NULL)
        mcp_session_offer(call->session, offer);
    else
        mcp_call_hangup(call, error != NULL ? error->message : "media cannot be taken back");
}

static gboolean
restore_event(McpCall *call, const McpSessionEvent *event)
{
    if (!call->restoring)
        return FALSE;
    if (event->type == MCP_SESSION_REOFFER_DUE) {
        restore(call);
        return TRUE;
    }
    if (event->type == MCP_SESSION_REOFFER_DONE) {
        call->restoring = FALSE;
        mcp_call_note(call, "redirect", "media taken back");
    } else if (event->type == MCP_SESSION_REOFFER_FAILED && event->status != 491) {
        call->restoring = FALSE;
        mcp_log_warning("redirect-failed", call->id, "media not taken back: %u", event->status);
        mcp_call_hangup(call, "media could not be taken back");
    }
    return FALSE;
}

/* The call is its own again. */
static gboolean
run_leave(gpointer data)
{
    const Message *message = data;
    McpCall *call = call_of(message);

    if (call->redirect != message->pair)
        return G_SOURCE_REMOVE;
    drop_pair(call);
    mcp_call_note(call, "redirect", "to call %s: %s", other_id(message), message->text);
    if (message->restore && call->state == MCP_CALL_RUNNING && !call->session_ended)
        restore(call);
    return G_SOURCE_REMOVE;
}

static gboolean
run_join(gpointer data)
{
    const Message *message = data;
    McpCall *call = call_of(message);
    McpCore *core = mcp_calls_get_core(call->calls);

    call->redirected_wall = mcp_clock_wall(core->clock);
    g_atomic_pointer_set(&call->redirected_to, g_strdup(other_id(message)));
    mcp_call_note(call, "redirect", "media flow to the other side of call %s", other_id(message));
    mcp_log_info("call-redirected", call->id, "media flow to the other side of call %s directly",
                 other_id(message));
    mcp_call_handle(call, MCP_CALL_EVENT_REDIRECTED);
    return G_SOURCE_REMOVE;
}

static gboolean
run_hangup(gpointer data)
{
    const Message *message = data;

    mcp_call_hangup(call_of(message), message->text);
    return G_SOURCE_REMOVE;
}

/* An event that was not the pair's after all. */
static gboolean
run_event(gpointer data)
{
    const Message *message = data;
    McpCall *call = call_of(message);

    if (call->state != MCP_CALL_ENDED)
        mcp_call_take_event(call, &message->event);
    return G_SOURCE_REMOVE;
}

/* --- on the pair's home --- */

static void
leave(McpRedirect *pair, guint side, gboolean to_restore)
{
    Message *message = NULL;

    if (pair->sides[side].left)
        return;
    pair->sides[side].left = TRUE;
    message = message_new(pair, side);
    message->restore = to_restore;
    message->text = g_strdup(pair->verdict != NULL ? pair->verdict : "given up");
    post(message, run_leave);
}

/* The first call's offer is in hand and goes to its own leg, whose shard this is. */
static void
keep_own_media(McpRedirect *pair)
{
    McpRedirectSide *side = &pair->sides[0];
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) answer = NULL;
    g_autoptr(McpReject) reject = mcp_reject_new(488, "media cannot be taken back", NULL);

    if (side->left)
        return;
    if (side->call->leg != NULL)
        answer = mcp_leg_answer(side->call->leg, pair->relay.offer, &error);
    if (answer != NULL)
        mcp_session_answer_offer(side->session, answer);
    else
        mcp_session_reject_offer(side->session, reject);
}

/* Statuses that mean something in one dialog only, or would end it, are not passed on. */
static guint
status_for_other(guint status)
{
    static const guint own[] = {401, 407, 408, 422, 481, 487};

    for (guint i = 0; i < G_N_ELEMENTS(own); i++) {
        if (own[i] == status)
            return 504;
    }
    return status >= 400 && status < 700 ? status : 500;
}

/* Of a pair that stands: who waits for a description hears no; the session goes on as it was. */
static void
refuse_relay(McpRedirect *pair, guint status, const char *reason)
{
    g_autoptr(McpReject) reject = mcp_reject_new(status_for_other(status), reason, NULL);
    guint waiting = !mcp_relay_awaited(pair);
    gboolean waits = pair->relay.step == MCP_RELAY_OFFERING || pair->relay.target_asked;

    mcp_log_info("redirect-offer", pair->sides[waiting].call->id, "refused by the other side: %u",
                 status);
    mcp_relay_stop(pair);
    if (waits)
        mcp_session_reject_offer(pair->sides[waiting].session, reject);
}

void
mcp_redirect_failed(McpRedirect *pair, guint status, const char *reason)
{
    if (pair->joined) {
        refuse_relay(pair, status, reason);
        return;
    }
    if (pair->relay.step == MCP_RELAY_OFFERING)
        keep_own_media(pair);
    mcp_relay_stop(pair);
    decide(pair, status, reason);
    leave(pair, 0, FALSE);
    leave(pair, 1, FALSE);
    tell(pair);
}

void
mcp_redirect_overdue(McpRedirect *pair)
{
    static const char reason[] = "no answer in time";

    if (pair->joined) {
        refuse_relay(pair, 504, reason);
        return;
    }
    decide(pair, 504, reason);
    if (pair->relay.step == MCP_RELAY_OFFERING)
        keep_own_media(pair);
    /* Who is awaited stays until it is known what it thinks. */
    leave(pair, !mcp_relay_awaited(pair), FALSE);
    tell(pair);
}

static void
join(McpRedirect *pair)
{
    pair->joined = TRUE;
    decide(pair, 200, "OK");
    for (guint i = 0; i < G_N_ELEMENTS(pair->sides); i++)
        post(message_new(pair, i), run_join);
    tell(pair);
}

void
mcp_redirect_agreed(McpRedirect *pair, McpSdp *answer)
{
    guint source = pair->relay.source;

    if (!pair->joined && (pair->sides[source].left || !mcp_call_has_media(answer))) {
        keep_own_media(pair);
        mcp_relay_stop(pair);
        decide(pair, 488, "the other call accepts no media");
        leave(pair, 0, FALSE);
        leave(pair, 1, TRUE);
        tell(pair);
        return;
    }
    mcp_relay_stop(pair);
    mcp_session_answer_offer(pair->sides[source].session, answer);
    if (!pair->joined)
        join(pair);
}

static void
on_offered(McpRedirect *pair, guint side, McpSdp *offer)
{
    if (pair->relay.step != MCP_RELAY_IDLE) {
        g_autoptr(McpReject) reject = mcp_reject_new(491, "the other side offers too", NULL);

        mcp_session_reject_offer(pair->sides[side].session, reject);
    } else if (offer != NULL) {
        mcp_relay_pass(pair, side, offer);
    } else {
        mcp_relay_ask(pair, !side, TRUE);
    }
}

static void
hang_up_other(McpRedirect *pair, guint side, const char *reason)
{
    Message *message = message_new(pair, !side);

    message->text = g_strdup_printf("redirected call %s ended: %s", pair->sides[side].call->id,
                                    reason != NULL ? reason : "hung up");
    post(message, run_hangup);
}

/* Before the pair stands: what is known of the other side decides how it goes on. */
static void
on_left_early(McpRedirect *pair, guint side)
{
    static const char reason[] = "a call ended before it was redirected";
    gboolean waits = pair->relay.step != MCP_RELAY_IDLE && side != mcp_relay_awaited(pair);

    if (waits)
        decide(pair, 487, reason);
    leave(pair, side, FALSE);
    if (waits)
        tell(pair);
    else if (pair->relay.step != MCP_RELAY_IDLE)
        mcp_redirect_failed(pair, 487, reason);
}

static void
on_ended(McpRedirect *pair, guint side, const char *reason)
{
    if (pair->sides[side].left)
        return;
    if (!pair->joined) {
        on_left_early(pair, side);
        return;
    }
    mcp_relay_stop(pair);
    pair->sides[side].left = TRUE;
    if (!pair->sides[!side].left)
        hang_up_other(pair, side, reason);
}

static void
on_standing(McpRedirect *pair, const Message *message)
{
    const McpSessionEvent *event = &message->event;

    if (event->type == MCP_SESSION_OFFERED)
        on_offered(pair, message->side, event->sdp);
    else if (event->type == MCP_SESSION_INFO)
        mcp_session_send_info(pair->sides[!message->side].session, event->content_type,
                              event->body);
    /* A late answer, or another one to a refresh: what both sides know is made equal again. */
    else if (event->type == MCP_SESSION_REOFFER_DONE && pair->relay.step == MCP_RELAY_IDLE)
        mcp_relay_ask(pair, message->side, FALSE);
}

static gboolean
run_take(gpointer data)
{
    Message *message = data;
    McpRedirect *pair = message->pair;
    const McpSessionEvent *event = &message->event;

    if (event->type == MCP_SESSION_ENDED)
        on_ended(pair, message->side, event->reason);
    else if (!pair->sides[message->side].left && mcp_relay_take(pair, message->side, event))
        return G_SOURCE_REMOVE;
    else if (pair->joined)
        on_standing(pair, message);
    else
        post(message_new_event(pair, message->side, event), run_event);
    return G_SOURCE_REMOVE;
}

/* --- events of a call, on its shard --- */

static void
post_event(McpCall *call, const McpSessionEvent *event)
{
    guint side = call == call->redirect->sides[1].call;

    post_home(message_new_event(call->redirect, side, event), run_take);
}

gboolean
mcp_call_redirect_event(McpCall *call, const McpSessionEvent *event)
{
    gboolean description = event->type == MCP_SESSION_REOFFER_DONE ||
                           event->type == MCP_SESSION_REOFFER_FAILED ||
                           event->type == MCP_SESSION_REOFFER_DUE;
    gboolean later = event->type == MCP_SESSION_OFFERED || event->type == MCP_SESSION_ACKED ||
                     event->type == MCP_SESSION_INFO;

    if (call->redirect == NULL)
        return restore_event(call, event);
    if (event->type == MCP_SESSION_ENDED)
        post_event(call, event);
    /* What it says from then on is for the other side. */
    if (event->type == MCP_SESSION_REOFFER_DONE)
        call->redirect_agreed = TRUE;
    if (!description && !(later && call->redirect_agreed))
        return FALSE;
    if (event->type == MCP_SESSION_OFFERED)
        mcp_call_note(call, "redirect", "offer goes to the other side");
    post_event(call, event);
    return TRUE;
}

void
mcp_call_redirect_clear(McpCall *call)
{
    McpSessionEvent ended = {.type = MCP_SESSION_ENDED, .reason = call->end_reason};

    if (call->redirect == NULL)
        return;
    post_event(call, &ended);
    drop_pair(call);
}

/* --- taking both calls --- */

/* Returns: 0, or a status with @out_why. */
static guint
take_call(McpCall *call, McpRedirect *pair, McpSession **out_session, const char **out_why)
{
    if (call->redirect == NULL &&
        (call->state != MCP_CALL_RUNNING || call->session_ended || call->leg == NULL)) {
        *out_why = "a call is not connected";
        return 481;
    }
    if (call->redirect != NULL || call->next_session != NULL || call->refer_func != NULL ||
        call->offer_in_answer || call->restoring) {
        *out_why = "a call is being moved already, or was redirected";
        return 491;
    }
    call->redirect = pair_ref(pair);
    *out_session = g_object_ref(call->session);
    mcp_call_note(call, "redirect", "begins");
    return 0;
}

static gboolean
run_both_taken(gpointer data)
{
    const Message *message = data;
    McpRedirect *pair = message->pair;

    if (message->status == 0 && !pair->sides[0].left) {
        mcp_relay_ask(pair, 0, FALSE);
        return G_SOURCE_REMOVE;
    }
    if (message->status != 0)
        pair->sides[1].left = TRUE;
    mcp_redirect_failed(pair, message->status != 0 ? message->status : 487,
                        message->status != 0 ? message->text : "the call ended");
    return G_SOURCE_REMOVE;
}

static gboolean
run_take_second(gpointer data)
{
    const Message *message = data;
    McpRedirect *pair = message->pair;
    Message *answer = message_new(pair, 0);
    const char *why = NULL;

    answer->status = take_call(pair->sides[1].call, pair, &pair->sides[1].session, &why);
    answer->text = g_strdup(why);
    post_home(answer, run_both_taken);
    return G_SOURCE_REMOVE;
}

static gboolean
run_take_first(gpointer data)
{
    const Message *message = data;
    McpRedirect *pair = message->pair;
    const char *why = NULL;
    guint status = take_call(pair->sides[0].call, pair, &pair->sides[0].session, &why);

    if (status == 0)
        post(message_new(pair, 1), run_take_second);
    else
        mcp_outcome_tell(g_steal_pointer(&pair->outcome), status, why);
    return G_SOURCE_REMOVE;
}

gboolean
mcp_calls_redirect(McpCalls *calls, const char *call_id, const char *other_call_id,
                   McpTransferFunc func, gpointer user_data)
{
    g_autoptr(McpCall) call = mcp_calls_find(calls, call_id);
    g_autoptr(McpCall) other = mcp_calls_find(calls, other_call_id);
    McpRedirect *pair = NULL;

    if (call == NULL || other == NULL)
        return FALSE;
    if (call == other) {
        mcp_outcome_tell(mcp_outcome_new(func, user_data), 482, "a call is not its own other side");
        return TRUE;
    }
    pair = pair_new(call, other, mcp_outcome_new(func, user_data));
    post(message_new(pair, 0), run_take_first);
    pair_unref(pair);
    return TRUE;
}
