/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of a table: their names, their order, their values. */
#include "instances.h"
#include "plugin/metrics.h"

#include <string.h>

enum { ROW_CALLS, ROW_LOAD, ROW_TIME, ROW_WAIT };

static const McpMetricDef table[] = {
    {"mcp_t_calls_total", MCP_METRIC_COUNTER, "calls", "", "way", "out|in|through", NULL, 7},
    {"mcp_t_load", MCP_METRIC_GAUGE, "percent", "", NULL, NULL, NULL, 2},
    {"mcp_t_time_seconds", MCP_METRIC_HISTOGRAM, "seconds", "", NULL, NULL, "0.5|10", 3},
    {"mcp_t_wait_seconds", MCP_METRIC_HISTOGRAM, "seconds", "", "who", "a|bc", "1", 4},
    {NULL},
};

/* Below the arc's branch of objects, number 9; what each has. */
static const char expected[] = "2.0 = 0\n"
                               "3.1.0 = 3\n"
                               "3.2.0 = 100.250000\n"
                               "3.3.1.2.2.49.48 = 2\n"         /* "10" */
                               "3.3.1.2.3.48.46.53 = 1\n"      /* "0.5" */
                               "3.3.1.2.4.43.73.110.102 = 3\n" /* "+Inf" */
                               "4.3.1.2.1.97.1.49 = 0\n"       /* "a", "1" */
                               "4.3.1.2.1.97.4.43.73.110.102 = 0\n"
                               "4.3.1.2.2.98.99.1.49 = 1\n" /* "bc", "1" */
                               "4.3.1.2.2.98.99.4.43.73.110.102 = 1\n"
                               "4.4.1.2.1.97 = 0\n"
                               "4.4.1.2.2.98.99 = 1\n"
                               "4.4.1.3.1.97 = 0.000000\n"
                               "4.4.1.3.2.98.99 = 1.000000\n"
                               "7.1.2.2.105.110 = 5\n"     /* "in" */
                               "7.1.2.3.111.117.116 = 0\n" /* "out" */
                               "7.1.2.7.116.104.114.111.117.103.104 = 18446744073709\n";

static McpSnmpInstances *
make(McpMetrics *metrics)
{
    McpSnmpInstances *instances = mcp_snmp_instances_new();

    for (guint row = 0; table[row].name != NULL; row++)
        mcp_snmp_instances_add(instances, 9, metrics, row);
    mcp_snmp_instances_sort(instances);
    return instances;
}

static void
fill(McpMetrics *metrics)
{
    mcp_metrics_add(metrics, ROW_CALLS, 1, 5);
    mcp_metrics_add(metrics, ROW_CALLS, 2, 18446744073709);
    mcp_metrics_set(metrics, ROW_LOAD, 0, -3);
    mcp_metrics_observe(metrics, ROW_TIME, 0, 0.25);
    mcp_metrics_observe(metrics, ROW_TIME, 0, 10);
    mcp_metrics_observe(metrics, ROW_TIME, 0, 90);
    mcp_metrics_observe(metrics, ROW_WAIT, 1, 1);
}

static void
append(GString *text, const McpSnmpInstance *instance)
{
    static const McpSnmpOid root[] = {MCP_SNMP_ARC, MCP_SNMP_OBJECTS, 9};
    McpSnmpValue value;

    g_assert_true(memcmp(instance->oid, root, sizeof root) == 0);
    for (guint i = G_N_ELEMENTS(root); i < instance->length; i++)
        g_string_append_printf(text, "%s%lu", i > G_N_ELEMENTS(root) ? "." : "", instance->oid[i]);
    mcp_snmp_instance_read(instance, &value);
    if (value.text[0] != '\0')
        g_string_append_printf(text, " = %s\n", value.text);
    else
        g_string_append_printf(text, " = %" G_GUINT64_FORMAT "\n", value.number);
}

static void
test_walk(void)
{
    static const McpSnmpOid start[] = {1, 3};
    McpMetrics *metrics = mcp_metrics_new(table);
    g_autoptr(McpSnmpInstances) instances = make(metrics);
    g_autoptr(GString) text = g_string_new(NULL);
    const McpSnmpInstance *at =
        mcp_snmp_instances_next(instances, start, G_N_ELEMENTS(start), FALSE);
    guint n = 0;

    fill(metrics);
    for (; at != NULL; at = mcp_snmp_instances_next(instances, at->oid, at->length, FALSE)) {
        append(text, at);
        n++;
        g_assert_true(mcp_snmp_instances_find(instances, at->oid, at->length) == at);
        g_assert_true(mcp_snmp_instances_next(instances, at->oid, at->length, TRUE) == at);
    }
    g_assert_cmpstr(text->str, ==, expected);
    g_assert_cmpuint(n, ==, mcp_snmp_instances_get_n(instances));
    mcp_metrics_free(metrics);
}

static void
test_absent(void)
{
    static const McpSnmpOid column[] = {MCP_SNMP_ARC, MCP_SNMP_OBJECTS, 9, 7, 1, 2};
    static const McpSnmpOid unknown[] = {MCP_SNMP_ARC, MCP_SNMP_OBJECTS, 9, 7, 1, 2, 2, 105, 120};
    static const McpSnmpOid after[] = {MCP_SNMP_ARC, MCP_SNMP_OBJECTS, 10};
    McpMetrics *metrics = mcp_metrics_new(table);
    g_autoptr(McpSnmpInstances) instances = make(metrics);
    g_autoptr(McpSnmpInstances) none = mcp_snmp_instances_new();
    const McpSnmpInstance *next =
        mcp_snmp_instances_next(instances, unknown, G_N_ELEMENTS(unknown), TRUE);

    g_assert_null(mcp_snmp_instances_find(instances, column, G_N_ELEMENTS(column)));
    g_assert_null(mcp_snmp_instances_find(instances, unknown, G_N_ELEMENTS(unknown)));
    g_assert_null(mcp_snmp_instances_find(instances, NULL, 0));
    g_assert_cmpuint(next->label, ==, 0); /* "out" follows "ix" */
    g_assert_null(mcp_snmp_instances_next(instances, after, G_N_ELEMENTS(after), TRUE));
    g_assert_null(mcp_snmp_instances_next(none, column, G_N_ELEMENTS(column), TRUE));
    mcp_metrics_free(metrics);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/snmp/instances/walk", test_walk);
    g_test_add_func("/snmp/instances/absent", test_absent);
    return g_test_run();
}
