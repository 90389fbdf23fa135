/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** TestSignal: linear samples that tests of detectors are made of; levels in dBm0 of a sine. */
typedef struct {
    guint rate;
    GArray *samples; /* gint16; too loud is clipped */
    GRand *random;   /* of a fixed seed */
} TestSignal;

TestSignal *test_signal_new(guint rate);
void test_signal_free(TestSignal *signal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestSignal, test_signal_free)

/** test_signal_tones: two sines, each with its level; frequency 0: none. */
void test_signal_tones(TestSignal *signal, const double frequency[2], const double level[2],
                       double ms);
/** test_signal_tone: one sine. */
void test_signal_tone(TestSignal *signal, double frequency, double level, double ms);
void test_signal_silence(TestSignal *signal, double ms);
/** test_signal_square: of full scale. */
void test_signal_square(TestSignal *signal, double frequency, double ms);
/** test_signal_voice: syllables of 200 ms: a gliding pitch with harmonics. */
void test_signal_voice(TestSignal *signal, double level, double ms);
/** test_signal_add_noise: white noise over all that is there. */
void test_signal_add_noise(TestSignal *signal, double level);
/** test_signal_add_tone: a sine over all that is there. */
void test_signal_add_tone(TestSignal *signal, double frequency, double level);
/** test_signal_amplify: by a factor, with clipping. */
void test_signal_amplify(TestSignal *signal, double factor);
