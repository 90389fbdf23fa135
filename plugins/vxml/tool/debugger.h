/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The debugger: what an editor asks over DAP, answered from a machine that stands still. One
 * thread.
 */
#pragma once
#include "dap.h"
#include "debug.h"

G_BEGIN_DECLS

typedef struct _McpVxmlDebugger McpVxmlDebugger;

/** McpVxmlLaunch: what the editor wants to be run. */
typedef struct {
    char *program; /* nullable: none yet */
    char **inputs; /* nullable: what the caller does, line by line */
    gboolean stop_on_entry;
} McpVxmlLaunch;

/** mcp_vxml_debugger_new: (transfer full): @dap outlives it; it is asked before each element. */
McpVxmlDebugger *mcp_vxml_debugger_new(McpVxmlDap *dap, const char *program);
void mcp_vxml_debugger_free(McpVxmlDebugger *debugger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlDebugger, mcp_vxml_debugger_free)

/** mcp_vxml_debugger_configure: (transfer none) (nullable): when the editor says go, not before. */
const McpVxmlLaunch *mcp_vxml_debugger_configure(McpVxmlDebugger *debugger);
/** mcp_vxml_debugger_is_over: whether the editor has ended it. */
gboolean mcp_vxml_debugger_is_over(const McpVxmlDebugger *debugger);
/** mcp_vxml_debugger_say: a line for the editor's console. */
void mcp_vxml_debugger_say(McpVxmlDebugger *debugger, const char *line);
/** mcp_vxml_debugger_finish: the application has ended. */
void mcp_vxml_debugger_finish(McpVxmlDebugger *debugger, int status);

G_END_DECLS
