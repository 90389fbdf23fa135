/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form interpretation algorithm (VoiceXML 2.0 §2.1.6 and Appendix C): select a form item,
 * collect, process, and the filled elements that apply. A menu is a form with itself as its one
 * item. On the machine's thread.
 */
#include <string.h>

#include "debug.h"
#include "interpreter_input.h"
#include "interpreter_scopes.h"
#include "trace_notes.h"

/* ---- initialisation ---- */

static void
add_item(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlItem *item = g_new0(McpVxmlItem, 1);
    const char *name =
        element->kind == MCP_VXML_MENU ? NULL : mcp_vxml_element_get(element, "name");

    item->element = element;
    item->prompt_count = 1;
    item->name =
        name != NULL ? g_strdup(name) : g_strdup_printf("__item%u", interpreter->n_generated++);
    g_ptr_array_add(interpreter->context->items, item);
}

static gboolean
declare_item(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    GError *error = NULL;

    return mcp_vxml_check(interpreter,
                          mcp_script_declare(interpreter->context->script, item->name,
                                             mcp_vxml_element_code(item->element, "expr"), &error),
                          &error);
}

void
mcp_vxml_enter_dialog(McpVxmlInterpreter *interpreter, const McpVxmlElement *dialog)
{
    McpVxmlContext *context = interpreter->context;
    const char *id = mcp_vxml_element_get(dialog, "id");

    mcp_vxml_context_leave_dialog(context);
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "form", dialog, id != NULL ? id : "");
    context->phase = interpreter->have_input ? MCP_VXML_PHASE_PROCESS : MCP_VXML_PHASE_SELECT;
    if (!mcp_vxml_open_dialog(interpreter))
        return;
    context->dialog = dialog;
    mcp_vxml_supports(interpreter, dialog);
    if (dialog->kind == MCP_VXML_MENU)
        add_item(interpreter, dialog);
    for (const McpVxmlElement *child = dialog->first; child != NULL; child = child->next)
        if (mcp_vxml_element_is_item(child))
            add_item(interpreter, child);
    mcp_vxml_push_initial(interpreter, dialog->first);
    mcp_vxml_count_transition(interpreter);
}

void
mcp_vxml_init_item(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlItem *item = mcp_vxml_context_item_of(interpreter->context, element);

    if (item != NULL)
        declare_item(interpreter, item);
}

/* ---- select ---- */

static McpVxmlItem *
select_item(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    McpVxmlItem *chosen = g_steal_pointer(&context->chosen);

    if (chosen != NULL)
        return chosen;
    for (guint i = 0; i < context->items->len; i++) {
        McpVxmlItem *item = context->items->pdata[i];

        /* A menu has nothing that could be filled. */
        if (item->element->kind == MCP_VXML_MENU)
            return item;
        if (mcp_vxml_item_is_set(interpreter, item))
            continue;
        if (mcp_vxml_condition(interpreter, item->element))
            return item;
        if (interpreter->event != NULL)
            return NULL;
    }
    return NULL;
}

/* ---- collect ---- */

/* Results that a page may ask for; each is a run of a grammar's tags. */
#define MAX_N_BEST 20

/* Checked when the page was read: a number from 0 to 1. */
static double
unit_property(McpVxmlInterpreter *interpreter, const char *name)
{
    const char *value = mcp_vxml_property(interpreter, name);

    return value != NULL ? g_ascii_strtod(value, NULL) : 0.5;
}

static void
fill_tuning(McpVxmlInterpreter *interpreter, McpVxmlSpeechTuning *tuning)
{
    const char *n_best = mcp_vxml_property(interpreter, "maxnbest");

    tuning->confidence = unit_property(interpreter, "confidencelevel");
    tuning->sensitivity = unit_property(interpreter, "sensitivity");
    tuning->accuracy = unit_property(interpreter, "speedvsaccuracy");
    tuning->complete_timeout = mcp_vxml_property_time(interpreter, "completetimeout", 0);
    tuning->incomplete_timeout = mcp_vxml_property_time(interpreter, "incompletetimeout", 0);
    tuning->max_speech = mcp_vxml_property_time(interpreter, "maxspeechtimeout", 0);
    if (n_best != NULL)
        tuning->n_best = (guint)CLAMP(g_ascii_strtoull(n_best, NULL, 10), 1, MAX_N_BEST);
    else
        tuning->n_best = 1;
    mcp_vxml_engines_clear(&tuning->engines);
    mcp_vxml_fill_engines(interpreter, "asr", &tuning->engines);
}

