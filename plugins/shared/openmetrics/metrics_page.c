/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of metrics in OpenMetrics 1.0 or Prometheus' text format 0.0.4, whose series are the same.
 * No state but the page's own; any thread.
 */
#include "metrics_page.h"

#include <string.h>

#define OPEN_TYPE "application/openmetrics-text"
#define TOTAL "_total"
#define NUMBER_LENGTH G_ASCII_DTOSTR_BUF_SIZE

struct _McpMetricsPage {
    McpMetricsFormat format;
    const McpMetricDef *def; /* of the family that was begun last */
    GString *text;
};

/* RFC 9110 §12.4.2: weight of a media range, in thousandths. */
static gint
weight_of(char **parameters)
{
    for (guint i = 1; parameters[0] != NULL && parameters[i] != NULL; i++) {
        const char *text = g_strstrip(parameters[i]);

        if (g_ascii_strncasecmp(text, "q=", 2) == 0)
            return (gint)(CLAMP(g_ascii_strtod(text + 2, NULL), 0, 1) * 1000);
    }
    return 1000;
}

static gboolean
has_our_version(char **parameters)
{
    for (guint i = 1; parameters[i] != NULL; i++) {
        const char *text = g_strstrip(parameters[i]);

        if (g_ascii_strncasecmp(text, "version=", 8) == 0)
            return strcmp(text + 8, "1.0.0") == 0 || strcmp(text + 8, "\"1.0.0\"") == 0;
    }
    return TRUE;
}

McpMetricsFormat
mcp_metrics_format_choose(const char *accept)
{
    g_auto(GStrv) ranges = g_strsplit(accept != NULL ? accept : "", ",", 32);
    gint open = 0;
    gint text = 0;

    for (guint i = 0; ranges[i] != NULL; i++) {
        g_auto(GStrv) parameters = g_strsplit(ranges[i], ";", 16);
        const char *type = parameters[0] != NULL ? g_strstrip(parameters[0]) : "";

        if (g_ascii_strcasecmp(type, OPEN_TYPE) == 0 && has_our_version(parameters))
            open = MAX(open, weight_of(parameters));
        else if (g_ascii_strcasecmp(type, "text/plain") == 0)
            text = MAX(text, weight_of(parameters));
    }
    return open > 0 && open >= text ? MCP_METRICS_OPEN : MCP_METRICS_TEXT;
}

const char *
mcp_metrics_format_get_type(McpMetricsFormat format)
{
    return format == MCP_METRICS_OPEN ? OPEN_TYPE "; version=1.0.0; charset=utf-8"
                                      : "text/plain; version=0.0.4; charset=utf-8";
}

McpMetricsPage *
mcp_metrics_page_new(McpMetricsFormat format)
{
    McpMetricsPage *page = g_new0(McpMetricsPage, 1);

    page->format = format;
    page->text = g_string_sized_new(32 * 1024);
    return page;
}

/* The text format knows no quotation marks to escape in a help text; OpenMetrics does. */
static void
add_escaped(GString *text, const char *value, gboolean quotes)
{
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '\n')
            g_string_append(text, "\\n");
        else if (*p == '\\' || (*p == '"' && quotes))
            g_string_append_printf(text, "\\%c", *p);
        else
            g_string_append_c(text, *p);
    }
}

/* In OpenMetrics a family of counters has the name without the ending of its samples. */
static gsize
family_length(const McpMetricsPage *page, const McpMetricDef *def)
{
    gsize length = strlen(def->name);

    if (page->format == MCP_METRICS_OPEN && def->kind == MCP_METRIC_COUNTER &&
        g_str_has_suffix(def->name, TOTAL))
        length -= strlen(TOTAL);
    return length;
}

/* OpenMetrics demands that a unit ends the name, so that others are not units to it. */
static gboolean
name_has_unit(const McpMetricDef *def, gsize length)
{
    gsize unit = strlen(def->unit);

    return length > unit + 1 && def->name[length - unit - 1] == '_' &&
           strncmp(def->name + length - unit, def->unit, unit) == 0;
}

void
mcp_metrics_page_begin(McpMetricsPage *page, const McpMetricDef *def)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    gboolean open = page->format == MCP_METRICS_OPEN;
    gsize length = family_length(page, def);

    page->def = def;
    g_string_append_printf(page->text, "# HELP %.*s ", (int)length, def->name);
    add_escaped(page->text, def->help, open);
    g_string_append_printf(page->text, "\n# TYPE %.*s %s\n", (int)length, def->name,
                           kinds[def->kind]);
    if (open && name_has_unit(def, length))
        g_string_append_printf(page->text, "# UNIT %.*s %s\n", (int)length, def->name, def->unit);
}

static void
add_label(GString *text, const char *name, const char *value, gboolean more)
{
    g_string_append_printf(text, "%s%s=\"", more ? "," : "", name);
    add_escaped(text, value, TRUE);
    g_string_append_c(text, '"');
}

