/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variable scopes of VoiceXML 2.0 §5.1.2 on the script engine: session, application, document,
 * dialog, anonymous. A document that is its own root has one scope under two names. Whatever a
 * script does wrong is error.semantic. On the thread that runs the machine.
 */
#include <math.h>
#include <string.h>

#include "interpreter_scopes.h"

gboolean
mcp_vxml_check(McpVxmlInterpreter *interpreter, gboolean ok, GError **error)
{
    if (ok)
        return TRUE;
    interpreter->overran |= g_error_matches(*error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TIMEOUT);
    mcp_vxml_throw(interpreter, "error.semantic", "%s",
                   *error != NULL ? (*error)->message : "script failed");
    g_clear_error(error);
    return FALSE;
}

static guint
scope_count(guint scopes)
{
    guint count = 1; /* session */

    for (; scopes != 0; scopes >>= 1)
        count += scopes & 1;
    return count;
}

void
mcp_vxml_close_scopes(McpVxmlContext *context, guint keep)
{
    guint wanted;

    context->scopes &= keep;
    wanted = scope_count(context->scopes);
    while (mcp_script_scope_depth(context->script) > wanted)
        mcp_script_pop_scope(context->script);
}

static gboolean
open_scope(McpVxmlInterpreter *interpreter, const char *name, McpVxmlScope scope)
{
    McpVxmlContext *context = interpreter->context;
    GError *error = NULL;
    gboolean ok;

    mcp_vxml_close_scopes(context, scope - 1);
    ok = mcp_script_push_scope(context->script, name, FALSE, &error);
    if (ok)
        context->scopes |= scope;
    return mcp_vxml_check(interpreter, ok, &error);
}

gboolean
mcp_vxml_open_application(McpVxmlInterpreter *interpreter)
{
    if (!open_scope(interpreter, "application", MCP_VXML_SCOPE_APPLICATION))
        return FALSE;
    mcp_script_alias_scope(interpreter->context->script, "document");
    return TRUE;
}

gboolean
mcp_vxml_open_document(McpVxmlInterpreter *interpreter)
{
    return open_scope(interpreter, "document", MCP_VXML_SCOPE_DOCUMENT);
}

gboolean
mcp_vxml_open_dialog(McpVxmlInterpreter *interpreter)
{
    return open_scope(interpreter, "dialog", MCP_VXML_SCOPE_DIALOG);
}

gboolean
mcp_vxml_eval(McpVxmlInterpreter *interpreter, McpScriptCode *code, McpScriptValue *out)
{
    GError *error = NULL;

    return mcp_vxml_check(interpreter,
                          mcp_script_eval(interpreter->context->script, code, out, &error), &error);
}

gboolean
mcp_vxml_eval_string(McpVxmlInterpreter *interpreter, McpScriptCode *code, char **out)
{
    GError *error = NULL;

    *out = mcp_script_eval_string(interpreter->context->script, code, &error);
    return mcp_vxml_check(interpreter, *out != NULL, &error);
}

gboolean
mcp_vxml_eval_boolean(McpVxmlInterpreter *interpreter, McpScriptCode *code, gboolean *out)
{
    GError *error = NULL;

    return mcp_vxml_check(interpreter,
                          mcp_script_eval_boolean(interpreter->context->script, code, out, &error),
                          &error);
}

gboolean
mcp_vxml_condition(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpScriptCode *code = mcp_vxml_element_code(element, "cond");
    gboolean holds = TRUE;

    if (code != NULL && !mcp_vxml_eval_boolean(interpreter, code, &holds))
        return FALSE;
    return holds;
}

gboolean
mcp_vxml_attribute_or_expr(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                           const char *plain, const char *expression, char **out)
{
    McpScriptCode *code = mcp_vxml_element_code(element, expression);

    if (code != NULL)
        return mcp_vxml_eval_string(interpreter, code, out);
    *out = g_strdup(mcp_vxml_element_get(element, plain));
    return TRUE;
}

char *
mcp_vxml_value_to_text(const McpScriptValue *value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    switch (value->kind) {
    case MCP_SCRIPT_BOOLEAN:
        return g_strdup(value->boolean ? "true" : "false");
    case MCP_SCRIPT_NUMBER:
        if (!isfinite(value->number))
            return g_strdup(isnan(value->number) ? "NaN"
                            : value->number > 0  ? "Infinity"
                                                 : "-Infinity");
        /* Whole numbers up to 2^53 have no exponent in ECMAScript. */
        if (fabs(value->number) < 9007199254740992.0 && value->number == rint(value->number))
            return g_strdup_printf("%.0f", value->number + 0.0);
        for (int digits = 15; digits <= 17; digits++) {
            char format[8];

            g_snprintf(format, sizeof format, "%%.%dg", digits);
            g_ascii_formatd(buffer, sizeof buffer, format, value->number);
            if (g_ascii_strtod(buffer, NULL) == value->number)
                break;
        }
        return g_strdup(buffer);
    case MCP_SCRIPT_STRING:
    case MCP_SCRIPT_ARRAY:
    case MCP_SCRIPT_OBJECT:
        return g_strdup(value->text);
    case MCP_SCRIPT_NULL:
        return g_strdup("null");
    case MCP_SCRIPT_UNDEFINED:
    case MCP_SCRIPT_FUNCTION:
    default:
        return g_strdup("undefined");
    }
}

char *
mcp_vxml_value_to_json(const McpScriptValue *value)
{
    McpJson *json;

    switch (value->kind) {
    case MCP_SCRIPT_STRING:
        json = mcp_json_new();
        mcp_json_string(json, NULL, value->text);
        return mcp_json_finish(json);
    case MCP_SCRIPT_NUMBER:
        if (!isfinite(value->number))
            return g_strdup("null");
        return mcp_vxml_value_to_text(value);
    case MCP_SCRIPT_BOOLEAN:
    case MCP_SCRIPT_ARRAY:
    case MCP_SCRIPT_OBJECT:
        return mcp_vxml_value_to_text(value);
    case MCP_SCRIPT_UNDEFINED:
    case MCP_SCRIPT_NULL:
    case MCP_SCRIPT_FUNCTION:
    default:
        return g_strdup("null");
    }
}

gboolean
mcp_vxml_get_json(McpVxmlInterpreter *interpreter, const char *path, char **out_json)
{
    g_auto(McpScriptValue) value = {0};
    GError *error = NULL;
    gboolean ok = mcp_script_get(interpreter->context->script, NULL, path, &value, &error);

    if (ok)
        *out_json = mcp_vxml_value_to_json(&value);
    return mcp_vxml_check(interpreter, ok, &error);
}

gboolean
mcp_vxml_item_is_set(McpVxmlInterpreter *interpreter, const McpVxmlItem *item)
{
    g_auto(McpScriptValue) value = {0};

    return mcp_script_get(interpreter->context->script, "dialog", item->name, &value, NULL) &&
           value.kind != MCP_SCRIPT_UNDEFINED;
}
