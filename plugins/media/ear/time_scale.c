/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shorter and longer sounds without a change of pitch: a period of voice is left out or repeated,
 * and the joint is an overlap of the two (the idea of WSOLA). Pure functions.
 */
#include "time_scale.h"

#include <math.h>

/* The period is searched at 8 kHz or little more, and refined at the real rate. */
#define SEARCH_RATE 8000
#define LAG_MIN (SEARCH_RATE * MCP_MEDIA_TIME_SCALE_MIN_MS / 1000)
#define LAG_MAX (SEARCH_RATE * MCP_MEDIA_TIME_SCALE_MS / 1000)
#define WINDOW_MAX (SEARCH_RATE * 20 / 1000)

static gfloat
likeness(const gfloat *a, const gfloat *b, guint n)
{
    gfloat product = 0;
    gfloat first = 0;
    gfloat second = 0;

    for (guint i = 0; i < n; i++) {
        product += a[i] * b[i];
        first += a[i] * a[i];
        second += b[i] * b[i];
    }
    return product / sqrtf(first * second + 1.0f);
}

/* Mean difference of the two at the real rate. */
static gfloat
distance(const gint16 *a, const gint16 *b, guint n)
{
    gfloat sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (gfloat)ABS(a[i] - b[i]);
    return sum;
}

static guint
refine(const gint16 *at, gboolean back, guint lag, guint reach, guint window)
{
    guint best = lag;
    gfloat least = INFINITY;

    for (guint other = lag - reach; other <= lag + reach; other++) {
        gfloat value = distance(at, back ? at - other : at + other, window);

        if (value < least) {
            least = value;
            best = other;
        }
    }
    return best;
}

guint
mcp_media_time_scale_find(const gint16 *at, gboolean back, guint rate, guint window,
                          gfloat *out_likeness)
{
    guint step = rate / SEARCH_RATE;
    guint n = MIN(window / step, WINDOW_MAX);
    guint before = back ? LAG_MAX : 0;
    gfloat low[LAG_MAX + WINDOW_MAX];
    gfloat best = -2;
    guint found = LAG_MIN;

    for (guint i = 0; i < n + LAG_MAX; i++) {
        const gint16 *from = at + ((gint)i - (gint)before) * (gint)step;
        gfloat sum = 0;

        for (guint k = 0; k < step; k++)
            sum += from[k];
        low[i] = sum / (gfloat)step;
    }
    /* One step less than the bounds: room for what refines. */
    for (guint lag = LAG_MIN; lag < LAG_MAX; lag++) {
        gfloat value = likeness(low + before, back ? low + before - lag : low + lag, n);

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
