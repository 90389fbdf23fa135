/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/event.h>
#include <mcp/metrics.h>

#include "collector.h"

G_BEGIN_DECLS

/** McpTracerConfig: which calls are traced, and how much of them is kept. */
typedef struct {
    double ratio;
    guint max_calls; /* at a time; further ones are not traced */
    guint max_spans; /* of a call */
} McpTracerConfig;

/** McpTracer: makes spans of events and hands them to a collector when their call has ended. */
typedef struct _McpTracer McpTracer;

/** mcp_tracer_new: (transfer full): listens to @events; @metrics nullable. Control context. */
McpTracer *mcp_tracer_new(const McpTracerConfig *config, McpEvents *events, McpMetrics *metrics,
                          McpCollector *collector);
/** mcp_tracer_free: calls that are under way are not told of. */
void mcp_tracer_free(McpTracer *tracer);

G_END_DECLS
