/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The voice activity detector on made-up signals: a voice is found where it begins and ends, noise
 * and the echo of a prompt are not taken for one, portions do not matter, and hostile signals do no
 * harm. tests/plugins/media/voice_activity.py judges it by speech.
 */
#include "detect/voice_activity.h"
#include "ear/voice.h"

#include <math.h>
#include <string.h>

#define FRAME_MS 20
#define EVENTS_MAX 16

typedef struct {
    guint rate;
    gint16 *samples;
    gsize n;
} Signal;

static Signal
silence(guint rate, guint ms)
{
    gsize n = (gsize)rate * ms / 1000;

    return (Signal){.rate = rate, .samples = g_new0(gint16, n + 1), .n = n};
}

static void
add(Signal *signal, gsize at, gdouble value)
{
    gdouble sum = signal->samples[at] + value;

    signal->samples[at] = (gint16)CLAMP(lrint(sum), -32768, 32767);
}

/*
 * A voice: a consonant of 60 ms, then pulses with some breath through two formants that wander,
 * syllables four a second, a pitch that falls and wavers.
 */
static void
add_voice(Signal *signal, guint from_ms, guint to_ms, gdouble amplitude, gdouble pitch)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(from_ms);
    gdouble phase = 0;
    gdouble before = 0;

    for (gsize i = (gsize)from_ms * signal->rate / 1000; i < (gsize)to_ms * signal->rate / 1000;
         i++) {
        gdouble t = (gdouble)i / signal->rate - from_ms / 1000.0;
        gdouble hertz = pitch * (1 + 0.15 * sin(2 * G_PI * 1.3 * t) - 0.05 * t);
        gdouble first = 550 + 250 * sin(2 * G_PI * 2.1 * t);
        gdouble second = 1500 + 500 * sin(2 * G_PI * 1.7 * t + 1);
        gdouble syllable = 0.55 + 0.45 * cos(2 * G_PI * 4 * (t - 0.08));
        gdouble voiced = CLAMP((t - 0.06) / 0.02, 0, 1);
        gdouble air = g_rand_double_range(chance, -1, 1);
        gdouble sum = (0.08 * voiced + 0.7 * (1 - voiced)) * (air - before);

        before = air;
        phase += hertz / signal->rate;
        for (guint h = 1; h * hertz < 3400; h++) {
            gdouble near_first = (h * hertz - first) / 120;
            gdouble near_second = (h * hertz - second) / 180;

            sum += (exp(-near_first * near_first) + 0.5 * exp(-near_second * near_second) + 0.05) *
                   sin(2 * G_PI * h * phase) * voiced;
        }
        add(signal, i, amplitude * syllable * MIN(t / 0.02, 1) * sum);
    }
}

static void
add_noise(Signal *signal, gdouble amplitude, guint seed)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(seed);

    for (gsize i = 0; i < signal->n; i++)
        add(signal, i,
            amplitude *
                (g_rand_double(chance) + g_rand_double(chance) + g_rand_double(chance) - 1.5) * 2);
}

static void
add_hum(Signal *signal, gdouble amplitude, gdouble hertz)
{
    for (gsize i = 0; i < signal->n; i++)
        for (guint h = 1; h <= 8; h++)
            add(signal, i, amplitude / h * sin(2 * G_PI * hertz * h * (gdouble)i / signal->rate));
}

static guint
run(McpMediaVoiceActivity *detector, const Signal *heard, const Signal *sent,
    McpMediaVoiceEvent *out_events)
{
    gsize frame = heard->rate * FRAME_MS / 1000;
    guint found = 0;

    for (gsize at = 0; at + frame <= heard->n && found < EVENTS_MAX; at += frame)
        found += mcp_media_voice_activity_take(detector, heard->samples + at, frame,
                                               sent != NULL ? sent->samples + at : NULL, frame,
                                               out_events + found, EVENTS_MAX - found);
    return found;
}

static void
assert_near(guint64 sample, guint rate, gint ms, gint tolerance_ms)
{
    gint64 found = (gint64)(sample * 1000 / rate);

    if (ABS(found - ms) > tolerance_ms)
        g_error("%" G_GINT64_FORMAT " ms, expected %d ± %d", found, ms, tolerance_ms);
}

