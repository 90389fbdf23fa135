/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A debugger's way into the machines of a process that is made for one: it is asked before each
 * element and each form item, and may look and evaluate meanwhile. Set before any machine runs; one
 * thread. mcpd sets none.
 */
#pragma once
#include "interpreter.h"

G_BEGIN_DECLS

/** McpVxmlProbeFunc: @element comes next; @item: it is a form item that is visited. */
typedef void (*McpVxmlProbeFunc)(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                                 gboolean item, gpointer user_data);

/** mcp_vxml_debug_set_probe: NULL: none. */
void mcp_vxml_debug_set_probe(McpVxmlProbeFunc func, gpointer user_data);
/** mcp_vxml_debug_probe: for the machine. */
void mcp_vxml_debug_probe(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                          gboolean item);

/** mcp_vxml_debug_stack: (transfer container): McpVxmlElement: form item, dialog, then callers'. */
GPtrArray *mcp_vxml_debug_stack(McpVxmlInterpreter *interpreter);
/** mcp_vxml_debug_names: (transfer full): char*: variables of @scope ("dialog" …). */
GPtrArray *mcp_vxml_debug_names(McpVxmlInterpreter *interpreter, const char *scope);
/** mcp_vxml_debug_evaluate: (transfer full) (nullable): the value as text; objects as JSON. */
char *mcp_vxml_debug_evaluate(McpVxmlInterpreter *interpreter, const char *source, GError **error);

G_END_DECLS
