/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ear in silences that the other side describes (RFC 3389): noise as packets would have brought
 * it, told when it is due. Media worker.
 */
#include "ear_private.h"

/* A silence ends where it should, or the timestamps jumped. */
#define FILL_MAX_MS 1000
#define BACK_MAX_MS 250

static void
make_ticks(McpMediaEar *self, gint64 ticks, gint64 arrival, gint64 now)
{
    McpMediaEarNoise *noise = &self->noise;
    guint rate = mcp_media_decoder_get_format(self->decoder)->rate;
    gint16 made[MCP_MEDIA_SAMPLES_MAX];
    gint16 samples[MCP_MEDIA_SAMPLES_MAX];
    gint64 timestamp = noise->timestamp;
    guint n = (guint)(ticks * rate / mcp_media_ear_clock(self));

    if (!self->started)
        self->base = timestamp;
    self->started = TRUE;
    self->paused = TRUE;
    mcp_media_comfort_noise_make(&noise->source, made, n);
    n = mcp_media_decoder_pass(self->decoder, made, n, samples);
    noise->timestamp += ticks;
    noise->arrival += ticks * G_USEC_PER_SEC / mcp_media_ear_clock(self);
    self->next_timestamp = noise->timestamp;
    if (n > 0)
        mcp_media_ear_tell(self, samples, n, timestamp, arrival, FALSE, now);
}

static gint64
noise_step(const McpMediaEar *self)
{
    return (gint64)mcp_media_ear_clock(self) * MCP_MEDIA_EAR_NOISE_MS / 1000;
}

gboolean
mcp_media_ear_make_noise(McpMediaEar *self, gint64 now)
{
    McpMediaEarNoise *noise = &self->noise;

    if (noise->arrival >= noise->until)
        noise->active = FALSE;
    if (noise->active)
        make_ticks(self, noise_step(self), noise->hurries ? now : MIN(noise->arrival, now), now);
    return noise->active;
}

/* Nobody listened so far. */
static void
skip_noise(McpMediaEar *self, gint64 now)
{
    gint64 portions = (now - self->noise.arrival) / (MCP_MEDIA_EAR_NOISE_MS * 1000);

    if (portions <= 0)
        return;
    self->noise.timestamp += portions * noise_step(self);
    self->noise.arrival += portions * MCP_MEDIA_EAR_NOISE_MS * 1000;
}

void
mcp_media_ear_make_due_noise(McpMediaEar *self, gint64 lag, gint64 now)
{
    if (self->noise.active && self->noise.skip)
        skip_noise(self, now);
    self->noise.skip = FALSE;
    while (self->noise.active && self->noise.arrival + lag <= now &&
           mcp_media_ear_make_noise(self, now))
        continue;
}

void
mcp_media_ear_fill_up(McpMediaEar *self, gint64 timestamp, gint64 now)
{
    gint64 gap = timestamp - self->noise.timestamp;

    if (!self->noise.active || !self->started)
        return;
    if (gap < -(gint64)mcp_media_ear_clock(self) * BACK_MAX_MS / 1000)
        self->restarted = TRUE;
    if (gap > (gint64)mcp_media_ear_clock(self) * FILL_MAX_MS / 1000)
        return;
    for (; gap > 0; gap -= noise_step(self))
        make_ticks(self, MIN(gap, noise_step(self)), MIN(self->noise.arrival, now), now);
}

void
mcp_media_ear_begin_noise(McpMediaEar *self, const guint8 *payload, gsize length, gint64 timestamp,
                          gint64 arrival)
{
    McpMediaEarNoise *noise = &self->noise;
    gint64 beyond = noise->timestamp - timestamp;
    McpMediaSid sid;

    if (!mcp_media_sid_read(&sid, payload, length))
        return;
    if (!noise->active || !self->started || self->restarted || beyond < 0)
        beyond = 0;
    mcp_media_comfort_noise_set(&noise->source, &sid);
    noise->timestamp = timestamp + beyond;
    noise->arrival = arrival + beyond * G_USEC_PER_SEC / mcp_media_ear_clock(self);
    noise->until = arrival + MCP_MEDIA_NOISE_MAX;
    noise->active = TRUE;
}
