/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the machine and the world: runs it, on the shard or in the compute pool, carries out what
 * it asks for, tells it of a hang-up, and ends. What happens while it is in the pool waits. On the
 * call's shard.
 */
#include <mcp/log.h>
#include <string.h>

#include "debugger/attachment.h"
#include "session_loading.h"

#define HANGUP "connection.disconnect.hangup"
#define PENALTY (2 * G_USEC_PER_SEC)

/* ---- the end ---- */

static void drop_penalty(McpVxmlSession *session);

void
mcp_vxml_session_stop_media(McpVxmlSession *session)
{
    mcp_timer_clear(&session->final_timer);
    mcp_timer_clear(&session->message_timer);
    g_cancellable_cancel(session->cancellable);
    mcp_vxml_collection_free(session);
    mcp_vxml_record_free(session);
    mcp_vxml_transfer_free(session);
    mcp_vxml_fetch_audio_free(session);
    g_clear_pointer(&session->data, mcp_xml_document_unref);
    mcp_vxml_prefetcher_free(session);
    mcp_vxml_ahead_free(session);
    if (session->leg == NULL)
        return;
    if (session->generation != 0)
        mcp_leg_stop(session->leg, session->generation);
    /* The leg commits what is recorded; nobody has to hear of it. */
    if (session->call_recording)
        mcp_leg_stop_recording(session->leg);
    mcp_leg_disarm(session->leg);
    mcp_leg_set_handler(session->leg, NULL, NULL);
    g_clear_object(&session->leg);
}

static void
record_last_page(McpVxmlSession *session)
{
    const char *url = mcp_vxml_interpreter_get_page(session->interpreter);
    g_autofree char *told = mcp_vxml_secrets_redact(session->secrets, url);

    mcp_call_set_record_field(session->call, "last_page", told);
}

static void
give_end(McpVxmlSession *session, const McpVxmlEnd *result)
{
    g_autoptr(McpVxmlSession) self = g_object_ref(session);
    g_autoptr(GBytes) body = NULL;
    g_autofree char *told = mcp_vxml_secrets_redact(session->secrets, result->result);
    g_autofree char *page = mcp_vxml_secrets_redact(session->secrets, session->url);
    McpDialogEnd end = {.failed = result->failed, .reason = result->reason};

    if (session->ended)
        return;
    session->ended = TRUE;
    mcp_vxml_turn_close(session);
    drop_penalty(session);
    g_clear_pointer(&session->debug_call, mcp_vxml_debug_call_free);
    mcp_vxml_session_stop_media(session);
    /* It is for the record; the body of the BYE goes to who asked. */
    end.result = told;
    if (result->body != NULL) {
        body = g_bytes_new(result->body, strlen(result->body));
        end.body = body;
        end.content_type = "application/x-www-form-urlencoded;charset=utf-8";
    }
    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "ended", "reason", result->reason);
    if (session->call != NULL) {
        mcp_call_set_record_field(session->call, "page", page);
        if (session->interpreter != NULL && !session->in_pool)
            record_last_page(session);
    }
    if (session->services.metrics != NULL)
        mcp_metrics_add(session->services.metrics, MCP_VXML_METRIC_RUNNING, 0, -1);
    if (session->end_func != NULL)
        session->end_func(MCP_DIALOG(session), &end, session->end_data);
}

void
mcp_vxml_session_end_with(McpVxmlSession *session, gboolean failed, const char *reason)
{
    McpVxmlEnd end = {.failed = failed, .reason = (char *)reason};

    give_end(session, &end);
}

/* ---- actions ---- */

static void
on_page(McpVxmlSession *session, McpVxmlDocument *document, McpVxmlDocument *root,
        const char *event, const char *message)
{
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_PAGE, .document = document, .root = root};

    mcp_vxml_session_count(session, MCP_VXML_METRIC_PAGES, event != NULL);
    if (event != NULL)
        mcp_vxml_session_fail(session, event, "%s", message);
    else
        mcp_vxml_session_resume(session, &outcome);
}

