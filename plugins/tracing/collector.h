/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/clock.h>
#include <mcp/contract/health.h>
#include <mcp/metrics.h>

G_BEGIN_DECLS

/** Rows of the plugin's metrics table. */
enum {
    MCP_TRACING_METRIC_CALLS,
    MCP_TRACING_METRIC_SPANS,
    MCP_TRACING_METRIC_REQUESTS,
    MCP_TRACING_METRIC_QUEUE,
};

/** Labels of MCP_TRACING_METRIC_SPANS: what became of spans. */
enum {
    MCP_TRACING_SENT,
    MCP_TRACING_DROPPED, /* the queue, or a call's share of it, was full */
    MCP_TRACING_REFUSED, /* by the collector */
};

/** McpCollectorConfig: where spans go; strings are copied. */
typedef struct {
    const char *endpoint;      /* URL of OTLP over HTTP */
    const char *authorization; /* nullable: the field's value */
    const char *service;
    const char *instance;
    GTlsDatabase *authorities; /* nullable: the system's */
    gsize max_queue;           /* bytes */
    gint64 delay;              /* µs that spans wait for others to be sent with */
    McpDependency *dependency; /* nullable: told how the collector is; not copied */
} McpCollectorConfig;

/**
 * McpCollector: sends spans to a collector by OTLP over HTTP in JSON: one request at a time, a
 * bounded queue, again after failures that may pass. On the context that it was made on.
 */
typedef struct _McpCollector McpCollector;

/** mcp_collector_new: (transfer full): @metrics nullable. */
McpCollector *mcp_collector_new(const McpCollectorConfig *config, McpClock *clock,
                                McpMetrics *metrics);
/**
 * mcp_collector_probe: asks whether the collector is there, by a request without spans, which OTLP
 * has it answer like any other. As long as it is not, it is asked again.
 */
void mcp_collector_probe(McpCollector *collector);
/** mcp_collector_free: what waits is lost; a request under way is cancelled. */
void mcp_collector_free(McpCollector *collector);
/** mcp_collector_add: (transfer full) @spans: @n of them, members of a JSON array. */
void mcp_collector_add(McpCollector *collector, char *spans, guint n);

G_END_DECLS