void
mcp_metrics_page_add_sample(McpMetricsPage *page, const char *const *labels, gint64 value)
{
    g_string_append(page->text, page->def->name);
    if (labels[0] != NULL) {
        g_string_append_c(page->text, '{');
        for (guint i = 0; labels[i] != NULL; i += 2)
            add_label(page->text, labels[i], labels[i + 1], i > 0);
        g_string_append_c(page->text, '}');
    }
    g_string_append_printf(page->text, " %" G_GINT64_FORMAT "\n", value);
}

/* With a point always: both formats then have one name for a bucket. */
static const char *
print_bound(double bound, char *buffer)
{
    g_ascii_formatd(buffer, NUMBER_LENGTH, "%.10g", bound);
    if (strpbrk(buffer, ".e") == NULL)
        g_strlcat(buffer, ".0", NUMBER_LENGTH);
    return buffer;
}

static void
add_exemplar(McpMetricsPage *page, McpMetrics *metrics, guint row, guint label, guint bucket)
{
    McpMetricExemplar exemplar;
    char value[NUMBER_LENGTH];

    if (page->format != MCP_METRICS_OPEN ||
        !mcp_metrics_read_exemplar(metrics, row, label, bucket, &exemplar))
        return;
    g_string_append(page->text, " # {");
    add_label(page->text, "call_id", exemplar.call_id, FALSE);
    g_string_append_printf(page->text, "} %s %" G_GINT64_FORMAT ".%03d",
                           g_ascii_formatd(value, sizeof value, "%.6f", exemplar.value),
                           exemplar.wall / G_USEC_PER_SEC,
                           (int)(exemplar.wall % G_USEC_PER_SEC / 1000));
}

/* NAME_SUFFIX{LABEL="…",le="…"}, of which what is NULL is left out. */
static void
add_series(McpMetricsPage *page, const char *suffix, const char *label, const char *bound)
{
    GString *text = page->text;

    g_string_append_printf(text, "%s%s", page->def->name, suffix);
    if (label != NULL || bound != NULL)
        g_string_append_c(text, '{');
    if (label != NULL)
        add_label(text, page->def->label, label, FALSE);
    if (bound != NULL)
        add_label(text, "le", bound, label != NULL);
    g_string_append(text, label != NULL || bound != NULL ? "} " : " ");
}

static void
add_histogram(McpMetricsPage *page, McpMetrics *metrics, guint row, guint label)
{
    const char *value = mcp_metrics_get_label_value(metrics, row, label);
    guint n = 0;
    const double *bounds = mcp_metrics_get_bounds(metrics, row, &n);
    g_autofree gint64 *counts = g_new0(gint64, n + 1);
    gint64 below = 0;
    double sum = 0;
    char number[NUMBER_LENGTH];

    mcp_metrics_read_histogram(metrics, row, label, counts, &sum);
    for (guint i = 0; i <= n; i++) {
        below += counts[i];
        add_series(page, "_bucket", value, i < n ? print_bound(bounds[i], number) : "+Inf");
        g_string_append_printf(page->text, "%" G_GINT64_FORMAT, below);
        add_exemplar(page, metrics, row, label, i);
        g_string_append_c(page->text, '\n');
    }
    add_series(page, "_count", value, NULL);
    g_string_append_printf(page->text, "%" G_GINT64_FORMAT "\n", below);
    add_series(page, "_sum", value, NULL);
    g_string_append_printf(page->text, "%s\n", g_ascii_formatd(number, sizeof number, "%.6f", sum));
}

void
mcp_metrics_page_add_row(McpMetricsPage *page, McpMetrics *metrics, guint row)
{
    const McpMetricDef *def = mcp_metrics_get_def(metrics, row);

    mcp_metrics_page_begin(page, def);
    for (guint label = 0; label < mcp_metrics_get_labels(metrics, row); label++) {
        const char *labels[] = {def->label, mcp_metrics_get_label_value(metrics, row, label), NULL};

        if (def->kind == MCP_METRIC_HISTOGRAM)
            add_histogram(page, metrics, row, label);
        else
            mcp_metrics_page_add_sample(page, labels, mcp_metrics_get(metrics, row, label));
    }
}

McpMetricsFormat
mcp_metrics_page_get_format(const McpMetricsPage *page)
{
    return page->format;
}

gsize
mcp_metrics_page_get_length(const McpMetricsPage *page)
{
    return page->text->len;
}

char *
mcp_metrics_page_finish(McpMetricsPage *page, gsize *out_length)
{
    char *text = NULL;

    if (page->format == MCP_METRICS_OPEN)
        g_string_append(page->text, "# EOF\n");
    *out_length = page->text->len;
    text = g_string_free(page->text, FALSE);
    g_free(page);
    return text;
}