static void
note_mark(McpVxmlSession *session, const McpLegEvent *event)
{
    g_free(session->mark);
    session->mark = g_strdup(event->mark);
    session->mark_at = event->time;
    mcp_vxml_session_report_prompt(session, "mark", "name", event->mark);
}

void
mcp_vxml_session_leg_event(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    McpVxmlSession *session = user_data;
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    if (session->ended || mcp_vxml_call_recording_event(session, event) || session->action == NULL)
        return;
    if (mcp_vxml_turn_event(session, event))
        return;
    if (event->type == MCP_LEG_MARK && event->generation == session->generation)
        note_mark(session, event);
    switch ((int)session->action->type) {
    case MCP_VXML_ACTION_PAGE:
    case MCP_VXML_ACTION_DATA:
    case MCP_VXML_ACTION_RECEIVE:
        mcp_vxml_fetch_audio_event(session, event);
        break;
    case MCP_VXML_ACTION_COLLECT:
        mcp_vxml_collection_event(session, event);
        break;
    case MCP_VXML_ACTION_PLAY:
        mcp_vxml_play_event(session, event);
        break;
    case MCP_VXML_ACTION_RECORD:
        mcp_vxml_record_event(session, event);
        break;
    case MCP_VXML_ACTION_TRANSFER:
        mcp_vxml_transfer_event(session, event);
        break;
    default:
        break;
    }
}

static void run_elsewhere(McpVxmlSession *session, const McpVxmlOutcome *outcome,
                          McpVxmlAttachment *attachment);
static McpPool *pool_of(const McpVxmlSession *session);

/* (transfer full) (nullable) */
static McpVxmlAttachment *
debugger_of(const McpVxmlSession *session)
{
    return session->debug_call != NULL ? mcp_vxml_debug_call_get(session->debug_call) : NULL;
}

static void
compute(McpVxmlSession *session)
{
    g_autoptr(McpVxmlAttachment) attachment = debugger_of(session);
    McpVxmlOutcome done = {.type = MCP_VXML_OUTCOME_DONE};

    if (pool_of(session) != NULL)
        run_elsewhere(session, &done, attachment);
    else
        mcp_vxml_session_resume(session, &done);
}

static void
carry_out(McpVxmlSession *session, const McpVxmlAction *action)
{
    /* What is done at once may be over, and the action gone, when this goes on. */
    g_autoptr(GPtrArray) prefetch =
        action->prefetch != NULL ? g_ptr_array_ref(action->prefetch) : NULL;

    session->action = action;
    session->serial++;
    g_clear_object(&session->cancellable);
    session->cancellable = g_cancellable_new();
    if (prefetch != NULL)
        mcp_vxml_prefetcher_open(session);
    if (action->next_prompts != NULL)
        mcp_vxml_ahead_plan(session, action->next_prompts);
    switch (action->type) {
    case MCP_VXML_ACTION_PAGE:
        if (action->fetch_audio != NULL)
            mcp_vxml_fetch_with_audio(session, on_page);
        else
            mcp_vxml_submit_page(session, action, on_page);
        break;
    case MCP_VXML_ACTION_SCRIPT:
        mcp_vxml_load_script(session, &action->fetch);
        break;
    case MCP_VXML_ACTION_DATA:
        mcp_vxml_load_data(session);
        break;
    case MCP_VXML_ACTION_OBJECT:
        mcp_vxml_invoke_object(session);
        break;
    case MCP_VXML_ACTION_COLLECT:
        mcp_vxml_collect(session);
        break;
    case MCP_VXML_ACTION_RECORD:
        mcp_vxml_record(session);
        break;
    case MCP_VXML_ACTION_PLAY:
        mcp_vxml_play(session);
        break;
    case MCP_VXML_ACTION_TRANSFER:
        mcp_vxml_transfer(session);
        break;
    case MCP_VXML_ACTION_SEND:
        mcp_vxml_send_message(session);
        break;
    case MCP_VXML_ACTION_RECEIVE:
        mcp_vxml_await_message(session);
        break;
    case MCP_VXML_ACTION_COMPUTE:
        compute(session);
        break;
    case MCP_VXML_ACTION_END:
    default:
        give_end(session, &action->end);
        break;
    }
    if (prefetch != NULL)
        mcp_vxml_prefetch(session, prefetch);
    mcp_vxml_deliver_messages(session);
}

