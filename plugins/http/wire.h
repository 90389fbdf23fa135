/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libsoup/soup.h>
#include <mcp/clock.h>

#include "http_config.h"

G_BEGIN_DECLS

/**
 * McpHttpWires: one SoupSession for each calling context, made at the first fetch there and closed
 * there.
 */
typedef struct _McpHttpWires McpHttpWires;

/** mcp_http_wires_new: (transfer full). */
McpHttpWires *mcp_http_wires_new(McpHttpConfig *config, McpClock *clock);
/** mcp_http_wires_ref: (transfer full). Any thread. */
McpHttpWires *mcp_http_wires_ref(McpHttpWires *wires);
/** mcp_http_wires_unref: Any thread. */
void mcp_http_wires_unref(McpHttpWires *wires);
/**
 * mcp_http_wires_get: (transfer full): the session of the caller's thread-default context, under
 * the configuration last set; made anew when it is older than max_connection_age.
 */
SoupSession *mcp_http_wires_get(McpHttpWires *wires);
/**
 * mcp_http_wires_configure: sessions are made anew at their next use, so that connections opened
 * under an old policy are not used again. Any thread.
 */
void mcp_http_wires_configure(McpHttpWires *wires, McpHttpConfig *config);
/**
 * mcp_http_wires_close: closes every session on its own context; @done runs once on the caller's
 * thread-default context. No mcp_http_wires_get() after it.
 */
void mcp_http_wires_close(McpHttpWires *wires, GSourceFunc done, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpWires, mcp_http_wires_unref)

G_END_DECLS
