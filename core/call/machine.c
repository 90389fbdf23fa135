/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call does in which state: the table of states and events (README.md beside this file) and
 * its actions. On the call's shard.
 */
#include "call/call_private.h"
#include "call/figures.h"
#include "plugin/metrics.h"

#include <mcp/disclosure.h>
#include <mcp/log.h>
#include <mcp/trace_context.h>

#define RINGING_AFTER (200 * G_TIME_SPAN_MILLISECOND)
#define DIALOG_DEADLINE (15 * G_USEC_PER_SEC)
#define SESSION_DEADLINE (45 * G_USEC_PER_SEC)

typedef void (*Action)(McpCall *call);

static const char *const state_names[MCP_CALL_N_STATES] = {
    "preparing",  "placing", "answering", "waiting", "running",
    "redirected", "closing", "releasing", "ended",
};

const char *
mcp_call_state_to_string(McpCallState state)
{
    return state_names[state];
}

static McpCore *
core_of(McpCall *call)
{
    return mcp_calls_get_core(call->calls);
}

static void
set_state(McpCall *call, McpCallState state)
{
    g_atomic_int_set(&call->state, (gint)state);
}

static void
publish(McpCall *call, McpEventType type, const char *what)
{
    McpCore *core = core_of(call);
    g_autofree char *local = NULL;
    g_autofree char *remote = NULL;
    McpEvent *event;

    if (!mcp_events_wanted(core->events, type))
        return;
    local = mcp_text_hide_passwords(call->local_uri);
    remote = mcp_text_hide_passwords(call->remote_uri);
    event = mcp_event_new(type, call->id, what);
    mcp_event_set_string(event, "service", call->route->service);
    mcp_event_set_string(event, "from", call->invite != NULL ? remote : local);
    mcp_event_set_string(event, "to", call->invite != NULL ? local : remote);
    if (call->peer != NULL)
        mcp_event_set_string(event, "peer", mcp_peer_get_name(call->peer));
    if (type == MCP_EVENT_CALL_ARRIVED && call->invite != NULL)
        mcp_event_set_string(event, "guid",
                             mcp_headers_get(call->invite->headers, "X-Genesys-GVP-Session-ID"));
    if (type == MCP_EVENT_CALL_REFUSED)
        mcp_event_set_int(event, "code", call->status);
    if (type == MCP_EVENT_CALL_ARRIVED || type == MCP_EVENT_CALL_REFUSED)
        mcp_event_set_string(event, MCP_TRACEPARENT, call->traceparent);
    if (call->end_reason != NULL)
        mcp_event_set_string(event, "reason", call->end_reason);
    mcp_events_publish(core->events, event);
}

static void
leave(McpCall *call)
{
    McpCore *core = core_of(call);
    gboolean wanted = mcp_events_wanted(core->events, MCP_EVENT_CALL_RECORD);
    char *record = NULL;
    char *description = mcp_call_write_description(call, wanted ? &record : NULL);

    if (wanted) {
        McpEvent *event = mcp_event_new(MCP_EVENT_CALL_RECORD, call->id, "record");

        mcp_event_take_json(event, record);
        mcp_events_publish(core->events, event);
    }
    mcp_calls_forget(call->calls, call, description);
}

static void
log_end(McpCall *call)
{
    gint64 duration = call->answered != 0 ? (call->ended - call->answered) / 1000 : 0;

    if (call->answered == 0)
        mcp_log_info("call-refused", call->id, "%s %s: %u, %s",
                     call->invite != NULL ? "refused call from" : "no answer from",
                     call->remote_uri, call->status, call->end_reason);
    else
        mcp_log_info("call-ended", call->id, "ended by %s after %.1f s: %s", call->ended_by,
                     (double)duration / 1000, call->end_reason);
}

