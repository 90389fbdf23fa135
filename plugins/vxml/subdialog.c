/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <subdialog>, <param> and <return> (VoiceXML 2.0 §2.3.4): a call into a fresh execution context,
 * and its result. On the machine's thread.
 */
#include <string.h>

#include "interpreter_scopes.h"

static void
data_free(gpointer data)
{
    mcp_script_data_free(data);
}

static McpScriptData *
export_param(McpVxmlInterpreter *interpreter, const McpVxmlElement *param)
{
    const char *value = mcp_vxml_element_get(param, "value");
    g_autoptr(McpScriptCode) literal = NULL;
    McpScriptCode *code = mcp_vxml_element_code(param, "expr");
    McpScriptData *data;
    GError *error = NULL;

    if (value != NULL) {
        McpScriptValue string = {.kind = MCP_SCRIPT_STRING, .text = (char *)value};
        g_autofree char *json = mcp_vxml_value_to_json(&string);

        literal = mcp_script_code_new(MCP_SCRIPT_EXPRESSION, json, "param", param->line);
        code = literal;
    }
    data = mcp_script_export(interpreter->context->script, code, &error);
    mcp_vxml_check(interpreter, data != NULL, &error);
    return data;
}

static GHashTable *
export_params(McpVxmlInterpreter *interpreter, const McpVxmlElement *subdialog)
{
    GHashTable *parameters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, data_free);
    gsize total = 0;

    for (const McpVxmlElement *child = subdialog->first; child != NULL; child = child->next) {
        McpScriptData *data;

        if (child->kind != MCP_VXML_PARAM)
            continue;
        data = export_param(interpreter, child);
        if (data == NULL)
            break;
        g_hash_table_replace(parameters, g_strdup(mcp_vxml_element_get(child, "name")), data);
        total += mcp_script_data_size(data);
        if (!mcp_vxml_check_size(interpreter, total))
            break;
    }
    return parameters;
}

static gboolean
too_deep(McpVxmlInterpreter *interpreter)
{
    guint depth = 1;

    for (McpVxmlContext *c = interpreter->context; c->caller != NULL; c = c->caller)
        depth++;
    if (depth <= interpreter->setup.max_depth)
        return FALSE;
    mcp_vxml_throw(interpreter, "error.semantic", "subdialogs nested deeper than %u",
                   interpreter->setup.max_depth);
    return TRUE;
}

static void
call_own_document(McpVxmlInterpreter *interpreter, const char *id)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *dialog =
        mcp_vxml_document_find_dialog(context->document, *id != '\0' ? id : NULL);

    if (dialog == NULL)
        mcp_vxml_throw(interpreter, "error.badfetch", "there is no dialog \"%s\"", id);
    else
        mcp_vxml_enter_subdialog(interpreter, context->document, context->root, dialog);
}

void
mcp_vxml_call_subdialog(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    const McpVxmlElement *element = item->element;
    const char *names = mcp_vxml_element_get(element, "namelist");
    McpVxmlSubmission *form = NULL;
    g_autofree char *url = NULL;
    const char *fragment;

    if (too_deep(interpreter) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "src", "srcexpr", &url))
        return;
    fragment = strchr(url, '#');
    g_free(interpreter->target.fragment);
    interpreter->target.fragment =
        fragment != NULL ? g_uri_unescape_string(fragment + 1, NULL) : NULL;
    interpreter->target.subdialog = TRUE;
    interpreter->target.submitted = FALSE;
    if (*url == '#') {
        call_own_document(interpreter, url + 1);
        return;
    }
    /* §2.3.4: only what the namelist names is sent along. */
    if (!mcp_vxml_build_submission(interpreter, names != NULL ? names : "", &form))
        return;
    mcp_vxml_fill_fetch(interpreter, element, "document", &interpreter->action.fetch);
    if (!mcp_vxml_set_request(interpreter, element, url, form))
        return;
    mcp_vxml_fill_fetch_audio(interpreter, element);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_PAGE);
}

