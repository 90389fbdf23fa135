/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Concealment: a periodic signal goes on as it was, a long gap fades to silence, joints do not
 * click, and hostile signals and lengths do no harm.
 */
#include "codec/concealment.h"

#include <math.h>
#include <string.h>

#define AMPLITUDE 8000

static const guint rates[] = {8000, 16000, 48000};

/* A voice of 100 Hz or so with some harmonics; 10 ms periods of a whole number of samples. */
static gint16
voice_at(guint rate, gsize n, guint pitch)
{
    gdouble phase = 2 * G_PI * pitch * (gdouble)n / rate;

    return (gint16)(AMPLITUDE *
                    (0.6 * sin(phase) + 0.3 * sin(2 * phase + 1) + 0.2 * sin(5 * phase + 2)));
}

static void
fill(gint16 *out, guint rate, gsize from, gsize n, guint pitch)
{
    for (gsize i = 0; i < n; i++)
        out[i] = voice_at(rate, from + i, pitch);
}

static gdouble
snr(const gint16 *good, const gint16 *got, gsize n)
{
    gdouble energy = 1e-3;
    gdouble error = 1e-3;

    for (gsize i = 0; i < n; i++) {
        energy += (gdouble)good[i] * good[i];
        error += ((gdouble)good[i] - got[i]) * ((gdouble)good[i] - got[i]);
    }
    return 10 * log10(energy / error);
}

static void
test_periodic(void)
{
    const guint pitches[] = {80, 100, 125, 200, 250, 320};

    for (guint r = 0; r < G_N_ELEMENTS(rates); r++)
        for (guint p = 0; p < G_N_ELEMENTS(pitches); p++) {
            guint n = rates[r] / 50;
            g_autofree gint16 *good = g_new(gint16, n);
            g_autofree gint16 *got = g_new(gint16, n);
            McpMediaConcealment concealment;

            mcp_media_concealment_init(&concealment, rates[r]);
            for (guint f = 0; f < 5; f++) {
                fill(good, rates[r], f * n, n, pitches[p]);
                memcpy(got, good, n * sizeof *got);
                mcp_media_concealment_put(&concealment, got, n);
                g_assert_cmpmem(got, n * sizeof *got, good, n * sizeof *good);
            }
            mcp_media_concealment_conceal(&concealment, got, n);
            fill(good, rates[r], 5 * (gsize)n, n, pitches[p]);
            /* It fades a little within the second half. */
            g_assert_cmpfloat(snr(good, got, n / 2), >, 15);
            g_assert_cmpfloat(snr(good, got, n), >, 12);
        }
}

static gint
steepest(const gint16 *samples, gsize n)
{
    gint steep = 0;

    for (gsize i = 1; i < n; i++)
        steep = MAX(steep, ABS(samples[i] - samples[i - 1]));
    return steep;
}

/* One gap after another at all lengths: no step is steeper than the signal itself. */
static void
test_joints(void)
{
    for (guint r = 0; r < G_N_ELEMENTS(rates); r++) {
        guint n = rates[r] / 50;
        gsize frames = 60;
        g_autofree gint16 *good = g_new(gint16, n * frames);
        g_autofree gint16 *got = g_new(gint16, n * frames);
        McpMediaConcealment concealment;

        mcp_media_concealment_init(&concealment, rates[r]);
        /* 137 Hz: no whole number of samples; it is somewhere else when the signal is back. */
        fill(good, rates[r], 0, n * frames, 137);
        memcpy(got, good, n * frames * sizeof *got);
        for (gsize f = 0; f < frames; f++) {
            gboolean lost = f >= 10 && f % 10 < f / 10;

            if (lost)
                mcp_media_concealment_conceal(&concealment, got + f * n, n);
            else
                mcp_media_concealment_put(&concealment, got + f * n, n);
        }
        g_assert_cmpint(steepest(got, n * frames), <, steepest(good, n * frames) * 3 / 2);
        /* The last good frame of a row is untouched. */
        g_assert_cmpmem(got + 59 * n, n * sizeof *got, good + 59 * n, n * sizeof *good);
    }
}

/* A voice that swells: a period ago it was softer, and yet there is no step into the gap. */
static void
test_swell(void)
{
    for (guint r = 0; r < G_N_ELEMENTS(rates); r++) {
        guint n = rates[r] / 25;
        /* The gap begins at a crest, where the two periods differ most. */
        gsize crest = rates[r] / 400;
        g_autofree gint16 *samples = g_new(gint16, n + crest);
        gint16 made[1] = {0};
        McpMediaConcealment concealment;

        for (gsize i = 0; i < n + crest; i++)
            samples[i] = (gint16)(300 * exp(100.0 * (gdouble)i / rates[r]) *
                                  sin(2 * G_PI * 100 * (gdouble)i / rates[r]));
        mcp_media_concealment_init(&concealment, rates[r]);
        mcp_media_concealment_put(&concealment, samples, n + crest);
        mcp_media_concealment_conceal(&concealment, made, 1);
        g_assert_cmpint(samples[n + crest - 1], >, AMPLITUDE);
        g_assert_cmpint(ABS(made[0] - samples[n + crest - 1]), <, samples[n + crest - 1] / 8);
    }
}

