/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A swept tone, made in μ-law so that PCMU carries it bit by bit, and found again.
 */
#include "sweep.h"

#include "codec/g711.h"
#include <math.h>
#include <string.h>

#define RATE 8000
#define PERIOD (4 * RATE)
#define FIRST_HZ 200.0
#define LAST_HZ 3400.0
#define PEAK 8000
/* So many in a row tell a place. */
#define WINDOW 64
/* So far is looked for the place at which it goes on. */
#define SEARCH 4000

static guint8 coded[PERIOD];
static gint16 linear[PERIOD];

static void
make(void)
{
    static gsize made = 0;

    if (!g_once_init_enter(&made))
        return;
    for (guint i = 0; i < PERIOD; i++) {
        double t = (double)i / RATE;
        double hz = FIRST_HZ + (LAST_HZ - FIRST_HZ) * t / (2.0 * PERIOD / RATE);

        linear[i] = (gint16)(PEAK * sin(2 * G_PI * hz * t));
    }
    mcp_media_mulaw_encode(linear, PERIOD, coded);
    mcp_media_mulaw_decode(coded, PERIOD, linear);
    g_once_init_leave(&made, 1);
}

void
sweep_mulaw(guint64 at, guint n, guint8 *out)
{
    make();
    for (guint i = 0; i < n; i++)
        out[i] = coded[(at + i) % PERIOD];
}

void
sweep_linear(guint64 at, guint n, gint16 *out)
{
    make();
    for (guint i = 0; i < n; i++)
        out[i] = linear[(at + i) % PERIOD];
}

/* @n samples from @samples on, as far as there are so many, are those of place @at on. */
static gboolean
matches(const gint16 *samples, guint n, guint64 at)
{
    for (guint i = 0; i < MIN(n, WINDOW); i++)
        if (samples[i] != linear[(at + i) % PERIOD])
            return FALSE;
    return n >= WINDOW;
}

/* Samples[*i] is not of place *k: goes to where it goes on. */
static void
find_again(const gint16 *samples, guint n, guint *i, guint64 *k, SweepFound *found)
{
    for (guint d = 1; d < SEARCH; d++) {
        if (matches(samples + *i, n - *i, *k + d)) {
            found->lost += d;
            *k += d;
            return;
        }
        if (*k >= d && matches(samples + *i, n - *i, *k - d)) {
            found->doubled += d;
            *k -= d;
            found->matched -= MIN(d, found->matched);
            return;
        }
        if (*i + d < n && matches(samples + *i + d, n - *i - d, *k)) {
            found->put_in += d;
            *i += d;
            return;
        }
    }
    found->changed++;
    ++*i;
    ++*k;
}

void
sweep_find(const gint16 *samples, guint n, guint64 sent, SweepFound *out_found)
{
    guint64 k = 0;
    guint i = 0;

    make();
    memset(out_found, 0, sizeof *out_found);
    while (i < n && !matches(samples + i, n - i, 0))
        i++;
    while (i < n && k < sent) {
        if (samples[i] == linear[k % PERIOD]) {
            i++;
            k++;
            out_found->matched++;
        } else {
            find_again(samples, n, &i, &k, out_found);
        }
    }
}
