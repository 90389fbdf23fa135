/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The debugger: what an editor asks over DAP, answered from a machine that stands still. It serves
 * an application in the terminal (launch) and a call of mcpd (attach). One thread, that of the
 * machine.
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

/** McpVxmlDebuggerHooks: of a debugger that attaches. */
typedef struct {
    /** attach: FALSE when @call cannot be debugged. */
    gboolean (*attach)(const char *call, gpointer user_data, GError **error);
    /** may_stop: FALSE once the call must not stand still, whatever the editor wants. */
    gboolean (*may_stop)(gpointer user_data);
    gpointer user_data;
} McpVxmlDebuggerHooks;

/** mcp_vxml_debugger_new: (transfer full): one that launches; @dap outlives it. */
McpVxmlDebugger *mcp_vxml_debugger_new(McpVxmlDap *dap, const char *program);
/** mcp_vxml_debugger_new_attaching: (transfer full): @hooks is copied. */
McpVxmlDebugger *mcp_vxml_debugger_new_attaching(McpVxmlDap *dap,
                                                 const McpVxmlDebuggerHooks *hooks);
void mcp_vxml_debugger_free(McpVxmlDebugger *debugger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlDebugger, mcp_vxml_debugger_free)

/** mcp_vxml_debugger_probe: McpVxmlProbeFunc; @user_data is the debugger. */
void mcp_vxml_debugger_probe(McpVxmlInterpreter *machine, const McpVxmlElement *element,
                             gboolean item, gpointer user_data);
/**
 * mcp_vxml_debugger_take_request: answers the next request; FALSE when none came: none is there
 * (@wait FALSE), or the wait was broken off.
 */
gboolean mcp_vxml_debugger_take_request(McpVxmlDebugger *debugger, gboolean wait);
/** mcp_vxml_debugger_configure: (transfer none) (nullable): when the editor says go, not before. */
const McpVxmlLaunch *mcp_vxml_debugger_configure(McpVxmlDebugger *debugger);
/** mcp_vxml_debugger_is_over: whether the editor has ended it. */
gboolean mcp_vxml_debugger_is_over(const McpVxmlDebugger *debugger);
/** mcp_vxml_debugger_finish: the application has ended. */
void mcp_vxml_debugger_finish(McpVxmlDebugger *debugger, int status);

G_END_DECLS