void
mcp_vxml_fill_timing(McpVxmlInterpreter *interpreter, McpVxmlInputTiming *timing)
{
    const char *term = mcp_vxml_property(interpreter, "termchar");
    const char *modes = mcp_vxml_property(interpreter, "inputmodes");

    timing->timeout = mcp_vxml_property_time(interpreter, "timeout", 5 * G_USEC_PER_SEC);
    timing->interdigit =
        mcp_vxml_property_time(interpreter, "interdigittimeout", 3 * G_USEC_PER_SEC);
    timing->term_timeout = mcp_vxml_property_time(interpreter, "termtimeout", 0);
    timing->term_char = term != NULL ? *term : '#';
    timing->dtmf = modes == NULL || strstr(modes, "dtmf") != NULL;
    timing->voice = modes == NULL || strstr(modes, "voice") != NULL;
    fill_tuning(interpreter, &timing->speech);
    /* §4.1.7: the last prompt decides. */
    if (interpreter->prompts->len > 0) {
        McpVxmlPrompt *last = interpreter->prompts->pdata[interpreter->prompts->len - 1];

        if (last->timeout >= 0)
            timing->timeout = last->timeout;
    }
}

char *
mcp_vxml_keep_recording(McpVxmlInterpreter *interpreter, const char *object,
                        const char *content_type)
{
    char *value = g_strdup_printf("recording:%u", ++interpreter->n_recordings);

    g_hash_table_insert(interpreter->recordings, g_strdup(value), g_strdup(object));
    g_hash_table_insert(interpreter->recording_types, g_strdup(object), g_strdup(content_type));
    return value;
}

gboolean
mcp_vxml_record_format(McpVxmlInterpreter *interpreter, const char *type,
                       McpRecordFormat *out_format)
{
    *out_format = MCP_RECORD_WAV_PCM;
    if (type == NULL || mcp_record_format_from_type(type, out_format))
        return TRUE;
    return mcp_vxml_throw(interpreter, "error.unsupported.format", "recordings of type \"%s\"",
                          type);
}

/* 2.1 §6.1: what is said may be kept. */
static gboolean
fill_utterance(McpVxmlInterpreter *interpreter)
{
    McpVxmlAction *action = &interpreter->action;

    action->record_utterance = mcp_vxml_property_bool(interpreter, "recordutterance", FALSE);
    return !action->record_utterance ||
           mcp_vxml_record_format(interpreter,
                                  mcp_vxml_property(interpreter, "recordutterancetype"),
                                  &action->recording.format);
}

/* §3.1.4: nobody could ever say or press anything. */
static gboolean
can_hear(McpVxmlInterpreter *interpreter)
{
    if (interpreter->grammars->len > 0 || interpreter->disconnected)
        return TRUE;
    return mcp_vxml_throw(interpreter, "error.semantic", "no grammar is active in line %u",
                          interpreter->context->current->element->line);
}

static void
collect(McpVxmlInterpreter *interpreter)
{
    if (!mcp_vxml_check_timing(interpreter) || !fill_utterance(interpreter) ||
        !mcp_vxml_activate_grammars(interpreter) || !can_hear(interpreter))
        return;
    mcp_vxml_trace_grammars(interpreter);
    mcp_vxml_fill_timing(interpreter, &interpreter->action.timing);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_COLLECT);
}

