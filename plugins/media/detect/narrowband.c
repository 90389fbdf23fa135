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
#define PIECE 160

/*
 * Half-band low-pass, Hamming window: every second tap is 0 but the one in the middle. These are
 * the taps at distance 1, 3, … 15 from it; 2^14 is one.
 */
static const gint16 taps[] = {5180, -1600, 820, -455, 247, -123, 55, -28};
#define MIDDLE 8192

gboolean
mcp_media_narrowband_init(McpMediaNarrowband *narrowband, guint rate)
{
    memset(narrowband, 0, sizeof *narrowband);
    narrowband->factor = rate == WIDEBAND_RATE ? 2 : 1;
    return rate == WIDEBAND_RATE || rate == MCP_MEDIA_NARROWBAND_RATE;
}

/*
 * Every second sample of @row, each with its neighbours at odd distances. The taps sum up to one,
 * their absolute values to less than two: 32 bits hold the sum. A plain loop over the outputs, so
 * that the compiler makes vectors of it.
 */
static void
filter(const gint16 *row, gint16 *out, gsize n)
{
    gint16 middle[PIECE];
    gint16 around[PIECE + 2 * G_N_ELEMENTS(taps)];

    for (gsize i = 0; i < n; i++)
        middle[i] = row[HALF + 2 * i];
    for (gsize i = 0; i < n + 2 * G_N_ELEMENTS(taps) - 1; i++)
        around[i] = row[2 * i];
    for (gsize i = 0; i < n; i++) {
        const gint16 *after = around + i + G_N_ELEMENTS(taps);
        gint32 sum = MIDDLE * middle[i];

#pragma GCC unroll 8
        for (gint k = 0; k < (gint)G_N_ELEMENTS(taps); k++)
            sum += taps[k] * after[-1 - k] + taps[k] * after[k];
        sum >>= SCALE_BITS;
        out[i] = (gint16)CLAMP(sum, G_MININT16, G_MAXINT16);
    }
}

/* Returns: outputs, PIECE at most. */
static gsize
halve(McpMediaNarrowband *self, const gint16 **samples, gsize *n, gint16 *out, gsize max)
{
    gint16 row[MCP_MEDIA_NARROWBAND_TAPS + 2 * PIECE];
    gsize made = MIN(MIN(max, PIECE), (*n + self->odd) / 2);
    /* All that is left when it makes no output: one, or none. */
    gsize take = made > 0 ? 2 * made - self->odd : *n;

    memcpy(row, self->history, sizeof self->history);
    memcpy(row + MCP_MEDIA_NARROWBAND_TAPS, *samples, take * sizeof *row);
    /* An output is due with the second sample of a pair, whose filter ends there. */
    filter(row + 2 - self->odd, out, made);
    memcpy(self->history, row + take, sizeof self->history);
    self->odd = made > 0 ? FALSE : (self->odd + take) % 2 != 0;
    *samples += take;
    *n -= take;
    return made;
}

gsize
mcp_media_narrowband_take(McpMediaNarrowband *narrowband, const gint16 **samples, gsize *n,
                          gint16 *out, gsize max)
{
    gsize take = MIN(*n, max);

    if (narrowband->factor == 2) {
        take = 0;
        while (*n > 0 && take < max)
            take += halve(narrowband, samples, n, out + take, max - take);
        return take;
    }
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