static void
test_start_and_end(void)
{
    const guint rates[] = {8000, 16000};

    for (guint r = 0; r < G_N_ELEMENTS(rates); r++) {
        Signal signal = silence(rates[r], 6000);
        McpMediaVoiceActivity detector;
        McpMediaVoiceEvent events[EVENTS_MAX];

        add_noise(&signal, 30, 1);
        add_voice(&signal, 1500, 2600, 6000, 130);
        add_voice(&signal, 4000, 4900, 2000, 180);
        mcp_media_voice_activity_init(&detector, rates[r], NULL);
        g_assert_cmpuint(run(&detector, &signal, NULL, events), ==, 4);
        g_assert_cmpint(events[0].type, ==, MCP_MEDIA_VOICE_SPEECH_START);
        g_assert_cmpint(events[1].type, ==, MCP_MEDIA_VOICE_SPEECH_END);
        g_assert_cmpint(events[2].type, ==, MCP_MEDIA_VOICE_SPEECH_START);
        g_assert_cmpint(events[3].type, ==, MCP_MEDIA_VOICE_SPEECH_END);
        assert_near(events[0].sample, rates[r], 1500, 60);
        assert_near(events[0].decided, rates[r], 1600, 100);
        assert_near(events[1].sample, rates[r], 2600, 150);
        assert_near(events[1].decided - events[1].sample, rates[r], 700, 20);
        assert_near(events[2].sample, rates[r], 4000, 60);
        assert_near(events[3].sample, rates[r], 4900, 150);
        g_assert_cmpfloat(detector.probability, <, 0.5);
        g_free(signal.samples);
    }
}

static void
test_noise(void)
{
    for (guint kind = 0; kind < 4; kind++) {
        Signal signal = silence(8000, 60000);
        McpMediaVoiceActivity detector;
        McpMediaVoiceEvent events[EVENTS_MAX];

        if (kind == 1 || kind == 3)
            add_noise(&signal, 600, kind);
        if (kind >= 2)
            add_hum(&signal, 2000, kind == 2 ? 50 : 60);
        mcp_media_voice_activity_init(&detector, 8000, NULL);
        g_assert_cmpuint(run(&detector, &signal, NULL, events), ==, 0);
        g_free(signal.samples);
    }
}

/* Later, 20 dB lower, the highs weaker. */
static void
add_echo(Signal *heard, const Signal *sent, guint delay_ms)
{
    gsize delay = heard->rate * delay_ms / 1000;

    for (gsize i = delay + 1; i < heard->n; i++)
        add(heard, i, 0.07 * sent->samples[i - delay] + 0.04 * sent->samples[i - delay - 1]);
}

static void
test_echo(void)
{
    static const guint delays[] = {20, 120, 340, 580};

    for (guint i = 0; i < 2 * G_N_ELEMENTS(delays); i++) {
        guint caller = i % 2;
        Signal heard = silence(8000, 12000);
        Signal sent = silence(8000, 12000);
        McpMediaVoiceActivity detector;
        McpMediaVoiceEvent events[EVENTS_MAX];
        guint found = 0;

        add_voice(&sent, 300, 3000, 6000, 110);
        add_voice(&sent, 3200, 11800, 6000, 120);
        add_noise(&heard, 10, 7);
        add_echo(&heard, &sent, delays[i / 2]);
        if (caller == 1)
            add_voice(&heard, 8000, 9000, 2500, 205);
        mcp_media_voice_activity_init(&detector, 8000, NULL);
        found = run(&detector, &heard, &sent, events);
        g_assert_cmpuint(found, >=, caller);
        if (caller == 0)
            g_assert_cmpuint(found, ==, 0);
        else
            assert_near(events[0].sample, 8000, 8000, 100);
        /* Without the prompt as reference it is a voice like any other. */
        mcp_media_voice_activity_init(&detector, 8000, NULL);
        g_assert_cmpuint(run(&detector, &heard, NULL, events), >, 0);
        g_assert_cmpuint(events[0].decided, <, 12000);
        g_free(heard.samples);
        g_free(sent.samples);
    }
}

static void
count_speech(gpointer owner, gboolean began, gint64 time, gint64 now)
{
    *(guint *)owner += began;
}

