/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/listener.h>

#include "web_config.h"

G_BEGIN_DECLS

/** McpWebPort: one listener: its socket, its connections, what is mounted on it. */
typedef struct _McpWebPort McpWebPort;

/** mcp_web_port_new: (transfer full): listens; NULL with @error. @config must outlive it. */
McpWebPort *mcp_web_port_new(const McpWebConfig *config, McpClock *clock, GError **error);
/** mcp_web_port_free: closes socket and connections; streams see their closed functions called. */
void mcp_web_port_free(McpWebPort *port);
/**
 * mcp_web_port_mount: FALSE with MCP_ERROR_STATE when @path is taken, with MCP_ERROR_REFUSED
 * when the port is open to anybody.
 */
gboolean mcp_web_port_mount(McpWebPort *port, const char *path, McpWebHandler handler,
                            gpointer user_data, GError **error);
/** mcp_web_port_mount_public: the same for a path that may be read by whoever reaches the port. */
gboolean mcp_web_port_mount_public(McpWebPort *port, const char *path, McpWebHandler handler,
                                   gpointer user_data, GError **error);
/** mcp_web_port_unmount: no request comes any more. Returns: whether any path is left. */
gboolean mcp_web_port_unmount(McpWebPort *port, const char *path);

G_END_DECLS
