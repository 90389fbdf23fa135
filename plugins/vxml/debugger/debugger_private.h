/* SPDX-License-Identifier: Apache-2.0 */
/* The debugger as the files of this folder see it. One thread, that of the machine. */
#pragma once
#include "breakpoints.h"
#include "debugger.h"

G_BEGIN_DECLS

/** MCP_VXML_DEBUG_THREAD: the one that DAP is told of. */
#define MCP_VXML_DEBUG_THREAD 1

typedef enum {
    MCP_VXML_GO_ON,
    MCP_VXML_PAUSE,        /* at the next element */
    MCP_VXML_STEP_ELEMENT, /* stepIn */
    MCP_VXML_STEP_ITEM,    /* next */
    MCP_VXML_STEP_DIALOG,  /* stepOut */
} McpVxmlDebugMode;

struct _McpVxmlDebugger {
    McpVxmlDap *dap;
    McpVxmlLaunch launch;
    McpVxmlDebuggerHooks hooks;
    McpVxmlBreakpoints *breakpoints;
    McpVxmlDebugMode mode;
    /* Of the last element and of a step out of it: compared alone, as their page may be gone. */
    const McpVxmlElement *dialog;
    const McpVxmlElement *left;
    McpVxmlInterpreter *machine; /* while it stands */
    const McpVxmlElement *at;    /* while it stands */
    gboolean attached;
    gboolean configured;
    gboolean entered;
    gboolean over;
};

/* inspection.c */
/** mcp_vxml_debugger_look: FALSE when @command is none of those that only look. */
gboolean mcp_vxml_debugger_look(McpVxmlDebugger *debugger, const char *command, JsonObject *request,
                                JsonObject *arguments);

G_END_DECLS