/* The prompt has begun before the other side sends anything: its echo is none the less known. */
static void
test_echo_of_a_late_caller(void)
{
    const McpMediaCodecOptions options = {.opus_bitrate = 24000};
    const gsize frame = 8000 * FRAME_MS / 1000;
    Signal heard = silence(8000, 8000);
    Signal sent = silence(8000, 8000);
    McpMediaFormat format;
    McpMediaVoice *voice = NULL;
    guint starts = 0;

    add_voice(&sent, 0, 7800, 6000, 120);
    add_noise(&heard, 10, 7);
    add_echo(&heard, &sent, 40);
    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_L16_8000), &options);
    voice = mcp_media_voice_new(&format, 8000, count_speech, &starts);
    for (gsize at = 0; at + frame <= heard.n; at += frame) {
        McpMediaHeard now = {.samples = heard.samples + at, .n = (guint)frame, .rate = 8000};
        gint16 network[8000 * FRAME_MS / 1000];

        for (gsize i = 0; i < frame; i++)
            network[i] = GINT16_TO_BE(sent.samples[at + i]);
        mcp_media_voice_note_sent(voice, (const guint8 *)network, sizeof network);
        if (at >= 4000)
            mcp_media_voice_hear(voice, &now, 0);
    }
    g_assert_cmpuint(starts, ==, 0);
    mcp_media_voice_free(voice);
    g_free(heard.samples);
    g_free(sent.samples);
}

static void
test_settings(void)
{
    const McpMediaVoiceSettings wrong = {
        .sensitivity = NAN, .minimum_speech_ms = 0, .end_silence_ms = 0};
    const McpMediaVoiceSettings long_pause = {
        .sensitivity = 7, .minimum_speech_ms = 100000, .end_silence_ms = 1500};
    McpMediaVoiceActivity detector;
    McpMediaVoiceEvent events[EVENTS_MAX];
    Signal signal = silence(8000, 6000);
    McpMediaVoiceSettings settings = MCP_MEDIA_VOICE_SETTINGS_DEFAULT;

    mcp_media_voice_activity_init(&detector, 8000, &wrong);
    g_assert_cmpfloat(detector.settings.sensitivity, ==, 0);
    g_assert_cmpuint(detector.settings.minimum_speech_ms, ==, 20);
    g_assert_cmpuint(detector.settings.end_silence_ms, ==, 20);
    mcp_media_voice_activity_init(&detector, 8000, &long_pause);
    g_assert_cmpfloat(detector.settings.sensitivity, ==, 1);
    g_assert_cmpuint(detector.settings.minimum_speech_ms, ==, 1000);
    /* A pause shorter than the end's silence does not end speech. */
    add_noise(&signal, 30, 1);
    add_voice(&signal, 1000, 1600, 6000, 130);
    add_voice(&signal, 2600, 3200, 6000, 130);
    settings.end_silence_ms = 1500;
    mcp_media_voice_activity_init(&detector, 8000, &settings);
    g_assert_cmpuint(run(&detector, &signal, NULL, events), ==, 2);
    assert_near(events[1].sample, 8000, 3200, 150);
    assert_near(events[1].decided - events[1].sample, 8000, 1500, 20);
    /* What is shorter than the minimum is no speech. */
    settings.minimum_speech_ms = 1000;
    mcp_media_voice_activity_init(&detector, 8000, &settings);
    g_assert_cmpuint(run(&detector, &signal, NULL, events), ==, 0);
    g_free(signal.samples);
}

/* Rearmed in the midst of speech, it reports the speech anew. */
static void
test_rearm(void)
{
    Signal signal = silence(8000, 4000);
    McpMediaVoiceActivity detector;
    McpMediaVoiceEvent events[EVENTS_MAX];
    Signal rest = {.rate = 8000, .samples = signal.samples + 16000, .n = 16000};

    add_noise(&signal, 30, 1);
    add_voice(&signal, 1000, 3500, 6000, 130);
    signal.n = 16000;
    mcp_media_voice_activity_init(&detector, 8000, NULL);
    g_assert_cmpuint(run(&detector, &signal, NULL, events), ==, 1);
    mcp_media_voice_activity_rearm(&detector);
    g_assert_cmpuint(run(&detector, &rest, NULL, events), >=, 1);
    g_assert_cmpint(events[0].type, ==, MCP_MEDIA_VOICE_SPEECH_START);
    g_assert_cmpuint(events[0].sample, >=, 16000 - 800);
    g_assert_cmpuint(events[0].sample, <, 18000);
    g_free(signal.samples);
}

