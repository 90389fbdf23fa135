/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State and requests of the debugger. While the application runs, requests are looked for before
 * each element; while it stands, they are waited for, and virtual time stands with it. One thread.
 */
#include "debugger.h"

#include <mcp/error.h>
#include <string.h>

#define THREAD 1
/* Frame ids begin here, variablesReferences are places in the list of scopes, from 1. */
#define FIRST_FRAME 1000

typedef enum {
    GO_ON,
    STEP_ELEMENT, /* stepIn */
    STEP_ITEM,    /* next */
    STEP_DIALOG,  /* stepOut */
} Mode;

struct _McpVxmlDebugger {
    McpVxmlDap *dap;
    McpVxmlLaunch launch;
    GHashTable *breakpoints; /* char* path → GArray of guint line */
    Mode mode;
    const McpVxmlElement *dialog; /* in which STEP_DIALOG was asked for */
    McpVxmlInterpreter *machine;  /* while it stands */
    const McpVxmlElement *at;
    gboolean configured;
    gboolean entered;
    gboolean over;
};

static const char *const scopes[] = {"dialog", "document", "application", "session"};

static const McpVxmlElement *
dialog_of(const McpVxmlElement *element)
{
    while (element != NULL && element->kind != MCP_VXML_FORM && element->kind != MCP_VXML_MENU)
        element = element->parent;
    return element;
}

/* ---- breakpoints ---- */

static char *
path_of(const McpVxmlElement *element)
{
    const char *url = mcp_vxml_document_get_url(element->document);
    g_autofree char *path = g_filename_from_uri(url, NULL, NULL);

    return path != NULL ? g_steal_pointer(&path) : g_strdup(url);
}

/* Only the first element of a line stops: those behind it come as steps. */
static gboolean
is_marked(McpVxmlDebugger *debugger, const McpVxmlElement *element)
{
    g_autofree char *path = path_of(element);
    const GArray *lines = g_hash_table_lookup(debugger->breakpoints, path);

    for (guint i = 0; lines != NULL && i < lines->len; i++)
        if (g_array_index(lines, guint, i) == element->line)
            return element->parent == NULL || element->parent->line != element->line;
    return FALSE;
}

static void
set_breakpoints(McpVxmlDebugger *debugger, JsonObject *request, JsonObject *arguments)
{
    JsonObject *source = json_object_get_object_member(arguments, "source");
    const char *path =
        source != NULL ? json_object_get_string_member_with_default(source, "path", "") : "";
    JsonArray *wanted = json_object_has_member(arguments, "breakpoints")
                            ? json_object_get_array_member(arguments, "breakpoints")
                            : NULL;
    JsonArray *given = json_array_new();
    JsonObject *body = json_object_new();
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; wanted != NULL && i < json_array_get_length(wanted); i++) {
        guint line = (guint)json_object_get_int_member_with_default(
            json_array_get_object_element(wanted, i), "line", 0);
        JsonObject *point = json_object_new();

        g_array_append_val(lines, line);
        json_object_set_boolean_member(point, "verified", TRUE);
        json_object_set_int_member(point, "line", line);
        json_array_add_object_element(given, point);
    }
    g_hash_table_replace(debugger->breakpoints, g_canonicalize_filename(path, NULL), lines);
    json_object_set_array_member(body, "breakpoints", given);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

/* ---- looking ---- */

