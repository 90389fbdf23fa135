/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of pages of metrics: who gets which format, and what each writes. */
#include <openmetrics/metrics_page.h>
#include <plugin/metrics.h>
#include <string.h>

static void
test_choice(void)
{
    static const struct {
        const char *accept;
        McpMetricsFormat format;
    } cases[] = {
        {NULL, MCP_METRICS_TEXT},
        {"", MCP_METRICS_TEXT},
        {"*/*", MCP_METRICS_TEXT},
        {"text/html,*/*;q=0.8", MCP_METRICS_TEXT},
        {"application/openmetrics-text", MCP_METRICS_OPEN},
        {"Application/OpenMetrics-Text; version=1.0.0", MCP_METRICS_OPEN},
        {"application/openmetrics-text;version=\"1.0.0\"", MCP_METRICS_OPEN},
        {"application/openmetrics-text; version=2.0.0", MCP_METRICS_TEXT},
        {"application/openmetrics-text;q=0", MCP_METRICS_TEXT},
        {"application/openmetrics-text;q=0.3,text/plain;q=0.5", MCP_METRICS_TEXT},
        {"text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.5",
         MCP_METRICS_OPEN},
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
         "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         MCP_METRICS_OPEN},
        {",;,;;=,q=,", MCP_METRICS_TEXT},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].accept != NULL ? cases[i].accept : "none");
        g_assert_cmpint(mcp_metrics_format_choose(cases[i].accept), ==, cases[i].format);
    }
}

static const McpMetricDef table[] = {
    {"a_things_total", MCP_METRIC_COUNTER, "things", "All \"things\".", "kind", "x|y", NULL, 1},
    {"b_seconds", MCP_METRIC_HISTOGRAM, "seconds", "Times.", NULL, NULL, "0.1|1", 2},
    {"c_level", MCP_METRIC_GAUGE, "points", "A level.", NULL, NULL, NULL, 3},
    {"d_seconds", MCP_METRIC_HISTOGRAM, "seconds", "More times.", "mode", "m", "5", 4},
    {NULL},
};

static char *
write_table(McpMetricsFormat format)
{
    McpMetrics *metrics = mcp_metrics_new(table);
    McpMetricsPage *page = mcp_metrics_page_new(format);
    gsize length = 0;
    char *text = NULL;

    mcp_metrics_add(metrics, 0, 1, 3);
    mcp_metrics_observe(metrics, 1, 0, 0.05);
    mcp_metrics_observe_call(metrics, 1, 0, 0.5, "c1");
    mcp_metrics_observe(metrics, 1, 0, 5);
    mcp_metrics_set(metrics, 2, 0, -7);
    mcp_metrics_observe_call(metrics, 3, 0, 9, "c\"2");
    for (guint row = 0; table[row].name != NULL; row++)
        mcp_metrics_page_add_row(page, metrics, row);
    text = mcp_metrics_page_finish(page, &length);
    g_assert_cmpuint(length, ==, strlen(text));
    mcp_metrics_free(metrics);
    return text;
}

static void
test_text(void)
{
    g_autofree char *text = write_table(MCP_METRICS_TEXT);

    g_assert_cmpstr(text, ==,
                    "# HELP a_things_total All \"things\".\n"
                    "# TYPE a_things_total counter\n"
                    "a_things_total{kind=\"x\"} 0\n"
                    "a_things_total{kind=\"y\"} 3\n"
                    "# HELP b_seconds Times.\n"
                    "# TYPE b_seconds histogram\n"
                    "b_seconds_bucket{le=\"0.1\"} 1\n"
                    "b_seconds_bucket{le=\"1.0\"} 2\n"
                    "b_seconds_bucket{le=\"+Inf\"} 3\n"
                    "b_seconds_count 3\n"
                    "b_seconds_sum 5.550000\n"
                    "# HELP c_level A level.\n"
                    "# TYPE c_level gauge\n"
                    "c_level -7\n"
                    "# HELP d_seconds More times.\n"
                    "# TYPE d_seconds histogram\n"
                    "d_seconds_bucket{mode=\"m\",le=\"5.0\"} 0\n"
                    "d_seconds_bucket{mode=\"m\",le=\"+Inf\"} 1\n"
                    "d_seconds_count{mode=\"m\"} 1\n"
                    "d_seconds_sum{mode=\"m\"} 9.000000\n");
}

static void
assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        g_error("no \"%s\" in:\n%s", part, text);
}

static void
test_open(void)
{
    g_autofree char *text = write_table(MCP_METRICS_OPEN);

    assert_has(text, "# HELP a_things All \\\"things\\\".\n# TYPE a_things counter\n"
                     "# UNIT a_things things\n"
                     "a_things_total{kind=\"x\"} 0\n");
    assert_has(text, "# TYPE b_seconds histogram\n# UNIT b_seconds seconds\n"
                     "b_seconds_bucket{le=\"0.1\"} 1\n"
                     "b_seconds_bucket{le=\"1.0\"} 2 # {call_id=\"c1\"} 0.500000 ");
    assert_has(text, "d_seconds_bucket{mode=\"m\",le=\"+Inf\"} 1 # {call_id=\"c\\\"2\"} 9.000000 ");
    g_assert_null(strstr(text, "UNIT c_level"));
    g_assert_true(g_str_has_suffix(text, "\n# EOF\n"));
}

static void
test_samples(void)
{
    static const char *const labels[] = {"one", "a\"b", "two", "c\\d\n", NULL};
    McpMetricsPage *page = mcp_metrics_page_new(MCP_METRICS_TEXT);
    g_autofree char *text = NULL;
    gsize length = 0;

    mcp_metrics_page_begin(page, &table[0]);
    mcp_metrics_page_add_sample(page, labels, 1);
    mcp_metrics_page_add_sample(page, labels + 4, 2);
    text = mcp_metrics_page_finish(page, &length);
    assert_has(text, "a_things_total{one=\"a\\\"b\",two=\"c\\\\d\\n\"} 1\n");
    assert_has(text, "a_things_total 2\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/openmetrics/choice", test_choice);
    g_test_add_func("/openmetrics/text", test_text);
    g_test_add_func("/openmetrics/open", test_open);
    g_test_add_func("/openmetrics/samples", test_samples);
    return g_test_run();
}
