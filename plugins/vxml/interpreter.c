/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's outer loop: events first, then content, then the phase of the form interpretation
 * algorithm, until an action is out. Runs on the call's shard or, handed over whole, in the compute
 * pool; one thread at a time.
 */
#include "interpreter.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"
#include "trace_notes.h"

MCP_LEDGER_DEFINE(McpVxmlInterpreter);

#define HANGUP "connection.disconnect.hangup"
#define TRANSFERRED "connection.disconnect.transfer"
/* Bytes of a line for log, timeline and events; the rest of it is left out. */
#define MAX_NOTE 4096
/* What an application may do after the limit of transitions before it is ended. */
#define GRACE 50
/* Pieces of content a transition may have on average before the application counts as endless. */
#define WORK_PER_TRANSITION 200

static void
note_free(gpointer data)
{
    McpVxmlNote *note = data;

    g_free(note->text);
    g_free(note->where);
    g_free(note->label);
    g_free(note);
}

/* Whatever is told of a session goes through here. What is cut might end amid a secret, which would
 * not be known as one: a second cut takes that end away. */
static char *
shown(McpVxmlInterpreter *interpreter, const char *text)
{
    g_autofree char *start = NULL;
    g_autofree char *redacted = NULL;

    if (strlen(text) <= MAX_NOTE)
        return mcp_vxml_secrets_redact(interpreter->setup.secrets, text);
    start = g_strndup(text, 2 * MAX_NOTE);
    redacted = mcp_vxml_secrets_redact(interpreter->setup.secrets, start);
    g_clear_pointer(&start, g_free);
    start = g_strndup(redacted, MAX_NOTE);
    return g_utf8_make_valid(start, -1);
}

void
mcp_vxml_note(McpVxmlInterpreter *interpreter, McpEventType type, const char *what,
              const McpVxmlElement *element, const char *text)
{
    McpVxmlNote *note;

    if (!mcp_vxml_may_note(interpreter))
        return;
    note = g_new0(McpVxmlNote, 1);
    note->type = type;
    note->what = what;
    note->text = shown(interpreter, text);
    if (element != NULL) {
        g_autofree char *url = shown(interpreter, mcp_vxml_document_get_url(element->document));

        note->where = g_strdup_printf("%s:%u", url, element->line);
    }
    g_ptr_array_add(interpreter->notes, note);
}

void
mcp_vxml_note_labelled(McpVxmlInterpreter *interpreter, const char *what,
                       const McpVxmlElement *element, const char *label, const char *text)
{
    guint before = interpreter->notes->len;
    McpVxmlNote *note;

    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, what, element, text);
    if (interpreter->notes->len == before)
        return;
    note = interpreter->notes->pdata[interpreter->notes->len - 1];
    note->label = g_strdup(label);
}

gboolean
mcp_vxml_throw(McpVxmlInterpreter *interpreter, const char *event, const char *format, ...)
{
    va_list arguments;

    /* What happened first is what the application has to hear of. */
    if (interpreter->event != NULL)
        return FALSE;
    interpreter->event = g_strdup(event);
    va_start(arguments, format);
    interpreter->message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return FALSE;
}

static void
clear_contents(McpVxmlAction *action)
{
    mcp_vxml_fetch_clear(&action->fetch);
    g_clear_pointer(&action->prompts, g_ptr_array_unref);
    g_clear_pointer(&action->grammars, g_ptr_array_unref);
    g_clear_pointer(&action->fetch_audio, g_ptr_array_unref);
    g_clear_pointer(&action->prefetch, g_ptr_array_unref);
    g_clear_pointer(&action->next_prompts, g_ptr_array_unref);
    g_clear_pointer(&action->object.classid, g_free);
    g_clear_pointer(&action->object.codebase, g_free);
    g_clear_pointer(&action->object.codetype, g_free);
    g_clear_pointer(&action->object.data, g_free);
    g_clear_pointer(&action->object.type, g_free);
    g_clear_pointer(&action->object.archive, g_free);
    g_clear_pointer(&action->object.parameters, g_free);
    mcp_vxml_engines_clear(&action->timing.speech.engines);
    g_clear_pointer(&action->transfer.dest, g_free);
    g_clear_pointer(&action->transfer.aai, g_free);
    g_clear_pointer(&action->transfer.audio, g_ptr_array_unref);
    mcp_vxml_send_clear(&action->send);
}

