/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the speech of a recording is over: by the voice activity detector, which noise and breath do
 * not deceive; and any loud sound that has a pitch counts too, so that a recording of tones or
 * music does not end. Media worker.
 */
#include "speech_end.h"

#include <math.h>
#include <string.h>

#define BLOCK_MS 20
/* Pauses within a word are shorter. */
#define END_SILENCE_MS 200
/* A sound: a level over this (about -36 dBm0, and 4 times the noise floor) for so long, … */
#define SOUND_LEVEL 500
#define SOUND_OVER_NOISE 4
#define SOUND_MIN_MS 60
#define NOISE_MAX 2000
/* … that repeats itself after 2.5 to 14 ms nearly as it was. */
#define NARROW_RATE 8000
#define LAG_MIN 20
#define LAG_MAX 112
#define LIKENESS 0.9

void
mcp_media_speech_end_init(McpMediaSpeechEnd *self, guint rate)
{
    McpMediaVoiceSettings settings = MCP_MEDIA_VOICE_SETTINGS_DEFAULT;

    memset(self, 0, sizeof *self);
    settings.end_silence_ms = END_SILENCE_MS;
    /* The detector takes 8 or 16 kHz. */
    self->step = rate > 2 * NARROW_RATE ? (rate + 2 * NARROW_RATE - 1) / (2 * NARROW_RATE) : 1;
    self->block_size = MIN(rate / self->step * BLOCK_MS / 1000, MCP_MEDIA_SPEECH_BLOCK);
    self->noise = SOUND_LEVEL / SOUND_OVER_NOISE;
    mcp_media_voice_activity_init(&self->voice, rate / self->step, &settings);
}

static gint64
level_of(const gint16 *samples, guint n)
{
    double sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (double)samples[i] * samples[i];
    return (gint64)sqrt(sum / n);
}

/* @samples: at 8 kHz */
static gboolean
has_pitch(const gint16 *samples, guint n)
{
    for (guint lag = LAG_MIN; lag <= LAG_MAX && lag + LAG_MIN < n; lag++) {
        gfloat product = 0;
        gfloat now = 1;
        gfloat then = 1;

        for (guint i = lag; i < n; i++) {
            gfloat a = samples[i];
            gfloat b = samples[i - lag];

            product += a * b;
            now += a * a;
            then += b * b;
        }
        if (product > 0 && product * product > (gfloat)(LIKENESS * LIKENESS) * now * then)
            return TRUE;
    }
    return FALSE;
}

/* The noise floor falls at once and rises slowly. */
static gboolean
is_sound(McpMediaSpeechEnd *self)
{
    gint64 level = level_of(self->block, self->n);
    gint16 narrow[MCP_MEDIA_SPEECH_BLOCK];
    guint step = self->block_size > NARROW_RATE * BLOCK_MS / 1000 ? 2 : 1;
    guint n = self->n / step;

    self->noise =
        level < self->noise ? level : MIN(self->noise + 1 + self->noise / 64, (gint64)NOISE_MAX);
    if (level <= MAX(SOUND_LEVEL, self->noise * SOUND_OVER_NOISE))
        return FALSE;
    for (guint i = 0; i < n; i++)
        narrow[i] = (gint16)((self->block[i * step] + self->block[i * step + step - 1]) / 2);
    return has_pitch(narrow, n);
}

/* @end: place behind the block */
static void
judge(McpMediaSpeechEnd *self, gint64 end)
{
    McpMediaVoiceEvent event;
    guint n = mcp_media_voice_activity_take(&self->voice, self->block, self->n, NULL, 0, &event, 1);
    guint64 last = n > 0 ? event.sample : self->voice.last_speech;

    if (n > 0 && event.type == MCP_MEDIA_VOICE_SPEECH_START)
        self->spoken = TRUE;
    if (n > 0 || self->voice.speaking) {
        gint64 place = end - (gint64)(self->voice.samples - last) * self->step;

        self->quiet_from = MAX(self->quiet_from, place);
    }
    self->voiced_ms = is_sound(self) ? self->voiced_ms + BLOCK_MS : 0;
    self->spoken |= self->voiced_ms >= SOUND_MIN_MS;
    if (self->voiced_ms > 0 && self->spoken)
        self->quiet_from = end;
    self->n = 0;
}

void
mcp_media_speech_end_take(McpMediaSpeechEnd *self, const gint16 *samples, guint n, gint64 end)
{
    for (guint i = 0; i < n; i++) {
        self->sum += samples[i];
        if (++self->summed < self->step)
            continue;
        self->block[self->n++] = (gint16)(self->sum / (gint32)self->summed);
        self->sum = 0;
        self->summed = 0;
        if (self->n == self->block_size)
            judge(self, end - (gint64)(n - 1 - i));
    }
}

void
mcp_media_speech_end_skip(McpMediaSpeechEnd *self, gint64 n)
{
    self->quiet_from += n;
    self->n = 0;
    mcp_media_voice_activity_rearm(&self->voice);
}
