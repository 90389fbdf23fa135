/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/** McpSipLadder: the messages of one session. Any thread; a member of the session. */
typedef struct {
    GMutex lock; /* guards @entries */
    GPtrArray *entries;
} McpSipLadder;

void mcp_sip_ladder_init(McpSipLadder *ladder);
void mcp_sip_ladder_clear(McpSipLadder *ladder);

/** mcp_sip_ladder_add: @summary (transfer full); the oldest but the first entry makes room. */
void mcp_sip_ladder_add(McpSipLadder *ladder, gint64 wall, gboolean sent, char *summary);

/** mcp_sip_ladder_copy: (transfer full): McpLadderEntry, the oldest first. */
GPtrArray *mcp_sip_ladder_copy(McpSipLadder *ladder);

G_END_DECLS
