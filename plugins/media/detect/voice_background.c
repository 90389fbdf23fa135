/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line's own noise: its floor by minimum statistics, its peaks by a quantile, and its mean
 * spectrum. Speech hardly moves them, what stays for long does. Media worker.
 */
#include "voice_background.h"

#include <string.h>

#define MINIMUM_HOPS 12 /* six of 240 ms */
#define SMOOTHING 0.4f
/* The 90 % quantile: 0.4 dB up, 0.04 dB down a hop; faster in the first second. */
#define PEAK_UP 0.036f
#define PEAK_DOWN 0.004f
#define EARLY_HOPS 50
#define EARLY_FACTOR 4.0f
/* A second; a quarter of it in the first one. */
#define MEAN_MEMORY 0.02f
#define POWER_MEMORY 0.06f
/* Music on hold that was taken for speech becomes background within half a minute. */
#define TRUST_MIN 0.04f
#define LOWEST -9.0f

void
mcp_media_voice_background_init(McpMediaVoiceBackground *self)
{
    memset(self, 0, sizeof *self);
    for (guint b = 0; b <= MCP_MEDIA_VOICE_BANDS; b++) {
        self->floor[b] = LOWEST;
        self->peak[b] = LOWEST;
        self->mean[b] = LOWEST;
    }
}

static void
start(McpMediaVoiceBackground *self, const McpMediaVoiceBands *heard, const gfloat *level)
{
    memcpy(self->smooth, level, sizeof self->smooth);
    memcpy(self->floor, level, sizeof self->floor);
    memcpy(self->peak, level, sizeof self->peak);
    memcpy(self->mean, level, sizeof self->mean);
    for (guint i = 0; i < MCP_MEDIA_VOICE_MINIMA; i++)
        memcpy(self->minima[i], level, sizeof self->minima[i]);
    memcpy(self->power, heard->power, sizeof self->power);
}

static void
learn_floor(McpMediaVoiceBackground *self, const gfloat *level)
{
    gfloat *present = NULL;

    if (++self->minimum_hops == MINIMUM_HOPS) {
        self->minimum_hops = 0;
        self->minimum = (self->minimum + 1) % MCP_MEDIA_VOICE_MINIMA;
        memcpy(self->minima[self->minimum], self->smooth, sizeof self->smooth);
    }
    present = self->minima[self->minimum];
    for (guint b = 0; b <= MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat lowest = 0;

        self->smooth[b] += SMOOTHING * (level[b] - self->smooth[b]);
        present[b] = MIN(present[b], self->smooth[b]);
        lowest = present[b];
        for (guint i = 0; i < MCP_MEDIA_VOICE_MINIMA; i++)
            lowest = MIN(lowest, self->minima[i][b]);
        self->floor[b] = lowest;
    }
}

static void
learn_usual(McpMediaVoiceBackground *self, const gfloat *level, gfloat trust)
{
    gfloat factor = self->hops < EARLY_HOPS ? EARLY_FACTOR : 1.0f;

    for (guint b = 0; b <= MCP_MEDIA_VOICE_BANDS; b++) {
        if (level[b] > self->peak[b])
            self->peak[b] += MIN(PEAK_UP * factor * trust, level[b] - self->peak[b]);
        else
            self->peak[b] -= MIN(PEAK_DOWN * factor, self->peak[b] - level[b]);
        self->mean[b] += MEAN_MEMORY * factor * trust * (level[b] - self->mean[b]);
    }
}

void
mcp_media_voice_background_learn(McpMediaVoiceBackground *self, const McpMediaVoiceBands *heard,
                                 gfloat trust)
{
    gfloat level[MCP_MEDIA_VOICE_BANDS + 1];
    gfloat memory = 0;

    memcpy(level, heard->band, sizeof heard->band);
    level[MCP_MEDIA_VOICE_BANDS] = heard->full;
    trust = MAX(trust, TRUST_MIN);
    if (self->hops < EARLY_HOPS)
        self->hops++;
    /* The first window is half empty. */
    if (self->hops <= 2) {
        start(self, heard, level);
        return;
    }
    learn_floor(self, level);
    learn_usual(self, level, trust);
    memory = POWER_MEMORY * trust;
    for (guint k = 0; k < MCP_MEDIA_FOURIER_BINS; k++)
        self->power[k] += memory * (heard->power[k] - self->power[k]);
}
