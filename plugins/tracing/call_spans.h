/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/event.h>

#include "span.h"

G_BEGIN_DECLS

/** McpCallSpans: the spans of one call, from its first event to its record; one owner. */
typedef struct _McpCallSpans McpCallSpans;

/**
 * mcp_call_spans_new: (transfer full): @event is the call's first one (arrived or refused).
 * @limit: how many spans are kept
 */
McpCallSpans *mcp_call_spans_new(const McpTraceContext *context, const McpEvent *event,
                                 guint limit);
/** mcp_call_spans_free: frees it. */
void mcp_call_spans_free(McpCallSpans *spans);
/** mcp_call_spans_take: one more event of the call. */
void mcp_call_spans_take(McpCallSpans *spans, const McpEvent *event);
/**
 * mcp_call_spans_finish: (transfer full): frees @spans and returns them as members of a JSON array,
 * without its brackets; @out_n of them.
 */
char *mcp_call_spans_finish(McpCallSpans *spans, guint *out_n, guint *out_dropped);

G_END_DECLS
