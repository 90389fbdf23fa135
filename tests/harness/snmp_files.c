/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes what is generated from the tables of metrics:
 *
 *     snmp_files mib|exporter|list PLUGIN.so…
 *
 * test_reference.py holds config/ against it.
 */
#include "files/files.h"

#include <gmodule.h>
#include <mcp/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const McpPluginDesc *
load(const char *file)
{
    GModule *module = g_module_open(file, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
    gpointer desc = NULL;

    if (module == NULL || !g_module_symbol(module, "mcp_plugin_desc", &desc)) {
        fprintf(stderr, "%s: %s\n", file, g_module_error());
        exit(1);
    }
    g_module_make_resident(module);
    return desc;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    return (int)((const McpSnmpTable *)a)->oid - (int)((const McpSnmpTable *)b)->oid;
}

static void
list(const McpSnmpTable *tables, guint n)
{
    for (guint i = 0; i < n; i++) {
        for (const McpMetricDef *def = tables[i].metrics; def->name != NULL; def++)
            printf("%s %u %u %s\n", tables[i].plugin, tables[i].oid, def->oid, def->name);
    }
}

int
main(int argc, char **argv)
{
    g_autoptr(GArray) tables = g_array_new(FALSE, FALSE, sizeof(McpSnmpTable));
    McpSnmpTable core = {"core", MCP_METRICS_CORE_OID, mcp_core_metrics};
    const char *what = argc > 1 ? argv[1] : "";
    g_autofree char *text = NULL;

    g_array_append_val(tables, core);
    for (int i = 2; i < argc; i++) {
        const McpPluginDesc *desc = load(argv[i]);
        McpSnmpTable table = {desc->name, desc->oid, desc->metrics};

        if (table.oid != 0 && table.metrics != NULL)
            g_array_append_val(tables, table);
    }
    g_array_sort(tables, compare);
    if (strcmp(what, "list") == 0)
        list((const McpSnmpTable *)tables->data, tables->len);
    else if (strcmp(what, "mib") == 0)
        text = mcp_snmp_write_mib((const McpSnmpTable *)tables->data, tables->len);
    else if (strcmp(what, "exporter") == 0)
        text = mcp_snmp_write_exporter((const McpSnmpTable *)tables->data, tables->len);
    if (text != NULL)
        fputs(text, stdout);
    return 0;
}
