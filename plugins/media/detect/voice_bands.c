/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From samples to band energies: framing, halving of the rate, window, transform. Media worker.
 */
#include "voice_bands.h"

#include <math.h>
#include <string.h>

/* -90 dB of full scale: below it is nothing to be told apart. */
#define POWER_FLOOR 1e-9f
/* Sum of the squared window: white noise of variance v then has power v in each bin. */
#define WINDOW_POWER (MCP_MEDIA_VOICE_WINDOW * 0.375f)
#define TAPS 8
#define SCALE (1.0f / 32768)

/* About equally wide to 800 Hz, then ever wider, as hearing is. */
static const guint edges[MCP_MEDIA_VOICE_BANDS + 1] = {9,  15,  22,  28,  34,  41,  51,  61, 73,
                                                       86, 101, 119, 140, 163, 187, 212, 238};
/* A half-band filter, 3 dB down at 3.6 kHz: the second half mirrors the first. */
static const gfloat half_band[TAPS / 2] = {-0.0131f, -0.0312f, 0.1250f, 0.4193f};

static gfloat window[MCP_MEDIA_VOICE_WINDOW];

static void
prepare(void)
{
    static gsize ready = 0;

    if (!g_once_init_enter(&ready))
        return;
    for (gint i = 0; i < MCP_MEDIA_VOICE_WINDOW; i++)
        window[i] = (gfloat)(0.5 - 0.5 * cos(2 * G_PI * (i + 0.5) / MCP_MEDIA_VOICE_WINDOW));
    g_once_init_leave(&ready, 1);
}

const guint *
mcp_media_voice_band_edges(void)
{
    return edges;
}

void
mcp_media_voice_framer_init(McpMediaVoiceFramer *self, guint rate)
{
    prepare();
    memset(self, 0, sizeof *self);
    self->step = rate >= 2 * MCP_MEDIA_VOICE_RATE ? 2 : 1;
}

gsize
mcp_media_voice_framer_missing(const McpMediaVoiceFramer *self)
{
    gsize filled = self->filled == MCP_MEDIA_VOICE_HOP ? 0 : self->filled;

    return (MCP_MEDIA_VOICE_HOP - filled) * self->step - (self->odd ? 1 : 0);
}

static void
push_all(McpMediaVoiceFramer *self, const gint16 *samples, gsize n)
{
    gfloat *to = self->window + MCP_MEDIA_VOICE_WINDOW - MCP_MEDIA_VOICE_HOP + self->filled;

    for (gsize i = 0; i < n; i++)
        to[i] = samples != NULL ? samples[i] * SCALE : 0;
    self->filled += (guint)n;
}

static void
push_halved(McpMediaVoiceFramer *self, const gint16 *samples, gsize n)
{
    gfloat *to = self->window + MCP_MEDIA_VOICE_WINDOW - MCP_MEDIA_VOICE_HOP + self->filled;

    for (gsize i = 0; i < n; i++) {
        gfloat sum = 0;

        memmove(self->taps, self->taps + 1, sizeof self->taps - sizeof *self->taps);
        self->taps[TAPS - 1] = samples != NULL ? samples[i] * SCALE : 0;
        self->odd = !self->odd;
        if (self->odd)
            continue;
        for (guint k = 0; k < TAPS / 2; k++)
            sum += half_band[k] * (self->taps[k] + self->taps[TAPS - 1 - k]);
        *to++ = sum;
        self->filled++;
    }
}

void
mcp_media_voice_framer_push(McpMediaVoiceFramer *self, const gint16 *samples, gsize n)
{
    const guint kept = MCP_MEDIA_VOICE_WINDOW - MCP_MEDIA_VOICE_HOP;

    if (n > 0 && self->filled == MCP_MEDIA_VOICE_HOP) {
        memmove(self->window, self->window + MCP_MEDIA_VOICE_HOP, kept * sizeof *self->window);
        self->filled = 0;
    }
    if (self->step == 2)
        push_halved(self, samples, n);
    else
        push_all(self, samples, n);
}

void
mcp_media_voice_framer_analyse(const McpMediaVoiceFramer *self, McpMediaVoiceBands *out_bands)
{
    gfloat in[MCP_MEDIA_FOURIER_SIZE];
    gfloat re[MCP_MEDIA_FOURIER_BINS];
    gfloat im[MCP_MEDIA_FOURIER_BINS];
    gfloat total = 0;

    for (guint i = 0; i < MCP_MEDIA_VOICE_WINDOW; i++)
        in[i] = self->window[i] * window[i];
    memset(in + MCP_MEDIA_VOICE_WINDOW, 0,
           (MCP_MEDIA_FOURIER_SIZE - MCP_MEDIA_VOICE_WINDOW) * sizeof *in);
    mcp_media_fourier_transform(in, re, im);
    for (guint k = 0; k < MCP_MEDIA_FOURIER_BINS; k++)
        out_bands->power[k] = (re[k] * re[k] + im[k] * im[k]) / WINDOW_POWER;
    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat sum = 0;

        for (guint k = edges[b]; k < edges[b + 1]; k++)
            sum += out_bands->power[k];
        total += sum;
        out_bands->band[b] = log10f(sum / (gfloat)(edges[b + 1] - edges[b]) + POWER_FLOOR);
    }
    /* A half of the bins, so that it is a level: a tone of amplitude 1 has about -0.3. */
    out_bands->full = log10f(total * 2 / MCP_MEDIA_FOURIER_SIZE + POWER_FLOOR);
}