static void
clear_action(McpVxmlInterpreter *interpreter)
{
    McpVxmlAction *action = &interpreter->action;

    clear_contents(action);
    g_clear_pointer(&action->end.reason, g_free);
    g_clear_pointer(&action->end.result, g_free);
    g_clear_pointer(&action->end.body, g_free);
    memset(action, 0, sizeof *action);
}

void
mcp_vxml_set_end(McpVxmlInterpreter *interpreter, gboolean failed, const char *reason,
                 const char *result, const char *body)
{
    McpVxmlEnd *end = &interpreter->end;

    interpreter->context->phase = MCP_VXML_PHASE_EXIT;
    mcp_vxml_clear_frames(interpreter);
    /* RFC 5552 §4.2: what <disconnect> said stands; a later <exit> is for the record. */
    if (end->reason != NULL) {
        if (end->result == NULL)
            end->result = g_strdup(result);
        return;
    }
    end->failed = failed;
    end->reason = g_strdup(reason);
    end->result = g_strdup(result);
    end->body = g_strdup(body);
}

static void
give_end(McpVxmlInterpreter *interpreter)
{
    interpreter->action.type = MCP_VXML_ACTION_END;
    interpreter->action.end = interpreter->end;
    memset(&interpreter->end, 0, sizeof interpreter->end);
    interpreter->waiting = TRUE;
}

void
mcp_vxml_set_action(McpVxmlInterpreter *interpreter, McpVxmlActionType type)
{
    gboolean media = type == MCP_VXML_ACTION_COLLECT || type == MCP_VXML_ACTION_RECORD ||
                     type == MCP_VXML_ACTION_PLAY || type == MCP_VXML_ACTION_TRANSFER;

    if (media && interpreter->disconnected) {
        g_ptr_array_set_size(interpreter->prompts, 0);
        mcp_vxml_prompts_gone(interpreter);
        if (interpreter->hangup_due) {
            interpreter->hangup_due = FALSE;
            mcp_vxml_throw(interpreter, HANGUP, "the caller hung up");
        } else if (type != MCP_VXML_ACTION_PLAY) {
            /* VoiceXML 2.0 §1.5.4: final processing ends where input would be awaited. */
            mcp_vxml_set_end(interpreter, FALSE, "hangup", NULL, NULL);
        }
        return;
    }
    /* What came in the meantime is heard of before the caller is. */
    if ((type == MCP_VXML_ACTION_COLLECT || type == MCP_VXML_ACTION_RECORD) &&
        mcp_vxml_message_is_due(interpreter))
        return;
    interpreter->action.type = type;
    interpreter->waiting = TRUE;
    if (media)
        interpreter->action.private =
            mcp_vxml_property_bool(interpreter, "com.genesyslab.private", FALSE);
    if (media && interpreter->prefetch_due) {
        interpreter->prefetch_due = FALSE;
        interpreter->action.prefetch = mcp_vxml_build_prefetch(interpreter);
    }
    if (type == MCP_VXML_ACTION_COLLECT || type == MCP_VXML_ACTION_RECORD)
        interpreter->action.next_prompts = mcp_vxml_build_next_prompts(interpreter);
    /* §4.1.8: a fetch with audio is a place where the queue is played. */
    if (!media && interpreter->action.fetch_audio == NULL)
        return;
    interpreter->action.prompts = g_steal_pointer(&interpreter->prompts);
    interpreter->prompts = mcp_vxml_prompts_new();
    interpreter->out_bytes = interpreter->prompt_bytes;
    interpreter->out_pieces = interpreter->prompt_pieces;
    mcp_vxml_prompts_gone(interpreter);
    if (type != MCP_VXML_ACTION_PLAY && media)
        interpreter->action.grammars = g_steal_pointer(&interpreter->grammars);
}

