/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>
#include <mcp/spool.h>

#include "config.h"

G_BEGIN_DECLS

/** McpActivemqMetric: rows of the plugin's table. */
typedef enum {
    MCP_ACTIVEMQ_METRIC_SENT,
    MCP_ACTIVEMQ_METRIC_RESENT,
    MCP_ACTIVEMQ_METRIC_REFUSED,
    MCP_ACTIVEMQ_METRIC_CONNECTED,
    MCP_ACTIVEMQ_METRIC_FAILURES,
    MCP_ACTIVEMQ_METRIC_WAITING,
} McpActivemqMetric;

/**
 * McpActivemqPublisher: brings what is in the spools to a broker, oldest first, and lets go of what
 * the broker has acknowledged. Control context.
 */
typedef struct _McpActivemqPublisher McpActivemqPublisher;

#define MCP_ACTIVEMQ_SPOOLS 3

/** mcp_activemq_publisher_new: (transfer full): @config is borrowed until the next one is given. */
McpActivemqPublisher *mcp_activemq_publisher_new(McpHost *host, const McpActivemqConfig *config);
/** mcp_activemq_publisher_free: lets the broker go; what it has not acknowledged stays spooled. */
void mcp_activemq_publisher_free(McpActivemqPublisher *publisher);
/** mcp_activemq_publisher_add: (transfer none): one more spool; the first is first served. */
void mcp_activemq_publisher_add(McpActivemqPublisher *publisher, McpSpool *spool);
/** mcp_activemq_publisher_wake: @spool has something to read, or is open now. */
void mcp_activemq_publisher_wake(McpActivemqPublisher *publisher, McpSpool *spool);
/** mcp_activemq_publisher_configure: brokers and limits from now on. */
void mcp_activemq_publisher_configure(McpActivemqPublisher *publisher,
                                      const McpActivemqConfig *config);

G_END_DECLS
