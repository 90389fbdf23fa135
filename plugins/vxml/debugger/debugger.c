/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State and requests of the debugger. While the application runs, requests are looked for before
 * each element; while it stands, they are waited for. One thread.
 */
#include "debugger.h"

#include <mcp/error.h>
#include <string.h>

#include "debugger_private.h"

static const McpVxmlElement *
dialog_of(const McpVxmlElement *element)
{
    while (element != NULL && element->kind != MCP_VXML_FORM && element->kind != MCP_VXML_MENU)
        element = element->parent;
    return element;
}

/* ---- requests ---- */

static gboolean
go_on(McpVxmlDebugger *debugger, const char *command, JsonObject *request)
{
    static const struct {
        const char *command;
        McpVxmlDebugMode mode;
    } commands[] = {{"continue", MCP_VXML_GO_ON},
                    {"next", MCP_VXML_STEP_ITEM},
                    {"stepIn", MCP_VXML_STEP_ELEMENT},
                    {"stepOut", MCP_VXML_STEP_DIALOG}};

    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        JsonObject *body = NULL;

        if (strcmp(commands[i].command, command) != 0)
            continue;
        debugger->mode = commands[i].mode;
        debugger->left = debugger->dialog;
        debugger->machine = NULL;
        if (commands[i].mode == MCP_VXML_GO_ON) {
            body = json_object_new();
            json_object_set_boolean_member(body, "allThreadsContinued", TRUE);
        }
        mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
        return TRUE;
    }
    return FALSE;
}

static gboolean
get_flag(JsonObject *arguments, const char *name)
{
    JsonNode *node = json_object_get_member(arguments, name);

    return node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_boolean(node);
}

static void
take_launch(McpVxmlDebugger *debugger, JsonObject *request, JsonObject *arguments)
{
    const char *program = mcp_vxml_dap_text(arguments, "program", NULL);
    JsonArray *inputs = mcp_vxml_dap_array(arguments, "inputs");
    g_autoptr(GPtrArray) lines = g_ptr_array_new();

    if (debugger->hooks.attach != NULL) {
        mcp_vxml_dap_respond(debugger->dap, request, NULL, "calls are attached to, not launched");
        return;
    }
    if (program != NULL) {
        g_free(debugger->launch.program);
        debugger->launch.program = g_strdup(program);
    }
    debugger->launch.stop_on_entry = get_flag(arguments, "stopOnEntry");
    for (guint i = 0; inputs != NULL && i < json_array_get_length(inputs); i++) {
        JsonNode *line = json_array_get_element(inputs, i);

        if (JSON_NODE_HOLDS_VALUE(line) && json_node_get_value_type(line) == G_TYPE_STRING)
            g_ptr_array_add(lines, (gpointer)json_node_get_string(line));
    }
    g_ptr_array_add(lines, NULL);
    g_strfreev(debugger->launch.inputs);
    debugger->launch.inputs = g_strdupv((char **)lines->pdata);
    mcp_vxml_dap_respond(debugger->dap, request, NULL,
                         debugger->launch.program != NULL ? NULL : "no program is named");
    mcp_vxml_dap_tell(debugger->dap, "initialized", NULL);
}

static void
take_attach(McpVxmlDebugger *debugger, JsonObject *request, JsonObject *arguments)
{
    const char *call = mcp_vxml_dap_text(arguments, "call", NULL);
    g_autoptr(GError) error = NULL;

    if (debugger->hooks.attach == NULL)
        g_set_error_literal(&error, MCP_ERROR, MCP_ERROR_STATE,
                            "mcpctl vxml debug --attach CALL-ID attaches to a call");
    else if (debugger->attached)
        g_set_error_literal(&error, MCP_ERROR, MCP_ERROR_STATE, "a call is attached already");
    else if (call == NULL)
        g_set_error_literal(&error, MCP_ERROR, MCP_ERROR_INVALID, "no call is named");
    else
        debugger->attached = debugger->hooks.attach(call, debugger->hooks.user_data, &error);
    debugger->launch.stop_on_entry = get_flag(arguments, "stopOnEntry");
    mcp_vxml_dap_respond(debugger->dap, request, NULL, error != NULL ? error->message : NULL);
    if (error == NULL)
        mcp_vxml_dap_tell(debugger->dap, "initialized", NULL);
}