static void
count_answered(McpCall *call)
{
    McpMetrics *metrics = core_of(call)->metrics;

    mcp_metrics_observe_call(metrics, MCP_CORE_CALL_DURATION, 0,
                             (double)(call->ended - call->answered) / G_USEC_PER_SEC, call->id);
    mcp_metrics_add(metrics, MCP_CORE_CALLS_ENDED, mcp_calls_ender_label(call->ended_by), 1);
}

static void
finish(McpCall *call)
{
    McpCore *core = core_of(call);

    mcp_timer_clear(&call->progress_timer);
    mcp_timer_clear(&call->duration_timer);
    mcp_timer_clear(&call->deadline_timer);
    mcp_call_transfer_clear(call);
    mcp_call_redirect_clear(call);
    mcp_call_close_leg(call);
    call->ended = mcp_clock_now(core->clock);
    call->ended_wall = mcp_clock_wall(core->clock);
    mcp_call_set_end(call, "network", "session ended");
    set_state(call, MCP_CALL_ENDED);
    log_end(call);
    if (call->answered != 0)
        count_answered(call);
    else
        mcp_metrics_add(core->metrics, MCP_CORE_CALLS_REFUSED, CLAMP(call->status / 100, 3, 6) - 3,
                        1);
    publish(call, call->answered != 0 ? MCP_EVENT_CALL_ENDED : MCP_EVENT_CALL_REFUSED,
            call->answered != 0 ? "ended" : "refused");
    leave(call);
    g_clear_object(&call->dialog);
    g_clear_object(&call->session);
}

static void
on_deadline(gpointer user_data)
{
    g_autoptr(McpCall) call = g_object_ref(user_data);

    mcp_timer_clear(&call->deadline_timer);
    mcp_call_handle(call, MCP_CALL_EVENT_DEADLINE);
}

static void
set_deadline(McpCall *call, gint64 delay)
{
    mcp_timer_clear(&call->deadline_timer);
    call->deadline_timer =
        mcp_clock_after(core_of(call)->clock, call->shard->context, delay, on_deadline, call);
}

/* The dialog is over, or never ran: the session is all that is left. */
static void
release(McpCall *call)
{
    mcp_call_transfer_clear(call);
    mcp_call_close_leg(call);
    if (call->session == NULL || call->session_ended) {
        finish(call);
        return;
    }
    set_state(call, MCP_CALL_RELEASING);
    set_deadline(call, SESSION_DEADLINE);
}

static char *
reason_header(McpCall *call)
{
    g_autofree char *text = g_strdup(call->end_reason != NULL ? call->end_reason : "");

    g_strdelimit(text, "\"\\\r\n", '\'');
    if (call->failed || call->cause != 0)
        return g_strdup_printf("SIP;cause=%u;text=\"%s\"", call->cause != 0 ? call->cause : 500,
                               text);
    return g_strdup_printf("Q.850;cause=16;text=\"%s\"", text);
}

static void
end_session(McpCall *call)
{
    g_autofree char *reason = reason_header(call);

    if (call->session != NULL && !call->session_ended)
        mcp_session_end(call->session, reason, call->bye_type, call->bye_body);
}

static void
do_refuse(McpCall *call)
{
    mcp_timer_clear(&call->progress_timer);
    if (call->reject == NULL)
        call->reject = mcp_reject_new(500, "dialog could not be prepared", NULL);
    call->status = call->reject->status;
    mcp_call_set_end(call, "platform",
                     call->reject->warning_text != NULL ? call->reject->warning_text
                                                        : call->reject->reason);
    if (call->session != NULL)
        mcp_session_reject(call->session, call->reject);
    release(call);
}

static void
do_place(McpCall *call)
{
    g_autoptr(GError) error = NULL;

    if (!mcp_call_make_leg(call)) {
        do_refuse(call);
        return;
    }
    set_state(call, MCP_CALL_PLACING);
    if (mcp_call_place_session(call, &error))
        return;
    call->status = 503;
    mcp_call_set_end(call, "platform", error->message);
    release(call);
}

