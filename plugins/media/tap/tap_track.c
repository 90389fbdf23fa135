/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time line of one direction of a tap. It follows the clock: it is never more than LAG_US
 * behind it, and what comes for a place that has been filled is left out. Media worker.
 */
#include "tap_track.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaTapTrack);

/* So long is what is missing waited for. */
#define LAG_US (120 * 1000)
/* A timestamp that is further off the clock begins a new count. */
#define JUMP_US (400 * 1000)

McpMediaTapTrack *
mcp_media_tap_track_new(guint rate)
{
    McpMediaTapTrack *self = g_new0(McpMediaTapTrack, 1);

    MCP_LEDGER_CREATED(McpMediaTapTrack);
    self->rate = rate;
    self->size = 1;
    while (self->size < rate)
        self->size *= 2;
    self->samples = g_new0(gint16, self->size);
    return self;
}

void
mcp_media_tap_track_free(McpMediaTapTrack *track)
{
    if (track == NULL)
        return;
    g_free(track->samples);
    g_free(track);
    MCP_LEDGER_FINALIZED(McpMediaTapTrack);
}

void
mcp_media_tap_track_begin(McpMediaTapTrack *track, gint64 now)
{
    track->began = now;
}

static gint64
to_samples(const McpMediaTapTrack *self, gint64 us)
{
    return us * self->rate / G_USEC_PER_SEC;
}

/* @samples: (nullable): silence. What nobody took in time is lost. */
static void
append(McpMediaTapTrack *self, const gint16 *samples, gint64 n)
{
    if (n > self->size) {
        samples = NULL;
        self->end += n - self->size;
        n = self->size;
    }
    for (gint64 i = 0; i < n; i++)
        self->samples[(self->end + i) & (self->size - 1)] = samples != NULL ? samples[i] : 0;
    self->end += n;
    self->taken = MAX(self->taken, self->end - self->size);
}

void
mcp_media_tap_track_put(gpointer track, const McpMediaHeard *heard, gint64 now)
{
    McpMediaTapTrack *self = track;
    gint64 clock = to_samples(self, heard->arrival - self->began);
    gint64 place = heard->position + self->anchor;
    gint64 skip = 0;

    if (!self->anchored || heard->restart ||
        ABS(place + heard->n - clock) > to_samples(self, JUMP_US)) {
        place = MAX(self->end, clock - (gint64)heard->n);
        self->anchored = TRUE;
        self->anchor = place - heard->position;
    }
    skip = self->end - place;
    if (skip >= (gint64)heard->n)
        return;
    if (skip < 0)
        append(self, NULL, -skip);
    skip = MAX(skip, 0);
    append(self, heard->samples + skip, heard->n - skip);
}

void
mcp_media_tap_track_tick(McpMediaTapTrack *track, gint64 now)
{
    gint64 behind = to_samples(track, now - LAG_US - track->began) - track->end;

    if (behind > 0)
        append(track, NULL, behind);
}

guint
mcp_media_tap_track_waiting(const McpMediaTapTrack *track)
{
    return (guint)(track->end - track->taken);
}

void
mcp_media_tap_track_take(McpMediaTapTrack *track, gint16 *out, guint n)
{
    for (guint i = 0; i < n; i++)
        out[i] = track->samples[(track->taken + i) & (track->size - 1)];
    track->taken += n;
}
