/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A swept tone, made in μ-law so that PCMU carries it bit by bit, and found again.
 */
#include "sweep.h"

#include <math.h>
#include <sound/g711.h>
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
static gint16 behind_alaw[PERIOD];

void
sweep_as_alaw(gint16 *samples, guint n)
{
    guint8 code = 0;

    for (guint i = 0; i < n; i++) {
        mcp_sound_alaw_encode(samples + i, 1, &code);
        mcp_sound_alaw_decode(&code, 1, samples + i);
    }
}

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
    mcp_sound_mulaw_encode(linear, PERIOD, coded);
    mcp_sound_mulaw_decode(coded, PERIOD, linear);
    memcpy(behind_alaw, linear, sizeof linear);
    sweep_as_alaw(behind_alaw, PERIOD);
    g_once_init_leave(&made, 1);
}

void
sweep_mulaw(guint64 at, guint n, guint8 *out)
{
    make();
    for (guint i = 0; i < n; i++)
        out[i] = coded[(at + i) % PERIOD];
}

typedef struct {
    const gint16 *samples;
    const gint16 *sweep;
    guint n;
    guint i;   /* sample that is looked at */
    guint64 k; /* place that it should be */
} Search;

/* From sample @i on there is what the sweep has from place @k on. */
static gboolean
matches(const Search *self, guint i, guint64 k)
{
    if (i + WINDOW > self->n)
        return FALSE;
    for (guint at = 0; at < WINDOW; at++)
        if (self->samples[i + at] != self->sweep[(k + at) % PERIOD])
            return FALSE;
    return TRUE;
}

/* To where it goes on. */
static void
find_again(Search *self, SweepFound *found)
{
    for (guint d = 1; d < SEARCH; d++) {
        if (matches(self, self->i, self->k + d)) {
            found->lost += d;
            self->k += d;
            return;
        }
        if (self->k >= d && matches(self, self->i, self->k - d)) {
            found->doubled += d;
            found->matched -= MIN(d, found->matched);
            self->k -= d;
            return;
        }
        if (matches(self, self->i + d, self->k)) {
            found->put_in += d;
            self->i += d;
            return;
        }
    }
    found->changed++;
    self->i++;
    self->k++;
}

void
sweep_find(const gint16 *samples, guint n, guint64 sent, gboolean alaw, SweepFound *out_found)
{
    Search search = {.samples = samples, .n = n};

    make();
    search.sweep = alaw ? behind_alaw : linear;
    memset(out_found, 0, sizeof *out_found);
    while (search.i < n && !matches(&search, search.i, 0))
        search.i++;
    while (search.i < n && search.k < sent) {
        if (samples[search.i] == search.sweep[search.k % PERIOD]) {
            search.i++;
            search.k++;
            out_found->matched++;
        } else {
            find_again(&search, out_found);
        }
    }
}
