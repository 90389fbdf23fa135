/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/metrics.h>

G_BEGIN_DECLS

/** McpEspeakMetric: rows of the plugin's metrics table. */
typedef enum {
    MCP_ESPEAK_METRIC_REQUESTS,
    MCP_ESPEAK_METRIC_CACHE_HITS,
    MCP_ESPEAK_METRIC_SHARED,
    MCP_ESPEAK_METRIC_FAILURES,
    MCP_ESPEAK_METRIC_DURATION,
    MCP_ESPEAK_METRIC_RESTARTS,
} McpEspeakMetric;

/** MCP_ESPEAK_FAILURES: label values of the failures, in the order in which they are counted. */
#define MCP_ESPEAK_FAILURES "failed|invalid|unsupported|limit|timeout|cancelled"

/** McpEspeakDeps: what the parts of the plugin work with; copied, what it names outlives them. */
typedef struct {
    McpClock *clock;
    McpMetrics *metrics; /* nullable */
} McpEspeakDeps;

/** mcp_espeak_count: adds one to a row of the table. */
static inline void
mcp_espeak_count(const McpEspeakDeps *deps, McpEspeakMetric row, guint label)
{
    if (deps->metrics != NULL)
        mcp_metrics_add(deps->metrics, row, label, 1);
}

G_END_DECLS
