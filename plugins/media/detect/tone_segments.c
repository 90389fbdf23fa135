/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sound and silence in turn, and what the sound is made of: the ground on which cadences and
 * greetings are judged. Owns the window, the noise floor and the last segments. Media worker.
 */
#include "tone_segments.h"

#include <math.h>
#include <string.h>

#define BLOCK (MCP_MEDIA_NARROWBAND_RATE * MCP_MEDIA_SEGMENT_BLOCK_MS / 1000)
#define WINDOW MCP_MEDIA_SPECTRUM_WINDOW
#define WINDOW_BLOCKS 7 /* 64 ms, rounded up */
#define FRAME_BLOCKS 2
/* A modulated ringing tone falls silent for 20 ms at a time; a cadence never for less than 50. */
#define TURN_BLOCKS 3
#define POWER_0_DBM0 2.605e8f
#define LEAST_SOUND (POWER_0_DBM0 * 1.6e-5f) /* -48 dBm0 */
#define FLOOR_LOWEST (POWER_0_DBM0 * 1e-7f)  /* -70 dBm0 */
#define FLOOR_FIRST (POWER_0_DBM0 * 3.2e-4f) /* -35 dBm0: what the line begins with may be noise */
#define FLOOR_RISE 1.002f                    /* a block: 0.9 dB a second */
#define OVER_FLOOR 8.0f                      /* 9 dB */
#define LEAST_TONAL 0.85f
#define LEAST_SECOND 0.1f  /* of the stronger tone */
#define LOWEST_TONE 330.0f /* Hz; networks use 350 and more, voices have their pitch below */
#define SAME_HZ 14.0f
#define FLAT 0.4f
#define LEAST_SPEECH_FRAMES 3
#define LEAST_TONE_FRAMES 3

void
mcp_media_segments_init(McpMediaSegments *segments)
{
    mcp_media_spectrum_prepare();
    memset(segments, 0, sizeof *segments);
    segments->floor = FLOOR_FIRST;
}

static float
block_power(const McpMediaSegments *self)
{
    const gint16 *samples = self->window + WINDOW - BLOCK;
    const guint block = BLOCK;
    float sum = 0;

    for (guint i = 0; i < block; i++)
        sum += (float)samples[i] * samples[i];
    return sum / (float)block;
}

static gboolean
is_sound(McpMediaSegments *self, float power)
{
    if (power < self->floor)
        self->floor = fmaxf(power, FLOOR_LOWEST);
    else
        self->floor *= FLOOR_RISE;
    return power > fmaxf(LEAST_SOUND, self->floor * OVER_FLOOR);
}

/* The one or two tones that make up a spectrum, ascending; FALSE when there is more in it. */
static gboolean
tones_of(const McpMediaSpectrum *spectrum, float out[2])
{
    const McpMediaPeak *peaks = spectrum->peaks;
    gboolean is_pair = spectrum->n_peaks > 1 && peaks[1].share >= LEAST_SECOND * peaks[0].share;

    if (spectrum->n_peaks == 0 || peaks[0].share + (is_pair ? peaks[1].share : 0) < LEAST_TONAL)
        return FALSE;
    out[0] = peaks[0].frequency;
    out[1] = 0;
    if (is_pair) {
        out[0] = MIN(peaks[0].frequency, peaks[1].frequency);
        out[1] = MAX(peaks[0].frequency, peaks[1].frequency);
    }
    return out[0] >= LOWEST_TONE;
}

static gboolean
are_near(const float a[2], const float b[2])
{
    return fabsf(a[0] - b[0]) <= SAME_HZ && fabsf(a[1] - b[1]) <= SAME_HZ;
}

static void
add_tones(McpMediaSegment *segment, const float tones[2])
{
    if (!are_near(segment->frequency, tones)) {
        /* What a single frame said is not held on to. */
        if (segment->same > 1)
            return;
        segment->same = 0;
    }
    segment->same++;
    for (guint i = 0; i < 2; i++)
        segment->frequency[i] += (tones[i] - segment->frequency[i]) / (float)segment->same;
}

static void
add_frame(McpMediaSegments *self, const McpMediaSpectrum *before)
{
    McpMediaSegment *segment = &self->current;
    float tones[2];
    float earlier[2];

    segment->frames++;
    if (self->spectrum.flatness >= FLAT) {
        segment->flat++;
        return;
    }
    if (!tones_of(&self->spectrum, tones))
        return;
    if (!tones_of(before, earlier) || are_near(earlier, tones)) {
        segment->tonal++;
        add_tones(segment, tones);
    }
}

static void
turn_over(McpMediaSegments *self)
{
    guint start = self->blocks - self->turned;
    McpMediaSegment *segment = &self->current;
    gboolean on = !segment->on;

    segment->length = start - MIN(segment->start, start);
    if (segment->length > 0)
        self->past[self->n_past++ % MCP_MEDIA_SEGMENTS_REMEMBERED] = *segment;
    memset(segment, 0, sizeof *segment);
    segment->on = on;
    segment->start = start;
    self->turned = 0;
    self->has_ended = TRUE;
}

static void
take_block(McpMediaSegments *self)
{
    McpMediaSpectrum before = self->spectrum;
    gboolean sound = is_sound(self, block_power(self));

    self->blocks++;
    self->has_ended = FALSE;
    self->turned = sound != self->current.on ? self->turned + 1 : 0;
    if (self->turned >= TURN_BLOCKS)
        turn_over(self);
    self->has_spectrum = self->blocks % FRAME_BLOCKS == 0;
    if (!self->has_spectrum)
        return;
    self->spectrum.power = 0;
    self->spectrum.n_peaks = 0;
    if (!sound && !self->current.on)
        return;
    mcp_media_spectrum_compute(self->window, &self->spectrum);
    if (self->current.on && sound && self->blocks - self->current.start >= WINDOW_BLOCKS)
        add_frame(self, &before);
}

gboolean
mcp_media_segments_push(McpMediaSegments *segments, const gint16 **samples, gsize *n)
{
    gsize take = MIN(*n, (gsize)(BLOCK - segments->fresh));
    gint16 *window = segments->window;

    memmove(window, window + take, (WINDOW - take) * sizeof *window);
    memcpy(window + WINDOW - take, *samples, take * sizeof *window);
    *samples += take;
    *n -= take;
    segments->fresh += (guint)take;
    if (segments->fresh < BLOCK)
        return FALSE;
    segments->fresh = 0;
    take_block(segments);
    return TRUE;
}

const McpMediaSegment *
mcp_media_segments_past(const McpMediaSegments *segments, guint age)
{
    guint kept = MIN(segments->n_past, MCP_MEDIA_SEGMENTS_REMEMBERED);

    if (age >= kept)
        return NULL;
    return &segments->past[(segments->n_past - 1 - age) % MCP_MEDIA_SEGMENTS_REMEMBERED];
}

void
mcp_media_segments_forget(McpMediaSegments *segments)
{
    gboolean on = segments->current.on;

    segments->n_past = 0;
    memset(&segments->current, 0, sizeof segments->current);
    segments->current.on = on;
    segments->current.start = segments->blocks;
}

gboolean
mcp_media_segment_is_tone(const McpMediaSegment *segment)
{
    return segment->on && segment->same >= LEAST_TONE_FRAMES &&
           segment->same * 4 >= segment->frames * 3;
}

gboolean
mcp_media_segment_is_speech(const McpMediaSegment *segment)
{
    guint voiced = segment->frames - MIN(segment->tonal + segment->flat, segment->frames);

    return segment->on && voiced >= LEAST_SPEECH_FRAMES && voiced * 3 >= segment->frames;
}