/* ---- running the machine ---- */

/* What goes to the pool and comes back: an outcome with memory of its own. */
typedef struct {
    McpVxmlOutcome outcome;
    gboolean has_outcome;
    McpVxmlInterpreter *interpreter;
    const McpVxmlAction *action;
} Run;

static void
run_free(gpointer data)
{
    Run *run = data;
    McpVxmlOutcome *outcome = &run->outcome;

    g_clear_pointer(&outcome->document, mcp_vxml_document_unref);
    g_clear_pointer(&outcome->root, mcp_vxml_document_unref);
    g_free((char *)outcome->text);
    g_free((char *)outcome->utterance);
    g_free((char *)outcome->interpretation);
    g_clear_pointer(&outcome->readings, g_ptr_array_unref);
    g_free((char *)outcome->result);
    g_free((char *)outcome->recording);
    g_free((char *)outcome->recording_type);
    g_free((char *)outcome->mark);
    g_clear_pointer(&outcome->xml, mcp_xml_document_unref);
    g_free((char *)outcome->event);
    g_free((char *)outcome->message);
    g_free(run);
}

static Run *
run_new(McpVxmlSession *session, const McpVxmlOutcome *from)
{
    Run *run = g_new0(Run, 1);
    McpVxmlOutcome *outcome = &run->outcome;

    run->interpreter = session->interpreter;
    if (from == NULL)
        return run;
    run->has_outcome = TRUE;
    *outcome = *from;
    if (from->document != NULL)
        mcp_vxml_document_ref(from->document);
    if (from->root != NULL)
        mcp_vxml_document_ref(from->root);
    outcome->text = g_strdup(from->text);
    outcome->utterance = g_strdup(from->utterance);
    outcome->interpretation = g_strdup(from->interpretation);
    if (from->readings != NULL)
        g_ptr_array_ref(from->readings);
    outcome->result = g_strdup(from->result);
    outcome->recording = g_strdup(from->recording);
    outcome->recording_type = g_strdup(from->recording_type);
    outcome->mark = g_strdup(from->mark);
    if (from->xml != NULL)
        mcp_xml_document_ref(from->xml);
    outcome->event = g_strdup(from->event);
    outcome->message = g_strdup(from->message);
    return run;
}

static void
run_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Run *run = data;

    run->action = mcp_vxml_interpreter_run_elsewhere(run->interpreter,
                                                     run->has_outcome ? &run->outcome : NULL);
    g_task_return_boolean(task, TRUE);
}

/* In the thread of a debugger, which is set aside again before the session has its machine back. */
static void
run_debugged(GTask *task, McpVxmlProbeFunc probe, gpointer probe_data)
{
    Run *run = g_task_get_task_data(task);

    mcp_vxml_debug_set_probe(run->interpreter, probe, probe_data);
    run->action = mcp_vxml_interpreter_run_elsewhere(run->interpreter,
                                                     run->has_outcome ? &run->outcome : NULL);
    mcp_vxml_debug_set_probe(run->interpreter, NULL, NULL);
    g_task_return_boolean(task, TRUE);
}

void
mcp_vxml_session_take_hangup(McpVxmlSession *session)
{
    McpVxmlOutcome outcome = {
        .type = MCP_VXML_OUTCOME_EVENT, .event = HANGUP, .message = "the caller hung up"};

    session->hangup_waits = FALSE;
    mcp_vxml_interpreter_disconnect(session->interpreter);
    if (session->action == NULL)
        return;
    switch ((int)session->action->type) {
    case MCP_VXML_ACTION_RECORD:
        if (mcp_vxml_record_stop(session))
            return;
        break;
    case MCP_VXML_ACTION_RECEIVE:
        mcp_timer_clear(&session->message_timer);
        mcp_vxml_fetch_audio_free(session);
        break;
    case MCP_VXML_ACTION_COLLECT:
    case MCP_VXML_ACTION_PLAY:
    case MCP_VXML_ACTION_TRANSFER:
    case MCP_VXML_ACTION_OBJECT:
        break;
    default:
        /* A page on its way is awaited: its handlers may want to know. */
        mcp_vxml_fetch_audio_hangup(session);
        return;
    }
    g_cancellable_cancel(session->cancellable);
    mcp_vxml_session_resume(session, &outcome);
}