static void
take_initialize(McpVxmlDebugger *debugger, JsonObject *request)
{
    JsonObject *body = json_object_new();

    json_object_set_boolean_member(body, "supportsConfigurationDoneRequest", TRUE);
    json_object_set_boolean_member(body, "supportsEvaluateForHovers", TRUE);
    /* A call goes on without its debugger. */
    json_object_set_boolean_member(body, "supportsTerminateRequest",
                                   debugger->hooks.attach == NULL);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static void
give_threads(McpVxmlDebugger *debugger, JsonObject *request)
{
    JsonObject *body = json_object_new();
    JsonArray *threads = json_array_new();
    JsonObject *thread = json_object_new();

    json_object_set_int_member(thread, "id", MCP_VXML_DEBUG_THREAD);
    json_object_set_string_member(thread, "name", "call");
    json_array_add_object_element(threads, thread);
    json_object_set_array_member(body, "threads", threads);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static gboolean
configure(McpVxmlDebugger *debugger, const char *command, JsonObject *request,
          JsonObject *arguments)
{
    if (strcmp(command, "initialize") == 0)
        take_initialize(debugger, request);
    else if (strcmp(command, "launch") == 0)
        take_launch(debugger, request, arguments);
    else if (strcmp(command, "attach") == 0)
        take_attach(debugger, request, arguments);
    else if (strcmp(command, "setBreakpoints") == 0)
        mcp_vxml_dap_respond(debugger->dap, request,
                             mcp_vxml_breakpoints_set(debugger->breakpoints, arguments), NULL);
    else if (strcmp(command, "threads") == 0)
        give_threads(debugger, request);
    else
        return FALSE;
    return TRUE;
}

static void
handle(McpVxmlDebugger *debugger, JsonObject *request)
{
    const char *command = mcp_vxml_dap_text(request, "command", "");
    g_autoptr(JsonObject) none = json_object_new();
    JsonObject *arguments = mcp_vxml_dap_object(request, "arguments");
    gboolean ends = strcmp(command, "disconnect") == 0 ||
                    (strcmp(command, "terminate") == 0 && debugger->hooks.attach == NULL);

    if (arguments == NULL)
        arguments = none;
    if (mcp_vxml_debugger_look(debugger, command, request, arguments) ||
        go_on(debugger, command, request) || configure(debugger, command, request, arguments))
        return;
    if (strcmp(command, "configurationDone") == 0)
        debugger->configured = TRUE;
    else if (strcmp(command, "pause") == 0)
        debugger->mode = MCP_VXML_PAUSE;
    else if (!ends && strcmp(command, "setExceptionBreakpoints") != 0) {
        mcp_vxml_dap_respond(debugger->dap, request, NULL, "not possible now");
        return;
    }
    debugger->over |= ends;
    if (ends)
        debugger->machine = NULL;
    mcp_vxml_dap_respond(debugger->dap, request, NULL, NULL);
}

gboolean
mcp_vxml_debugger_take_request(McpVxmlDebugger *debugger, gboolean wait)
{
    JsonObject *request = mcp_vxml_dap_read(debugger->dap, wait);

    debugger->over |= mcp_vxml_dap_is_closed(debugger->dap);
    if (request == NULL)
        return FALSE;
    handle(debugger, request);
    json_object_unref(request);
    /* An answer that nobody reads any more ends it, too. */
    debugger->over |= mcp_vxml_dap_is_closed(debugger->dap);
    return TRUE;
}

/* ---- running ---- */

static void
tell_thread(McpVxmlDebugger *debugger, const char *event, const char *reason, const char *all)
{
    JsonObject *body = json_object_new();

    if (reason != NULL)
        json_object_set_string_member(body, "reason", reason);
    json_object_set_int_member(body, "threadId", MCP_VXML_DEBUG_THREAD);
    json_object_set_boolean_member(body, all, TRUE);
    mcp_vxml_dap_tell(debugger->dap, event, body);
}

static gboolean
may_stop(McpVxmlDebugger *debugger)
{
    return debugger->hooks.may_stop == NULL || debugger->hooks.may_stop(debugger->hooks.user_data);
}

static void
stop(McpVxmlDebugger *debugger, McpVxmlInterpreter *machine, const char *reason)
{
    debugger->mode = MCP_VXML_GO_ON;
    debugger->machine = machine;
    tell_thread(debugger, "stopped", reason, "allThreadsStopped");
    while (debugger->machine != NULL && !debugger->over) {
        if (!may_stop(debugger)) {
            debugger->machine = NULL;
            tell_thread(debugger, "continued", NULL, "allThreadsContinued");
            break;
        }
        mcp_vxml_debugger_take_request(debugger, TRUE);
    }
    debugger->machine = NULL;
}

static const char *
reason_to_stop(McpVxmlDebugger *debugger, const McpVxmlElement *element, gboolean item)
{
    gboolean entry = !debugger->entered;

    debugger->entered = TRUE;
    if (entry && debugger->launch.stop_on_entry)
        return "entry";
    if (mcp_vxml_breakpoints_has(debugger->breakpoints, element))
        return "breakpoint";
    if (debugger->mode == MCP_VXML_PAUSE)
        return "pause";
    if (debugger->mode == MCP_VXML_STEP_ELEMENT || (debugger->mode == MCP_VXML_STEP_ITEM && item) ||
        (debugger->mode == MCP_VXML_STEP_DIALOG && item && dialog_of(element) != debugger->left))
        return "step";
    return NULL;
}

void
mcp_vxml_debugger_probe(McpVxmlInterpreter *machine, const McpVxmlElement *element, gboolean item,
                        gpointer user_data)
{
    McpVxmlDebugger *debugger = user_data;
    const char *reason;

    while (!debugger->over && mcp_vxml_debugger_take_request(debugger, FALSE))
        continue;
    /* Blanks between elements are nowhere an author would want to stand. */
    if (debugger->over || (element->kind == MCP_VXML_TEXT && mcp_xml_is_blank(element->node)))
        return;
    debugger->at = element;
    debugger->dialog = dialog_of(element);
    reason = reason_to_stop(debugger, element, item);
    if (reason != NULL && may_stop(debugger))
        stop(debugger, machine, reason);
}

/* ---- life ---- */

const McpVxmlLaunch *
mcp_vxml_debugger_configure(McpVxmlDebugger *debugger)
{
    while (!debugger->over && !(debugger->configured && debugger->launch.program != NULL))
        mcp_vxml_debugger_take_request(debugger, TRUE);
    return debugger->over ? NULL : &debugger->launch;
}

gboolean
mcp_vxml_debugger_is_over(const McpVxmlDebugger *debugger)
{
    return debugger->over;
}

void
mcp_vxml_debugger_finish(McpVxmlDebugger *debugger, int status)
{
    JsonObject *body = json_object_new();

    json_object_set_int_member(body, "exitCode", status);
    mcp_vxml_dap_tell(debugger->dap, "exited", body);
    mcp_vxml_dap_tell(debugger->dap, "terminated", NULL);
    /* The editor says when it has had enough. */
    while (!debugger->over)
        mcp_vxml_debugger_take_request(debugger, TRUE);
}

McpVxmlDebugger *
mcp_vxml_debugger_new(McpVxmlDap *dap, const char *program)
{
    McpVxmlDebugger *debugger = g_new0(McpVxmlDebugger, 1);

    debugger->dap = dap;
    debugger->launch.program = g_strdup(program);
    debugger->breakpoints = mcp_vxml_breakpoints_new();
    return debugger;
}

McpVxmlDebugger *
mcp_vxml_debugger_new_attaching(McpVxmlDap *dap, const McpVxmlDebuggerHooks *hooks)
{
    McpVxmlDebugger *debugger = mcp_vxml_debugger_new(dap, NULL);

    debugger->hooks = *hooks;
    return debugger;
}

void
mcp_vxml_debugger_free(McpVxmlDebugger *debugger)
{
    mcp_vxml_breakpoints_free(debugger->breakpoints);
    g_free(debugger->launch.program);
    g_strfreev(debugger->launch.inputs);
    g_free(debugger);
}
