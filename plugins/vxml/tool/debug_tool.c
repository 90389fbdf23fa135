/* SPDX-License-Identifier: Apache-2.0 */
/* mcpctl vxml debug: an application as text under a debugger that speaks DAP over stdio. */
#include <mcp/log.h>
#include <unistd.h>

#include "debugger.h"
#include "text_call.h"
#include "tool.h"

typedef struct {
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

    mcp_vxml_debugger_say(debugged->debugger, line);
}

static char *
ask(gboolean recording, gpointer user_data)
{
    Debugged *debugged = user_data;
    char **inputs = debugged->launch->inputs;

    if (mcp_vxml_debugger_is_over(debugged->debugger) || inputs == NULL ||
        inputs[debugged->next] == NULL)
        return NULL;
    return g_strdup(inputs[debugged->next++]);
}

static McpVxmlToolExit
debug(McpVxmlDebugger *debugger, const McpVxmlLaunch *launch)
{
    Debugged debugged = {debugger, launch, 0};
    McpVxmlTextCallHooks hooks = {tell, ask, &debugged};
    g_autofree char *url = mcp_vxml_loader_to_url(launch->program);
    g_autoptr(McpVxmlLoader) loader = mcp_vxml_loader_new();
    g_autoptr(McpVxmlTextCall) call = mcp_vxml_text_call_new(loader, &hooks);
    const McpVxmlTextCallEnd *end = mcp_vxml_text_call_run(call, url);
    McpVxmlToolExit status = end->failed ? MCP_VXML_TOOL_FAILED : MCP_VXML_TOOL_OK;
    g_autofree char *line =
        g_strdup_printf("ended: %s%s%s\n", end->reason, end->result != NULL ? ", result " : "",
                        end->result != NULL ? end->result : "");

    mcp_vxml_debugger_say(debugger, line);
    mcp_vxml_debugger_finish(debugger, status);
    return status;
}

static McpVxmlToolExit
run(char **arguments, guint n_arguments)
{
    g_autoptr(McpVxmlDap) dap = mcp_vxml_dap_new(STDIN_FILENO, STDOUT_FILENO);
    g_autoptr(McpVxmlDebugger) debugger = NULL;
    const McpVxmlLaunch *launch;

    if (n_arguments > 1) {
        mcp_vxml_tool_complain("usage: debug [FILE|URL]");
        return MCP_VXML_TOOL_USAGE;
    }
    debugger = mcp_vxml_debugger_new(dap, arguments[0]);
    launch = mcp_vxml_debugger_configure(debugger);
    return launch != NULL ? debug(debugger, launch) : MCP_VXML_TOOL_OK;
}

const McpVxmlTool mcp_vxml_debug_tool = {
    "debug", "[FILE|URL]", "Speaks the Debug Adapter Protocol over stdio.", NULL, run};
