/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digits as tones: the limits of ITU-T Q.24 on both of their sides, and audio that no telephone
 * sends.
 */
#include "detect/dtmf_tones.h"
#include "test_signal.h"

#include <string.h>

static const char keys[] = "123A456B789C*0#D";
static const double rows[4] = {697, 770, 852, 941};
static const double columns[4] = {1209, 1336, 1477, 1633};

/* One key press and all that can be wrong with it. */
typedef struct {
    double row_level, column_level;
    double row_off, column_off; /* percent */
    double ms;
} Press;

static const Press plain = {-10, -10, 0, 0, 80};

static void
press(TestSignal *signal, char key, const Press *how)
{
    guint index = (guint)(strchr(keys, key) - keys);
    const double frequency[2] = {rows[index / 4] * (1 + how->row_off / 100),
                                 columns[index % 4] * (1 + how->column_off / 100)};
    const double level[2] = {how->row_level, how->column_level};

    test_signal_tones(signal, frequency, level, how->ms);
}

/* All that was heard as a string, @step samples at a time; every digit has one end. */
static char *
hear(const TestSignal *signal, guint step)
{
    GString *heard = g_string_new(NULL);
    GString *ended = g_string_new(NULL);
    const gint16 *samples = (const gint16 *)(const void *)signal->samples->data;
    McpMediaDtmfTones tones;
    McpMediaDtmfTone tone;

    g_assert_true(mcp_media_dtmf_tones_init(&tones, signal->rate));
    for (guint at = 0; at < signal->samples->len; at += step) {
        guint n = MIN(step, signal->samples->len - at);

        for (guint k = mcp_media_dtmf_tones_take(&tones, samples + at, n, &tone, 1); k == 1;
             k = mcp_media_dtmf_tones_take(&tones, NULL, 0, &tone, 1))
            g_string_append_c(heard, tone.digit);
        while (mcp_media_dtmf_tones_ended(&tones, &tone)) {
            g_assert_cmpint(tone.duration, >=, 0);
            g_string_append_c(ended, tone.digit);
        }
    }
    if (mcp_media_dtmf_tones_present(&tones) != 0)
        g_string_append_c(ended, mcp_media_dtmf_tones_present(&tones));
    g_assert_cmpstr(heard->str, ==, ended->str);
    g_string_free(ended, TRUE);
    return g_string_free(heard, FALSE);
}

static void
assert_heard(const TestSignal *signal, guint step, const char *expected)
{
    g_autofree char *heard = hear(signal, step);

    g_assert_cmpstr(heard, ==, expected);
}

/* Each key once, with 60 ms between. */
static TestSignal *
all_keys(guint rate, const Press *how)
{
    TestSignal *signal = test_signal_new(rate);

    test_signal_silence(signal, 50);
    for (guint i = 0; i < 16; i++) {
        press(signal, keys[i], how);
        test_signal_silence(signal, 60);
    }
    return signal;
}

static void
test_keys(void)
{
    static const guint rates[] = {8000, 16000};
    static const guint steps[] = {1, 7, 80, 160, 480, 1000000};

    for (guint r = 0; r < G_N_ELEMENTS(rates); r++) {
        g_autoptr(TestSignal) signal = all_keys(rates[r], &plain);

        for (guint s = 0; s + 1 < G_N_ELEMENTS(steps); s++)
            assert_heard(signal, steps[s], keys);
        /* All at once: the last eight are kept. */
        assert_heard(signal, steps[G_N_ELEMENTS(steps) - 1], keys + 8);
    }
}

static void
check_times(guint rate)
{
    g_autoptr(TestSignal) signal = test_signal_new(rate);
    const gint16 *samples = NULL;
    guint slack = rate * 5 / 1000;
    guint step = rate / 100;
    guint reported = 0;
    McpMediaDtmfTones tones;
    McpMediaDtmfTone tone = {0};

    test_signal_silence(signal, 203);
    press(signal, '7', &plain);
    test_signal_silence(signal, 200);
    samples = (const gint16 *)(const void *)signal->samples->data;
    g_assert_true(mcp_media_dtmf_tones_init(&tones, rate));
    for (guint at = 0; at + step <= signal->samples->len; at += step)
        if (mcp_media_dtmf_tones_take(&tones, samples + at, step, &tone, 1) == 1) {
            g_assert_cmpint(tone.duration, ==, -1);
            g_assert_cmpint(mcp_media_dtmf_tones_present(&tones), ==, '7');
            reported = at + step;
        }
    /* Barge-in is quick: 50 ms after the begin, packets of 10 ms included. */
    g_assert_cmpuint(reported, >, 0);
    g_assert_cmpuint(reported, <=, rate * 253 / 1000);
    g_assert_true(mcp_media_dtmf_tones_ended(&tones, &tone));
    g_assert_false(mcp_media_dtmf_tones_ended(&tones, &tone));
    g_assert_cmpint(mcp_media_dtmf_tones_present(&tones), ==, 0);
    g_assert_cmpint(ABS(tone.start - rate * 203 / 1000), <=, slack);
    g_assert_cmpint(ABS(tone.duration - rate * 80 / 1000), <=, slack);
}

static void
test_times(void)
{
    check_times(8000);
    check_times(16000);
}