static void
test_portions(void)
{
    const gsize portions[] = {1, 80, 160, 480, 5, 321};
    McpMediaVoiceEvent expected[EVENTS_MAX];
    McpMediaVoiceActivity detector;
    Signal heard = silence(8000, 5000);
    Signal sent = silence(8000, 5000);
    guint n_expected = 0;

    add_voice(&sent, 100, 4900, 6000, 120);
    add_noise(&heard, 20, 3);
    add_echo(&heard, &sent, 120);
    add_voice(&heard, 2000, 3000, 5000, 200);
    mcp_media_voice_activity_init(&detector, 8000, NULL);
    n_expected = run(&detector, &heard, &sent, expected);
    g_assert_cmpuint(n_expected, >=, 2);
    for (guint p = 0; p < G_N_ELEMENTS(portions); p++) {
        McpMediaVoiceEvent events[EVENTS_MAX];
        guint found = 0;

        mcp_media_voice_activity_init(&detector, 8000, NULL);
        for (gsize at = 0; at < heard.n; at += portions[p]) {
            gsize n = MIN(portions[p], heard.n - at);

            found +=
                mcp_media_voice_activity_take(&detector, heard.samples + at, n, sent.samples + at,
                                              n, events + found, EVENTS_MAX - found);
        }
        g_assert_cmpuint(found, ==, n_expected);
        for (guint i = 0; i < found; i++) {
            g_assert_cmpint(events[i].type, ==, expected[i].type);
            g_assert_cmpuint(events[i].sample, ==, expected[i].sample);
            g_assert_cmpuint(events[i].decided, ==, expected[i].decided);
        }
    }
    g_free(heard.samples);
    g_free(sent.samples);
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
        return i / 40 % 2 == 0 ? 32767 : -32768;
    case 3:
        return 32767;
    case 4:
        return i % 2 == 0 ? -32768 : 32767;
    case 5:
        return i % 4000 < 2000 ? 0 : (gint16)g_rand_int_range(chance, -32768, 32768);
    default:
        return i % 1000 == 0 ? -32768 : 0;
    }
}

static void
assert_finite(const McpMediaVoiceActivity *detector)
{
    g_assert_true(detector->probability >= 0 && detector->probability <= 1);
    for (guint i = 0; i < MCP_MEDIA_VOICE_FEATURES; i++)
        g_assert_true(isfinite(detector->features[i]));
    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++)
        g_assert_true(isfinite(detector->echo.loss[b]) && isfinite(detector->echo.expected[b]) &&
                      isfinite(detector->background.peak[b]));
}

static void
test_hostile(void)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(5);

    for (guint kind = 0; kind < 49; kind++) {
        McpMediaVoiceActivity detector;
        McpMediaVoiceEvent event;
        gint16 heard[1000];
        gint16 sent[1000];
        gsize at = 0;

        mcp_media_voice_activity_init(&detector, kind % 2 == 0 ? 8000 : 16000, NULL);
        for (guint f = 0; f < 400; f++) {
            gsize n = (gsize)g_rand_int_range(chance, 0, f % 2 == 0 ? 1000 : 200);
            gsize n_sent = (gsize)g_rand_int_range(chance, 0, 1000);

            for (gsize i = 0; i < G_N_ELEMENTS(heard); i++) {
                heard[i] = hostile(kind % 7, at + i, chance);
                sent[i] = hostile(kind / 7, at + i, chance);
            }
            at += n;
            /* Shorter, longer, missing, and no room for events. */
            mcp_media_voice_activity_take(&detector, heard, n, f % 5 == 4 ? NULL : sent, n_sent,
                                          &event, f % 3 == 0 ? 0 : 1);
            assert_finite(&detector);
        }
        g_assert_cmpuint(detector.samples, ==, at);
    }
}

/* Nobody speaks where all is steady, however loud. */
static void
test_steady(void)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(6);

    for (guint kind = 0; kind < 5; kind++) {
        McpMediaVoiceActivity detector;
        Signal signal = silence(8000, 20000);
        McpMediaVoiceEvent events[EVENTS_MAX];

        for (gsize i = 0; i < signal.n; i++)
            signal.samples[i] = hostile(kind, i, chance);
        mcp_media_voice_activity_init(&detector, 8000, NULL);
        g_assert_cmpuint(run(&detector, &signal, NULL, events), ==, 0);
        g_free(signal.samples);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/voice-activity/start-and-end", test_start_and_end);
    g_test_add_func("/media/voice-activity/noise", test_noise);
    g_test_add_func("/media/voice-activity/echo", test_echo);
    g_test_add_func("/media/voice-activity/echo-of-a-late-caller", test_echo_of_a_late_caller);
    g_test_add_func("/media/voice-activity/settings", test_settings);
    g_test_add_func("/media/voice-activity/rearm", test_rearm);
    g_test_add_func("/media/voice-activity/portions", test_portions);
    g_test_add_func("/media/voice-activity/hostile", test_hostile);
    g_test_add_func("/media/voice-activity/steady", test_steady);
    return g_test_run();
}
