/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/call.h>

G_BEGIN_DECLS

/*
 * Distributed tracing (W3C Trace Context) of calls. The span of a call has the call's id, 16
 * hexadecimal digits, as its own; its trace has the same behind 16 zeros, as ids of 8 bytes are
 * padded (Trace Context §3.2.2.3), unless a caller that is trusted ([sip.peer] trace_context) has
 * named one. So whoever has a call's id from log, record or event finds its trace, and back.
 */

#define MCP_TRACEPARENT "traceparent"
#define MCP_TRACE_ID_LENGTH 32
#define MCP_SPAN_ID_LENGTH 16
#define MCP_TRACEPARENT_LENGTH 55

/** McpTraceContext: where in which trace a call is. */
typedef struct {
    char trace_id[MCP_TRACE_ID_LENGTH + 1];
    char parent_id[MCP_SPAN_ID_LENGTH + 1]; /* "": the call's span is the root */
    gboolean sampled;
} McpTraceContext;

/**
 * mcp_trace_context_parse: reads a traceparent field (§3.2); FALSE when it is none. Any thread, as
 * all that follow.
 */
gboolean mcp_trace_context_parse(const char *traceparent, McpTraceContext *out_context);
/** mcp_trace_context_derive: that of a call that nobody has named one for, sampled by @ratio. */
void mcp_trace_context_derive(const char *call_id, double ratio, McpTraceContext *out_context);
/** mcp_trace_context_print: the traceparent field for what is caused by the span @span_id. */
void mcp_trace_context_print(const McpTraceContext *context, const char *span_id,
                             char out_text[MCP_TRACEPARENT_LENGTH + 1]);
/** mcp_span_id_new: a random one. */
void mcp_span_id_new(char out_id[MCP_SPAN_ID_LENGTH + 1]);

/** McpTracing: who traces calls, and what others are told of it. */
typedef struct {
    gboolean on;
    double ratio; /* share of the calls that are sampled, of those that nobody else decides on */
    gboolean fetches; /* fetches carry a traceparent field */
    gboolean sip;     /* INVITEs that calls cause carry one */
} McpTracing;

/** mcp_calls_set_tracing: from now on, for calls of then and to come; NULL: nobody traces. */
void mcp_calls_set_tracing(McpCalls *calls, const McpTracing *tracing);
/**
 * mcp_call_get_trace_context: FALSE while nobody traces; costs an atomic read then. The call's id
 * is the id of its span.
 */
gboolean mcp_call_get_trace_context(McpCall *call, McpTraceContext *out_context);
/**
 * mcp_call_print_traceparent: for a fetch on behalf of the call, with its span @span_id; FALSE when
 * it is to carry none.
 */
gboolean mcp_call_print_traceparent(McpCall *call, const char *span_id,
                                    char out_text[MCP_TRACEPARENT_LENGTH + 1]);

G_END_DECLS
