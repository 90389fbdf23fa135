/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples of 16 kHz at half their rate, for detectors whose signals all lie in the telephone band.
 * Owns the filter's history. Media worker.
 */
#include "narrowband.h"

#include <string.h>

#define HALF (MCP_MEDIA_NARROWBAND_TAPS / 2)
#define WIDEBAND_RATE 16000
#define SCALE_BITS 14

/*
 * Half-band low-pass, Hamming window: every second tap is 0 but the one in the middle. These are
 * the taps at distance 1, 3, … 15 from it; 2^14 is one.
 */
static const gint32 taps[] = {5180, -1600, 820, -455, 247, -123, 55, -28};
#define MIDDLE 8192

gboolean
mcp_media_narrowband_init(McpMediaNarrowband *narrowband, guint rate)
{
    memset(narrowband, 0, sizeof *narrowband);
    narrowband->factor = rate == WIDEBAND_RATE ? 2 : 1;
    return rate == WIDEBAND_RATE || rate == MCP_MEDIA_NARROWBAND_RATE;
}

/* The taps sum up to one and their absolute values to less than two: 32 bits hold the sum. */
static gint16
filter(const McpMediaNarrowband *self)
{
    const gint16 *middle = self->history + self->at + HALF;
    gint32 sum = MIDDLE * middle[0];

#pragma GCC unroll 8
    for (gint i = 0; i < (gint)G_N_ELEMENTS(taps); i++)
        sum += taps[i] * (middle[-1 - 2 * i] + middle[1 + 2 * i]);
    return (gint16)CLAMP(sum >> SCALE_BITS, G_MININT16, G_MAXINT16);
}

static gsize
halve(McpMediaNarrowband *self, const gint16 **samples, gsize *n, gint16 *out, gsize max)
{
    gsize made = 0;

    while (*n > 0 && made < max) {
        self->history[self->at] = **samples;
        self->history[self->at + MCP_MEDIA_NARROWBAND_TAPS] = **samples;
        self->at = self->at + 1 < MCP_MEDIA_NARROWBAND_TAPS ? self->at + 1 : 0;
        self->odd = !self->odd;
        (*samples)++;
        (*n)--;
        if (!self->odd)
            out[made++] = filter(self);
    }
    return made;
}

gsize
mcp_media_narrowband_take(McpMediaNarrowband *narrowband, const gint16 **samples, gsize *n,
                          gint16 *out, gsize max)
{
    gsize take = MIN(*n, max);

    if (narrowband->factor == 2)
        return halve(narrowband, samples, n, out, max);
    memcpy(out, *samples, take * sizeof *out);
    *samples += take;
    *n -= take;
    return take;
}

gint64
mcp_media_narrowband_position(const McpMediaNarrowband *narrowband, gint64 position)
{
    gint64 delay = narrowband->factor == 2 ? HALF : 0;

    return MAX(position * narrowband->factor - delay, 0);
}
