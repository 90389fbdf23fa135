/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples of 16 kHz at half their rate, for detectors whose signals all lie in the telephone band.
 * Owns the filter's history. Media worker.
 */
#include "narrowband.h"

#include <string.h>

#define HALF (MCP_MEDIA_NARROWBAND_TAPS / 2)
#define WIDEBAND_RATE 16000
#define SCALE_BITS 15

/*
 * Half-band low-pass, Hamming window: every second tap is 0 but the one in the middle. These are
 * the taps at distance 1, 3, … 15 from it; 2^15 is one.
 */
static const gint32 taps[] = {10361, -3199, 1639, -911, 494, -246, 111, -57};
#define MIDDLE 16384

gboolean
mcp_media_narrowband_init(McpMediaNarrowband *narrowband, guint rate)
{
    memset(narrowband, 0, sizeof *narrowband);
    narrowband->factor = rate == WIDEBAND_RATE ? 2 : 1;
    return rate == WIDEBAND_RATE || rate == MCP_MEDIA_NARROWBAND_RATE;
}

static gint32
past(const McpMediaNarrowband *self, guint age)
{
    guint index = self->at + MCP_MEDIA_NARROWBAND_TAPS - 1 - age;

    return self->history[index % MCP_MEDIA_NARROWBAND_TAPS];
}

static gint16
filter(const McpMediaNarrowband *self)
{
    gint64 sum = (gint64)MIDDLE * past(self, HALF);

    for (guint i = 0; i < G_N_ELEMENTS(taps); i++)
        sum += (gint64)taps[i] * (past(self, HALF - 1 - 2 * i) + past(self, HALF + 1 + 2 * i));
    return (gint16)CLAMP(sum / (1 << SCALE_BITS), G_MININT16, G_MAXINT16);
}

static gsize
halve(McpMediaNarrowband *self, const gint16 **samples, gsize *n, gint16 *out, gsize max)
{
    gsize made = 0;

    while (*n > 0 && made < max) {
        self->history[self->at] = **samples;
        self->at = (self->at + 1) % MCP_MEDIA_NARROWBAND_TAPS;
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
