/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "layout.h"

#include <mcp/alert.h>

G_BEGIN_DECLS

/** McpSnmpTable: a table of metrics with its number. */
typedef struct {
    const char *plugin;
    guint oid;
    const McpMetricDef *metrics;
} McpSnmpTable;

/** mcp_snmp_write_mib: (transfer full): the module MCP-MIB (SMIv2) of @tables. */
char *mcp_snmp_write_mib(const McpSnmpTable *tables, guint n);
/** mcp_snmp_write_exporter: (transfer full): the module "mcp" of snmp.yml for @tables. */
char *mcp_snmp_write_exporter(const McpSnmpTable *tables, guint n);

/** mcp_snmp_identifier: (transfer full): "mcp_sip_requests_total" as "mcpSipRequestsTotal". */
char *mcp_snmp_identifier(const char *name);
/** mcp_snmp_type_name: (transfer full): the same, with its first letter upper-case. */
char *mcp_snmp_type_name(const char *name);

G_END_DECLS