static void
do_prepared(McpCall *call)
{
    g_autoptr(McpSdp) sdp = NULL;

    if (call->invite == NULL) {
        do_place(call);
        return;
    }
    mcp_timer_clear(&call->progress_timer);
    if (call->media == MCP_DIALOG_MEDIA_AUDIO && !mcp_call_make_leg(call)) {
        do_refuse(call);
        return;
    }
    sdp = mcp_call_make_answer(call);
    if (sdp == NULL && call->reject != NULL) {
        do_refuse(call);
        return;
    }
    set_state(call, MCP_CALL_ANSWERING);
    mcp_session_answer(call->session, sdp, NULL);
    if (call->leg != NULL && !call->offer_in_answer)
        mcp_leg_start(call->leg);
}

static void
on_dialog_ended(McpDialog *dialog, const McpDialogEnd *end, gpointer user_data)
{
    g_autoptr(McpCall) call = g_object_ref(user_data);

    gboolean redirected = call->state == MCP_CALL_REDIRECTED;

    call->dialog_running = FALSE;
    call->failed = end->failed && !redirected;
    call->cause = redirected ? 0 : end->cause;
    call->result = g_strdup(end->result);
    call->bye_type = g_strdup(end->content_type);
    call->bye_body = end->body != NULL ? g_bytes_ref(end->body) : NULL;
    mcp_call_note(call, "dialog", "ended: %s", end->reason);
    if (!redirected)
        mcp_call_set_end(call, "platform", end->reason);
    mcp_call_handle(call, MCP_CALL_EVENT_DIALOG_ENDED);
}

static void
on_max_duration(gpointer user_data)
{
    g_autoptr(McpCall) call = g_object_ref(user_data);

    mcp_timer_clear(&call->duration_timer);
    mcp_log_warning("call-too-long", call->id, "hanging up: maximum call duration reached");
    mcp_call_hangup(call, "maximum call duration reached");
}

static void
run_dialog(McpCall *call)
{
    set_state(call, MCP_CALL_RUNNING);
    call->dialog_running = TRUE;
    mcp_leg_start(call->leg);
    mcp_dialog_start(call->dialog, call->leg, on_dialog_ended, call);
}

/* RFC 5552 §2.3: without media the dialog stays prepared. */
static void
do_start(McpCall *call)
{
    McpCore *core = core_of(call);
    gboolean waits = call->media == MCP_DIALOG_MEDIA_NONE;

    call->answered = mcp_clock_now(core->clock);
    call->answered_wall = mcp_clock_wall(core->clock);
    call->status = 200;
    mcp_metrics_observe_call(core->metrics, MCP_CORE_CALL_SETUP, 0,
                             (double)(call->answered - call->arrived) / G_USEC_PER_SEC, call->id);
    call->duration_timer =
        mcp_clock_after(core->clock, call->shard->context, mcp_calls_get_max_duration(call->calls),
                        on_max_duration, call);
    publish(call, MCP_EVENT_CALL_ANSWERED, "answered");
    mcp_log_info("call-answered", call->id,
                 waits ? "answered without media, %s is prepared" : "answered, %s runs",
                 call->route->dialog);
    if (waits)
        set_state(call, MCP_CALL_WAITING);
    else
        run_dialog(call);
}

static void
do_media_came(McpCall *call)
{
    mcp_log_info("media-came", call->id, "the session has media now, %s runs", call->route->dialog);
    run_dialog(call);
}

static void
do_cancelled(McpCall *call)
{
    g_cancellable_cancel(call->cancellable);
    release(call);
}

static void
do_hangup_early(McpCall *call)
{
    g_cancellable_cancel(call->cancellable);
    if (call->invite == NULL || call->reject != NULL) {
        end_session(call);
        release(call);
        return;
    }
    call->reject = mcp_reject_new(480, call->end_reason, NULL);
    do_refuse(call);
}