gboolean
mcp_vxml_count_transition(McpVxmlInterpreter *interpreter)
{
    guint limit = interpreter->setup.max_transitions;

    guint steps = 0;

    interpreter->transitions++;
    steps = MAX(interpreter->transitions, interpreter->work / WORK_PER_TRANSITION);
    if (steps >= limit && !interpreter->loop_told) {
        interpreter->loop_told = TRUE;
        return mcp_vxml_throw(interpreter, "error.semantic", "%u transitions without input", limit);
    }
    if (steps < limit + GRACE)
        return TRUE;
    g_clear_pointer(&interpreter->event, g_free);
    g_clear_pointer(&interpreter->message, g_free);
    mcp_vxml_set_end(interpreter, TRUE, "endless loop without input", NULL, NULL);
    return FALSE;
}

/* ---- outcomes ---- */

static void
resume_script(McpVxmlInterpreter *interpreter, const char *text, const char *url)
{
    g_autoptr(McpScriptCode) code = mcp_script_code_new(MCP_SCRIPT_PROGRAM, text, url, 1);

    mcp_vxml_run_script(interpreter, code);
}

/* A grammar that cannot be had is an event before the queue is played (§4.1.8, Appendix C). */
static void
take_back_prompts(McpVxmlInterpreter *interpreter, McpVxmlAction *action)
{
    if (action->prompts == NULL)
        return;
    g_ptr_array_unref(interpreter->prompts);
    interpreter->prompts = g_steal_pointer(&action->prompts);
    interpreter->prompt_bytes = interpreter->out_bytes;
    interpreter->prompt_pieces = interpreter->out_pieces;
}

/* What may not be told is known from here on, in all its readings. */
static void
take_input(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome, gboolean private)
{
    McpVxmlSecrets *secrets = interpreter->setup.secrets;

    mcp_vxml_take_match(interpreter, outcome);
    if (!private)
        return;
    mcp_vxml_secrets_add(secrets, outcome->utterance);
    if (outcome->interpretation != NULL)
        mcp_vxml_secrets_add_json(secrets, outcome->interpretation);
    for (guint i = 1; outcome->readings != NULL && i < outcome->readings->len; i++) {
        const McpVxmlReading *reading = outcome->readings->pdata[i];

        mcp_vxml_secrets_add(secrets, reading->utterance);
        if (reading->interpretation != NULL)
            mcp_vxml_secrets_add_json(secrets, reading->interpretation);
    }
}

static void
resume_event(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome, gboolean private)
{
    McpVxmlContext *context = interpreter->context;

    if (strcmp(outcome->event, HANGUP) == 0)
        interpreter->hangup_due = FALSE;
    /* The caller is somebody else's now; what goes on is final processing (§1.5.4). */
    if (strcmp(outcome->event, TRANSFERRED) == 0) {
        interpreter->disconnected = TRUE;
        interpreter->hangup_due = FALSE;
    }
    /* What fails while the last prompts are played changes nothing any more. */
    if (context->phase == MCP_VXML_PHASE_EXIT || context->phase == MCP_VXML_PHASE_HANGUP)
        return;
    /* §5.1.5: a nomatch is a recognition, too. */
    if (outcome->utterance != NULL) {
        take_input(interpreter, outcome, private);
        if (!mcp_vxml_set_last_result(interpreter))
            return;
    }
    mcp_vxml_throw(interpreter, outcome->event, "%s",
                   outcome->message != NULL ? outcome->message : "");
}

static void
resume_match(McpVxmlInterpreter *interpreter, McpVxmlActiveGrammar *grammar,
             const McpVxmlOutcome *outcome, gboolean private)
{
    mcp_vxml_trace_result(interpreter, grammar->owner);
    if (private && interpreter->probe != NULL)
        mcp_vxml_debug_remember(interpreter);
    interpreter->input.owner = grammar->owner;
    interpreter->input.dialog = grammar->dialog;
    interpreter->input.event = grammar->event;
    take_input(interpreter, outcome, private);
    interpreter->have_input = TRUE;
    interpreter->context->phase = MCP_VXML_PHASE_PROCESS;
}

/*
 * §2.3.6: a grammar of the record's own ends it as a key would; one of wider scope takes the input
 * from it, and its variable stays as it is.
 */
