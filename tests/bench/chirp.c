/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chirp and its detector, a normalized correlation. The wave is computed on first use under
 * g_once; everything else is without state.
 */
#include "chirp.h"

#include <math.h>
#include <string.h>

#define RATE 8000.0
#define PEAK 12000.0
#define LOW 500.0
#define HIGH 3300.0
#define ALIKE 0.7      /* correlation, of 1 */
#define QUIETEST 400.0 /* RMS that a chirp has at least */
#define KEPT (MCP_BENCH_CHIRP - 1)
/* A detection that early in the kept samples is the next packet's first sample, rounded. */
#define ROUNDING 2

static gint64
samples_ns(gint64 n)
{
    return n * G_GINT64_CONSTANT(1000000000) / (gint64)RATE;
}

static const double *
chirp(void)
{
    static double wave[MCP_BENCH_CHIRP];
    static gsize made = 0;
    if (g_once_init_enter(&made)) {
        for (guint i = 0; i < MCP_BENCH_CHIRP; i++) {
            double t = i / RATE;
            double length = MCP_BENCH_CHIRP / RATE;
            double phase = LOW * t + (HIGH - LOW) * t * t / (2.0 * length);
            double window = 0.5 - 0.5 * cos(2.0 * G_PI * (i + 0.5) / MCP_BENCH_CHIRP);
            wave[i] = sqrt(window) * sin(2.0 * G_PI * phase);
        }
        g_once_init_leave(&made, 1);
    }
    return wave;
}

void
mcp_bench_chirp_add(gint16 *samples)
{
    for (guint i = 0; i < MCP_BENCH_CHIRP; i++)
        samples[i] = (gint16)(samples[i] + lround(PEAK * chirp()[i]));
}

gint
mcp_bench_chirp_find(const gint16 *samples, guint n)
{
    const double *wave = chirp();
    double wave_energy = 0.0;
    double best = ALIKE;
    gint place = -1;
    for (guint i = 0; i < MCP_BENCH_CHIRP; i++)
        wave_energy += wave[i] * wave[i];
    for (guint at = 0; at + MCP_BENCH_CHIRP <= n; at++) {
        double product = 0.0;
        double energy = 0.0;
        for (guint i = 0; i < MCP_BENCH_CHIRP; i++) {
            product += wave[i] * samples[at + i];
            energy += (double)samples[at + i] * samples[at + i];
        }
        if (energy < QUIETEST * QUIETEST * MCP_BENCH_CHIRP)
            continue;
        double alike = product / sqrt(wave_energy * energy);
        if (alike > best) {
            best = alike;
            place = (gint)at;
        }
    }
    return place;
}

gboolean
mcp_bench_chirp_ear_take(McpBenchChirpEar *ear, const McpBenchHeard *heard,
                         McpBenchChirpHeard *out_heard)
{
    gint16 samples[KEPT + MCP_BENCH_SAMPLES_MAX];
    guint n = KEPT + heard->n;
    if (heard->n < KEPT) /* a packet of less than 10 ms is not the bench's */
        return FALSE;
    if (heard->index != ear->next_index)
        memset(ear->tail, 0, sizeof ear->tail);
    memcpy(samples, ear->tail, sizeof ear->tail);
    memcpy(samples + KEPT, heard->samples, heard->n * sizeof *samples);
    gint place = mcp_bench_chirp_find(samples, n);
    if (place >= KEPT - ROUNDING)
        *out_heard = (McpBenchChirpHeard){heard->time_ns + samples_ns(place - KEPT), FALSE};
    else if (place >= 0)
        *out_heard = (McpBenchChirpHeard){ear->tail_ns - samples_ns(KEPT - place), TRUE};
    memcpy(ear->tail, samples + n - KEPT, sizeof ear->tail);
    ear->tail_ns = heard->time_ns + samples_ns(heard->n);
    ear->next_index = heard->index + 1;
    return place >= 0;
}
