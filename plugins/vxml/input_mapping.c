/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a match to variables (VoiceXML 2.0 §3.1.6, §5.1.5): lastresult$, shadow variables, slots;
 * and the dialog that a grammar of wider scope belongs to. On the machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

static void
reading_free(gpointer data)
{
    McpVxmlReading *reading = data;

    g_free(reading->utterance);
    g_free(reading->interpretation);
    g_free(reading);
}

GPtrArray *
mcp_vxml_readings_new(void)
{
    return g_ptr_array_new_with_free_func(reading_free);
}

/* §5.1.5: results differ in what was said or in what it means. */
void
mcp_vxml_readings_add(GPtrArray *readings, const McpVxmlReading *reading)
{
    McpVxmlReading *copy;

    for (guint i = 0; i < readings->len; i++) {
        const McpVxmlReading *other = readings->pdata[i];

        if (g_strcmp0(other->utterance, reading->utterance) == 0 &&
            g_strcmp0(other->interpretation, reading->interpretation) == 0)
            return;
    }
    copy = g_memdup2(reading, sizeof *reading);
    copy->utterance = g_strdup(reading->utterance);
    copy->interpretation = g_strdup(reading->interpretation);
    g_ptr_array_add(readings, copy);
}

void
mcp_vxml_clear_input(McpVxmlInput *input)
{
    g_clear_pointer(&input->readings, g_ptr_array_unref);
    g_clear_pointer(&input->utterance, g_free);
    g_clear_pointer(&input->interpretation, g_free);
    g_clear_pointer(&input->mark, g_free);
    g_clear_pointer(&input->recording, g_free);
}

void
mcp_vxml_take_match(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    McpVxmlInput *input = &interpreter->input;

    mcp_vxml_clear_input(input);
    input->utterance = g_strdup(outcome->utterance);
    input->interpretation = g_strdup(outcome->interpretation);
    input->input_mode = g_intern_string(outcome->input_mode);
    input->confidence = outcome->confidence;
    if (outcome->readings != NULL)
        input->readings = g_ptr_array_ref(outcome->readings);
    input->mark = g_strdup(outcome->mark);
    input->mark_time = outcome->mark_time;
    input->recording_duration = outcome->duration;
    input->recording_size = outcome->size;
    if (outcome->recording != NULL)
        input->recording =
            mcp_vxml_keep_recording(interpreter, outcome->recording, outcome->recording_type);
}

static void
write_reading(McpJson *json, const char *utterance, const char *interpretation, double confidence,
              const char *input_mode)
{
    mcp_json_double(json, "confidence", confidence);
    mcp_json_string(json, "utterance", utterance);
    mcp_json_string(json, "inputmode", input_mode);
    if (interpretation != NULL)
        mcp_json_raw(json, "interpretation", interpretation);
}

/* §5.1.5 and §2.3.1, with what 2.1 §4 (marks) and §6 (utterances) add. */
static void
write_result(const McpVxmlInput *input, McpJson *json)
{
    mcp_json_begin_object(json, NULL);
    write_reading(json, input->utterance, input->interpretation, input->confidence,
                  input->input_mode);
    if (input->mark != NULL) {
        mcp_json_string(json, "markname", input->mark);
        mcp_json_int(json, "marktime", input->mark_time / 1000);
    }
    if (input->recording != NULL) {
        mcp_json_string(json, "recording", input->recording);
        mcp_json_int(json, "recordingsize", (gint64)input->recording_size);
        mcp_json_int(json, "recordingduration", input->recording_duration / 1000);
    }
    mcp_json_end_object(json);
}

/* The first one is the input itself. */
static void
write_others(const McpVxmlInput *input, McpJson *json)
{
    for (guint i = 1; input->readings != NULL && i < input->readings->len; i++) {
        const McpVxmlReading *reading = input->readings->pdata[i];

        mcp_json_begin_object(json, NULL);
        write_reading(json, reading->utterance, reading->interpretation, reading->confidence,
                      input->input_mode);
        mcp_json_end_object(json);
    }
}

gboolean
mcp_vxml_set_last_result(McpVxmlInterpreter *interpreter)
{
    static const char *const members[] = {"confidence",     "utterance",     "inputmode",
                                          "interpretation", "markname",      "marktime",
                                          "recording",      "recordingsize", "recordingduration"};
    McpScript *script = interpreter->context->script;
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    GError *error = NULL;
    gboolean ok;

    mcp_json_begin_array(json, NULL);
    write_result(&interpreter->input, json);
    write_others(&interpreter->input, json);
    mcp_json_end_array(json);
    text = mcp_json_finish(json);
    ok = mcp_script_set_json(script, "application", "lastresult$", text, &error);
    /* The array has the members of its first element too. */
    for (guint i = 0; ok && i < G_N_ELEMENTS(members); i++) {
        g_autofree char *from = g_strdup_printf("lastresult$[0].%s", members[i]);
        g_autofree char *to = g_strdup_printf("lastresult$.%s", members[i]);
        g_auto(McpScriptValue) value = {0};

        ok = mcp_script_get(script, "application", from, &value, &error);
        if (ok && value.kind != MCP_SCRIPT_UNDEFINED)
            ok = mcp_script_set(script, "application", to, &value, &error);
    }
    return mcp_vxml_check(interpreter, ok, &error);
}