static void
test_accepted(void)
{
    static const Press presses[] = {
        {0, 0, 0, 0, 40},          {-25, -25, 0, 0, 40},     {-14, -10, 0, 0, 40},
        {-10, -18, 0, 0, 40},      {-29, -25, 1.5, 1.5, 40}, {-25, -33, -1.5, -1.5, 40},
        {-10, -10, 1.5, -1.5, 40}, {-3, -3, 0, 0, 1000},
    };

    for (guint i = 0; i < G_N_ELEMENTS(presses); i++) {
        g_autoptr(TestSignal) signal = all_keys(8000, &presses[i]);

        assert_heard(signal, 160, keys);
        test_signal_add_noise(signal, MIN(presses[i].row_level, presses[i].column_level) - 15);
        assert_heard(signal, 160, keys);
    }
}

static void
test_refused(void)
{
    static const Press presses[] = {
        {-10, -10, 0, 0, 22.5},  {0, 0, 0, 0, 22.5},       {-55, -55, 0, 0, 80},
        {-10, -10, 3.5, 0, 80},  {-10, -10, -3.5, 0, 80},  {-10, -10, 0, 3.5, 80},
        {-10, -10, 0, -3.5, 80}, {-10, -10, 3.5, 3.5, 80}, {-30, -10, 0, 0, 80},
        {-10, -30, 0, 0, 80},
    };

    for (guint i = 0; i < G_N_ELEMENTS(presses); i++) {
        g_autoptr(TestSignal) signal = all_keys(8000, &presses[i]);

        assert_heard(signal, 160, "");
    }
}

static void
test_gaps(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    static const Press half = {-10, -10, 0, 0, 40};

    /* A drop-out is none but a pause is one. */
    test_signal_silence(signal, 50);
    press(signal, '5', &half);
    test_signal_silence(signal, 9);
    press(signal, '5', &half);
    test_signal_silence(signal, 100);
    press(signal, '6', &half);
    test_signal_silence(signal, 40);
    press(signal, '6', &half);
    /* Without any pause the next key is another digit. */
    press(signal, '9', &plain);
    test_signal_silence(signal, 100);
    assert_heard(signal, 160, "5669");
}

/* Wherever the looks fall, a drop-out of nearly 10 ms does not make two digits of one. */
static void
test_drop_out(void)
{
    for (guint shift = 0; shift < 40; shift += 5) {
        g_autoptr(TestSignal) signal = test_signal_new(8000);
        gint16 *samples = NULL;

        test_signal_silence(signal, 50 + shift / 8.0);
        press(signal, '8', &(Press){-10, -10, 0, 0, 140});
        test_signal_silence(signal, 60);
        samples = (gint16 *)(void *)signal->samples->data;
        memset(samples + 400 + shift + 560, 0, 79 * sizeof *samples);
        assert_heard(signal, 160, "8");
    }
}

/* The dial tone holds two fifths of the power: more than any other sound may. */
static void
test_dial_tone(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);

    test_signal_silence(signal, 500);
    for (guint i = 0; i < 16; i++) {
        press(signal, keys[i], &plain);
        test_signal_silence(signal, 60);
    }
    test_signal_add_tone(signal, 350, -12);
    test_signal_add_tone(signal, 440, -12);
    assert_heard(signal, 160, keys);
}

static void
test_hostile(void)
{
    g_autoptr(TestSignal) clipped = all_keys(8000, &plain);
    g_autoptr(TestSignal) junk = test_signal_new(8000);

    test_signal_amplify(clipped, 6);
    assert_heard(clipped, 160, keys);
    test_signal_silence(junk, 2000);
    for (guint i = 0; i < 4; i++) {
        test_signal_square(junk, rows[i], 500);
        test_signal_square(junk, columns[i], 500);
    }
    test_signal_square(junk, 4000, 500);
    test_signal_square(junk, 0.5, 2000);
    test_signal_voice(junk, 0, 5000);
    assert_heard(junk, 160, "");
    assert_heard(junk, 1, "");
    test_signal_add_noise(junk, 3);
    assert_heard(junk, 160, "");
}

static void
test_nothing(void)
{
    McpMediaDtmfTones tones;
    McpMediaDtmfTone tone;

    g_assert_false(mcp_media_dtmf_tones_init(&tones, 44100));
    g_assert_false(mcp_media_dtmf_tones_init(&tones, 0));
    g_assert_true(mcp_media_dtmf_tones_init(&tones, 8000));
    g_assert_cmpuint(mcp_media_dtmf_tones_take(&tones, NULL, 0, &tone, 1), ==, 0);
    g_assert_false(mcp_media_dtmf_tones_ended(&tones, &tone));
    g_assert_cmpint(mcp_media_dtmf_tones_present(&tones), ==, 0);
}

/* What is above the band of 8 kHz must not fold down into a digit. */
static void
test_fold(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(16000);
    const double frequency[2] = {8000 - 770, 8000 - 1336};
    const double level[2] = {-6, -6};

    test_signal_tones(signal, frequency, level, 500);
    assert_heard(signal, 320, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/dtmf_tones/keys", test_keys);
    g_test_add_func("/media/dtmf_tones/times", test_times);
    g_test_add_func("/media/dtmf_tones/accepted", test_accepted);
    g_test_add_func("/media/dtmf_tones/refused", test_refused);
    g_test_add_func("/media/dtmf_tones/gaps", test_gaps);
    g_test_add_func("/media/dtmf_tones/drop_out", test_drop_out);
    g_test_add_func("/media/dtmf_tones/dial_tone", test_dial_tone);
    g_test_add_func("/media/dtmf_tones/hostile", test_hostile);
    g_test_add_func("/media/dtmf_tones/nothing", test_nothing);
    g_test_add_func("/media/dtmf_tones/fold", test_fold);
    return g_test_run();
}
