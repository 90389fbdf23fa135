/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

#include "answer.h"

G_BEGIN_DECLS

/** mcp_control_trace_start: begins the trace that @body asks for. Control context, as below. */
void mcp_control_trace_start(McpHost *host, GBytes *body, McpControlAnswer func,
                             gpointer user_data);
/** mcp_control_explain: tells what would become of the INVITE in @body. */
void mcp_control_explain(McpHost *host, GBytes *body, McpControlAnswer func, gpointer user_data);

/** McpControlTrace: the body of POST /traces, checked. */
typedef struct {
    McpTraceRequest request; /* its strings are the next four */
    char *subject;
    char *level;
    char *text;
    char *pcap;
} McpControlTrace;

/** mcp_control_trace_parse: (transfer full): NULL with MCP_ERROR_INVALID naming the member. */
McpControlTrace *mcp_control_trace_parse(GBytes *body, GError **error);
/** mcp_control_trace_free: frees it. */
void mcp_control_trace_free(McpControlTrace *trace);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpControlTrace, mcp_control_trace_free)

G_END_DECLS
