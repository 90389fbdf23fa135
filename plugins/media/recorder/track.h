/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../ear/ear.h"

G_BEGIN_DECLS

/** MCP_MEDIA_TRACK_LAG_MS: what is older is in its final place, whatever may still come. */
#define MCP_MEDIA_TRACK_LAG_MS 600
/** MCP_MEDIA_TRACK_PACKET_MS: a packet ends so long after it passed the wire, on either side. */
#define MCP_MEDIA_TRACK_PACKET_MS 20

/**
 * McpMediaTrack: one party of a recording. Puts what it says in its place on the recording's time
 * line, and keeps the last second of that. Places count samples since the recording began; the
 * first sample of a packet of 20 ms stands where the packet passed the wire, so that the first
 * packet is in it as a whole; less what the network delayed it, which is told by the smallest delay
 * seen. Made and freed on the leg's context, else media worker.
 */
typedef struct {
    guint rate;
    gint64 size; /* of @samples, a power of two */
    gint64 from; /* first place that is kept; what nobody put anything to is silence */
    gint64 end;  /* behind what was put last */

    gboolean anchored;
    gint64 anchor; /* place of position 0 of the speaker's time line */
    gint64 owed;   /* samples to be left out (< 0) or doubled until @anchor is right */
    gint64 last_arrival;

    /* A talk spurt that has just begun: its place may still change as a whole. */
    gboolean settling;
    gboolean comparable; /* @before holds */
    gint64 before;       /* the anchor of the spurt before it */
    gint64 spurt;        /* place of its first sample */
    gint64 least;        /* smallest offset in it */
    gint64 settle_until; /* arrival */

    /* Afterwards: the smallest offset of the present and the last portion of time. */
    gint64 window[2];
    gint64 window_until;
    guint late; /* packets in a row that were far behind */
    gint64 late_since;
    gint64 late_least;

    gint16 *samples;
} McpMediaTrack;

/** mcp_media_track_new: (transfer full). */
McpMediaTrack *mcp_media_track_new(guint rate);
/** mcp_media_track_free: frees it. */
void mcp_media_track_free(McpMediaTrack *track);
/** mcp_media_track_room: what is put must end at this place at most; drop the oldest else. */
gint64 mcp_media_track_room(const McpMediaTrack *track);
/**
 * mcp_media_track_put: takes what was said.
 * @arrival: its arrival as a place
 * @mute: silence of the same length stands for it
 *
 * Returns: the place behind it.
 */
gint64 mcp_media_track_put(McpMediaTrack *track, const McpMediaHeard *heard, gint64 arrival,
                           gboolean mute);
/** mcp_media_track_final: what stands before this place stays there. */
gint64 mcp_media_track_final(const McpMediaTrack *track);
/** mcp_media_track_take: the oldest @n samples go to @out. */
void mcp_media_track_take(McpMediaTrack *track, gint16 *out, guint n);

G_END_DECLS
