/* SPDX-License-Identifier: Apache-2.0 */
/* What a debugger shows of a machine that stands still: stack, scopes, variables, expressions. */
#include <string.h>

#include "debugger_private.h"

/* Frame ids begin here, variablesReferences are places in the list of scopes, from 1. */
#define FIRST_FRAME 1000

static JsonObject *
make_frame(McpVxmlInterpreter *machine, const McpVxmlElement *element, guint number)
{
    const char *name = mcp_vxml_element_get(
        element, element->kind == MCP_VXML_FORM || element->kind == MCP_VXML_MENU ? "id" : "name");
    g_autofree char *path = mcp_vxml_breakpoints_path(element);
    g_autofree char *shown = mcp_vxml_debug_redact(machine, path);
    g_autofree char *text = g_strdup_printf(
        "<%s%s%s>", element->kind == MCP_VXML_TEXT ? "text" : mcp_vxml_element_get_name(element),
        name != NULL ? " " : "", name != NULL ? name : "");
    JsonObject *frame = json_object_new();
    JsonObject *source = json_object_new();

    json_object_set_string_member(source, "path", shown);
    json_object_set_int_member(frame, "id", FIRST_FRAME + number);
    json_object_set_string_member(frame, "name", text);
    json_object_set_object_member(frame, "source", source);
    json_object_set_int_member(frame, "line", element->line);
    json_object_set_int_member(frame, "column", 1);
    return frame;
}

static void
give_stack(McpVxmlDebugger *debugger, JsonObject *request)
{
    g_autoptr(GPtrArray) stack = mcp_vxml_debug_stack(debugger->machine);
    JsonObject *body = json_object_new();
    JsonArray *frames = json_array_new();

    if (stack->len == 0 || stack->pdata[0] != debugger->at)
        g_ptr_array_insert(stack, 0, (gpointer)debugger->at);
    for (guint i = 0; i < stack->len; i++)
        json_array_add_object_element(frames, make_frame(debugger->machine, stack->pdata[i], i));
    json_object_set_int_member(body, "totalFrames", stack->len);
    json_object_set_array_member(body, "stackFrames", frames);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static void
give_scopes(McpVxmlDebugger *debugger, JsonObject *request)
{
    JsonObject *body = json_object_new();
    JsonArray *list = json_array_new();

    for (guint i = 0; mcp_vxml_debug_scopes[i] != NULL; i++) {
        JsonObject *scope = json_object_new();

        json_object_set_string_member(scope, "name", mcp_vxml_debug_scopes[i]);
        json_object_set_int_member(scope, "variablesReference", i + 1);
        json_object_set_boolean_member(scope, "expensive", FALSE);
        json_array_add_object_element(list, scope);
    }
    json_object_set_array_member(body, "scopes", list);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static void
give_variables(McpVxmlDebugger *debugger, JsonObject *request, JsonObject *arguments)
{
    gint64 number = mcp_vxml_dap_number(arguments, "variablesReference");
    gint64 count = g_strv_length((char **)mcp_vxml_debug_scopes);
    const char *scope = number >= 1 && number <= count ? mcp_vxml_debug_scopes[number - 1] : NULL;
    g_autoptr(GPtrArray) names = NULL;
    JsonObject *body = json_object_new();
    JsonArray *list = json_array_new();

    if (scope != NULL)
        names = mcp_vxml_debug_names(debugger->machine, scope);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        g_autofree char *path = g_strconcat(scope, ".", names->pdata[i], NULL);
        g_autofree char *value = mcp_vxml_debug_evaluate(debugger->machine, path, NULL);
        JsonObject *variable = json_object_new();

        json_object_set_string_member(variable, "name", names->pdata[i]);
        json_object_set_string_member(variable, "value", value != NULL ? value : "?");
        json_object_set_int_member(variable, "variablesReference", 0);
        json_array_add_object_element(list, variable);
    }
    json_object_set_array_member(body, "variables", list);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static void
evaluate(McpVxmlDebugger *debugger, JsonObject *request, JsonObject *arguments)
{
    const char *source = mcp_vxml_dap_text(arguments, "expression", "");
    g_autoptr(GError) error = NULL;
    g_autofree char *value = mcp_vxml_debug_evaluate(debugger->machine, source, &error);
    JsonObject *body = NULL;

    if (value == NULL) {
        mcp_vxml_dap_respond(debugger->dap, request, NULL, error->message);
        return;
    }
    body = json_object_new();
    json_object_set_string_member(body, "result", value);
    json_object_set_int_member(body, "variablesReference", 0);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

gboolean
mcp_vxml_debugger_look(McpVxmlDebugger *debugger, const char *command, JsonObject *request,
                       JsonObject *arguments)
{
    if (debugger->machine == NULL)
        return FALSE;
    if (strcmp(command, "stackTrace") == 0)
        give_stack(debugger, request);
    else if (strcmp(command, "scopes") == 0)
        give_scopes(debugger, request);
    else if (strcmp(command, "variables") == 0)
        give_variables(debugger, request, arguments);
    else if (strcmp(command, "evaluate") == 0)
        evaluate(debugger, request, arguments);
    else
        return FALSE;
    return TRUE;
}