static void
resume_recorded(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome,
                const McpVxmlAction *action)
{
    McpVxmlActiveGrammar *grammar;
    McpVxmlOutcome heard = *outcome;

    if (outcome->utterance == NULL || outcome->grammar >= action->grammars->len) {
        mcp_vxml_form_recorded(interpreter, outcome);
        return;
    }
    heard.recording = NULL; /* is no recording of the utterance */
    grammar = action->grammars->pdata[outcome->grammar];
    if (!grammar->local) {
        resume_match(interpreter, grammar, &heard, action->private);
        return;
    }
    mcp_vxml_trace_result(interpreter, grammar->owner);
    take_input(interpreter, &heard, action->private);
    if (mcp_vxml_set_last_result(interpreter))
        mcp_vxml_form_recorded(interpreter, outcome);
}

/* Whether the caller had a turn; a prompt or grammar that fails gives none. */
static gboolean
is_of_caller(const McpVxmlOutcome *outcome)
{
    if (outcome->type == MCP_VXML_OUTCOME_EVENT)
        return strcmp(outcome->event, "noinput") == 0 || strcmp(outcome->event, "nomatch") == 0;
    return outcome->type == MCP_VXML_OUTCOME_MESSAGE || outcome->type == MCP_VXML_OUTCOME_MATCH ||
           outcome->type == MCP_VXML_OUTCOME_RECORDED ||
           outcome->type == MCP_VXML_OUTCOME_TRANSFERRED;
}

static void
resume(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    McpVxmlAction action = interpreter->action;

    memset(&interpreter->action, 0, sizeof interpreter->action);
    interpreter->waiting = FALSE;
    if (!interpreter->disconnected && is_of_caller(outcome)) {
        interpreter->transitions = 0;
        interpreter->work = 0;
        interpreter->loop_told = FALSE;
        interpreter->told = 0;
        interpreter->warned = FALSE;
    }
    switch (outcome->type) {
    case MCP_VXML_OUTCOME_PAGE:
        mcp_vxml_page_ready(interpreter, outcome->document, outcome->root);
        break;
    case MCP_VXML_OUTCOME_SCRIPT:
        resume_script(interpreter, outcome->text, action.fetch.url);
        break;
    case MCP_VXML_OUTCOME_MATCH:
        if (action.grammars != NULL && outcome->grammar < action.grammars->len)
            resume_match(interpreter, action.grammars->pdata[outcome->grammar], outcome,
                         action.private);
        break;
    case MCP_VXML_OUTCOME_RECORDED:
        resume_recorded(interpreter, outcome, &action);
        break;
    case MCP_VXML_OUTCOME_DATA:
        mcp_vxml_data_ready(interpreter, outcome);
        break;
    case MCP_VXML_OUTCOME_OBJECT:
        mcp_vxml_form_invoked(interpreter, outcome);
        break;
    case MCP_VXML_OUTCOME_TRANSFERRED:
        mcp_vxml_form_transferred(interpreter, outcome);
        break;
    case MCP_VXML_OUTCOME_MESSAGE:
        mcp_vxml_resume_message(interpreter, action.type);
        break;
    case MCP_VXML_OUTCOME_EVENT:
        if (outcome->unheard)
            take_back_prompts(interpreter, &action);
        resume_event(interpreter, outcome, action.private);
        break;
    case MCP_VXML_OUTCOME_DONE:
    default:
        break;
    }
    /* The names in @outcome may be those of the action, which goes last. */
    clear_contents(&action);
}

/* ---- the loop ---- */

static void
step_ending(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;

    if (interpreter->prompts->len > 0) {
        McpVxmlPhase phase = context->phase;

        mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_PLAY);
        /* Nobody hears it, and at the end nothing is thrown any more. */
        if (phase == MCP_VXML_PHASE_EXIT && interpreter->event != NULL) {
            g_clear_pointer(&interpreter->event, g_free);
            g_clear_pointer(&interpreter->message, g_free);
        }
        return;
    }
    if (context->phase == MCP_VXML_PHASE_EXIT) {
        give_end(interpreter);
        return;
    }
    interpreter->disconnected = TRUE;
    interpreter->hangup_due = FALSE;
    context->phase = MCP_VXML_PHASE_SELECT;
    mcp_vxml_throw(interpreter, HANGUP, "the application hung up");
}

