/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of our own prompt is expected back in each band: delay by the agreement of rises, loss
 * by a quantile, both learned while the call goes on. Media worker.
 */
#include "voice_echo.h"

#include <math.h>
#include <string.h>

/* Levels are log10 of power: 0.1 is 1 dB. */
#define NOTHING -9.0f
#define HEARD_AT -5.5f /* what is sent below -55 dB comes back below any noise */
#define LOSS_START -1.6f
#define LOSS_MIN -4.5f
#define LOSS_MAX -0.5f
/* Up nine times as fast as down: the 90 % quantile. */
#define LOSS_UP 0.072f
#define LOSS_DOWN 0.008f
#define MARGIN 0.3f
#define TAIL 0.5f /* a room loses 5 dB in 20 ms */
#define MEMORY 0.01f
#define RISE_MAX 1.0f
#define CERTAIN 0.3f
/* Hops around the delay: a jitter buffer moves it before the agreement, one of 2 s, shows it. */
#define SLACK 3

void
mcp_media_voice_echo_init(McpMediaVoiceEcho *self)
{
    memset(self, 0, sizeof *self);
    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        self->loss[b] = LOSS_START;
        self->expected[b] = NOTHING;
        self->heard_before[b] = NOTHING;
        for (guint i = 0; i < MCP_MEDIA_VOICE_ECHO_LAGS; i++)
            self->sent[i][b] = NOTHING;
    }
    self->expected_full = NOTHING;
    self->quiet = MCP_MEDIA_VOICE_ECHO_LAGS;
}

void
mcp_media_voice_echo_sent(McpMediaVoiceEcho *self, const McpMediaVoiceBands *sent)
{
    const gfloat *before = self->sent[self->newest];
    gfloat change = 0;

    self->quiet = sent != NULL ? 0 : self->quiet + (self->quiet < MCP_MEDIA_VOICE_ECHO_LAGS);
    self->active = self->quiet < MCP_MEDIA_VOICE_ECHO_LAGS;
    if (!self->active)
        return;
    self->newest = (self->newest + 1) % MCP_MEDIA_VOICE_ECHO_LAGS;
    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat level = sent != NULL ? sent->band[b] : NOTHING;
        gfloat rise = CLAMP(MAX(level, HEARD_AT) - MAX(before[b], HEARD_AT), -RISE_MAX, RISE_MAX);

        self->sent[self->newest][b] = level;
        self->rises[self->newest][b] = rise;
        change += rise * rise;
    }
    self->sent_change += MEMORY * (change - self->sent_change);
}

static guint
slot(const McpMediaVoiceEcho *self, guint lag)
{
    return (self->newest + MCP_MEDIA_VOICE_ECHO_LAGS - lag) % MCP_MEDIA_VOICE_ECHO_LAGS;
}

static void
find_delay(McpMediaVoiceEcho *self, const McpMediaVoiceBands *heard)
{
    gfloat rise[MCP_MEDIA_VOICE_BANDS];
    gfloat change = 0;
    gfloat scale = 0;

    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        rise[b] = CLAMP(heard->band[b] - self->heard_before[b], -RISE_MAX, RISE_MAX);
        self->heard_before[b] = heard->band[b];
        change += rise[b] * rise[b];
    }
    self->heard_change += MEMORY * (change - self->heard_change);
    scale = sqrtf(self->heard_change * self->sent_change) + 1e-3f;
    self->certainty = 0;
    for (guint lag = 0; lag < MCP_MEDIA_VOICE_ECHO_LAGS; lag++) {
        const gfloat *sent = self->rises[slot(self, lag)];
        gfloat product = 0;

        for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++)
            product += rise[b] * sent[b];
        self->agreement[lag] += MEMORY * (product - self->agreement[lag]);
        if (self->agreement[lag] / scale > self->certainty) {
            self->certainty = self->agreement[lag] / scale;
            self->lag = lag;
        }
    }
}

/* The loudest that may be coming back just now; some hops around the delay, else any delay. */
static void
loudest_sent(const McpMediaVoiceEcho *self, gfloat *out_level)
{
    gboolean certain = self->certainty > CERTAIN;
    guint from = certain && self->lag > SLACK ? self->lag - SLACK : 0;
    guint to = certain ? MIN(self->lag + SLACK, MCP_MEDIA_VOICE_ECHO_LAGS - 1)
                       : MCP_MEDIA_VOICE_ECHO_LAGS - 1;

    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++)
        out_level[b] = NOTHING;
    for (guint lag = from; lag <= to; lag++) {
        const gfloat *sent = self->sent[slot(self, lag)];

        for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++)
            out_level[b] = MAX(out_level[b], sent[b]);
    }
}

void
mcp_media_voice_echo_expect(McpMediaVoiceEcho *self, const McpMediaVoiceBands *heard)
{
    const guint *edges = mcp_media_voice_band_edges();
    gfloat level[MCP_MEDIA_VOICE_BANDS];
    gfloat power = 0;

    if (!self->active)
        return;
    find_delay(self, heard);
    loudest_sent(self, level);
    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat tail = self->expected[b] - TAIL;

        self->expected[b] = MAX(MAX(level[b] + self->loss[b] + MARGIN, tail), NOTHING);
        power += exp10f(self->expected[b]) * (gfloat)(edges[b + 1] - edges[b]);
    }
    self->expected_full = log10f(power * 2 / MCP_MEDIA_FOURIER_SIZE);
}

void
mcp_media_voice_echo_learn(McpMediaVoiceEcho *self, const McpMediaVoiceBands *heard,
                           const gfloat *floor, gfloat trust)
{
    gfloat level[MCP_MEDIA_VOICE_BANDS];

    if (!self->active)
        return;
    if (self->certainty > CERTAIN)
        trust = MAX(trust, 0.5f);
    loudest_sent(self, level);
    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat loss = heard->band[b] - level[b];

        if (level[b] < HEARD_AT)
            continue;
        if (loss > self->loss[b] && heard->band[b] > floor[b] + 0.3f)
            self->loss[b] += LOSS_UP * trust;
        else if (loss <= self->loss[b])
            self->loss[b] -= LOSS_DOWN;
        self->loss[b] = CLAMP(self->loss[b], LOSS_MIN, LOSS_MAX);
    }
}
