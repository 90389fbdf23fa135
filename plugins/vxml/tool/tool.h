/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of mcpctl vxml. One thread. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpVxmlToolExit: exit statuses, as those of mcpctl. */
typedef enum {
    MCP_VXML_TOOL_OK = 0,
    MCP_VXML_TOOL_FAILED = 1,
    MCP_VXML_TOOL_USAGE = 2,
    MCP_VXML_TOOL_NOT_FOUND = 4,
} McpVxmlToolExit;

/** McpVxmlTool: one subcommand; the table ends with a NULL name. */
typedef struct {
    const char *name;
    const char *arguments;
    const char *summary;
    const GOptionEntry *options;
    McpVxmlToolExit (*run)(char **arguments, guint n_arguments);
} McpVxmlTool;

extern const McpVxmlTool mcp_vxml_debug_tool;
extern const McpVxmlTool mcp_vxml_lint_tool;
extern const McpVxmlTool mcp_vxml_reference_tool;
extern const McpVxmlTool mcp_vxml_run_tool;

/** mcp_vxml_tool_complain: says on stderr what is wrong. */
void mcp_vxml_tool_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

G_END_DECLS
