/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/metrics.h>

G_BEGIN_DECLS

/** McpMetricsFormat: what a page of metrics is written in. */
typedef enum {
    MCP_METRICS_TEXT, /* Prometheus' text format 0.0.4 */
    MCP_METRICS_OPEN, /* OpenMetrics 1.0 */
    MCP_METRICS_FORMATS,
} McpMetricsFormat;

#define MCP_METRICS_FORMAT_NAMES "text|openmetrics"

/** mcp_metrics_format_choose: by @accept (nullable), a header of RFC 9110 §12.5.1. */
McpMetricsFormat mcp_metrics_format_choose(const char *accept);
/** mcp_metrics_format_get_type: (transfer none): the media type with its version. */
const char *mcp_metrics_format_get_type(McpMetricsFormat format);

/** McpMetricsPage: a page as it is written. */
typedef struct _McpMetricsPage McpMetricsPage;

/** mcp_metrics_page_new: (transfer full). */
McpMetricsPage *mcp_metrics_page_new(McpMetricsFormat format);
/** mcp_metrics_page_add_row: row @row of a table with all its labels, and exemplars if it can. */
void mcp_metrics_page_add_row(McpMetricsPage *page, McpMetrics *metrics, guint row);
/** mcp_metrics_page_begin: a family of counters or gauges whose samples are added one by one. */
void mcp_metrics_page_begin(McpMetricsPage *page, const McpMetricDef *def);
/**
 * mcp_metrics_page_add_sample: one of the family that was begun last.
 * @labels: names and values in turn, NULL at the end
 */
void mcp_metrics_page_add_sample(McpMetricsPage *page, const char *const *labels, gint64 value);
/** mcp_metrics_page_get_format: what it is written in. */
McpMetricsFormat mcp_metrics_page_get_format(const McpMetricsPage *page);
/** mcp_metrics_page_get_length: bytes so far. */
gsize mcp_metrics_page_get_length(const McpMetricsPage *page);
/** mcp_metrics_page_finish: (transfer full): frees @page and returns its text. */
char *mcp_metrics_page_finish(McpMetricsPage *page, gsize *out_length);

G_END_DECLS