static void
step_initial(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *first;

    if (context->phase == MCP_VXML_PHASE_ROOT) {
        McpVxmlDocument *root = context->root != NULL ? context->root : context->document;

        context->phase = MCP_VXML_PHASE_DOCUMENT;
        if ((context->scopes & MCP_VXML_SCOPE_APPLICATION) != 0)
            return;
        if (!mcp_vxml_open_application(interpreter))
            return;
        first = mcp_vxml_document_get_root(root)->first;
    } else {
        context->phase = MCP_VXML_PHASE_DIALOG;
        if (context->root == NULL)
            return;
        if (!mcp_vxml_open_document(interpreter))
            return;
        first = mcp_vxml_document_get_root(context->document)->first;
    }
    mcp_vxml_push_initial(interpreter, first);
    if (first != NULL)
        mcp_vxml_supports(interpreter, first->parent);
}

static void
step(McpVxmlInterpreter *interpreter)
{
    McpVxmlPhase phase = interpreter->context->phase;

    if (interpreter->event != NULL && phase != MCP_VXML_PHASE_EXIT) {
        mcp_vxml_handle_event(interpreter);
        return;
    }
    if (interpreter->frames->len > 0) {
        mcp_vxml_run_content(interpreter);
        return;
    }
    switch (phase) {
    case MCP_VXML_PHASE_ROOT:
    case MCP_VXML_PHASE_DOCUMENT:
        step_initial(interpreter);
        break;
    case MCP_VXML_PHASE_EXIT:
    case MCP_VXML_PHASE_HANGUP:
        step_ending(interpreter);
        break;
    case MCP_VXML_PHASE_DIALOG:
    case MCP_VXML_PHASE_SELECT:
    case MCP_VXML_PHASE_PROCESS:
    case MCP_VXML_PHASE_FILLED:
    default:
        mcp_vxml_form_step(interpreter);
        break;
    }
}

static const McpVxmlAction *
run(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome, gboolean elsewhere)
{
    for (McpVxmlContext *context = interpreter->context; context != NULL; context = context->caller)
        mcp_script_adopt_thread(context->script);
    interpreter->big_script_allowed =
        interpreter->action.type == MCP_VXML_ACTION_COMPUTE && outcome != NULL;
    mcp_vxml_watch_begin(interpreter, elsewhere || interpreter->big_script_allowed);
    if (outcome != NULL)
        resume(interpreter, outcome);
    while (!interpreter->waiting) {
        step(interpreter);
        mcp_vxml_watch(interpreter);
    }
    mcp_vxml_watch_end(interpreter);
    return &interpreter->action;
}

const McpVxmlAction *
mcp_vxml_interpreter_run(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    return run(interpreter, outcome, FALSE);
}

const McpVxmlAction *
mcp_vxml_interpreter_run_elsewhere(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    return run(interpreter, outcome, TRUE);
}

/* ---- life ---- */

static void
copy_setup(McpVxmlInterpreter *interpreter, const McpVxmlSetup *setup)
{
    interpreter->setup = *setup;
    interpreter->setup.document = NULL;
    interpreter->setup.root = NULL;
    interpreter->setup.fragment = NULL;
    interpreter->session = g_strdup(setup->session);
    interpreter->setup.session = interpreter->session;
    interpreter->extra = g_strdup(setup->extra);
    interpreter->setup.extra = interpreter->extra;
    if (setup->properties != NULL)
        g_hash_table_ref(setup->properties);
    if (setup->defaults != NULL)
        mcp_vxml_document_ref(setup->defaults);
    interpreter->setup.secrets =
        setup->secrets != NULL ? mcp_vxml_secrets_ref(setup->secrets) : mcp_vxml_secrets_new();
}

