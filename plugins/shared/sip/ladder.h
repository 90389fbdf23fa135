/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/**
 * McpSipLadder: the messages of one session, as they went over the wire. It is known to the wire by
 * Call-ID, the tag of who sent the INVITE, and by whether that were we: two sessions of one process
 * may share all but the last.
 */
typedef struct {
    char *sip_call_id; /* this and the next two: of who watches */
    char *tag;         /* nullable: not watched */
    gboolean outgoing;
    const char *call_id; /* nullable: of the platform; borrowed from its session, SIP context */
    GMutex lock;         /* guards @entries and @marks */
    GPtrArray *entries;
    GArray *marks; /* guint64: what each entry is told by when it is repeated */
} McpSipLadder;

void mcp_sip_ladder_init(McpSipLadder *ladder);
void mcp_sip_ladder_clear(McpSipLadder *ladder);

/**
 * mcp_sip_ladder_add: @entry (transfer full); the oldest but the first entry makes room. One with
 * the @mark and direction of an earlier one is a repetition.
 */
void mcp_sip_ladder_add(McpSipLadder *ladder, McpLadderEntry *entry, guint64 mark);

/** mcp_sip_ladder_copy: (transfer full): McpLadderEntry, the oldest first. Any thread. */
GPtrArray *mcp_sip_ladder_copy(McpSipLadder *ladder);

G_END_DECLS
