/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <google_api/service.h>
#include <mcp/contract/grammar.h>
#include <mcp/metrics.h>

G_BEGIN_DECLS

/** McpGoogleAsrMetric: rows of the plugin's metrics table. */
typedef enum {
    MCP_GOOGLE_ASR_METRIC_RECOGNITIONS,
    MCP_GOOGLE_ASR_METRIC_FAILURES,
    MCP_GOOGLE_ASR_METRIC_STREAMS,
    MCP_GOOGLE_ASR_METRIC_RETRIES,
    MCP_GOOGLE_ASR_METRIC_QUOTA,
    MCP_GOOGLE_ASR_METRIC_TOKENS,
    MCP_GOOGLE_ASR_METRIC_BYTES,
    MCP_GOOGLE_ASR_METRIC_RUNNING,
    MCP_GOOGLE_ASR_METRIC_BREAKER,
    MCP_GOOGLE_ASR_METRIC_DURATION,
} McpGoogleAsrMetric;

/** MCP_GOOGLE_ASR_RESULTS: what recognitions come to, in the order in which they are counted. */
#define MCP_GOOGLE_ASR_RESULTS "match|no_match|too_long|failed|stopped"
/** MCP_GOOGLE_ASR_FAILURES: label values of the failures, in the order in which they are counted.
 */
#define MCP_GOOGLE_ASR_FAILURES "failed|invalid|unsupported|limit|timeout|refused|closed"

/** McpGoogleAsrDeps: what the parts of the plugin work with; copied, what it names outlives them.
 */
typedef struct {
    McpMetrics *metrics; /* nullable */
    McpGapiDeps service;
    McpGrammarEngine *(*find_grammars)(gpointer user_data); /* (transfer full) (nullable) */
    gpointer user_data;                                     /* for it; any thread */
} McpGoogleAsrDeps;

/** mcp_google_asr_count: adds to a row of the table. */
static inline void
mcp_google_asr_count(const McpGoogleAsrDeps *deps, McpGoogleAsrMetric row, guint label,
                     gint64 delta)
{
    if (deps->metrics != NULL)
        mcp_metrics_add(deps->metrics, row, label, delta);
}

G_END_DECLS