static void
test_fade(void)
{
    for (guint r = 0; r < G_N_ELEMENTS(rates); r++) {
        guint n = rates[r] / 100;
        gint16 frame[480];
        gdouble before = 1e12;
        McpMediaConcealment concealment;

        mcp_media_concealment_init(&concealment, rates[r]);
        for (guint f = 0; f < 10; f++) {
            fill(frame, rates[r], f * n, n, 100);
            mcp_media_concealment_put(&concealment, frame, n);
        }
        for (guint f = 0; f < 20; f++) {
            gdouble energy = 0;

            mcp_media_concealment_conceal(&concealment, frame, n);
            for (guint i = 0; i < n; i++)
                energy += (gdouble)frame[i] * frame[i];
            g_assert_cmpfloat(energy, <=, before * 1.02);
            /* Something is heard for 60 ms, nothing after 100. */
            if (f < 6)
                g_assert_cmpfloat(sqrt(energy / n), >, AMPLITUDE / 20.0);
            if (f >= 10)
                g_assert_cmpfloat(energy, ==, 0);
            before = energy;
        }
    }
}

/* The same samples in any portions give the same output. */
static void
test_portions(void)
{
    const guint n = 160;
    gint16 whole[160 * 12];
    gint16 single[160 * 12];
    McpMediaConcealment a;
    McpMediaConcealment b;

    fill(whole, 8000, 0, G_N_ELEMENTS(whole), 110);
    memcpy(single, whole, sizeof single);
    mcp_media_concealment_init(&a, 8000);
    mcp_media_concealment_init(&b, 8000);
    for (guint f = 0; f < 12; f++) {
        gboolean lost = f == 4 || f == 7 || f == 8;

        if (lost)
            mcp_media_concealment_conceal(&a, whole + f * n, n);
        else
            mcp_media_concealment_put(&a, whole + f * n, n);
        for (guint i = 0; i < n; i++)
            if (lost)
                mcp_media_concealment_conceal(&b, single + f * n + i, 1);
            else
                mcp_media_concealment_put(&b, single + f * n + i, 1);
        mcp_media_concealment_put(&b, NULL, 0);
        mcp_media_concealment_conceal(&b, NULL, 0);
    }
    g_assert_cmpmem(whole, sizeof whole, single, sizeof single);
}

static gint16
hostile(guint kind, gsize i, GRand *chance)
{
    switch (kind) {
    case 0:
        return 0;
    case 1:
        return (gint16)g_rand_int_range(chance, -32768, 32768);
    case 2:
        return i / 7 % 2 == 0 ? 32767 : -32768;
    case 3:
        return 32767;
    case 4:
        return i % 2 == 0 ? -32768 : 32767;
    default:
        return i % 400 == 0 ? -32768 : 0;
    }
}

static void
test_hostile(void)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(3);
    const guint odd_rates[] = {0, 7999, 8000, 11025, 44100, 48000, 192000};

    for (guint r = 0; r < G_N_ELEMENTS(odd_rates); r++)
        for (guint kind = 0; kind < 6; kind++) {
            McpMediaConcealment concealment;
            gint16 frame[5000];
            gsize at = 0;

            mcp_media_concealment_init(&concealment, odd_rates[r]);
            /* Nothing was heard before. */
            mcp_media_concealment_conceal(&concealment, frame, 960);
            for (guint i = 0; i < 960; i++)
                g_assert_cmpint(frame[i], ==, 0);
            for (guint f = 0; f < 60; f++) {
                gsize n = (gsize)g_rand_int_range(chance, 0, f % 9 == 8 ? 5000 : 500);

                for (gsize i = 0; i < n; i++)
                    frame[i] = hostile(kind, at++, chance);
                if (g_rand_int_range(chance, 0, 3) == 0)
                    mcp_media_concealment_conceal(&concealment, frame, n);
                else
                    mcp_media_concealment_put(&concealment, frame, n);
                for (gsize i = 0; kind == 0 && i < n; i++)
                    g_assert_cmpint(frame[i], ==, 0);
            }
        }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/concealment/periodic", test_periodic);
    g_test_add_func("/media/concealment/joints", test_joints);
    g_test_add_func("/media/concealment/swell", test_swell);
    g_test_add_func("/media/concealment/fade", test_fade);
    g_test_add_func("/media/concealment/portions", test_portions);
    g_test_add_func("/media/concealment/hostile", test_hostile);
    return g_test_run();
}
