/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables of all tables of metrics, sorted by name, and how each is read. Made once; any
 * thread.
 */
#include "instances.h"

#include <string.h>

struct _McpSnmpInstances {
    GArray *all; /* McpSnmpInstance */
};

/* A name that grows while the variables of a row are added. */
typedef struct {
    McpSnmpOid oid[MCP_SNMP_OID_MAX];
    guint length;
} Name;

static void
clear_instance(gpointer data)
{
    g_free(((McpSnmpInstance *)data)->oid);
}

McpSnmpInstances *
mcp_snmp_instances_new(void)
{
    McpSnmpInstances *instances = g_new0(McpSnmpInstances, 1);

    instances->all = g_array_new(FALSE, FALSE, sizeof(McpSnmpInstance));
    g_array_set_clear_func(instances->all, clear_instance);
    return instances;
}

void
mcp_snmp_instances_free(McpSnmpInstances *instances)
{
    g_array_unref(instances->all);
    g_free(instances);
}

static void
append(Name *name, McpSnmpOid sub)
{
    if (name->length < MCP_SNMP_OID_MAX)
        name->oid[name->length++] = sub;
}

/* RFC 2578 §7.7: a string of variable length, its length first. */
static void
append_text(Name *name, const char *text)
{
    append(name, strlen(text));
    for (; *text != '\0'; text++)
        append(name, (guchar)*text);
}

static void
add_one(McpSnmpInstances *instances, const Name *name, McpSnmpInstance instance)
{
    instance.oid = g_memdup2(name->oid, name->length * sizeof(McpSnmpOid));
    instance.length = name->length;
    g_array_append_val(instances->all, instance);
}

static void
add_scalar(McpSnmpInstances *instances, Name name, McpSnmpInstance instance)
{
    if (instance.part != 0)
        append(&name, instance.part);
    append(&name, 0);
    add_one(instances, &name, instance);
}

/* @name is that of the table. */
static void
add_cell(McpSnmpInstances *instances, Name name, McpSnmpColumn column, const char *index,
         const char *second, McpSnmpInstance instance)
{
    append(&name, 1);
    append(&name, column);
    if (index != NULL)
        append_text(&name, index);
    if (second != NULL)
        append_text(&name, second);
    add_one(instances, &name, instance);
}

static void
add_buckets(McpSnmpInstances *instances, Name name, const char *index, McpSnmpInstance instance)
{
    const McpMetricDef *def = mcp_metrics_get_def(instance.metrics, instance.row);
    guint n = 0;

    mcp_metrics_get_bounds(instance.metrics, instance.row, &n);
    append(&name, MCP_SNMP_BUCKETS);
    instance.part = MCP_SNMP_BUCKETS;
    for (guint i = 0; i <= n; i++) {
        g_autofree char *bound = mcp_snmp_bound_text(def->buckets, i);

        instance.bucket = i;
        add_cell(instances, name, MCP_SNMP_COLUMN_VALUE, index, bound, instance);
    }
}

static void
add_histogram(McpSnmpInstances *instances, Name name, const char *index, McpSnmpInstance instance)
{
    add_buckets(instances, name, index, instance);
    if (index == NULL) {
        instance.part = MCP_SNMP_COUNT;
        add_scalar(instances, name, instance);
        instance.part = MCP_SNMP_SUM;
        add_scalar(instances, name, instance);
        return;
    }
    append(&name, MCP_SNMP_LABELS);
    instance.part = MCP_SNMP_COUNT;
    add_cell(instances, name, MCP_SNMP_COLUMN_VALUE, index, NULL, instance);
    instance.part = MCP_SNMP_SUM;
    add_cell(instances, name, MCP_SNMP_COLUMN_SUM, index, NULL, instance);
}

void
mcp_snmp_instances_add(McpSnmpInstances *instances, guint plugin, McpMetrics *metrics, guint row)
{
    const McpMetricDef *def = mcp_metrics_get_def(metrics, row);
    Name name = {{MCP_SNMP_ARC, MCP_SNMP_OBJECTS, plugin, def->oid}, MCP_SNMP_ARC_LENGTH + 3};

    for (guint label = 0; label < mcp_metrics_get_labels(metrics, row); label++) {
        const char *index = mcp_metrics_get_label_value(metrics, row, label);
        McpSnmpInstance instance = {.metrics = metrics, .row = row, .label = label};

        if (def->kind == MCP_METRIC_HISTOGRAM)
            add_histogram(instances, name, index, instance);
        else if (index != NULL)
            add_cell(instances, name, MCP_SNMP_COLUMN_VALUE, index, NULL, instance);
        else
            add_scalar(instances, name, instance);
    }
}

static int
compare_names(const McpSnmpOid *a, gsize a_length, const McpSnmpOid *b, gsize b_length)
{
    for (gsize i = 0; i < MIN(a_length, b_length); i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return (a_length > b_length) - (a_length < b_length);
}

static int
compare_instances(gconstpointer a, gconstpointer b)
{
    const McpSnmpInstance *left = a;
    const McpSnmpInstance *right = b;

    return compare_names(left->oid, left->length, right->oid, right->length);
}

void
mcp_snmp_instances_sort(McpSnmpInstances *instances)
{
    g_array_sort(instances->all, compare_instances);
}

guint
mcp_snmp_instances_get_n(McpSnmpInstances *instances)
{
    return instances->all->len;
}

const McpSnmpInstance *
mcp_snmp_instances_next(McpSnmpInstances *instances, const McpSnmpOid *oid, gsize length,
                        gboolean inclusive)
{
    guint first = 0;
    guint end = instances->all->len;

    while (first < end) {
        guint middle = first + (end - first) / 2;
        const McpSnmpInstance *at = &g_array_index(instances->all, McpSnmpInstance, middle);
        int order = compare_names(at->oid, at->length, oid, length);

        if (order < 0 || (order == 0 && !inclusive))
            first = middle + 1;
        else
            end = middle;
    }
    return first < instances->all->len ? &g_array_index(instances->all, McpSnmpInstance, first)
                                       : NULL;
}

const McpSnmpInstance *
mcp_snmp_instances_find(McpSnmpInstances *instances, const McpSnmpOid *oid, gsize length)
{
    const McpSnmpInstance *found = mcp_snmp_instances_next(instances, oid, length, TRUE);

    return found != NULL && compare_names(found->oid, found->length, oid, length) == 0 ? found
                                                                                       : NULL;
}

static void
read_histogram(const McpSnmpInstance *instance, McpSnmpValue *value)
{
    guint n = 0;
    double sum = 0;
    g_autofree gint64 *counts = NULL;

    mcp_metrics_get_bounds(instance->metrics, instance->row, &n);
    counts = g_new0(gint64, n + 1);
    value->number = (guint64)mcp_metrics_read_histogram(instance->metrics, instance->row,
                                                        instance->label, counts, &sum);
    if (instance->part == MCP_SNMP_SUM)
        g_ascii_formatd(value->text, sizeof value->text, "%.6f", sum);
    if (instance->part == MCP_SNMP_BUCKETS) {
        value->number = 0;
        for (guint i = 0; i <= instance->bucket; i++)
            value->number += (guint64)counts[i];
    }
}

void
mcp_snmp_instance_read(const McpSnmpInstance *instance, McpSnmpValue *out_value)
{
    gint64 number = 0;

    out_value->text[0] = '\0';
    if (instance->part != 0) {
        read_histogram(instance, out_value);
        return;
    }
    number = mcp_metrics_get(instance->metrics, instance->row, instance->label);
    out_value->number = (guint64)MAX(number, 0);
}
