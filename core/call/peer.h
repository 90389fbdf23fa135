/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/explain.h>
#include <mcp/peer.h>
#include <mcp/settings.h>

/** McpPeerTable: all peers of one settings snapshot; immutable, shared by reference. */
typedef struct _McpPeerTable McpPeerTable;

/** mcp_peer_table_new: (transfer full): NULL with a message that names section and fault. */
McpPeerTable *mcp_peer_table_new(McpSettings *settings, GError **error);
/** mcp_peer_table_ref: (transfer full). Any thread. */
McpPeerTable *mcp_peer_table_ref(McpPeerTable *table);
/** mcp_peer_table_unref: Any thread. */
void mcp_peer_table_unref(McpPeerTable *table);
/**
 * mcp_peer_table_match: (transfer full): the peer that @address and the verified @tls_names
 * (nullable: not over TLS) belong to. A peer with tls_names fits one of these names only, and with
 * addresses as well only from there. A fitting name goes before any address, then the longest
 * prefix; "anonymous" without one.
 */
McpPeer *mcp_peer_table_match(McpPeerTable *table, GInetAddress *address,
                              const char *const *tls_names);

/**
 * mcp_peer_table_match_account: (transfer full) (nullable): the same among the peers whose username
 * is @user.
 */
McpPeer *mcp_peer_table_match_account(McpPeerTable *table, GInetAddress *address,
                                      const char *const *tls_names, const char *user);
/** mcp_peer_table_has_accounts: whether a peer with an account may call from there. */
gboolean mcp_peer_table_has_accounts(McpPeerTable *table, GInetAddress *address,
                                     const char *const *tls_names);

/** mcp_peer_table_explain: adds by what setting of @settings a match is found. */
void mcp_peer_table_explain(McpPeerTable *table, GInetAddress *address,
                            const char *const *tls_names, McpSettings *settings,
                            McpExplain *explain);
/** mcp_peer_find_page_pattern: (transfer none) (nullable): the page_urls pattern that lets @url. */
const char *mcp_peer_find_page_pattern(const McpPeer *peer, const char *url);

/** mcp_peer_settings: the table of [sip.peer "NAME"]. */
extern const McpSettingDef mcp_peer_settings[];
