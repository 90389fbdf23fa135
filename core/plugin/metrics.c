/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Live values of metrics tables: a flat array of atomic counters a table, and beside it one call a
 * bucket of histograms. Any thread, no locks.
 */
#include "plugin/metrics.h"

#include <string.h>

#define MAX_BUCKETS 16
#define ID_WORDS ((MCP_METRIC_CALL_ID_MAX + 1) / sizeof(guint64))

/* Written by whoever makes @sequence odd; who finds it odd lets it be. All atomic. */
typedef struct {
    guint64 sequence; /* 0: never written */
    guint64 value;    /* bits of a double */
    guint64 wall;
    guint64 id[ID_WORDS];
} Exemplar;

typedef struct {
    guint first;    /* cell of label 0 */
    guint labels;   /* 1 without a label */
    guint buckets;  /* 0 unless a histogram */
    guint stride;   /* cells a label: 1, or buckets + 2 (above the last bound, sum) */
    guint exemplar; /* of the first bucket of label 0 */
    double bounds[MAX_BUCKETS];
    char **values;
} Row;

struct _McpMetrics {
    const McpMetricDef *table;
    guint n_rows;
    Row *rows;
    gint64 *cells;
    Exemplar *exemplars;
};

static void
row_init(Row *row, const McpMetricDef *def, guint first)
{
    g_auto(GStrv) bounds = def->buckets != NULL ? g_strsplit(def->buckets, "|", -1) : NULL;

    row->first = first;
    row->values = def->label != NULL ? g_strsplit(def->values, "|", -1) : NULL;
    row->labels = row->values != NULL ? g_strv_length(row->values) : 1;
    for (guint i = 0; bounds != NULL && bounds[i] != NULL && i < MAX_BUCKETS; i++)
        row->bounds[row->buckets++] = g_ascii_strtod(bounds[i], NULL);
    row->stride = def->kind == MCP_METRIC_HISTOGRAM ? row->buckets + 2 : 1;
}

McpMetrics *
mcp_metrics_new(const McpMetricDef *table)
{
    McpMetrics *metrics = g_new0(McpMetrics, 1);
    guint cells = 0;
    guint exemplars = 0;

    metrics->table = table;
    while (table[metrics->n_rows].name != NULL)
        metrics->n_rows++;
    metrics->rows = g_new0(Row, metrics->n_rows);
    for (guint i = 0; i < metrics->n_rows; i++) {
        row_init(&metrics->rows[i], &table[i], cells);
        cells += metrics->rows[i].labels * metrics->rows[i].stride;
        metrics->rows[i].exemplar = exemplars;
        if (table[i].kind == MCP_METRIC_HISTOGRAM)
            exemplars += metrics->rows[i].labels * (metrics->rows[i].buckets + 1);
    }
    metrics->cells = g_new0(gint64, cells);
    metrics->exemplars = g_new0(Exemplar, exemplars);
    return metrics;
}

void
mcp_metrics_free(McpMetrics *metrics)
{
    for (guint i = 0; i < metrics->n_rows; i++)
        g_strfreev(metrics->rows[i].values);
    g_free(metrics->rows);
    g_free(metrics->cells);
    g_free(metrics->exemplars);
    g_free(metrics);
}

static gint64 *
cell(McpMetrics *metrics, guint row, guint label)
{
    const Row *r = &metrics->rows[row];

    return &metrics->cells[r->first + MIN(label, r->labels - 1) * r->stride];
}

void
mcp_metrics_add(McpMetrics *metrics, guint row, guint label, gint64 delta)
{
    __atomic_fetch_add(cell(metrics, row, label), delta, __ATOMIC_RELAXED);
}

void
mcp_metrics_set(McpMetrics *metrics, guint row, guint label, gint64 value)
{
    __atomic_store_n(cell(metrics, row, label), value, __ATOMIC_RELAXED);
}

static Exemplar *
exemplar_of(McpMetrics *metrics, guint row, guint label, guint bucket)
{
    const Row *r = &metrics->rows[row];

    return &metrics->exemplars[r->exemplar + MIN(label, r->labels - 1) * (r->buckets + 1) + bucket];
}

