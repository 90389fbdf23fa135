/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of a conference: a sum of 32 bits, and for each one what is in it less its own
 * voice. The loops are plain, so that the compiler makes vectors of them. Pure functions.
 */
#include "mix.h"

#include <math.h>
#include <string.h>

/* A little below full scale: what one took out of the sum may have held it down. */
#define PEAK_MAX 30000
/* So much of the way back to no gain a step: about 12 dB a second. */
#define RELEASE_SHIFT 5

static inline gint16
clip(gint32 value)
{
    return (gint16)CLAMP(value, G_MININT16, G_MAXINT16);
}

void
mcp_media_mix_init(McpMediaMix *mix)
{
    mix->n = 0;
    mix->from = mix->to = MCP_MEDIA_GAIN_ONE;
}

void
mcp_media_mix_begin(McpMediaMix *mix, guint n)
{
    mix->n = MIN(n, MCP_MEDIA_MIX_MAX);
    memset(mix->sum, 0, mix->n * sizeof mix->sum[0]);
}

void
mcp_media_mix_add(McpMediaMix *mix, const gint16 *samples)
{
    for (guint i = 0; i < mix->n; i++)
        mix->sum[i] += samples[i];
}

void
mcp_media_mix_end(McpMediaMix *mix)
{
    gint32 peak = 0;
    gint32 wanted = MCP_MEDIA_GAIN_ONE;

    for (guint i = 0; i < mix->n; i++)
        peak = MAX(peak, ABS(mix->sum[i]));
    if (peak > PEAK_MAX)
        wanted = (gint32)((gint64)PEAK_MAX * MCP_MEDIA_GAIN_ONE / peak);
    mix->from = mix->to;
    /* Down at once, up slowly. */
    if (wanted < mix->to)
        mix->to = wanted;
    else
        mix->to += (wanted - mix->to + (1 << RELEASE_SHIFT) - 1) >> RELEASE_SHIFT;
}

/* What of the sum reaches one, before it is turned down. */
static void
subtract(const McpMediaMix *mix, const gint16 *own, const gint16 *aside, gint32 *out)
{
    memcpy(out, mix->sum, mix->n * sizeof *out);
    for (guint i = 0; own != NULL && i < mix->n; i++)
        out[i] -= own[i];
    for (guint i = 0; aside != NULL && i < mix->n; i++)
        out[i] += aside[i];
}

void
mcp_media_mix_take(const McpMediaMix *mix, const gint16 *own, const gint16 *aside, gint16 *out)
{
    gint32 heard[MCP_MEDIA_MIX_MAX];

    subtract(mix, own, aside, heard);
    if (mix->from == MCP_MEDIA_GAIN_ONE && mix->to == MCP_MEDIA_GAIN_ONE) {
        for (guint i = 0; i < mix->n; i++)
            out[i] = clip(heard[i]);
        return;
    }
    for (guint i = 0; i < mix->n; i++) {
        gint32 gain = mix->from + (mix->to - mix->from) * (gint32)i / (gint32)mix->n;

        out[i] = clip((gint32)((gint64)heard[i] * gain / MCP_MEDIA_GAIN_ONE));
    }
}

gint32
mcp_media_gain_from_db(double db)
{
    return (gint32)lrint(pow(10, db / 20) * MCP_MEDIA_GAIN_ONE);
}

void
mcp_media_mix_gain(gint16 *samples, guint n, gint32 gain)
{
    for (guint i = 0; i < n; i++)
        samples[i] =
            (gint16)CLAMP((gint64)samples[i] * gain / MCP_MEDIA_GAIN_ONE, G_MININT16, G_MAXINT16);
}

void
mcp_media_mix_fade(gint16 *samples, guint n, gboolean in)
{
    for (guint i = 0; i < n; i++)
        samples[i] = (gint16)(samples[i] * (gint32)(in ? i : n - 1 - i) / (gint32)n);
}

gboolean
mcp_media_mix_is_silent(const gint16 *samples, guint n)
{
    while (n > 0 && samples[n - 1] == 0)
        n--;
    return n == 0;
}

guint
mcp_media_mix_level(const gint16 *samples, guint n)
{
    guint sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (guint)ABS((gint32)samples[i]);
    return n > 0 ? sum / n : 0;
}
