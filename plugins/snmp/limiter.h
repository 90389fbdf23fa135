/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "notification.h"

#include <mcp/clock.h>

G_BEGIN_DECLS

/**
 * McpSnmpLimiter: at most one notification of an alert and subject in an interval. The last one of
 * those held back is sent at its end, with the number of the others, unless the opposite alert
 * (down, up) was raised later: what was sent last is how things are. Control context.
 */
typedef struct _McpSnmpLimiter McpSnmpLimiter;

/** McpSnmpSendFunc: (transfer full): @notification is due. */
typedef void (*McpSnmpSendFunc)(McpSnmpNotification *notification, gpointer user_data);

/** mcp_snmp_limiter_new: @interval: µs, 0: no limit. */
McpSnmpLimiter *mcp_snmp_limiter_new(McpClock *clock, gint64 interval, McpSnmpSendFunc send,
                                     gpointer user_data);
void mcp_snmp_limiter_free(McpSnmpLimiter *limiter);
/** mcp_snmp_limiter_set_interval: for what is sent from now on. */
void mcp_snmp_limiter_set_interval(McpSnmpLimiter *limiter, gint64 interval);
/**
 * mcp_snmp_limiter_take: (transfer full): sends @notification, or keeps it.
 *
 * Returns: FALSE when it is neither, as too many subjects are in their intervals.
 */
gboolean mcp_snmp_limiter_take(McpSnmpLimiter *limiter, McpSnmpNotification *notification);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSnmpLimiter, mcp_snmp_limiter_free)

G_END_DECLS
