/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rtcp.h"

G_BEGIN_DECLS

/** McpMediaOneWayFinding: what does not arrive. */
typedef enum {
    MCP_MEDIA_ONE_WAY_NONE,
    MCP_MEDIA_ONE_WAY_DEAF, /* the other side sends, nothing of it arrives here */
    MCP_MEDIA_ONE_WAY_MUTE, /* we send, nothing of it arrives there */
} McpMediaOneWayFinding;

/**
 * McpMediaOneWay: finds by the other side's reports that audio passes in one direction only. Pure
 * data; one thread.
 */
typedef struct {
    gboolean started;
    guint32 their_packets; /* by their SR, when we last received any */
    guint64 received;
    guint32 their_highest; /* by their block, when it last went on */
    guint64 sent;
    guint unheard;       /* reports in a row without what we sent */
    gboolean deaf, mute; /* reported */
} McpMediaOneWay;

/**
 * mcp_media_one_way_note: a report came.
 * @received, @sent: packets so far
 *
 * Returns: what is wrong, once until it was right again.
 */
McpMediaOneWayFinding mcp_media_one_way_note(McpMediaOneWay *state,
                                             const McpMediaRtcpReport *report, guint64 received,
                                             guint64 sent);

G_END_DECLS
