/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <google_api/service.h>
#include <mcp/metrics.h>

G_BEGIN_DECLS

/** McpGoogleMetric: rows of the plugin's metrics table. */
typedef enum {
    MCP_GOOGLE_METRIC_REQUESTS,
    MCP_GOOGLE_METRIC_CACHE_HITS,
    MCP_GOOGLE_METRIC_SHARED,
    MCP_GOOGLE_METRIC_FAILURES,
    MCP_GOOGLE_METRIC_RETRIES,
    MCP_GOOGLE_METRIC_QUOTA,
    MCP_GOOGLE_METRIC_TOKENS,
    MCP_GOOGLE_METRIC_CHARACTERS,
    MCP_GOOGLE_METRIC_RUNNING,
    MCP_GOOGLE_METRIC_BREAKER,
    MCP_GOOGLE_METRIC_DURATION,
} McpGoogleMetric;

/** MCP_GOOGLE_FAILURES: label values of the failures, in the order in which they are counted. */
#define MCP_GOOGLE_FAILURES "failed|invalid|unsupported|limit|timeout|refused|cancelled"

/** McpGoogleDeps: what the parts of the plugin work with; copied, what it names outlives them. */
typedef struct {
    McpMetrics *metrics; /* nullable */
    McpGapiDeps service;
} McpGoogleDeps;

/** mcp_google_count: adds to a row of the table. */
static inline void
mcp_google_count(const McpGoogleDeps *deps, McpGoogleMetric row, guint label, gint64 delta)
{
    if (deps->metrics != NULL)
        mcp_metrics_add(deps->metrics, row, label, delta);
}

G_END_DECLS