static void
give_threads(McpVxmlDebugger *debugger, JsonObject *request)
{
    JsonObject *body = json_object_new();
    JsonArray *threads = json_array_new();
    JsonObject *thread = json_object_new();

    json_object_set_int_member(thread, "id", THREAD);
    json_object_set_string_member(thread, "name", "call");
    json_array_add_object_element(threads, thread);
    json_object_set_array_member(body, "threads", threads);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static JsonObject *
make_frame(const McpVxmlElement *element, guint number)
{
    const char *name = mcp_vxml_element_get(
        element, element->kind == MCP_VXML_FORM || element->kind == MCP_VXML_MENU ? "id" : "name");
    g_autofree char *path = path_of(element);
    g_autofree char *text = g_strdup_printf(
        "<%s%s%s>", element->kind == MCP_VXML_TEXT ? "text" : mcp_vxml_element_get_name(element),
        name != NULL ? " " : "", name != NULL ? name : "");
    JsonObject *frame = json_object_new();
    JsonObject *source = json_object_new();

    json_object_set_string_member(source, "path", path);
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
        json_array_add_object_element(frames, make_frame(stack->pdata[i], i));
    json_object_set_int_member(body, "totalFrames", stack->len);
    json_object_set_array_member(body, "stackFrames", frames);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static void
give_scopes(McpVxmlDebugger *debugger, JsonObject *request)
{
    JsonObject *body = json_object_new();
    JsonArray *list = json_array_new();

    for (guint i = 0; i < G_N_ELEMENTS(scopes); i++) {
        JsonObject *scope = json_object_new();

        json_object_set_string_member(scope, "name", scopes[i]);
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
    gint64 number = json_object_get_int_member_with_default(arguments, "variablesReference", 0);
    g_autoptr(GPtrArray) names = NULL;
    JsonObject *body = json_object_new();
    JsonArray *list = json_array_new();

    if (number >= 1 && number <= (gint64)G_N_ELEMENTS(scopes))
        names = mcp_vxml_debug_names(debugger->machine, scopes[number - 1]);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        g_autofree char *path =
            g_strdup_printf("%s.%s", scopes[number - 1], (const char *)names->pdata[i]);
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
    const char *source = json_object_get_string_member_with_default(arguments, "expression", "");
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

/* FALSE when @command is none of these, which need a machine that stands still. */
static gboolean
look(McpVxmlDebugger *debugger, const char *command, JsonObject *request, JsonObject *arguments)
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

/* ---- running ---- */

static gboolean
go_on(McpVxmlDebugger *debugger, const char *command, JsonObject *request)
{
    static const struct {
        const char *command;
        Mode mode;
    } commands[] = {{"continue", GO_ON},
                    {"next", STEP_ITEM},
                    {"stepIn", STEP_ELEMENT},
                    {"stepOut", STEP_DIALOG}};

    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        JsonObject *body = NULL;

        if (strcmp(commands[i].command, command) != 0)
            continue;
        debugger->mode = commands[i].mode;
        debugger->dialog = debugger->at != NULL ? dialog_of(debugger->at) : NULL;
        debugger->machine = NULL;
        if (commands[i].mode == GO_ON) {
            body = json_object_new();
            json_object_set_boolean_member(body, "allThreadsContinued", TRUE);
        }
        mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
        return TRUE;
    }
    return FALSE;
}

static void
take_launch(McpVxmlDebugger *debugger, JsonObject *request, JsonObject *arguments)
{
    const char *program = json_object_get_string_member_with_default(arguments, "program", NULL);
    JsonArray *inputs = json_object_has_member(arguments, "inputs")
                            ? json_object_get_array_member(arguments, "inputs")
                            : NULL;
    g_autoptr(GPtrArray) lines = g_ptr_array_new();

    if (program != NULL) {
        g_free(debugger->launch.program);
        debugger->launch.program = g_strdup(program);
    }
    debugger->launch.stop_on_entry =
        json_object_get_boolean_member_with_default(arguments, "stopOnEntry", FALSE);
    for (guint i = 0; inputs != NULL && i < json_array_get_length(inputs); i++)
        g_ptr_array_add(lines, (gpointer)json_array_get_string_element(inputs, i));
    g_ptr_array_add(lines, NULL);
    g_strfreev(debugger->launch.inputs);
    debugger->launch.inputs = g_strdupv((char **)lines->pdata);
    mcp_vxml_dap_respond(debugger->dap, request, NULL,
                         debugger->launch.program != NULL ? NULL : "no program is named");
    mcp_vxml_dap_tell(debugger->dap, "initialized", NULL);
}

static void
take_initialize(McpVxmlDebugger *debugger, JsonObject *request)
{
    JsonObject *body = json_object_new();

    json_object_set_boolean_member(body, "supportsConfigurationDoneRequest", TRUE);
    json_object_set_boolean_member(body, "supportsEvaluateForHovers", TRUE);
    json_object_set_boolean_member(body, "supportsTerminateRequest", TRUE);
    mcp_vxml_dap_respond(debugger->dap, request, body, NULL);
}

static void
handle(McpVxmlDebugger *debugger, JsonObject *request)
{
    const char *command = json_object_get_string_member_with_default(request, "command", "");
    g_autoptr(JsonObject) none = json_object_new();
    JsonObject *arguments = json_object_has_member(request, "arguments")
                                ? json_object_get_object_member(request, "arguments")
                                : none;

    if (look(debugger, command, request, arguments) || go_on(debugger, command, request))
        return;
    if (strcmp(command, "initialize") == 0) {
        take_initialize(debugger, request);
    } else if (strcmp(command, "launch") == 0) {
        take_launch(debugger, request, arguments);
    } else if (strcmp(command, "setBreakpoints") == 0) {
        set_breakpoints(debugger, request, arguments);
    } else if (strcmp(command, "threads") == 0) {
        give_threads(debugger, request);
    } else if (strcmp(command, "configurationDone") == 0) {
        debugger->configured = TRUE;
        mcp_vxml_dap_respond(debugger->dap, request, NULL, NULL);
    } else if (strcmp(command, "pause") == 0) {
        debugger->mode = STEP_ELEMENT;
        mcp_vxml_dap_respond(debugger->dap, request, NULL, NULL);
    } else if (strcmp(command, "disconnect") == 0 || strcmp(command, "terminate") == 0) {
        debugger->over = TRUE;
        debugger->machine = NULL;
        mcp_vxml_dap_respond(debugger->dap, request, NULL, NULL);
    } else if (strcmp(command, "setExceptionBreakpoints") == 0) {
        mcp_vxml_dap_respond(debugger->dap, request, NULL, NULL);
    } else {
        mcp_vxml_dap_respond(debugger->dap, request, NULL, "not possible now");
    }
}

/* FALSE when nothing came. */
static gboolean
take_request(McpVxmlDebugger *debugger, gboolean wait)
{
    JsonObject *request = mcp_vxml_dap_read(debugger->dap, wait);

    debugger->over |= mcp_vxml_dap_is_closed(debugger->dap);
    if (request == NULL)
        return FALSE;
    handle(debugger, request);
    json_object_unref(request);
    return TRUE;
}

static void
stop(McpVxmlDebugger *debugger, McpVxmlInterpreter *machine, const char *reason)
{
    JsonObject *body = json_object_new();

    debugger->machine = machine;
    json_object_set_string_member(body, "reason", reason);
    json_object_set_int_member(body, "threadId", THREAD);
    json_object_set_boolean_member(body, "allThreadsStopped", TRUE);
    mcp_vxml_dap_tell(debugger->dap, "stopped", body);
    while (debugger->machine != NULL && !debugger->over)
        take_request(debugger, TRUE);
    debugger->machine = NULL;
}

static const char *
reason_to_stop(McpVxmlDebugger *debugger, const McpVxmlElement *element, gboolean item)
{
    gboolean entry = !debugger->entered;

    debugger->entered = TRUE;
    if (entry && debugger->launch.stop_on_entry)
        return "entry";
    if (is_marked(debugger, element))
        return "breakpoint";
    if (debugger->mode == STEP_ELEMENT || (debugger->mode == STEP_ITEM && item) ||
        (debugger->mode == STEP_DIALOG && item && dialog_of(element) != debugger->dialog))
        return "step";
    return NULL;
}

static void
on_probe(McpVxmlInterpreter *machine, const McpVxmlElement *element, gboolean item,
         gpointer user_data)
{
    McpVxmlDebugger *debugger = user_data;
    const char *reason;

    while (!debugger->over && take_request(debugger, FALSE))
        continue;
    /* Blanks between elements are nowhere an author would want to stand. */
    if (debugger->over || (element->kind == MCP_VXML_TEXT && mcp_xml_is_blank(element->node)))
        return;
    debugger->at = element;
    reason = reason_to_stop(debugger, element, item);
    if (reason != NULL)
        stop(debugger, machine, reason);
}

/* ---- life ---- */

const McpVxmlLaunch *
mcp_vxml_debugger_configure(McpVxmlDebugger *debugger)
{
    while (!debugger->over && !(debugger->configured && debugger->launch.program != NULL))
        take_request(debugger, TRUE);
    return debugger->over ? NULL : &debugger->launch;
}

gboolean
mcp_vxml_debugger_is_over(const McpVxmlDebugger *debugger)
{
    return debugger->over;
}

void
mcp_vxml_debugger_say(McpVxmlDebugger *debugger, const char *line)
{
    JsonObject *body = json_object_new();

    json_object_set_string_member(body, "category", "stdout");
    json_object_set_string_member(body, "output", line);
    mcp_vxml_dap_tell(debugger->dap, "output", body);
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
        take_request(debugger, TRUE);
}

McpVxmlDebugger *
mcp_vxml_debugger_new(McpVxmlDap *dap, const char *program)
{
    McpVxmlDebugger *debugger = g_new0(McpVxmlDebugger, 1);

    debugger->dap = dap;
    debugger->launch.program = g_strdup(program);
    debugger->breakpoints =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    mcp_vxml_debug_set_probe(on_probe, debugger);
    return debugger;
}

void
mcp_vxml_debugger_free(McpVxmlDebugger *debugger)
{
    mcp_vxml_debug_set_probe(NULL, NULL);
    g_hash_table_unref(debugger->breakpoints);
    g_free(debugger->launch.program);
    g_strfreev(debugger->launch.inputs);
    g_free(debugger);
}
