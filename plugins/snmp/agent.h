/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "instances.h"
#include "notification.h"

#include <gio/gio.h>
#include <mcp/clock.h>
#include <mcp/contract/health.h>

G_BEGIN_DECLS

/** McpSnmpMetric: rows of the plugin's own table. */
typedef enum {
    MCP_SNMP_METRIC_CONNECTED,
    MCP_SNMP_METRIC_CONNECTS,
    MCP_SNMP_METRIC_REQUESTS,
    MCP_SNMP_METRIC_NOTIFICATIONS,
} McpSnmpMetric;

/** McpSnmpOutcome: labels of MCP_SNMP_METRIC_NOTIFICATIONS. */
typedef enum {
    MCP_SNMP_OUTCOME_SENT,
    MCP_SNMP_OUTCOME_SUPPRESSED,
    MCP_SNMP_OUTCOME_DROPPED,
} McpSnmpOutcome;

/**
 * McpSnmpAgent: the thread that keeps a session with the master and serves it. One at a time in a
 * process, as the library's state is the process's.
 */
typedef struct _McpSnmpAgent McpSnmpAgent;

/**
 * mcp_snmp_agent_new: starts the thread.
 * @master: checked with mcp_snmp_master_check()
 * @instances: (transfer full): sorted
 * @dependency: (nullable): told how the master is
 *
 * Returns: (transfer full) (nullable): NULL with @error while another one runs. Control context.
 */
McpSnmpAgent *mcp_snmp_agent_new(McpClock *clock, McpMetrics *metrics, const char *master,
                                 McpSnmpInstances *instances, McpDependency *dependency,
                                 GError **error);
/** mcp_snmp_agent_notify: (transfer full): to the master, or once it is there. Any thread. */
void mcp_snmp_agent_notify(McpSnmpAgent *agent, McpSnmpNotification *notification);
/**
 * mcp_snmp_agent_close: (transfer full): ends the thread; @closed runs on the calling context when
 * it has ended, or after five seconds: a thread that the library holds longer touches nothing of
 * the platform any more. Control context.
 */
void mcp_snmp_agent_close(McpSnmpAgent *agent, GSourceOnceFunc closed, gpointer user_data);

G_END_DECLS
