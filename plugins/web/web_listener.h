/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/credentials.h>
#include <mcp/contract/listener.h>

G_BEGIN_DECLS

/** McpWebListener: the listener service: all configured listeners. */
#define MCP_TYPE_WEB_LISTENER (mcp_web_listener_get_type())
G_DECLARE_FINAL_TYPE(McpWebListener, mcp_web_listener, MCP, WEB_LISTENER, GObject)

/**
 * mcp_web_listener_new: (transfer full): @configs (transfer full) of mcp_web_configs_new();
 * @credentials nullable when none of them names any.
 */
McpWebListener *mcp_web_listener_new(GPtrArray *configs, McpCredentials *credentials,
                                     McpClock *clock);
/** mcp_web_listener_open: opens every socket; FALSE with the first that cannot be. */
gboolean mcp_web_listener_open(McpWebListener *listener, GError **error);
/** mcp_web_listener_close: closes all sockets and connections. */
void mcp_web_listener_close(McpWebListener *listener);

G_END_DECLS
