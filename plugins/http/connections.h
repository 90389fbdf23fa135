/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libsoup/soup.h>

#include "http_config.h"

G_BEGIN_DECLS

/**
 * McpHttpConnections: how many connections the process has open, in all and to each host, whatever
 * context they belong to. An exchange takes a slot before it goes to the wire.
 */
typedef struct _McpHttpConnections McpHttpConnections;

/** McpHttpSlot: one connection, open or about to be; of one exchange, on its context. */
typedef struct _McpHttpSlot McpHttpSlot;

/** McpHttpSlotFunc: @slot (transfer full) is there; on the context it was asked for from. */
typedef void (*McpHttpSlotFunc)(McpHttpSlot *slot, gpointer user_data);

/** McpHttpSlotRequest: what a connection is wanted for. */
typedef struct {
    GUri *uri;
    gboolean reuse; /* an idle connection will do */
    McpHttpSlotFunc func;
    gpointer user_data;
    GDestroyNotify destroy; /* of @user_data, after @func or in its place */
} McpHttpSlotRequest;

/** mcp_http_connections_new: (transfer full): @config has the limits. Any thread, as all below. */
McpHttpConnections *mcp_http_connections_new(McpHttpConfig *config);
/** mcp_http_connections_unref: slots keep it as long as they need. */
void mcp_http_connections_unref(McpHttpConnections *connections);
/** mcp_http_connections_configure: the limits of @config count for slots from now on. */
void mcp_http_connections_configure(McpHttpConnections *connections, McpHttpConfig *config);
/** mcp_http_connections_count: (out): connections open, and exchanges that wait for one. */
void mcp_http_connections_count(McpHttpConnections *connections, guint *out_open,
                                guint *out_waiting);
/**
 * mcp_http_connections_take: asks for a slot; @request->func runs before this returns when there is
 * room. Who waits is served in turn; an idle connection of another context is closed for them.
 */
void mcp_http_connections_take(McpHttpConnections *connections, const McpHttpSlotRequest *request);

/** mcp_http_slot_attach: the exchange of @message in @session uses @slot; before it is sent. */
void mcp_http_slot_attach(McpHttpSlot *slot, SoupSession *session, SoupMessage *message);
/**
 * mcp_http_slot_release: (transfer full): the exchange is over, or never came to its connection.
 * @keep: the connection that it had stays open for the next one
 */
void mcp_http_slot_release(McpHttpSlot *slot, gboolean keep);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpConnections, mcp_http_connections_unref)

G_END_DECLS
