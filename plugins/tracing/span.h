/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/json.h>
#include <mcp/trace_context.h>

G_BEGIN_DECLS

/** McpSpanKind: numbers of OTLP (trace.proto, Span.SpanKind). */
typedef enum {
    MCP_SPAN_INTERNAL = 1,
    MCP_SPAN_SERVER = 2,
    MCP_SPAN_CLIENT = 3,
} McpSpanKind;

/** McpSpan: something that took its time; one owner. */
typedef struct _McpSpan McpSpan;

/**
 * mcp_span_new: (transfer full): begins at @start (wall µs).
 * @id: (nullable): NULL takes a random one
 * @parent: "" for the root of a trace
 * @name: static
 */
McpSpan *mcp_span_new(const char *id, const char *parent, McpSpanKind kind, const char *name,
                      gint64 start);
/** mcp_span_free: frees it. */
void mcp_span_free(McpSpan *span);
/** mcp_span_get_id: 16 hexadecimal digits. */
const char *mcp_span_get_id(const McpSpan *span);
/** mcp_span_set_string: an attribute; @key static; none when @value is NULL. Cut when long. */
void mcp_span_set_string(McpSpan *span, const char *key, const char *value);
/** mcp_span_set_int: an attribute. */
void mcp_span_set_int(McpSpan *span, const char *key, gint64 value);
/** mcp_span_add_event: something that happened at a moment; @text nullable; 32 a span at most. */
void mcp_span_add_event(McpSpan *span, gint64 wall, const char *name, const char *key,
                        const char *text);
/** mcp_span_fail: what it was about did not go well; @text nullable. */
void mcp_span_fail(McpSpan *span, const char *text);
/** mcp_span_end: ends at @end (wall µs), if it has not yet. */
void mcp_span_end(McpSpan *span, gint64 end);
/** mcp_span_write: adds it to an open array, as OTLP's JSON encoding has it. */
void mcp_span_write(const McpSpan *span, const char *trace_id, McpJson *json);
/** mcp_span_write_string: adds an attribute to an open array. */
void mcp_span_write_string(McpJson *json, const char *key, const char *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSpan, mcp_span_free)

G_END_DECLS
