/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module for prometheus-snmp-exporter (0.21). Its series have the names and labels of the
 * Prometheus page, so that dashboards and rules fit both. Any thread.
 */
#include "files.h"

#define HEAD                                                                            \
    "# Generated from the tables of metrics: tests/harness/test_reference.py --write\n" \
    "# Module \"mcp\" for Debian's prometheus-snmp-exporter (0.21, port 9116):\n"       \
    "#   prometheus-snmp-exporter --config.file=/etc/mcp/snmp.yml\n"                    \
    "#   http://EXPORTER:9116/snmp?module=mcp&target=HOST\n"                            \
    "mcp:\n"                                                                            \
    "  walk:\n"                                                                         \
    "  - " MCP_SNMP_ARC_TEXT ".1\n"                                                     \
    "  metrics:\n"

#define TAIL                  \
    "  version: 2\n"          \
    "  max_repetitions: 50\n" \
    "  timeout: 5s\n"         \
    "  auth:\n"               \
    "    community: public\n"

static void
add_help(GString *text, const char *help)
{
    g_string_append(text, "    help: \"");
    for (; *help != '\0'; help++) {
        if (*help == '"' || *help == '\\')
            g_string_append_c(text, '\\');
        g_string_append_c(text, *help);
    }
    g_string_append(text, "\"\n");
}

/* @path: below the row's own number. */
static void
add_metric(GString *text, const McpSnmpTable *table, const McpMetricDef *def, const char *suffix,
           const char *path, const char *type)
{
    g_string_append_printf(text, "  - name: %s%s\n", def->name, suffix);
    g_string_append_printf(text, "    oid: " MCP_SNMP_ARC_TEXT ".%d.%u.%u%s\n", MCP_SNMP_OBJECTS,
                           table->oid, def->oid, path);
    g_string_append_printf(text, "    type: %s\n", type);
    add_help(text, def->help);
}

static void
add_indexes(GString *text, const char *label, const char *second)
{
    const char *const labels[] = {label, second};

    if (label != NULL || second != NULL)
        g_string_append(text, "    indexes:\n");
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
        if (labels[i] != NULL)
            g_string_append_printf(text, "    - labelname: %s\n      type: DisplayString\n",
                                   labels[i]);
    }
}

/* The sum is a text with a fraction, of which the exporter makes a number. */
static void
add_sum(GString *text, const McpSnmpTable *table, const McpMetricDef *def)
{
    add_metric(text, table, def, "", def->label != NULL ? ".4.1.3" : ".2", "DisplayString");
    add_indexes(text, def->label, NULL);
    g_string_append(text, "    regex_extracts:\n"
                          "      _sum:\n"
                          "      - value: $1\n"
                          "        regex: ^(.+)$\n");
}

static void
add_row(GString *text, const McpSnmpTable *table, const McpMetricDef *def)
{
    if (def->kind == MCP_METRIC_HISTOGRAM) {
        add_metric(text, table, def, "_count", def->label != NULL ? ".4.1.2" : ".1", "counter");
        add_indexes(text, def->label, NULL);
        add_sum(text, table, def);
        add_metric(text, table, def, "_bucket", ".3.1.2", "counter");
        add_indexes(text, def->label, "le");
        return;
    }
    add_metric(text, table, def, "", def->label != NULL ? ".1.2" : "",
               def->kind == MCP_METRIC_GAUGE ? "gauge" : "counter");
    add_indexes(text, def->label, NULL);
}

char *
mcp_snmp_write_exporter(const McpSnmpTable *tables, guint n)
{
    GString *text = g_string_new(HEAD);

    for (guint i = 0; i < n; i++) {
        for (const McpMetricDef *def = tables[i].metrics; def->name != NULL; def++)
            add_row(text, &tables[i], def);
    }
    g_string_append(text, TAIL);
    return g_string_free(text, FALSE);
}
