/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

#include <openwire/link.h>

#include "config.h"

G_BEGIN_DECLS

/**
 * mcp_activemq_broker_connect: (transfer full) (nullable): to that of the list whose turn is @turn;
 * NULL with what its TLS lacks. @connection: id. Control context.
 */
McpOpenwireLink *mcp_activemq_broker_connect(McpHost *host, const McpActivemqConfig *config,
                                             guint turn, const char *connection,
                                             const McpOpenwireLinkEvents *events,
                                             gpointer user_data, GError **error);

G_END_DECLS
