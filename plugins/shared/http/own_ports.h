/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** McpHttpOwnPorts: TCP ports that this process listens on. Any thread. */
typedef struct _McpHttpOwnPorts McpHttpOwnPorts;

/** mcp_http_own_ports_new: (transfer full): an empty picture, taken at the first question. */
McpHttpOwnPorts *mcp_http_own_ports_new(void);
/** mcp_http_own_ports_free: frees it. */
void mcp_http_own_ports_free(McpHttpOwnPorts *own);
/**
 * mcp_http_own_ports_contain: whether @port of @address leads back into this process.
 * @now: monotonic µs
 */
gboolean mcp_http_own_ports_contain(McpHttpOwnPorts *own, GInetAddress *address, guint16 port,
                                    gint64 now);

G_END_DECLS
