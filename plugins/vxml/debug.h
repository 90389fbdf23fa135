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
/** mcp_vxml_debug_names: (transfer full): char*: variables of @scope ("dialog" …). */
GPtrArray *mcp_vxml_debug_names(McpVxmlInterpreter *interpreter, const char *scope);
/**
 * mcp_vxml_debug_evaluate: (transfer full) (nullable): the value as text; objects as JSON. Private
 * input is struck out, of the error's message as well. No budget of the application pays for it.
 */
char *mcp_vxml_debug_evaluate(McpVxmlInterpreter *interpreter, const char *source, GError **error);
/** mcp_vxml_debug_redact: (transfer full): @text without private input. */
char *mcp_vxml_debug_redact(McpVxmlInterpreter *interpreter, const char *text);

G_END_DECLS