static void
record(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlRecording *recording = &interpreter->action.recording;
    const char *max_time = mcp_vxml_element_get(element, "maxtime");
    const char *silence = mcp_vxml_element_get(element, "finalsilence");

    if (!mcp_vxml_check_timing(interpreter) ||
        !mcp_vxml_record_format(interpreter, mcp_vxml_element_get(element, "type"),
                                &recording->format) ||
        !mcp_vxml_activate_grammars(interpreter))
        return;
    recording->beep = mcp_vxml_element_get_bool(element, "beep", FALSE);
    recording->dtmf_term = mcp_vxml_element_get_bool(element, "dtmfterm", TRUE);
    recording->max_time = mcp_vxml_property_time(interpreter, "mcp.maxtime", 0);
    recording->final_silence = mcp_vxml_property_time(interpreter, "mcp.finalsilence", 0);
    if (max_time != NULL)
        mcp_vxml_time(max_time, &recording->max_time);
    if (silence != NULL)
        mcp_vxml_time(silence, &recording->final_silence);
    mcp_vxml_fill_timing(interpreter, &interpreter->action.timing);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_RECORD);
}

static void
visit_block(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    GError *error = NULL;

    if (!mcp_vxml_check(interpreter,
                        mcp_script_set_boolean(interpreter->context->script, "dialog", item->name,
                                               TRUE, &error),
                        &error))
        return;
    mcp_vxml_push_content(interpreter, item->element->first, TRUE);
}

static void
visit(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *element = item->element;
    gboolean quiet = context->quiet;

    context->quiet = FALSE;
    context->current = item;
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "item", element, item->name);
    if (interpreter->probe != NULL)
        mcp_vxml_debug_probe(interpreter, element, TRUE);
    if (!mcp_vxml_supports_item(interpreter, element))
        return;
    if (element->kind == MCP_VXML_BLOCK) {
        visit_block(interpreter, item);
        return;
    }
    if (!quiet && !mcp_vxml_queue_item_prompts(interpreter, element, item->prompt_count++))
        return;
    switch ((int)element->kind) {
    case MCP_VXML_FIELD:
    case MCP_VXML_INITIAL:
    case MCP_VXML_MENU:
        collect(interpreter);
        break;
    case MCP_VXML_RECORD:
        record(interpreter, element);
        break;
    case MCP_VXML_SUBDIALOG:
        mcp_vxml_call_subdialog(interpreter, item);
        break;
    case MCP_VXML_TRANSFER:
        mcp_vxml_visit_transfer(interpreter, item);
        break;
    default:
        mcp_vxml_visit_object(interpreter, item);
        break;
    }
}

static void
step_select(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    gboolean chosen = context->chosen != NULL;
    McpVxmlItem *item;

    if (context->in_handler) {
        context->quiet = !context->reprompt;
        context->in_handler = FALSE;
    }
    for (guint i = 0; i < context->items->len; i++)
        ((McpVxmlItem *)context->items->pdata[i])->just_filled = FALSE;
    context->current = NULL;
    if (context->parameters != NULL && g_hash_table_size(context->parameters) > 0) {
        g_clear_pointer(&context->parameters, g_hash_table_unref);
        mcp_vxml_throw(interpreter, "error.semantic",
                       "a <param> names no <var> of the subdialog's form");
        return;
    }
    if (!mcp_vxml_count_transition(interpreter))
        return;
    item = select_item(interpreter);
    if (interpreter->event == NULL)
        mcp_vxml_trace_selection(interpreter, item, chosen);
    if (item != NULL)
        visit(interpreter, item);
    else if (interpreter->event == NULL)
        mcp_vxml_set_end(interpreter, FALSE, "exit", NULL, NULL);
}

/* ---- process ---- */

void
mcp_vxml_form_filled(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    McpVxmlContext *context = interpreter->context;

    if (item != NULL)
        item->just_filled = TRUE;
    context->phase = MCP_VXML_PHASE_FILLED;
    context->filled = context->dialog->first;
    context->filled_inner = NULL;
}

