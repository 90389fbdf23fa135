/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.711 (ITU-T G.711 tables 1 and 2) and speech-like material. The decode and level tables are
 * filled on first use under g_once; everything else is without state.
 */
#include "speech.h"

#include <math.h>

#define BASE_RATE 8000 /* the one that the material's lengths are counted in */
#define HARMONICS 12
#define MULAW_BIAS 0x84
#define MULAW_CLIP 32635

static gint16 decode_table[256];

guint8
mcp_bench_mulaw_encode(gint16 sample)
{
    int magnitude = sample;
    int sign = 0;
    if (magnitude < 0) {
        magnitude = -magnitude;
        sign = 0x80;
    }
    magnitude = MIN(magnitude, MULAW_CLIP) + MULAW_BIAS;
    int exponent = (int)g_bit_storage((gulong)magnitude) - 8;
    int mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    return (guint8) ~(sign | (exponent << 4) | mantissa);
}

static gint16
expand(guint8 byte)
{
    int code = ~byte & 0xff;
    int exponent = (code >> 4) & 7;
    int magnitude = ((((code & 0x0f) << 3) + MULAW_BIAS) << exponent) - MULAW_BIAS;
    return (gint16)((code & 0x80) != 0 ? -magnitude : magnitude);
}

static gpointer
fill_table(gpointer unused)
{
    for (guint i = 0; i < 256; i++)
        decode_table[i] = expand((guint8)i);
    return NULL;
}

static const gint16 *
table(void)
{
    static GOnce once = G_ONCE_INIT;
    g_once(&once, fill_table, NULL);
    return decode_table;
}

gint16
mcp_bench_mulaw_decode(guint8 byte)
{
    return table()[byte];
}

guint
mcp_bench_mulaw_level(const guint8 *bytes, gsize n)
{
    const gint16 *decoded = table();
    guint sum = 0;
    for (gsize i = 0; i < n; i++)
        sum += (guint)ABS(decoded[bytes[i]]);
    return n == 0 ? 0 : sum / (guint)n;
}

/* ITU-T G.711 table 1: the segment's even bits are inverted. */
guint8
mcp_bench_alaw_encode(gint16 sample)
{
    int sign = sample >= 0 ? 0x80 : 0;
    int magnitude = (sample >= 0 ? sample : -1 - sample) >> 3;
    int exponent = MAX((int)g_bit_storage((gulong)magnitude) - 5, 0);
    int mantissa = (magnitude >> MAX(exponent, 1)) & 0x0f;
    return (guint8)((sign | (exponent << 4) | mantissa) ^ 0x55);
}

gint16
mcp_bench_alaw_decode(guint8 byte)
{
    int code = byte ^ 0x55;
    int exponent = (code >> 4) & 7;
    int magnitude = ((code & 0x0f) << 4) + 8;
    if (exponent > 0)
        magnitude = (magnitude + 0x100) << (exponent - 1);
    return (gint16)((code & 0x80) != 0 ? magnitude : -magnitude);
}

guint
mcp_bench_level(const gint16 *samples, gsize n)
{
    guint sum = 0;
    for (gsize i = 0; i < n; i++)
        sum += (guint)ABS((int)samples[i]);
    return n == 0 ? 0 : sum / (guint)n;
}

/* A syllable: the harmonics of one pitch under a raised-cosine envelope, with a little noise. */
static void
fill_syllable(gint16 *out, gsize n, guint rate, GRand *rand)
{
    double pitch = g_rand_double_range(rand, 90.0, 220.0);
    double formant = g_rand_double_range(rand, 400.0, 1800.0);
    double peak = g_rand_double_range(rand, 3000.0, 9000.0);
    double weights[HARMONICS];
    for (int i = 0; i < HARMONICS; i++) {
        double distance = (pitch * (i + 1) - formant) / 500.0;
        weights[i] = exp(-distance * distance) + 0.1;
    }
    for (gsize i = 0; i < n; i++) {
        double envelope = 0.5 - 0.5 * cos(2.0 * G_PI * (double)i / (double)n);
        double tone = 0.0;
        for (int harmonic = 1; harmonic <= HARMONICS; harmonic++)
            tone += weights[harmonic - 1] * sin(2.0 * G_PI * pitch * harmonic * (double)i / rate);
        double noise = g_rand_double_range(rand, -0.3, 0.3);
        out[i] = (gint16)CLAMP(envelope * peak * (tone / 4.0 + noise), -32000.0, 32000.0);
    }
}

gint16 *
mcp_bench_speech_samples(gsize n, guint rate, guint32 seed)
{
    gint16 *samples = g_new0(gint16, n);
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    gsize scale = rate / BASE_RATE;
    gsize at = 0;
    while (at < n) {
        gsize syllable = (gsize)g_rand_int_range(rand, 960, 2400) * scale;
        fill_syllable(samples + at, MIN(syllable, n - at), rate, rand);
        at += syllable;
        if (g_rand_int_range(rand, 0, 6) == 0) /* the end of a phrase */
            at += (gsize)g_rand_int_range(rand, 800, 2400) * scale;
    }
    return samples;
}

GBytes *
mcp_bench_speech_new(guint frames, guint32 seed)
{
    gsize total = (gsize)frames * MCP_BENCH_FRAME;
    g_autofree gint16 *samples = mcp_bench_speech_samples(total, BASE_RATE, seed);
    guint8 *coded = g_malloc(total);
    for (gsize i = 0; i < total; i++)
        coded[i] = mcp_bench_mulaw_encode(samples[i]);
    return g_bytes_new_take(coded, total);
}
