/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a party's voice stands in a recording. The offset of a packet is where its position 0 would
 * stand if it had not been delayed; the anchor is the smallest offset seen lately. It does not move
 * for jitter, follows a drifting clock by single samples, and a jump at once. Media worker, but for
 * making and freeing.
 */
#include "track.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaTrack);

/* Nothing came for so long: what follows is another talk spurt, and may be elsewhere. */
#define GAP_MS 250
/* No network delays by so much from one packet to the next: the timestamps jumped. */
#define JUMP_MS 250
/* So long the place of a new spurt is open; the smallest delay of a dozen packets tells it. */
#define SETTLE_MS 300
/* A spurt as near to where it is expected stands there: its first packets were late. */
#define SAME_MS 12
#define SAME_LATE_MS 60
/* Portions of time whose smallest offsets are compared: a clock off by 100 ppm makes 1 ms of 10. */
#define WINDOW_MS 5000
/* Further off, samples are doubled or left out; and at once if it is more than a step. */
#define EARLY_MS 10
#define LATE_MS 8
#define STEP_MS 15
/* One sample in so many is doubled or left out: nobody hears it. */
#define OWED_SPACING 80
/* So many packets in a row, all further behind than that: the way has become longer. */
#define BEHIND_MS 60
#define BEHIND_PACKETS 10

static gint64
ms(const McpMediaTrack *self, gint64 n)
{
    return n * self->rate / 1000;
}

McpMediaTrack *
mcp_media_track_new(guint rate)
{
    McpMediaTrack *self = g_new0(McpMediaTrack, 1);

    MCP_LEDGER_CREATED(McpMediaTrack);
    self->rate = rate;
    for (self->size = 1; self->size < rate;)
        self->size *= 2;
    self->samples = g_new0(gint16, (gsize)self->size);
    return self;
}

void
mcp_media_track_free(McpMediaTrack *track)
{
    if (track == NULL)
        return;
    g_free(track->samples);
    g_free(track);
    MCP_LEDGER_FINALIZED(McpMediaTrack);
}

gint64
mcp_media_track_room(const McpMediaTrack *track)
{
    return track->from + track->size;
}

gint64
mcp_media_track_final(const McpMediaTrack *track)
{
    /* What settles may move to an earlier place, and needs room there. */
    return track->settling ? MIN(track->spurt - ms(track, JUMP_MS), track->end) : track->end;
}

/* --- what is kept --- */

static gint16 *
at(McpMediaTrack *self, gint64 place)
{
    return &self->samples[place & (self->size - 1)];
}

static gboolean
is_kept(const McpMediaTrack *self, gint64 place)
{
    return place >= self->from && place < self->from + self->size;
}

/* @samples: (nullable): silence */
static void
store(McpMediaTrack *self, gint64 place, const gint16 *samples, guint n)
{
    for (guint i = 0; i < n; i++)
        if (is_kept(self, place + i))
            *at(self, place + i) = samples != NULL ? samples[i] : 0;
}

/* The present spurt moves by @by; what it leaves is silence. */
static void
move_spurt(McpMediaTrack *self, gint64 by)
{
    gint64 first = MAX(self->spurt, self->from);
    gint64 n = self->end - first;

    for (gint64 i = 0; by != 0 && i < n; i++) {
        gint64 place = by < 0 ? first + i : self->end - 1 - i;
        gint16 sample = 0;

        if (!is_kept(self, place))
            continue;
        sample = *at(self, place);
        *at(self, place) = 0;
        if (is_kept(self, place + by))
            *at(self, place + by) = sample;
    }
    self->anchor += by;
    self->spurt += by;
    self->end += by;
}

void
mcp_media_track_take(McpMediaTrack *track, gint16 *out, guint n)
{
    for (guint i = 0; i < n; i++) {
        gint16 *sample = at(track, track->from + i);

        out[i] = *sample;
        *sample = 0;
    }
    track->from += n;
}

/* --- the anchor --- */

static void
begin_spurt(McpMediaTrack *self, const McpMediaHeard *heard, gint64 offset, gint64 arrival)
{
    gint64 off = offset - self->anchor;

    self->comparable = self->anchored && !heard->restart;
    self->before = self->anchor;
    if (!self->comparable || off < -ms(self, SAME_MS) || off > ms(self, SAME_LATE_MS))
        self->anchor = offset;
    self->anchored = TRUE;
    self->settling = TRUE;
    self->settle_until = arrival + ms(self, SETTLE_MS);
    self->least = offset;
    self->spurt = heard->position + self->anchor;
    self->end = self->spurt;
    self->owed = 0;
    self->late = 0;
}

