/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcpctl vxml debug: an application as text, or with --attach a call of mcpd, under a debugger that
 * speaks DAP over stdio.
 */
#include <mcp/log.h>
#include <unistd.h>

#include "attach.h"
#include "debugger/debugger.h"
#include "text_call.h"
#include "tool.h"

static char *call_id;
static char *socket_path;

static const GOptionEntry options[] = {
    {"attach", 'a', 0, G_OPTION_ARG_STRING, &call_id, "Debug this call of mcpd", "CALL-ID"},
    {"socket", 's', 0, G_OPTION_ARG_FILENAME, &socket_path,
     "Its [vxml] debug_socket (default: $MCP_DEBUG_SOCKET, else " MCP_VXML_DEBUG_SOCKET ")",
     "PATH"},
    {NULL},
};

typedef struct {
    McpVxmlDap *dap;
    McpVxmlDebugger *debugger;
    const McpVxmlLaunch *launch;
    guint next;
} Debugged;

static void
tell(gint64 time, const char *kind, const char *text, gpointer user_data)
{
    Debugged *debugged = user_data;
    g_autofree char *line =
        g_strdup_printf("%9.3f  %-10s %s\n", (double)time / G_USEC_PER_SEC, kind, text);

    mcp_vxml_dap_say(debugged->dap, line);
}

static void
on_probe(McpVxmlInterpreter *machine, const McpVxmlElement *element, gboolean item,
         gpointer user_data)
{
    Debugged *debugged = user_data;

    mcp_vxml_debugger_probe(machine, element, item, debugged->debugger);
}

static char *
ask(McpVxmlTextQuestion question, gpointer user_data)
{
    Debugged *debugged = user_data;
    char **inputs = debugged->launch->inputs;

    if (mcp_vxml_debugger_is_over(debugged->debugger) || inputs == NULL ||
        inputs[debugged->next] == NULL)
        return NULL;
    return g_strdup(inputs[debugged->next++]);
}

static McpVxmlToolExit
debug(McpVxmlDap *dap, McpVxmlDebugger *debugger, const McpVxmlLaunch *launch)
{
    Debugged debugged = {dap, debugger, launch, 0};
    McpVxmlTextCallHooks hooks = {
        .tell = tell, .ask = ask, .probe = on_probe, .user_data = &debugged};
    g_autofree char *url = mcp_vxml_loader_to_url(launch->program);
    g_autoptr(McpVxmlLoader) loader = mcp_vxml_loader_new();
    g_autoptr(McpVxmlTextCall) call = mcp_vxml_text_call_new(loader, &hooks);
    const McpVxmlTextCallEnd *end = mcp_vxml_text_call_run(call, url);
    McpVxmlToolExit status = end->failed ? MCP_VXML_TOOL_FAILED : MCP_VXML_TOOL_OK;
    g_autofree char *line =
        g_strdup_printf("ended: %s%s%s\n", end->reason, end->result != NULL ? ", result " : "",
                        end->result != NULL ? end->result : "");

    mcp_vxml_dap_say(dap, line);
    mcp_vxml_debugger_finish(debugger, status);
    return status;
}

static McpVxmlToolExit
launch(char **arguments)
{
    g_autoptr(McpVxmlDap) dap = mcp_vxml_dap_new(STDIN_FILENO, STDOUT_FILENO);
    g_autoptr(McpVxmlDebugger) debugger = NULL;
    const McpVxmlLaunch *wanted;

    debugger = mcp_vxml_debugger_new(dap, arguments[0]);
    wanted = mcp_vxml_debugger_configure(debugger);
    return wanted != NULL ? debug(dap, debugger, wanted) : MCP_VXML_TOOL_OK;
}

static McpVxmlToolExit
run(char **arguments, guint n_arguments)
{
    const char *path = socket_path != NULL ? socket_path : g_getenv("MCP_DEBUG_SOCKET");

    if (n_arguments > 1 || (call_id != NULL && n_arguments > 0) ||
        (call_id == NULL && socket_path != NULL)) {
        mcp_vxml_tool_complain("usage: debug [FILE|URL] or debug --attach CALL-ID [--socket PATH]");
        return MCP_VXML_TOOL_USAGE;
    }
    if (call_id != NULL)
        return mcp_vxml_attach(path != NULL ? path : MCP_VXML_DEBUG_SOCKET, call_id);
    return launch(arguments);
}

const McpVxmlTool mcp_vxml_debug_tool = {
    "debug", "[FILE|URL]", "Speaks the Debug Adapter Protocol over stdio.", options, run};
