/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMetricKind: counters only rise; gauges go both ways; histograms count observations. */
typedef enum {
    MCP_METRIC_COUNTER,
    MCP_METRIC_GAUGE,
    MCP_METRIC_HISTOGRAM,
} McpMetricKind;

/**
 * McpMetricDef: one row of a metrics table; the single source of every exporter. A table ends with
 * a row whose @name is NULL. A label has a closed set of values.
 */
typedef struct {
    const char *name; /* "mcp_sip_requests_total" */
    McpMetricKind kind;
    const char *unit;    /* "seconds", "bytes", "calls" … */
    const char *help;    /* one sentence */
    const char *label;   /* label name or NULL */
    const char *values;  /* "invite|ack|bye", with @label */
    const char *buckets; /* upper bounds of a histogram in @unit: "0.005|0.02|0.1" */
    guint oid;           /* sub-identifier below the plugin's own, never re-used */
} McpMetricDef;

/** MCP_METRICS_CORE_OID: sub-identifier of the core's own table, as McpPluginDesc has one. */
#define MCP_METRICS_CORE_OID 1

/** mcp_core_metrics: the core's own table. */
extern const McpMetricDef mcp_core_metrics[];

/** McpMetrics: the live values of one table. Adding is lock-free and allowed on any thread. */
typedef struct _McpMetrics McpMetrics;

/** mcp_metrics_add: adds @delta to row @row (index in the table), label value index @label (0). */
void mcp_metrics_add(McpMetrics *metrics, guint row, guint label, gint64 delta);
/** mcp_metrics_set: sets a gauge. */
void mcp_metrics_set(McpMetrics *metrics, guint row, guint label, gint64 value);
/** mcp_metrics_observe: counts @value, in the row's unit, into a histogram. */
void mcp_metrics_observe(McpMetrics *metrics, guint row, guint label, double value);
/**
 * mcp_metrics_observe_call: the same for @call_id (nullable), which the bucket keeps as its
 * exemplar: a call that an operator can look at. Costs some stores more, and never waits.
 */
void mcp_metrics_observe_call(McpMetrics *metrics, guint row, guint label, double value,
                              const char *call_id);
/** mcp_metrics_get: present value of a counter or gauge, number of observations of a histogram. */
gint64 mcp_metrics_get(McpMetrics *metrics, guint row, guint label);

/** mcp_metrics_get_def: (transfer none): row @row of the table. Any thread, as all that follow. */
const McpMetricDef *mcp_metrics_get_def(McpMetrics *metrics, guint row);
/** mcp_metrics_get_labels: how many values the row's label has; 1 without one. */
guint mcp_metrics_get_labels(McpMetrics *metrics, guint row);
/** mcp_metrics_get_label_value: (nullable): label value @label; NULL when the row has no label. */
const char *mcp_metrics_get_label_value(McpMetrics *metrics, guint row, guint label);
/** mcp_metrics_get_bounds: (transfer none): upper bounds of the row's @out_n buckets, rising. */
const double *mcp_metrics_get_bounds(McpMetrics *metrics, guint row, guint *out_n);
/**
 * mcp_metrics_read_histogram: observations of each bucket on its own into @counts (one more than
 * there are bounds: those above the last), and their sum in the row's unit.
 *
 * Returns: the number of observations, which is that of all @counts.
 */
gint64 mcp_metrics_read_histogram(McpMetrics *metrics, guint row, guint label, gint64 *counts,
                                  double *out_sum);

#define MCP_METRIC_CALL_ID_MAX 31

/** McpMetricExemplar: an observation that a bucket has counted. */
typedef struct {
    double value; /* in the row's unit */
    gint64 wall;  /* µs since 1970 */
    char call_id[MCP_METRIC_CALL_ID_MAX + 1];
} McpMetricExemplar;

/**
 * mcp_metrics_read_exemplar: the last call that bucket @bucket of a histogram has counted; FALSE
 * when there is none, or when it changes at this very moment.
 */
gboolean mcp_metrics_read_exemplar(McpMetrics *metrics, guint row, guint label, guint bucket,
                                   McpMetricExemplar *out_exemplar);

G_END_DECLS
