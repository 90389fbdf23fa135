/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Half and twice the rate, through a low-pass at half of the band. Pure functions, any thread.
 */
#include "half_band.h"

#include <math.h>
#include <string.h>

/* Every second tap but the middle one is zero (half-band, Hamming window). */
static void
make_filter(double *out)
{
    const gint middle = MCP_SOUND_TAPS / 2;

    for (gint i = 0; i < MCP_SOUND_TAPS; i++) {
        double x = i - middle;
        double window = 0.54 - 0.46 * cos(2 * G_PI * i / (MCP_SOUND_TAPS - 1));

        out[i] = x == 0 ? 0.5 : sin(G_PI * x / 2) / (G_PI * x) * window;
    }
}

static const double *
get_filter(void)
{
    static gsize made;
    static double filter[MCP_SOUND_TAPS];

    if (g_once_init_enter(&made)) {
        make_filter(filter);
        g_once_init_leave(&made, 1);
    }
    return filter;
}

/* What was kept and what is new, in a row; the end of it is kept for the next time. */
static void
join(McpSoundHalfBand *state, const gint16 *samples, guint n, gint16 *out)
{
    memcpy(out, state->before, sizeof state->before);
    memcpy(out + MCP_SOUND_TAPS - 1, samples, n * sizeof *samples);
    memcpy(state->before, out + n, sizeof state->before);
}

static gint16
filter_at(const double *filter, const gint16 *samples, double gain)
{
    double sum = 0;

    for (guint k = 0; k < MCP_SOUND_TAPS; k++)
        sum += filter[k] * samples[k];
    return (gint16)CLAMP(sum * gain, G_MININT16, G_MAXINT16);
}

guint
mcp_sound_halve(McpSoundHalfBand *state, const gint16 *samples, guint n, gint16 *out)
{
    const double *filter = get_filter();
    gint16 all[MCP_SOUND_TAPS - 1 + MCP_SOUND_BLOCK];

    g_return_val_if_fail(n <= MCP_SOUND_BLOCK, 0);
    join(state, samples, n, all);
    for (guint i = 0; i < n / 2; i++)
        out[i] = filter_at(filter, all + 2 * i, 1);
    return n / 2;
}

guint
mcp_sound_double(McpSoundHalfBand *state, const gint16 *samples, guint n, gint16 *out)
{
    const double *filter = get_filter();
    gint16 spread[MCP_SOUND_BLOCK];
    gint16 all[MCP_SOUND_TAPS - 1 + MCP_SOUND_BLOCK];

    g_return_val_if_fail(2 * n <= MCP_SOUND_BLOCK, 0);
    /* With silence in between, and twice as loud for that. */
    for (guint i = 0; i < n; i++) {
        spread[2 * i] = samples[i];
        spread[2 * i + 1] = 0;
    }
    join(state, spread, 2 * n, all);
    for (guint i = 0; i < 2 * n; i++)
        out[i] = filter_at(filter, all + i, 2);
    return 2 * n;
}
