/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpPeer: one [sip.peer "NAME"] section: who may do what. Immutable; shared by reference, so a
 * call
 * keeps the rights it came with through a reload.
 */
typedef struct _McpPeer McpPeer;

/** mcp_peer_ref: (transfer full). Any thread. */
McpPeer *mcp_peer_ref(McpPeer *peer);
/** mcp_peer_unref: Any thread. */
void mcp_peer_unref(McpPeer *peer);
/** mcp_peer_get_name: section name; "anonymous" for callers that no section lists. */
const char *mcp_peer_get_name(const McpPeer *peer);
/** mcp_peer_allows_service: whether callers of this peer may use the service. */
gboolean mcp_peer_allows_service(const McpPeer *peer, const char *service);
/** mcp_peer_allows_page: whether a page named in a request-URI may be run (page_urls patterns). */
gboolean mcp_peer_allows_page(const McpPeer *peer, const char *url);

/** mcp_peer_allows_dial: whether calls of this peer may have @uri dialled (dial patterns). */
gboolean mcp_peer_allows_dial(const McpPeer *peer, const char *uri);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPeer, mcp_peer_unref)

G_END_DECLS
