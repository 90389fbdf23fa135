/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "layout.h"

G_BEGIN_DECLS

#define MCP_SNMP_OID_MAX 128 /* sub-identifiers of a name, RFC 2578 §3.5 */

/** McpSnmpInstance: one variable that can be read. */
typedef struct {
    McpSnmpOid *oid;
    guint length;
    McpMetrics *metrics; /* outlives the table */
    guint row;
    guint label;
    guint part;   /* McpSnmpPart of a histogram; 0: a counter or a gauge */
    guint bucket; /* of MCP_SNMP_BUCKETS */
} McpSnmpInstance;

/** McpSnmpValue: @text counts when it is not empty. */
typedef struct {
    guint64 number;
    char text[48];
} McpSnmpValue;

/**
 * McpSnmpInstances: all variables in the order of their names. Filled once; thereafter it does not
 * change, and any thread may read it.
 */
typedef struct _McpSnmpInstances McpSnmpInstances;

McpSnmpInstances *mcp_snmp_instances_new(void);
void mcp_snmp_instances_free(McpSnmpInstances *instances);
/** mcp_snmp_instances_add: the variables of row @row of the table with the number @plugin. */
void mcp_snmp_instances_add(McpSnmpInstances *instances, guint plugin, McpMetrics *metrics,
                            guint row);
/** mcp_snmp_instances_sort: once, after the last one is added. */
void mcp_snmp_instances_sort(McpSnmpInstances *instances);
/** mcp_snmp_instances_get_n: how many there are. */
guint mcp_snmp_instances_get_n(McpSnmpInstances *instances);
/** mcp_snmp_instances_find: (transfer none) (nullable): the one of this very name. */
const McpSnmpInstance *mcp_snmp_instances_find(McpSnmpInstances *instances, const McpSnmpOid *oid,
                                               gsize length);
/**
 * mcp_snmp_instances_next: (transfer none) (nullable): the first one after the name, or of it with
 * @inclusive.
 */
const McpSnmpInstance *mcp_snmp_instances_next(McpSnmpInstances *instances, const McpSnmpOid *oid,
                                               gsize length, gboolean inclusive);
/** mcp_snmp_instance_read: its value now. Gauges below 0 read as 0, buckets count all below. */
void mcp_snmp_instance_read(const McpSnmpInstance *instance, McpSnmpValue *out_value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSnmpInstances, mcp_snmp_instances_free)

G_END_DECLS
