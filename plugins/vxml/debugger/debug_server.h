/* SPDX-License-Identifier: Apache-2.0 */
/* The Unix socket at which debuggers come in. Control context. */
#pragma once
#include <gio/gio.h>

#include <mcp/clock.h>

#include "debug_calls.h"

G_BEGIN_DECLS

typedef struct _McpVxmlDebugServer McpVxmlDebugServer;

/** mcp_vxml_debug_server_new: (transfer full) (nullable): listens; @limit: debuggers at a time. */
McpVxmlDebugServer *mcp_vxml_debug_server_new(const char *path, guint limit,
                                              McpVxmlDebugCalls *calls, McpClock *clock,
                                              GError **error);
/** mcp_vxml_debug_server_close: lets nobody in any more and all debuggers go. */
void mcp_vxml_debug_server_close(McpVxmlDebugServer *server);
/** mcp_vxml_debug_server_stop: closes it; @task is returned TRUE when the last one has gone. */
void mcp_vxml_debug_server_stop(McpVxmlDebugServer *server, GTask *task);
/** mcp_vxml_debug_server_free: after it has stopped. */
void mcp_vxml_debug_server_free(McpVxmlDebugServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlDebugServer, mcp_vxml_debug_server_free)

G_END_DECLS