static void
do_hangup_session(McpCall *call)
{
    end_session(call);
    release(call);
}

/* We hang up a running call: the other side hears at once, the dialog gets time to finish. */
static void
do_hangup(McpCall *call)
{
    set_state(call, MCP_CALL_CLOSING);
    set_deadline(call, DIALOG_DEADLINE);
    end_session(call);
    mcp_dialog_terminate(call->dialog, call->end_reason);
}

static void
do_remote_hangup(McpCall *call)
{
    set_state(call, MCP_CALL_CLOSING);
    set_deadline(call, DIALOG_DEADLINE);
    mcp_dialog_terminate(call->dialog, call->end_reason);
}

static void
do_dialog_ended(McpCall *call)
{
    end_session(call);
    release(call);
}

static void
log_stuck(McpCall *call)
{
    mcp_log_error("dialog-stuck", call->id, "dialog %s did not end within %d s",
                  call->route->dialog, (int)(DIALOG_DEADLINE / G_USEC_PER_SEC));
}

static void
do_dialog_stuck(McpCall *call)
{
    log_stuck(call);
    release(call);
}

static void
do_session_stuck(McpCall *call)
{
    mcp_log_error("session-stuck", call->id, "session did not end within %d s",
                  (int)(SESSION_DEADLINE / G_USEC_PER_SEC));
    finish(call);
}

/*
 * The dialog ends, as its caller has gone where it cannot follow: a suspended one would hold a
 * page, timers and recordings for somebody who does not come back. The session stays.
 */
static void
do_redirected(McpCall *call)
{
    set_state(call, MCP_CALL_REDIRECTED);
    mcp_leg_set_guard(call->leg, NULL, NULL);
    set_deadline(call, DIALOG_DEADLINE);
    mcp_dialog_terminate(call->dialog, "redirected");
}

static void
do_give_media_back(McpCall *call)
{
    mcp_timer_clear(&call->deadline_timer);
    mcp_call_close_leg(call);
}

static void
do_redirected_stuck(McpCall *call)
{
    log_stuck(call);
    mcp_call_close_leg(call);
}

static void
do_redirect_ended(McpCall *call)
{
    if (call->dialog_running && call->leg != NULL)
        set_state(call, MCP_CALL_CLOSING);
    else
        release(call);
}

static void
do_redirect_hangup(McpCall *call)
{
    end_session(call);
    do_redirect_ended(call);
}

/* An empty cell: the event means nothing in that state and is dropped. */
static const Action actions[MCP_CALL_N_STATES][MCP_CALL_N_EVENTS] = {
    [MCP_CALL_PREPARING] =
        {
            [MCP_CALL_EVENT_PREPARED] = do_prepared,
            [MCP_CALL_EVENT_REFUSED] = do_refuse,
            [MCP_CALL_EVENT_SESSION_ENDED] = do_cancelled,
            [MCP_CALL_EVENT_HANGUP] = do_hangup_early,
        },
    [MCP_CALL_PLACING] =
        {
            [MCP_CALL_EVENT_ANSWERED] = do_start,
            [MCP_CALL_EVENT_SESSION_ENDED] = release,
            [MCP_CALL_EVENT_HANGUP] = do_hangup_session,
        },
    [MCP_CALL_ANSWERING] =
        {
            [MCP_CALL_EVENT_ACKED] = do_start,
            [MCP_CALL_EVENT_SESSION_ENDED] = release,
            [MCP_CALL_EVENT_HANGUP] = do_hangup_session,
        },
    [MCP_CALL_WAITING] =
        {
            [MCP_CALL_EVENT_MEDIA] = do_media_came,
            [MCP_CALL_EVENT_SESSION_ENDED] = release,
            [MCP_CALL_EVENT_HANGUP] = do_hangup_session,
        },
    [MCP_CALL_RUNNING] =
        {
            [MCP_CALL_EVENT_SESSION_ENDED] = do_remote_hangup,
            [MCP_CALL_EVENT_DIALOG_ENDED] = do_dialog_ended,
            [MCP_CALL_EVENT_HANGUP] = do_hangup,
            [MCP_CALL_EVENT_REDIRECTED] = do_redirected,
        },
    [MCP_CALL_REDIRECTED] =
        {
            [MCP_CALL_EVENT_SESSION_ENDED] = do_redirect_ended,
            [MCP_CALL_EVENT_DIALOG_ENDED] = do_give_media_back,
            [MCP_CALL_EVENT_HANGUP] = do_redirect_hangup,
            [MCP_CALL_EVENT_DEADLINE] = do_redirected_stuck,
        },
    [MCP_CALL_CLOSING] =
        {
            [MCP_CALL_EVENT_DIALOG_ENDED] = release,
            [MCP_CALL_EVENT_DEADLINE] = do_dialog_stuck,
        },
    [MCP_CALL_RELEASING] =
        {
            [MCP_CALL_EVENT_SESSION_ENDED] = finish,
            [MCP_CALL_EVENT_DEADLINE] = do_session_stuck,
        },
};

