/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shorter and longer sounds without a change of pitch: a period of voice is left out or repeated,
 * and the joint is an overlap of the two (the idea of WSOLA). Pure functions.
 */
#include "time_scale.h"

#include "../codec/correlation.h"
#include <math.h>

/* The period is searched at 8 kHz or little more, and refined at the real rate. */
#define SEARCH_RATE 8000
#define LAG_MIN (SEARCH_RATE * MCP_MEDIA_TIME_SCALE_MIN_MS / 1000)
#define LAG_MAX (SEARCH_RATE * MCP_MEDIA_TIME_SCALE_MS / 1000)
#define WINDOW_MAX (SEARCH_RATE * 20 / 1000)

/* Sum of the differences of the two at the real rate: of whole numbers, which make vectors. */
static guint
distance(const gint16 *a, const gint16 *b, guint n)
{
    guint sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (guint)ABS(a[i] - b[i]);
    return sum;
}

static guint
refine(const gint16 *at, gboolean back, guint lag, guint reach, guint window)
{
    guint best = lag;
    guint least = G_MAXUINT;

    for (guint other = lag - reach; other <= lag + reach; other++) {
        guint value = distance(at, back ? at - other : at + other, window);

        if (value < least) {
            least = value;
            best = other;
        }
    }
    return best;
}

/* At the search rate: the mean of each @step samples. */
static void
lower(const gint16 *at, guint step, gfloat *out, guint n)
{
    for (guint i = 0; i < n; i++) {
        gfloat sum = 0;

        for (guint k = 0; k < step; k++)
            sum += at[i * step + k];
        out[i] = sum / (gfloat)step;
    }
}

guint
mcp_media_time_scale_find(const gint16 *at, gboolean back, guint rate, guint window,
                          gfloat *out_likeness)
{
    guint step = rate / SEARCH_RATE;
    guint n = MIN(window / step, WINDOW_MAX);
    guint before = back ? LAG_MAX : 0;
    gfloat low[LAG_MAX + WINDOW_MAX];
    gdouble energies[LAG_MAX + WINDOW_MAX + 1];
    gdouble own = 0;
    gfloat best = -2;
    guint found = LAG_MIN;

    lower(at - before * step, step, low, n + LAG_MAX);
    mcp_media_energies(low, n + LAG_MAX, energies);
    own = energies[before + n] - energies[before];
    /* One step less than the bounds: room for what refines. */
    for (guint lag = LAG_MIN; lag < LAG_MAX; lag++) {
        guint other = back ? before - lag : lag;
        gdouble energy = energies[other + n] - energies[other];
        gfloat product = mcp_media_dot(low + before, low + other, n);
        gfloat value = product / sqrtf((gfloat)(own * energy) + 1.0f);

        if (value > best) {
            best = value;
            found = lag;
        }
    }
    *out_likeness = best;
    return step == 1 ? found : refine(at, back, found * step, step - 1, n * step);
}

void
mcp_media_time_scale_glide(gint16 *out, const gint16 *from, const gint16 *to, guint n)
{
    for (guint i = 0; i < n; i++) {
        gfloat weight = (gfloat)(i + 1) / (gfloat)(n + 1);

        out[i] = (gint16)lrintf((gfloat)from[i] + weight * (gfloat)(to[i] - from[i]));
    }
}
