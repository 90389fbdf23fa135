/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "request.h"

G_BEGIN_DECLS

/** McpHealthServer: answers probes on a thread of its own. */
typedef struct _McpHealthServer McpHealthServer;

/** McpHealthAsk: (transfer full): the JSON answer to @probe; on the thread of the server. */
typedef char *(*McpHealthAsk)(McpHealthProbe probe, gboolean *out_good, gpointer user_data);
/** McpHealthCount: a request was answered with @status; on the thread of the server. */
typedef void (*McpHealthCount)(guint status, gpointer user_data);

/** McpHealthServerParams: what it is made of. */
typedef struct {
    GSocketAddress *address;
    McpClock *clock; /* a real one */
    guint max_clients;
    gint64 timeout; /* µs for all of a request */
    McpHealthAsk ask;
    McpHealthCount count;
    gpointer user_data;
} McpHealthServerParams;

/** mcp_health_server_new: (transfer full): listens, and starts the thread. */
McpHealthServer *mcp_health_server_new(const McpHealthServerParams *params, GError **error);
/** mcp_health_server_free: closes all connections and waits for the thread. */
void mcp_health_server_free(McpHealthServer *server);

G_END_DECLS
