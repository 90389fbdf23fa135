/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthesized audio for the tests of detectors: tones, voices, noise. Runs in the test's thread.
 */
#include "test_signal.h"

#include <math.h>

#define PEAK_0_DBM0 22826.0
#define SEED 4711
#define SYLLABLE_MS 200.0

TestSignal *
test_signal_new(guint rate)
{
    TestSignal *self = g_new0(TestSignal, 1);

    self->rate = rate;
    self->samples = g_array_new(FALSE, TRUE, sizeof(gint16));
    self->random = g_rand_new_with_seed(SEED);
    return self;
}

void
test_signal_free(TestSignal *signal)
{
    g_array_unref(signal->samples);
    g_rand_free(signal->random);
    g_free(signal);
}

static gint16
clipped(double value)
{
    return (gint16)CLAMP(lrint(value), G_MININT16, G_MAXINT16);
}

static double
peak_of(double level)
{
    return PEAK_0_DBM0 * pow(10, level / 20);
}

static void
append(TestSignal *self, double value)
{
    gint16 sample = clipped(value);

    g_array_append_val(self->samples, sample);
}

static guint
count(const TestSignal *self, double ms)
{
    return (guint)lrint(ms * self->rate / 1000);
}

void
test_signal_tones(TestSignal *signal, const double frequency[2], const double level[2], double ms)
{
    double phase = g_rand_double_range(signal->random, 0, 2 * G_PI);

    for (guint i = 0; i < count(signal, ms); i++) {
        double angle = 2 * G_PI * i / signal->rate;
        double value = peak_of(level[0]) * sin(frequency[0] * angle + phase);

        if (frequency[1] > 0)
            value += peak_of(level[1]) * sin(frequency[1] * angle + 2 * phase);
        append(signal, value);
    }
}

void
test_signal_tone(TestSignal *signal, double frequency, double level, double ms)
{
    const double frequencies[2] = {frequency, 0};
    const double levels[2] = {level, 0};

    test_signal_tones(signal, frequencies, levels, ms);
}

void
test_signal_silence(TestSignal *signal, double ms)
{
    g_array_set_size(signal->samples, signal->samples->len + count(signal, ms));
}

void
test_signal_square(TestSignal *signal, double frequency, double ms)
{
    for (guint i = 0; i < count(signal, ms); i++)
        append(signal, fmod(i * frequency / signal->rate, 1) < 0.5 ? G_MAXINT16 : G_MININT16);
}

void
test_signal_voice(TestSignal *signal, double level, double ms)
{
    double phase = 0;

    for (guint i = 0; i < count(signal, ms); i++) {
        double place = fmod(i * 1000.0 / signal->rate, SYLLABLE_MS) / SYLLABLE_MS;
        double value = 0;

        phase += 2 * G_PI * (140 - 40 * place) / signal->rate;
        for (guint harmonic = 1; harmonic <= 12; harmonic++)
            value += sin(harmonic * phase) / (1 + fabs(harmonic - 4 - 3 * place));
        append(signal, peak_of(level) * 0.5 * value * sqrt(sin(G_PI * place)));
    }
}

void
test_signal_add_noise(TestSignal *signal, double level)
{
    /* The sum of four even distributions is near enough to a normal one. */
    double scale = peak_of(level) / sqrt(2) * sqrt(3.0 / 4);

    for (guint i = 0; i < signal->samples->len; i++) {
        gint16 *sample = &g_array_index(signal->samples, gint16, i);
        double sum = 0;

        for (guint k = 0; k < 4; k++)
            sum += g_rand_double_range(signal->random, -1, 1);
        *sample = clipped(*sample + sum * scale);
    }
}

void
test_signal_add_tone(TestSignal *signal, double frequency, double level)
{
    for (guint i = 0; i < signal->samples->len; i++) {
        gint16 *sample = &g_array_index(signal->samples, gint16, i);

        *sample = clipped(*sample + peak_of(level) * sin(2 * G_PI * frequency * i / signal->rate));
    }
}

void
test_signal_amplify(TestSignal *signal, double factor)
{
    for (guint i = 0; i < signal->samples->len; i++) {
        gint16 *sample = &g_array_index(signal->samples, gint16, i);

        *sample = clipped(*sample * factor);
    }
}