static gboolean
set_item(McpVxmlInterpreter *interpreter, McpVxmlItem *item, const McpScriptValue *value)
{
    McpScript *script = interpreter->context->script;
    g_autofree char *shadow = g_strconcat(item->name, "$", NULL);
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    GError *error = NULL;
    gboolean ok;

    write_result(&interpreter->input, json);
    text = mcp_json_finish(json);
    ok = mcp_script_set(script, "dialog", item->name, value, &error) &&
         mcp_script_set_json(script, "dialog", shadow, text, &error);
    item->just_filled = ok;
    return mcp_vxml_check(interpreter, ok, &error);
}

static gboolean
get_interpretation(McpVxmlInterpreter *interpreter, const char *slot, McpScriptValue *out_value)
{
    g_autofree char *path = slot != NULL ? g_strdup_printf("lastresult$.interpretation.%s", slot)
                                         : g_strdup("lastresult$.interpretation");

    return mcp_script_get(interpreter->context->script, "application", path, out_value, NULL);
}

static const char *
slot_of(const McpVxmlElement *field)
{
    const char *slot = mcp_vxml_element_get(field, "slot");

    return slot != NULL ? slot : mcp_vxml_element_get(field, "name");
}

static gboolean
get_slot(McpVxmlInterpreter *interpreter, const McpVxmlElement *field, McpScriptValue *out_value)
{
    g_auto(McpScriptValue) whole = {0};
    const char *slot = slot_of(field);

    if (slot == NULL || !get_interpretation(interpreter, NULL, &whole) ||
        whole.kind != MCP_SCRIPT_OBJECT || !get_interpretation(interpreter, slot, out_value))
        return FALSE;
    if (out_value->kind != MCP_SCRIPT_UNDEFINED)
        return TRUE;
    mcp_script_value_clear(out_value);
    return FALSE;
}

static void
fill_field(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    g_auto(McpScriptValue) value = {0};

    /* §3.1.6.1: a slot of the field's name, else the whole result. */
    if (!get_slot(interpreter, item->element, &value) &&
        !get_interpretation(interpreter, NULL, &value))
        return;
    if (set_item(interpreter, item, &value))
        mcp_vxml_form_filled(interpreter, item);
}

static void
fill_option(McpVxmlInterpreter *interpreter, McpVxmlItem *item, const McpVxmlElement *option)
{
    const char *given = mcp_vxml_element_get(option, "value");
    g_autofree char *text = given != NULL ? g_strdup(given) : mcp_vxml_plain_text(option);
    McpScriptValue value = {.kind = MCP_SCRIPT_STRING};

    /* §2.3.1.3: the value, else the words, else the keys. */
    if (*text == '\0') {
        g_free(text);
        text = g_strdup(mcp_vxml_element_get(option, "dtmf"));
    }
    value.text = text;
    value.length = strlen(text);
    if (set_item(interpreter, item, &value))
        mcp_vxml_form_filled(interpreter, item);
}

static void
set_initial(McpVxmlInterpreter *interpreter, const McpVxmlItem *item)
{
    mcp_script_set_boolean(interpreter->context->script, "dialog", item->name, TRUE, NULL);
}

static void
fill_form(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    gboolean any = FALSE;

    for (guint i = 0; i < context->items->len && interpreter->event == NULL; i++) {
        McpVxmlItem *item = context->items->pdata[i];
        g_auto(McpScriptValue) value = {0};

        if (item->element->kind != MCP_VXML_FIELD || !get_slot(interpreter, item->element, &value))
            continue;
        any |= set_item(interpreter, item, &value);
    }
    if (interpreter->event != NULL)
        return;
    /* Appendix C: a form level match has done what <initial> asks for. */
    for (guint i = 0; i < context->items->len; i++) {
        McpVxmlItem *item = context->items->pdata[i];

        if (item->element->kind == MCP_VXML_INITIAL)
            set_initial(interpreter, item);
    }
    if (any)
        mcp_vxml_form_filled(interpreter, NULL);
    else
        context->phase = MCP_VXML_PHASE_SELECT;
}

/* TRUE when the dialog of the grammar had to be entered first. */
static gboolean
change_dialog(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *dialog = interpreter->input.dialog;

    if (interpreter->input.owner == NULL || dialog == NULL || dialog == context->dialog)
        return FALSE;
    if (context->root != NULL && dialog->document == context->root) {
        mcp_vxml_context_leave_dialog(context);
        mcp_vxml_close_scopes(context, MCP_VXML_SCOPE_APPLICATION);
        mcp_vxml_document_unref(context->document);
        context->document = g_steal_pointer(&context->root);
    }
    mcp_vxml_enter_dialog(interpreter, dialog);
    return TRUE;
}

void
mcp_vxml_process_input(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *owner = interpreter->input.owner;

    if (change_dialog(interpreter))
        return;
    interpreter->have_input = FALSE;
    context->phase = MCP_VXML_PHASE_SELECT;
    if (context->current == NULL && context->dialog->kind == MCP_VXML_MENU)
        context->current = context->items->pdata[0];
    if (!mcp_vxml_set_last_result(interpreter))
        return;
    /* §2.5: a universal command is an event, wherever it was given. */
    if (interpreter->input.event != NULL) {
        mcp_vxml_throw(interpreter, interpreter->input.event, "%s", interpreter->input.utterance);
        return;
    }
    switch ((int)owner->kind) {
    case MCP_VXML_LINK:
    case MCP_VXML_CHOICE:
        mcp_vxml_follow(interpreter, owner);
        break;
    case MCP_VXML_OPTION:
        fill_option(interpreter, context->current, owner);
        break;
    case MCP_VXML_FIELD:
        if (context->current != NULL)
            fill_field(interpreter, context->current);
        break;
    default:
        fill_form(interpreter);
        break;
    }
}
