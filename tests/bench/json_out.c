/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON writer of its own: the bench measures the platform and takes nothing from its libraries.
 */
#include "json_out.h"

#include "stats.h"

#include <math.h>

void
mcp_bench_json_init(McpBenchJson *json)
{
    json->text = g_string_new(NULL);
    json->comma = FALSE;
    json->depth = 0;
    mcp_bench_json_open(json, NULL, '{');
}

static void
append_quoted(GString *text, const char *value)
{
    g_string_append_c(text, '"');
    for (const char *at = value; *at != '\0'; at++) {
        guchar c = (guchar)*at;
        if (c == '"' || c == '\\')
            g_string_append_printf(text, "\\%c", c);
        else if (c < 0x20)
            g_string_append_printf(text, "\\u%04x", c);
        else
            g_string_append_c(text, (char)c);
    }
    g_string_append_c(text, '"');
}

static void
begin(McpBenchJson *json, const char *name)
{
    if (json->comma)
        g_string_append_c(json->text, ',');
    if (json->depth > 0) {
        g_string_append_c(json->text, '\n');
        for (guint i = 0; i < json->depth; i++)
            g_string_append(json->text, "  ");
    }
    if (name != NULL) {
        append_quoted(json->text, name);
        g_string_append(json->text, ": ");
    }
    json->comma = TRUE;
}

void
mcp_bench_json_open(McpBenchJson *json, const char *name, char bracket)
{
    begin(json, name);
    g_string_append_c(json->text, bracket);
    json->depth++;
    json->comma = FALSE;
}

void
mcp_bench_json_close(McpBenchJson *json, char bracket)
{
    json->depth--;
    json->comma = FALSE;
    begin(json, NULL);
    g_string_append_c(json->text, bracket);
}

char *
mcp_bench_json_finish(McpBenchJson *json)
{
    json->depth--;
    g_string_append(json->text, "\n}\n");
    return g_string_free(g_steal_pointer(&json->text), FALSE);
}

void
mcp_bench_json_string(McpBenchJson *json, const char *name, const char *value)
{
    begin(json, name);
    append_quoted(json->text, value);
}

void
mcp_bench_json_int(McpBenchJson *json, const char *name, gint64 value)
{
    begin(json, name);
    g_string_append_printf(json->text, "%" G_GINT64_FORMAT, value);
}

void
mcp_bench_json_bool(McpBenchJson *json, const char *name, gboolean value)
{
    begin(json, name);
    g_string_append(json->text, value ? "true" : "false");
}

void
mcp_bench_json_double(McpBenchJson *json, const char *name, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    begin(json, name);
    g_ascii_formatd(digits, sizeof digits, "%.6g", isfinite(value) ? value : 0.0);
    g_string_append(json->text, digits);
}

void
mcp_bench_json_distribution(McpBenchJson *json, const char *name, const GArray *sorted_ns)
{
    static const struct {
        const char *name;
        double percent;
    } marks[] = {{"min", 0.0},  {"p50", 50.0},   {"p90", 90.0},
                 {"p99", 99.0}, {"p99_9", 99.9}, {"max", 100.0}};
    mcp_bench_json_open(json, name, '{');
    mcp_bench_json_int(json, "count", sorted_ns->len);
    mcp_bench_json_double(json, "mean", mcp_bench_mean(sorted_ns) / 1e6);
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        mcp_bench_json_double(json, marks[i].name,
                              (double)mcp_bench_percentile(sorted_ns, marks[i].percent) / 1e6);
    mcp_bench_json_close(json, '}');
}