void
mcp_call_handle(McpCall *call, McpCallEvent event)
{
    g_autoptr(McpCall) guard = g_object_ref(call);
    Action action = actions[call->state][event];

    if (action != NULL)
        action(call);
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpCall) call = user_data;
    g_autoptr(McpReject) reject = NULL;
    gboolean ready = mcp_dialog_prepare_finish(MCP_DIALOG(source), result, &call->media, &reject);

    call->quiet = call->media == MCP_DIALOG_MEDIA_QUIET;
    if (call->quiet)
        call->media = MCP_DIALOG_MEDIA_AUDIO;
    if (!ready && call->reject == NULL)
        call->reject = g_steal_pointer(&reject);
    mcp_call_handle(call, ready ? MCP_CALL_EVENT_PREPARED : MCP_CALL_EVENT_REFUSED);
}

static void
on_ringing(gpointer user_data)
{
    McpCall *call = user_data;

    mcp_timer_clear(&call->progress_timer);
    mcp_session_progress(call->session, 180, NULL);
}

void
mcp_call_no_dialog(McpCall *call)
{
    g_autofree char *reason =
        g_strdup_printf("no dialog provider \"%s\" is running", call->route->dialog);

    if (call->reject == NULL)
        call->reject = mcp_reject_new(503, reason, NULL);
}

void
mcp_call_begin(McpCall *call)
{
    McpCore *core = core_of(call);
    g_autoptr(McpDialogProvider) provider =
        mcp_registry_lookup(core->registry, MCP_CONTRACT_DIALOG, call->route->dialog);

    mcp_metrics_add(core->metrics, MCP_CORE_CALLS_TOTAL, call->invite == NULL, 1);
    mcp_log_info("call-arrived", call->id, "%s %s, service %s",
                 call->invite != NULL ? "call from" : "calling", call->remote_uri,
                 *call->route->service != '\0' ? call->route->service : "-");
    publish(call, MCP_EVENT_CALL_ARRIVED, call->invite != NULL ? "incoming" : "outgoing");
    if (call->session != NULL) {
        call->progress_timer =
            mcp_clock_after(core->clock, call->shard->context, RINGING_AFTER, on_ringing, call);
        mcp_session_set_handler(call->session, call->shard->context, mcp_call_on_session,
                                g_object_ref(call), g_object_unref);
    }
    if (provider != NULL)
        call->dialog = mcp_dialog_provider_create(provider, call, &call->reject);
    if (call->dialog == NULL) {
        mcp_call_no_dialog(call);
        mcp_call_handle(call, MCP_CALL_EVENT_REFUSED);
        return;
    }
    mcp_dialog_prepare_async(call->dialog, call->cancellable, on_prepared, g_object_ref(call));
}
