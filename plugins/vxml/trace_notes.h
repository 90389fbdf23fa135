/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes that say why: for "mcpctl call trace". They name things of the page and never hold what the
 * caller entered. The machine's thread.
 */
#pragma once
#include "interpreter_private.h"

G_BEGIN_DECLS

/** mcp_vxml_trace_selection: @item (nullable) was selected; why those before it were not. */
void mcp_vxml_trace_selection(McpVxmlInterpreter *interpreter, const McpVxmlItem *item,
                              gboolean chosen);
/** mcp_vxml_trace_grammars: what is active now. */
void mcp_vxml_trace_grammars(McpVxmlInterpreter *interpreter);
/** mcp_vxml_trace_handler: @handler (nullable: the platform) takes @event. */
void mcp_vxml_trace_handler(McpVxmlInterpreter *interpreter, const McpVxmlElement *handler,
                            const char *event);
/** mcp_vxml_trace_result: the grammar of @owner matched. */
void mcp_vxml_trace_result(McpVxmlInterpreter *interpreter, const McpVxmlElement *owner);
/** mcp_vxml_trace_transition: @element leads to @url. */
void mcp_vxml_trace_transition(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                               const char *url);

G_END_DECLS
