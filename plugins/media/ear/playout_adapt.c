/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When and how the delay of a playout buffer changes within a talk spurt: a period of voice, or a
 * piece of a pause, is repeated or left out. Media worker.
 */
#include "playout_private.h"

#include <string.h>

#define SCRATCH (48 * (MCP_MEDIA_PLAYOUT_CHUNK_MS + MCP_MEDIA_TIME_SCALE_MS))
/* How much alike the two pieces that glide into each other have to be. */
#define ALIKE 0.75f
/* Less than -50 dB of full scale is a pause: any piece of it will do. */
#define QUIET 100
#define QUIET_SHARE 0.003f
/* Of the loudness, from one attempt to the next. */
#define LOUDNESS_KEPT 0.995f
/* Voice is left alone where less than this can be won, or lacks: the next pause comes soon. */
#define GAIN_VOICE_MS 40
#define LACK_VOICE (5 * 1000)
/* What may be too late already is not given away. */
#define MARGIN (2 * 1000)
#define ROUNDING 200
#define AFTER_UNDERRUN_MS 500
/* From one change to the next. */
#define PAUSE_STEP_MS 20
#define GROW_STEP_MS 40
#define SHRINK_STEP_MS 100
#define HURRY_STEP_MS 50
/* Above the target by so much: shorter intervals. */
#define HURRY (60 * 1000)

static gint64
in_samples(const McpMediaPlayout *self, guint ms)
{
    return (gint64)(self->rate / 1000) * ms;
}

/*
 * µs that packets may be later than the target before they are missed, if @read was so many samples
 * further. A packet is needed by the take in which it begins, that is the earlier the further from
 * the take's beginning.
 */
static gint64
slack(const McpMediaPlayout *self, gint64 skip)
{
    gint64 read = self->read + skip;
    gint32 window = (gint32)self->window;
    gint32 phase = 0;

    for (guint i = 0; i < MCP_MEDIA_PLAYOUT_STARTS; i++) {
        gint32 at = (gint32)(self->starts[i] - read) % window;

        phase = MAX(phase, at < 0 ? at + window : at);
    }
    return mcp_media_playout_delay_at(self, read) - mcp_media_playout_delay_target(&self->delay) -
           mcp_media_playout_us(self, phase);
}

/*
 * Whether @skip samples can be left out. What is taken off the wait between a packet's beginning
 * and its take makes nothing later.
 */
static gboolean
can_skip(const McpMediaPlayout *self, gint64 skip)
{
    gint64 now = slack(self, 0);
    gint64 then = slack(self, skip);

    return then >= MARGIN || (now >= 0 && then >= now - ROUNDING);
}

/* Samples that have to be won: where packets come unevenly the target itself goes up and down. */
static gint64
worth(const McpMediaPlayout *self)
{
    gint64 target_ms = mcp_media_playout_delay_target(&self->delay) / 1000;

    return in_samples(self, MCP_MEDIA_TIME_SCALE_MIN_MS + (guint)target_ms / 4);
}

/* A pause: soft, or much softer than what was said a moment ago. */
static gboolean
is_quiet(McpMediaPlayout *self, const gint16 *samples, guint n)
{
    gint64 sum = 0;
    gfloat energy = 0;

    for (guint i = 0; i < n; i++)
        sum += (gint64)samples[i] * samples[i];
    energy = (gfloat)sum / (gfloat)n;
    self->loudness = MAX(energy, self->loudness * LOUDNESS_KEPT);
    return energy < QUIET * QUIET || energy < self->loudness * QUIET_SHARE;
}

static gboolean
stretch(McpMediaPlayout *self, gint16 *out, guint n)
{
    guint before = (guint)in_samples(self, MCP_MEDIA_TIME_SCALE_MS);
    gint16 scratch[SCRATCH];
    const gint16 *at = scratch + before;
    gboolean quiet = FALSE;
    gfloat alike = 0;
    guint piece = 0;
    guint glide = 0;

    if (!mcp_media_playout_is_complete(self, self->read - before, self->read + n))
        return FALSE;
    mcp_media_playout_fetch(self, self->read - before, scratch, before + n);
    quiet = is_quiet(self, scratch, before + n);
    piece = mcp_media_time_scale_find(at, TRUE, self->rate, n, &alike);
    if (!quiet && (alike < ALIKE || slack(self, 0) > -LACK_VOICE))
        return FALSE;
    glide = MIN(piece, n);
    mcp_media_time_scale_glide(out, at, at - piece, glide);
    memcpy(out + glide, at - piece + glide, (n - glide) * sizeof *out);
    self->read += (gint64)n - piece;
    self->figures.inserted += piece;
    self->next_change = self->taken + in_samples(self, quiet ? PAUSE_STEP_MS : GROW_STEP_MS);
    return TRUE;
}

static gboolean
shrink(McpMediaPlayout *self, gint16 *out, guint n)
{
    guint after = (guint)in_samples(self, MCP_MEDIA_TIME_SCALE_MS);
    gint16 scratch[SCRATCH];
    gboolean quiet = FALSE;
    gboolean hurry = slack(self, 0) > HURRY;
    gfloat alike = 0;
    guint piece = 0;
    guint glide = 0;

    if (!mcp_media_playout_is_complete(self, self->read, self->read + n + after))
        return FALSE;
    mcp_media_playout_fetch(self, self->read, scratch, n + after);
    quiet = is_quiet(self, scratch, n + after);
    if (!quiet && !can_skip(self, in_samples(self, GAIN_VOICE_MS)))
        return FALSE;
    piece = mcp_media_time_scale_find(scratch, FALSE, self->rate, n, &alike);
    if ((!quiet && alike < ALIKE) || !can_skip(self, piece))
        return FALSE;
    glide = MIN(piece, n);
    mcp_media_time_scale_glide(out, scratch, scratch + piece, glide);
    memcpy(out + glide, scratch + piece + glide, (n - glide) * sizeof *out);
    self->read += (gint64)n + piece;
    self->figures.dropped += piece;
    self->next_change = self->taken + in_samples(self, quiet   ? PAUSE_STEP_MS
                                                       : hurry ? HURRY_STEP_MS
                                                               : SHRINK_STEP_MS);
    return TRUE;
}

gboolean
mcp_media_playout_adapt(McpMediaPlayout *self, gint16 *out, guint n)
{
    if (self->concealment.lost > 0 || self->made_up > 0 || self->taken < self->next_change ||
        n < in_samples(self, MCP_MEDIA_TIME_SCALE_MIN_MS))
        return FALSE;
    if (slack(self, 0) < 0)
        return stretch(self, out, n);
    if (self->taken - self->last_underrun < in_samples(self, AFTER_UNDERRUN_MS) ||
        !can_skip(self, worth(self)))
        return FALSE;
    return shrink(self, out, n);
}
