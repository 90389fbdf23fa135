/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/alert.h>

G_BEGIN_DECLS

/** McpSnmpNotification: an alert on its way to the master. */
typedef struct {
    McpAlert alert;
    char *subject;
    char *text;
    char *call_id;    /* "" without a call */
    guint suppressed; /* equal ones that were not sent before this one */
} McpSnmpNotification;

/**
 * mcp_snmp_notification_new: (transfer full) (nullable): of an event of alerts; its texts are cut
 * to what a DisplayString holds. NULL: it is no alert that has a number.
 */
McpSnmpNotification *mcp_snmp_notification_new(const McpEvent *event);
void mcp_snmp_notification_free(McpSnmpNotification *notification);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSnmpNotification, mcp_snmp_notification_free)

G_END_DECLS
