/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A debugger's way into a machine: it is asked before each element and each form item, and may look
 * and evaluate meanwhile. On the thread that runs the machine.
 */
#pragma once
#include "interpreter.h"

G_BEGIN_DECLS

/** McpVxmlProbeFunc: @element comes next; @item: it is a form item that is visited. */
typedef void (*McpVxmlProbeFunc)(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                                 gboolean item, gpointer user_data);

/** mcp_vxml_debug_set_probe: @func: (nullable): none. While the machine does not run. */
void mcp_vxml_debug_set_probe(McpVxmlInterpreter *interpreter, McpVxmlProbeFunc func,
                              gpointer user_data);
/** mcp_vxml_debug_probe: for the machine, where a probe is set: what it takes costs no budget. */
void mcp_vxml_debug_probe(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                          gboolean item);

/** mcp_vxml_debug_stack: (transfer container): McpVxmlElement: form item, dialog, then callers'. */
GPtrArray *mcp_vxml_debug_stack(McpVxmlInterpreter *interpreter);
/** mcp_vxml_debug_scopes: "dialog" …, then NULL. */
extern const char *const mcp_vxml_debug_scopes[];
/** mcp_vxml_debug_names: (transfer full): char*: variables of @scope ("dialog" …). */
GPtrArray *mcp_vxml_debug_names(McpVxmlInterpreter *interpreter, const char *scope);
/**
 * mcp_vxml_debug_evaluate: (transfer full) (nullable): the value as text; objects as JSON. No
 * budget of the application pays for it. Once there is private input: @source is the name of a
 * variable, with its scope or without, else MCP_ERROR_REFUSED; of what the variable was not before
 * that input came only MCP_VXML_PRIVATE is told, as an expression can make anything of the input.
 */
char *mcp_vxml_debug_evaluate(McpVxmlInterpreter *interpreter, const char *source, GError **error);
/**
 * mcp_vxml_debug_remember: for the machine, where a probe is set and before it takes private input:
 * what is known now can be told later, too. Once.
 */
void mcp_vxml_debug_remember(McpVxmlInterpreter *interpreter);
/** mcp_vxml_debug_redact: (transfer full): @text without private input. */
char *mcp_vxml_debug_redact(McpVxmlInterpreter *interpreter, const char *text);

G_END_DECLS
