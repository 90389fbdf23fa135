/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../ear/ear.h"

G_BEGIN_DECLS

/**
 * McpMediaTapTrack: one direction of a tap: samples without a gap, seldom later than they came;
 * where nothing came in time there is silence. Made and freed off the media worker, else used by
 * it.
 */
typedef struct {
    guint rate;
    guint size;   /* of @samples, a power of two */
    gint64 began; /* monotonic µs of place 0 */
    gint64 end;   /* places filled so far */
    gint64 taken; /* places taken */
    gboolean anchored;
    gint64 anchor; /* place of position 0 of the speaker */
    gint16 *samples;
} McpMediaTapTrack;

/** mcp_media_tap_track_new: (transfer full): @rate: Hz. */
McpMediaTapTrack *mcp_media_tap_track_new(guint rate);
/** mcp_media_tap_track_free: (nullable). */
void mcp_media_tap_track_free(McpMediaTapTrack *track);
/** mcp_media_tap_track_begin: place 0 is @now. */
void mcp_media_tap_track_begin(McpMediaTapTrack *track, gint64 now);
/** mcp_media_tap_track_put: an McpMediaHearFunc, of the track. */
void mcp_media_tap_track_put(gpointer track, const McpMediaHeard *heard, gint64 now);
/** mcp_media_tap_track_tick: silence stands for what should have come by now. */
void mcp_media_tap_track_tick(McpMediaTapTrack *track, gint64 now);
/** mcp_media_tap_track_waiting: samples that can be taken. */
guint mcp_media_tap_track_waiting(const McpMediaTapTrack *track);
/** mcp_media_tap_track_take: the oldest @n, which are there. */
void mcp_media_tap_track_take(McpMediaTapTrack *track, gint16 *out, guint n);

G_END_DECLS
