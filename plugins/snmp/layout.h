/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/metrics.h>

G_BEGIN_DECLS

/* No enterprise number is assigned to this project: net-snmp's netSnmpPlaypen, which is there for
 * such, and a number below it. */
#define MCP_SNMP_PLAYPEN_NUMBER 1705
#define MCP_SNMP_ARC 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, MCP_SNMP_PLAYPEN_NUMBER
#define MCP_SNMP_ARC_TEXT "1.3.6.1.4.1.8072.9999.9999.1705"
#define MCP_SNMP_ARC_LENGTH 10

/** McpSnmpOid: as net-snmp has it. */
typedef gulong McpSnmpOid;

/** McpSnmpBranch: below the arc. */
typedef enum {
    MCP_SNMP_NOTIFICATIONS = 0, /* . McpAlertDef.oid */
    MCP_SNMP_OBJECTS = 1,       /* . McpPluginDesc.oid . McpMetricDef.oid */
    MCP_SNMP_ALERT_OBJECTS = 2, /* . McpSnmpAlertObject */
    MCP_SNMP_CONFORMANCE = 3,
} McpSnmpBranch;

/** McpSnmpPart: what a histogram has below its number. */
typedef enum {
    MCP_SNMP_COUNT = 1, /* scalars, without a label */
    MCP_SNMP_SUM = 2,
    MCP_SNMP_BUCKETS = 3, /* table, by label and upper bound */
    MCP_SNMP_LABELS = 4,  /* table, with a label: number and sum */
} McpSnmpPart;

/** McpSnmpColumn: of a table, whose entry is 1. Column 1 is an index and cannot be read. */
typedef enum {
    MCP_SNMP_COLUMN_INDEX = 1,
    MCP_SNMP_COLUMN_VALUE = 2, /* the number of observations, in that of labels */
    MCP_SNMP_COLUMN_SUM = 3,
} McpSnmpColumn;

/** McpSnmpAlertObject: what a notification carries. */
typedef enum {
    MCP_SNMP_ALERT_SUBJECT = 1,
    MCP_SNMP_ALERT_TEXT = 2,
    MCP_SNMP_ALERT_CALL = 3,
    MCP_SNMP_ALERT_SUPPRESSED = 4,
} McpSnmpAlertObject;

#define MCP_SNMP_ABOVE_ALL "+Inf" /* index of the bucket above the last bound */
#define MCP_SNMP_TEXT_MAX 255     /* of a DisplayString */

/** mcp_snmp_bound_text: (transfer full): index of bucket @bucket of a row's buckets "1|5|15". */
char *mcp_snmp_bound_text(const char *buckets, guint bucket);

G_END_DECLS