static void
settle(McpMediaTrack *self, gint64 offset, gint64 arrival)
{
    gint64 target = self->anchor;

    self->least = MIN(self->least, offset);
    if (arrival >= self->settle_until) {
        self->settling = FALSE;
        self->window[0] = self->least;
        self->window[1] = self->least;
        self->window_until = arrival + ms(self, WINDOW_MS);
        target = self->least;
    } else if (self->least < self->anchor) {
        target = self->least;
    }
    if (self->comparable && ABS(self->least - self->before) <= ms(self, SAME_MS))
        target = self->before;
    move_spurt(self, target - self->anchor);
}

/* The anchor is off by @off: a little is made up for over time, much at once. */
static void
correct(McpMediaTrack *self, gint64 off)
{
    if (ABS(off) > ms(self, STEP_MS)) {
        self->anchor += off;
        self->owed = 0;
    } else {
        self->owed = off;
    }
}

static void
note_behind(McpMediaTrack *self, gint64 offset, gint64 arrival)
{
    if (offset - self->anchor < ms(self, BEHIND_MS)) {
        self->late = 0;
        return;
    }
    if (self->late++ == 0) {
        self->late_since = arrival;
        self->late_least = offset;
    }
    self->late_least = MIN(self->late_least, offset);
    if (self->late < BEHIND_PACKETS || arrival - self->late_since < ms(self, GAP_MS) / 2)
        return;
    self->late = 0;
    correct(self, self->late_least - self->anchor);
    self->window[0] = self->late_least;
    self->window[1] = self->late_least;
}

static void
follow(McpMediaTrack *self, gint64 offset, gint64 arrival)
{
    gint64 off = 0;

    self->window[0] = MIN(self->window[0], offset);
    if (offset - self->anchor < -ms(self, EARLY_MS) && offset - self->anchor < self->owed)
        correct(self, offset - self->anchor);
    note_behind(self, offset, arrival);
    if (arrival < self->window_until)
        return;
    off = MIN(self->window[0], self->window[1]) - self->anchor;
    if (off > ms(self, LATE_MS))
        correct(self, off);
    self->window[1] = self->window[0];
    self->window[0] = offset;
    self->window_until = arrival + ms(self, WINDOW_MS);
}

static void
measure(McpMediaTrack *self, const McpMediaHeard *heard, gint64 arrival)
{
    gint64 offset =
        arrival + ms(self, MCP_MEDIA_TRACK_PACKET_MS) - heard->position - (gint64)heard->n;

    if (!self->anchored || heard->restart || arrival - self->last_arrival > ms(self, GAP_MS) ||
        ABS(offset - self->anchor) > ms(self, JUMP_MS))
        begin_spurt(self, heard, offset, arrival);
    if (self->settling)
        settle(self, offset, arrival);
    else
        follow(self, offset, arrival);
    self->last_arrival = arrival;
}

/* --- putting --- */

/* One sample in OWED_SPACING is left out, or stands twice, while that is owed. */
static guint
stretch(McpMediaTrack *self, const gint16 *samples, guint n, gint16 *out)
{
    guint made = 0;

    for (guint i = 0; i < n; i++) {
        gboolean due = self->owed != 0 && i % OWED_SPACING == OWED_SPACING - 1;

        if (!due || self->owed > 0)
            out[made++] = samples[i];
        if (!due)
            continue;
        if (self->owed > 0)
            out[made++] = samples[i];
        self->anchor += self->owed > 0 ? 1 : -1;
        self->owed += self->owed > 0 ? -1 : 1;
    }
    return made;
}

gint64
mcp_media_track_put(McpMediaTrack *track, const McpMediaHeard *heard, gint64 arrival, gboolean mute)
{
    gint16 stretched[MCP_MEDIA_SAMPLES_MAX + MCP_MEDIA_SAMPLES_MAX / OWED_SPACING + 1];
    const gint16 *samples = heard->samples;
    guint n = MIN(heard->n, MCP_MEDIA_SAMPLES_MAX);
    gint64 place = 0;

    /* What was made up says nothing about time: a silence may be described before it begins. */
    if ((!heard->concealed && !heard->noise) || !track->anchored || heard->restart)
        measure(track, heard, arrival);
    place = heard->position + track->anchor;
    if (track->owed != 0 && !track->settling) {
        n = stretch(track, samples, n, stretched);
        samples = stretched;
    }
    store(track, place, mute ? NULL : samples, n);
    track->end = place + n;
    return track->end;
}