McpVxmlInterpreter *
mcp_vxml_interpreter_new(const McpVxmlSetup *setup, GError **error)
{
    g_autoptr(McpVxmlInterpreter) interpreter = g_new0(McpVxmlInterpreter, 1);
    const McpVxmlElement *dialog;

    MCP_LEDGER_CREATED(McpVxmlInterpreter);
    copy_setup(interpreter, setup);
    interpreter->frames = g_array_new(FALSE, TRUE, sizeof(McpVxmlFrame));
    interpreter->prompts = mcp_vxml_prompts_new();
    interpreter->notes = g_ptr_array_new_with_free_func(note_free);
    interpreter->messages = mcp_vxml_messages_new();
    interpreter->recordings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    interpreter->recording_types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    dialog = mcp_vxml_document_find_dialog(setup->document, setup->fragment);
    if (dialog == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s has no dialog%s%s",
                    mcp_vxml_document_get_url(setup->document), setup->fragment ? " " : "",
                    setup->fragment ? setup->fragment : "");
        return NULL;
    }
    interpreter->context = mcp_vxml_context_new(interpreter, setup->document, setup->root, NULL);
    if (interpreter->context == NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_LIMIT, "no script engine could be made");
        return NULL;
    }
    interpreter->target.fragment = g_strdup(setup->fragment);
    interpreter->prefetch_due = TRUE;
    return g_steal_pointer(&interpreter);
}

void
mcp_vxml_interpreter_free(McpVxmlInterpreter *interpreter)
{
    if (interpreter->context != NULL)
        mcp_script_adopt_thread(interpreter->context->script);
    for (McpVxmlContext *c = interpreter->context; c != NULL; c = c->caller)
        mcp_script_adopt_thread(c->script);
    mcp_vxml_clear_frames(interpreter);
    while (interpreter->context != NULL) {
        McpVxmlContext *caller = interpreter->context->caller;

        mcp_vxml_context_free(interpreter->context);
        interpreter->context = caller;
    }
    clear_action(interpreter);
    g_array_unref(interpreter->frames);
    g_ptr_array_unref(interpreter->prompts);
    g_clear_pointer(&interpreter->grammars, g_ptr_array_unref);
    g_ptr_array_unref(interpreter->notes);
    g_hash_table_unref(interpreter->recordings);
    g_hash_table_unref(interpreter->recording_types);
    g_clear_pointer(&interpreter->setup.properties, g_hash_table_unref);
    g_clear_pointer(&interpreter->setup.defaults, mcp_vxml_document_unref);
    mcp_vxml_secrets_unref(interpreter->setup.secrets);
    g_clear_pointer(&interpreter->remembered, g_hash_table_unref);
    mcp_vxml_messages_free(interpreter->messages);
    g_free(interpreter->extra);
    g_free(interpreter->session);
    g_free(interpreter->target.fragment);
    mcp_vxml_clear_input(&interpreter->input);
    g_free(interpreter->event);
    g_free(interpreter->message);
    g_free(interpreter->end.reason);
    g_free(interpreter->end.result);
    g_free(interpreter->end.body);
    g_free(interpreter);
    MCP_LEDGER_FINALIZED(McpVxmlInterpreter);
}

void
mcp_vxml_interpreter_disconnect(McpVxmlInterpreter *interpreter)
{
    if (interpreter->disconnected)
        return;
    interpreter->disconnected = TRUE;
    interpreter->hangup_due = TRUE;
}

GPtrArray *
mcp_vxml_interpreter_take_notes(McpVxmlInterpreter *interpreter)
{
    GPtrArray *notes = interpreter->notes;

    interpreter->notes = g_ptr_array_new_with_free_func(note_free);
    return notes;
}

const char *
mcp_vxml_interpreter_get_page(McpVxmlInterpreter *interpreter)
{
    return mcp_vxml_document_get_url(interpreter->context->document);
}

void
mcp_vxml_interpreter_describe(McpVxmlInterpreter *interpreter, McpJson *json)
{
    McpVxmlContext *context = interpreter->context;
    g_autofree char *page = shown(interpreter, mcp_vxml_document_get_url(context->document));
    g_autofree char *root = NULL;
    guint depth = 0;

    for (McpVxmlContext *caller = context->caller; caller != NULL; caller = caller->caller)
        depth++;
    mcp_json_string(json, "page", page);
    if (context->root != NULL)
        root = shown(interpreter, mcp_vxml_document_get_url(context->root));
    if (root != NULL)
        mcp_json_string(json, "application_root", root);
    if (context->dialog != NULL)
        mcp_json_string(json, "form", mcp_vxml_element_get(context->dialog, "id"));
    if (context->current != NULL)
        mcp_json_string(json, "item", context->current->name);
    mcp_json_int(json, "subdialog_depth", depth);
}