static gboolean
set_shadow(McpVxmlInterpreter *interpreter, const McpVxmlItem *item, const char *value,
           const McpVxmlOutcome *outcome)
{
    McpScript *script = interpreter->context->script;
    g_autofree char *shadow = g_strconcat(item->name, "$", NULL);
    char term[2] = {outcome->term_char, '\0'};
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    GError *error = NULL;
    gboolean ok;

    mcp_json_begin_object(json, NULL);
    mcp_json_int(json, "duration", outcome->duration / 1000);
    mcp_json_int(json, "size", (gint64)outcome->size);
    mcp_json_string(json, "termchar", outcome->term_char != '\0' ? term : NULL);
    mcp_json_bool(json, "maxtime", outcome->max_time);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    ok = mcp_script_set_string(script, "dialog", item->name, value, &error) &&
         mcp_script_set_json(script, "dialog", shadow, text, &error);
    return mcp_vxml_check(interpreter, ok, &error);
}

void
mcp_vxml_form_recorded(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    McpVxmlItem *item = interpreter->context->current;
    g_autofree char *value =
        mcp_vxml_keep_recording(interpreter, outcome->recording, outcome->recording_type);

    mcp_vxml_note(interpreter, MCP_EVENT_INPUT, "recorded", item->element, outcome->recording);
    if (!set_shadow(interpreter, item, value, outcome))
        return;
    if (outcome->event != NULL) {
        interpreter->hangup_due = FALSE;
        mcp_vxml_throw(interpreter, outcome->event, "while recording");
        return;
    }
    mcp_vxml_form_filled(interpreter, item);
}

/* ---- filled ---- */

static gboolean
form_filled_applies(McpVxmlInterpreter *interpreter, const McpVxmlElement *filled)
{
    McpVxmlContext *context = interpreter->context;
    const char *mode = mcp_vxml_element_get(filled, "mode");
    const char *names = mcp_vxml_element_get(filled, "namelist");
    g_auto(GStrv) list = names != NULL ? g_strsplit_set(names, " \t\r\n", -1) : NULL;
    gboolean any = FALSE;
    gboolean all = TRUE;

    for (guint i = 0; i < context->items->len; i++) {
        McpVxmlItem *item = context->items->pdata[i];
        gboolean listed = list != NULL ? g_strv_contains((const char *const *)list, item->name)
                                       : mcp_vxml_element_is_input(item->element);

        if (!listed)
            continue;
        any |= item->just_filled;
        all &= mcp_vxml_item_is_set(interpreter, item);
    }
    return any && (all || g_strcmp0(mode, "any") == 0);
}

static const McpVxmlElement *
next_filled(const McpVxmlElement *element)
{
    while (element != NULL && element->kind != MCP_VXML_FILLED)
        element = element->next;
    return element;
}

static void
step_filled(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *element = next_filled(context->filled_inner);
    McpVxmlItem *item;

    if (element != NULL) {
        context->filled_inner = element->next;
        mcp_vxml_push_content(interpreter, element->first, TRUE);
        return;
    }
    context->filled_inner = NULL;
    element = context->filled;
    if (element == NULL) {
        context->phase = MCP_VXML_PHASE_SELECT;
        return;
    }
    context->filled = element->next;
    item = mcp_vxml_context_item_of(context, element);
    if (item != NULL && item->just_filled) {
        context->current = item;
        context->filled_inner = element->first;
    } else if (element->kind == MCP_VXML_FILLED && form_filled_applies(interpreter, element)) {
        context->current = NULL;
        mcp_vxml_push_content(interpreter, element->first, TRUE);
    }
}

void
mcp_vxml_form_step(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *dialog;

    switch ((int)context->phase) {
    case MCP_VXML_PHASE_DIALOG:
        dialog = mcp_vxml_document_find_dialog(context->document, interpreter->target.fragment);
        if (dialog != NULL)
            mcp_vxml_enter_dialog(interpreter, dialog);
        else
            mcp_vxml_set_end(interpreter, TRUE, "error.badfetch", NULL, NULL);
        break;
    case MCP_VXML_PHASE_SELECT:
        step_select(interpreter);
        break;
    case MCP_VXML_PHASE_PROCESS:
        mcp_vxml_process_input(interpreter);
        break;
    default:
        step_filled(interpreter);
        break;
    }
}