void
mcp_vxml_enter_subdialog(McpVxmlInterpreter *interpreter, McpVxmlDocument *document,
                         McpVxmlDocument *root, const McpVxmlElement *dialog)
{
    McpVxmlContext *caller = interpreter->context;
    GHashTable *parameters = export_params(interpreter, caller->current->element);
    McpVxmlContext *context;

    interpreter->target.subdialog = FALSE;
    if (interpreter->event != NULL) {
        g_hash_table_unref(parameters);
        return;
    }
    context = mcp_vxml_context_new(interpreter, document, root, caller);
    if (context == NULL) {
        g_hash_table_unref(parameters);
        mcp_vxml_throw(interpreter, "error.noresource", "no script engine for the subdialog");
        return;
    }
    context->parameters = parameters;
    interpreter->context = context;
    interpreter->prefetch_due = document != caller->document;
    g_free(interpreter->target.fragment);
    interpreter->target.fragment = g_strdup(mcp_vxml_element_get(dialog, "id"));
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "subdialog", dialog,
                  mcp_vxml_document_get_url(document));
    mcp_vxml_count_transition(interpreter);
}

static const char *
last_part(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL ? dot + 1 : path;
}

static GHashTable *
export_names(McpVxmlInterpreter *interpreter, const char *names)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, data_free);
    g_auto(GStrv) list = g_strsplit_set(names != NULL ? names : "", " \t\r\n", -1);
    gsize total = 0;

    for (guint i = 0; list[i] != NULL && interpreter->event == NULL; i++) {
        g_autoptr(McpScriptCode) code = NULL;
        McpScriptData *data;
        GError *error = NULL;

        if (*list[i] == '\0')
            continue;
        code = mcp_script_code_new(MCP_SCRIPT_EXPRESSION, list[i], "namelist", 1);
        data = mcp_script_export(interpreter->context->script, code, &error);
        if (!mcp_vxml_check(interpreter, data != NULL, &error))
            break;
        g_hash_table_replace(values, g_strdup(last_part(list[i])), data);
        total += mcp_script_data_size(data);
        mcp_vxml_check_size(interpreter, total);
    }
    return values;
}

static void
import_result(McpVxmlInterpreter *interpreter, McpVxmlItem *item, GHashTable *values)
{
    McpScript *script = interpreter->context->script;
    GHashTableIter iterator;
    gpointer name;
    gpointer data;
    GError *error = NULL;

    if (!mcp_vxml_check(interpreter,
                        mcp_script_set_json(script, "dialog", item->name, "{}", &error), &error))
        return;
    g_hash_table_iter_init(&iterator, values);
    while (g_hash_table_iter_next(&iterator, &name, &data)) {
        g_autofree char *path = g_strdup_printf("%s.%s", item->name, (const char *)name);

        if (!mcp_vxml_check(interpreter, mcp_script_import(script, "dialog", path, data, &error),
                            &error))
            return;
    }
    mcp_vxml_form_filled(interpreter, item);
}

static void
leave_context(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;

    mcp_vxml_clear_frames(interpreter);
    interpreter->context = context->caller;
    mcp_vxml_context_free(context);
}

void
mcp_vxml_return(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    g_autoptr(GHashTable) values = NULL;
    g_autofree char *event = NULL;
    g_autofree char *message = NULL;

    if (interpreter->context->caller == NULL) {
        mcp_vxml_throw(interpreter, "error.semantic", "<return> outside of a subdialog");
        return;
    }
    if (!mcp_vxml_attribute_or_expr(interpreter, element, "event", "eventexpr", &event) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "message", "messageexpr", &message))
        return;
    values = export_names(interpreter, mcp_vxml_element_get(element, "namelist"));
    if (interpreter->event != NULL)
        return;
    leave_context(interpreter);
    if (event != NULL)
        mcp_vxml_throw(interpreter, event, "%s", message != NULL ? message : "");
    else
        import_result(interpreter, interpreter->context->current, values);
}
