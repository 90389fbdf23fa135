/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-way audio, told from a line that is silent on purpose: whoever sends says so in its sender
 * reports, whoever receives in its report blocks (RFC 3550 §6.4). Pure functions.
 */
#include "one_way.h"

/* Two seconds of packets. Fewer may still be under way. */
#define PACKETS 100
/* A report may have been made before what we sent could arrive. */
#define REPORTS 2

static gboolean
is_deaf(McpMediaOneWay *self, const McpMediaRtcpReport *report, guint64 received)
{
    if (!report->has_sender)
        return FALSE;
    if (received != self->received || report->packets < self->their_packets) {
        self->received = received;
        self->their_packets = report->packets;
        self->deaf = FALSE;
        return FALSE;
    }
    return report->packets - self->their_packets >= PACKETS;
}

static gboolean
is_mute(McpMediaOneWay *self, const McpMediaRtcpReport *report, guint64 sent)
{
    gboolean heard = report->has_block && report->highest != self->their_highest;

    if (heard || sent - self->sent < PACKETS) {
        self->unheard = 0;
        if (heard) {
            self->their_highest = report->highest;
            self->sent = sent;
            self->mute = FALSE;
        }
        return FALSE;
    }
    return ++self->unheard >= REPORTS;
}

McpMediaOneWayFinding
mcp_media_one_way_note(McpMediaOneWay *state, const McpMediaRtcpReport *report, guint64 received,
                       guint64 sent)
{
    gboolean deaf = FALSE;
    gboolean mute = FALSE;

    if (!state->started) {
        state->started = TRUE;
        state->received = received;
        state->their_packets = report->packets;
        state->their_highest = report->has_block ? report->highest : 0;
        state->sent = sent;
        return MCP_MEDIA_ONE_WAY_NONE;
    }
    deaf = is_deaf(state, report, received) && !state->deaf;
    mute = is_mute(state, report, sent) && !state->mute;
    state->deaf |= deaf;
    state->mute |= mute && !deaf;
    if (deaf)
        return MCP_MEDIA_ONE_WAY_DEAF;
    return mute ? MCP_MEDIA_ONE_WAY_MUTE : MCP_MEDIA_ONE_WAY_NONE;
}
