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

/**
 * mcp_peer_allows_dial: whether calls of this peer may cause @target (sip:, sips: or tel: URI) to
 * be dialled (dial patterns).
 */
gboolean mcp_peer_allows_dial(const McpPeer *peer, const char *target);
/** mcp_peer_allows_override: whether a call may set "SECTION.KEY" for itself (gvp_config). */
gboolean mcp_peer_allows_override(const McpPeer *peer, const char *name);
/** mcp_peer_believes_identity: whether @uri is taken for true when the peer asserts it. */
gboolean mcp_peer_believes_identity(const McpPeer *peer, const char *uri);
/** mcp_peer_believes_genesys: whether its X-Genesys headers are taken for true (x_genesys). */
gboolean mcp_peer_believes_genesys(const McpPeer *peer);
/** mcp_peer_believes_trace_context: whether the trace that it names is taken (trace_context). */
gboolean mcp_peer_believes_trace_context(const McpPeer *peer);
/** mcp_peer_get_codecs: (transfer none): names of codecs, preferred ones first; empty: all. */
const char *const *mcp_peer_get_codecs(const McpPeer *peer);
/** mcp_peer_get_transport: (nullable): [sip.transport "NAME"] for requests to it. */
const char *mcp_peer_get_transport(const McpPeer *peer);
/** mcp_peer_get_password: (nullable): of its account; not to be printed. */
const char *mcp_peer_get_password(const McpPeer *peer);
/** mcp_peer_is_anonymous: whether it stands for those that no section lists. */
gboolean mcp_peer_is_anonymous(const McpPeer *peer);

/** McpPeerLimits: of a peer's calls; 0 stands for no limit. */
typedef struct {
    guint max_calls;
    guint calls_per_second;
    guint calls_burst; /* 0: one second's worth */
} McpPeerLimits;

/** mcp_peer_get_limits: fills @out_limits. */
void mcp_peer_get_limits(const McpPeer *peer, McpPeerLimits *out_limits);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPeer, mcp_peer_unref)

G_END_DECLS
