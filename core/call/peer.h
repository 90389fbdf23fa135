/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
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
/** mcp_peer_table_match: (transfer full): longest prefix wins; "anonymous" without one. */
McpPeer *mcp_peer_table_match(McpPeerTable *table, GInetAddress *address);

/** mcp_peer_settings: the table of [sip.peer "NAME"]. */
extern const McpSettingDef mcp_peer_settings[];