static void
store(guint64 *word, guint64 value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

/* Of two that come at once one is kept: it is an example. */
static void
keep_exemplar(Exemplar *exemplar, double value, const char *call_id)
{
    guint64 sequence = __atomic_load_n(&exemplar->sequence, __ATOMIC_RELAXED);
    guint64 words[ID_WORDS] = {0};
    guint64 bits = 0;

    if ((sequence & 1) != 0 ||
        !__atomic_compare_exchange_n(&exemplar->sequence, &sequence, sequence + 1, FALSE,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    g_strlcpy((char *)words, call_id, sizeof words);
    memcpy(&bits, &value, sizeof bits);
    store(&exemplar->value, bits);
    store(&exemplar->wall, (guint64)g_get_real_time());
    for (guint i = 0; i < ID_WORDS; i++)
        store(&exemplar->id[i], words[i]);
    __atomic_store_n(&exemplar->sequence, sequence + 2, __ATOMIC_RELEASE);
}

gboolean
mcp_metrics_read_exemplar(McpMetrics *metrics, guint row, guint label, guint bucket,
                          McpMetricExemplar *out_exemplar)
{
    Exemplar *exemplar = exemplar_of(metrics, row, label, bucket);
    guint64 sequence = __atomic_load_n(&exemplar->sequence, __ATOMIC_ACQUIRE);
    guint64 value = __atomic_load_n(&exemplar->value, __ATOMIC_RELAXED);
    guint64 wall = __atomic_load_n(&exemplar->wall, __ATOMIC_RELAXED);
    guint64 words[ID_WORDS];

    g_return_val_if_fail(metrics->table[row].kind == MCP_METRIC_HISTOGRAM, FALSE);
    for (guint i = 0; i < ID_WORDS; i++)
        words[i] = __atomic_load_n(&exemplar->id[i], __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (sequence == 0 || (sequence & 1) != 0 ||
        __atomic_load_n(&exemplar->sequence, __ATOMIC_RELAXED) != sequence)
        return FALSE;
    memcpy(&out_exemplar->value, &value, sizeof value);
    out_exemplar->wall = (gint64)wall;
    g_strlcpy(out_exemplar->call_id, (const char *)words, sizeof out_exemplar->call_id);
    return TRUE;
}

/* The sum is kept in millionths of the unit, so that it stays an atomic integer. */
void
mcp_metrics_observe_call(McpMetrics *metrics, guint row, guint label, double value,
                         const char *call_id)
{
    const Row *r = &metrics->rows[row];
    gint64 *first = cell(metrics, row, label);
    guint bucket = 0;

    while (bucket < r->buckets && value > r->bounds[bucket])
        bucket++;
    __atomic_fetch_add(&first[bucket], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&first[r->buckets + 1], (gint64)(value * 1e6), __ATOMIC_RELAXED);
    if (call_id != NULL)
        keep_exemplar(exemplar_of(metrics, row, label, bucket), value, call_id);
}

void
mcp_metrics_observe(McpMetrics *metrics, guint row, guint label, double value)
{
    mcp_metrics_observe_call(metrics, row, label, value, NULL);
}

gint64
mcp_metrics_get(McpMetrics *metrics, guint row, guint label)
{
    const Row *r = &metrics->rows[row];
    gint64 *first = cell(metrics, row, label);
    gint64 total = 0;

    if (metrics->table[row].kind != MCP_METRIC_HISTOGRAM)
        return __atomic_load_n(first, __ATOMIC_RELAXED);
    for (guint i = 0; i <= r->buckets; i++)
        total += __atomic_load_n(&first[i], __ATOMIC_RELAXED);
    return total;
}

const McpMetricDef *
mcp_metrics_get_def(McpMetrics *metrics, guint row)
{
    return &metrics->table[row];
}

guint
mcp_metrics_get_labels(McpMetrics *metrics, guint row)
{
    return metrics->rows[row].labels;
}

const char *
mcp_metrics_get_label_value(McpMetrics *metrics, guint row, guint label)
{
    const Row *r = &metrics->rows[row];

    return r->values != NULL && label < r->labels ? r->values[label] : NULL;
}

const double *
mcp_metrics_get_bounds(McpMetrics *metrics, guint row, guint *out_n)
{
    *out_n = metrics->rows[row].buckets;
    return metrics->rows[row].bounds;
}

gint64
mcp_metrics_read_histogram(McpMetrics *metrics, guint row, guint label, gint64 *counts,
                           double *out_sum)
{
    const Row *r = &metrics->rows[row];
    gint64 *first = cell(metrics, row, label);
    gint64 total = 0;

    g_return_val_if_fail(metrics->table[row].kind == MCP_METRIC_HISTOGRAM, 0);
    for (guint i = 0; i <= r->buckets; i++) {
        counts[i] = __atomic_load_n(&first[i], __ATOMIC_RELAXED);
        total += counts[i];
    }
    *out_sum = (double)__atomic_load_n(&first[r->buckets + 1], __ATOMIC_RELAXED) / 1e6;
    return total;
}

static void
describe_histogram(McpMetrics *metrics, guint row, guint label, McpJson *json)
{
    gint64 counts[MAX_BUCKETS + 1];
    double sum = 0;

    mcp_metrics_read_histogram(metrics, row, label, counts, &sum);
    mcp_json_double(json, "sum", sum);
    mcp_json_begin_array(json, "buckets");
    for (guint i = 0; i <= metrics->rows[row].buckets; i++)
        mcp_json_int(json, NULL, counts[i]);
    mcp_json_end_array(json);
}

static void
describe_cell(McpMetrics *metrics, guint row, guint label, McpJson *json)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    const McpMetricDef *def = &metrics->table[row];

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "name", def->name);
    mcp_json_string(json, "kind", kinds[def->kind]);
    mcp_json_string(json, "unit", def->unit);
    mcp_json_string(json, "help", def->help);
    if (def->label != NULL) {
        mcp_json_string(json, "label", def->label);
        mcp_json_string(json, "label_value", metrics->rows[row].values[label]);
    }
    mcp_json_int(json, "value", mcp_metrics_get(metrics, row, label));
    if (def->kind == MCP_METRIC_HISTOGRAM)
        describe_histogram(metrics, row, label, json);
    mcp_json_end_object(json);
}

void
mcp_metrics_describe(McpMetrics *metrics, McpJson *json)
{
    for (guint row = 0; row < metrics->n_rows; row++) {
        for (guint label = 0; label < metrics->rows[row].labels; label++)
            describe_cell(metrics, row, label, json);
    }
}