static void
on_ran(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = user_data;
    Run *run = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;

    session->in_pool = FALSE;
    if (session->ended)
        return;
    if (!g_task_propagate_boolean(G_TASK(result), &error)) {
        mcp_log_warning("vxml-pool", mcp_vxml_session_call_id(session),
                        "scripts cannot run in the compute pool: %s", error->message);
        mcp_vxml_session_end_with(session, TRUE, "error.noresource");
        return;
    }
    if (session->hangup_waits)
        mcp_vxml_interpreter_disconnect(session->interpreter);
    mcp_vxml_session_flush_notes(session);
    carry_out(session, run->action);
    if (session->hangup_waits && !session->in_pool && !session->ended)
        mcp_vxml_session_take_hangup(session);
}

static McpPool *
pool_of(const McpVxmlSession *session)
{
    return session->services.scripts != NULL ? session->services.scripts
                                             : session->services.compute;
}

static void
on_penalty(gpointer user_data)
{
    McpVxmlSession *session = user_data;
    g_autoptr(GTask) task = g_steal_pointer(&session->pool_task);

    mcp_timer_clear(&session->penalty_timer);
    mcp_pool_run(pool_of(session), task, run_in_thread);
}

/*
 * Who was stopped for the time it took comes to its next turn later, so that the others that wait
 * for the pool get theirs. A debugger's thread is nobody else's. @attachment: (nullable)
 */
static void
run_elsewhere(McpVxmlSession *session, const McpVxmlOutcome *outcome, McpVxmlAttachment *attachment)
{
    /* The pool's thread may drop the task last; the session must not go with it there. */
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_ran, g_object_ref(session));

    session->in_pool = TRUE;
    g_task_set_task_data(task, run_new(session, outcome), run_free);
    if (attachment != NULL && mcp_vxml_attachment_run(attachment, task, run_debugged))
        return;
    session->n_pool_runs++;
    mcp_vxml_session_count(session, MCP_VXML_METRIC_MOVED, 0);
    if (!mcp_vxml_interpreter_take_overrun(session->interpreter)) {
        mcp_pool_run(pool_of(session), task, run_in_thread);
        return;
    }
    session->pool_task = g_steal_pointer(&task);
    session->penalty_timer =
        mcp_clock_after(session->services.clock, NULL, PENALTY, on_penalty, session);
}

/* It never got to the pool: whoever waits for it learns that it is over. */
static void
drop_penalty(McpVxmlSession *session)
{
    g_autoptr(GTask) task = g_steal_pointer(&session->pool_task);

    mcp_timer_clear(&session->penalty_timer);
    if (task != NULL)
        g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the call is over");
}

void
mcp_vxml_session_resume(McpVxmlSession *session, const McpVxmlOutcome *outcome)
{
    g_autoptr(McpVxmlSession) self = g_object_ref(session);
    g_autoptr(McpVxmlAttachment) attachment = NULL;
    const McpVxmlAction *action;

    if (session->ended || session->in_pool)
        return;
    /* What the action still prepares is nothing to the next one. */
    g_cancellable_cancel(session->cancellable);
    mcp_vxml_collection_free(session);
    mcp_vxml_record_free(session);
    mcp_vxml_transfer_free(session);
    attachment = debugger_of(session);
    if (pool_of(session) != NULL &&
        (attachment != NULL || mcp_vxml_interpreter_is_heavy(session->interpreter, outcome))) {
        session->action = NULL;
        run_elsewhere(session, outcome, attachment);
        return;
    }
    action = mcp_vxml_interpreter_run(session->interpreter, outcome);
    mcp_vxml_session_flush_notes(session);
    carry_out(session, action);
}

void
mcp_vxml_session_fail(McpVxmlSession *session, const char *event, const char *format, ...)
{
    g_autofree char *message = NULL;
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_EVENT, .event = event};
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    outcome.message = message;
    mcp_vxml_session_resume(session, &outcome);
}
