/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a leg hears in the audio: digits as tones, speech over a prompt and its echo, the far end's
 * progress.
 */
#include "legs.h"

#include <math.h>
#include <sound/g711.h>
#include <string.h>

#define RATE 8000
#define EVENTS "0 101"
#define EVENT_LINES "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
#define PLAIN_LINES "a=ptime:20\r\n"

/* A pair of tones, then a pause; with the noise of a line. */
static gsize
add_tone(gint16 *out, double one, double two, guint on_ms, guint off_ms)
{
    gsize on = RATE * on_ms / 1000;
    gsize n = on + RATE * off_ms / 1000;

    for (gsize i = 0; i < n; i++) {
        double tone = i < on ? sin(2 * G_PI * one * (double)i / RATE) +
                                   (two > 0 ? sin(2 * G_PI * two * (double)i / RATE) : 0)
                             : 0;

        out[i] = (gint16)(4000 * tone + g_random_int_range(-20, 21));
    }
    return n;
}

static gsize
dial(gint16 *out, const char *digits)
{
    static const char keys[] = "123A456B789C*0#D";
    static const double rows[] = {697, 770, 852, 941};
    static const double columns[] = {1209, 1336, 1477, 1633};
    gsize n = 0;

    for (; *digits != '\0'; digits++) {
        gsize key = (gsize)(strchr(keys, *digits) - keys);

        n += add_tone(out + n, rows[key / 4], columns[key % 4], 80, 80);
    }
    return n;
}

static void
test_tones(void)
{
    Case test;
    gint16 samples[RATE * 4];
    gsize n = dial(samples, "0123456789*#ABCD");

    case_open(&test, "0", PLAIN_LINES);
    peer_send_samples(&test.peer, samples, n);
    peer_send_samples(&test.peer, samples + n - 800, 800);
    wait_until(&test.seen.digits, 16, 3);
    g_assert_cmpstr(test.seen.digit_text, ==, "0123456789*#ABCD");
    g_assert_cmpint(test.seen.digit_source, ==, MCP_DIGIT_INBAND);
    case_close(&test);
}

/* Where events are agreed upon, tones in the audio are audio. */
static void
test_tones_beside_events(void)
{
    Case test;
    gint16 samples[RATE * 4];
    gsize n = dial(samples, "12");

    case_open(&test, EVENTS, EVENT_LINES);
    peer_send_samples(&test.peer, samples, n);
    peer_send_digit(&test.peer, 101, '7', 6, 0);
    wait_until(&test.seen.digits, 1, 3);
    g_assert_cmpstr(test.seen.digit_text, ==, "7");
    g_assert_cmpint(test.seen.digit_source, ==, MCP_DIGIT_RTP_EVENT);
    case_close(&test);
}

static McpAudio *
audio_of(const gint16 *samples, gsize n)
{
    guint8 *payload = g_malloc(n);
    g_autoptr(GBytes) bytes = NULL;

    mcp_sound_mulaw_encode(samples, (guint)n, payload);
    bytes = g_bytes_new_take(payload, n);
    return mcp_audio_new(bytes, "audio/basic", NULL);
}

static guint64
play_armed(Case *test, McpAudio *audio)
{
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpArm arm = {
        .barge_in = MCP_BARGE_IN_SPEECH,
        .digits = MCP_DIGITS_ALL,
        .no_input = 5 * G_USEC_PER_SEC,
        .speech = {.listen = TRUE, .sensitivity = 0.5, .end_silence_ms = 500},
    };

    arm.generation = mcp_leg_play(test->leg, &item, 1);
    mcp_leg_arm(test->leg, &arm);
    return arm.generation;
}

/* Speech stops the prompt, counts as input, and has an end. */
static void
test_speech(void)
{
    Case test;
    gint16 quiet[RATE];
    gsize n = 0;
    gsize n_prompt = 0;
    g_autofree gint16 *words = flite_samples("I would like to speak to someone please", &n);
    g_autofree gint16 *spoken = flite_samples("Welcome. Please say what you would like to do, and "
                                              "we will do our best to help you with that. You can "
                                              "say operator at any time.",
                                              &n_prompt);
    g_autoptr(McpAudio) prompt = audio_of(spoken, n_prompt);
    gint64 began = 0;

    add_tone(quiet, 0, 0, 0, 1000);
    case_open(&test, EVENTS, EVENT_LINES);
    play_armed(&test, prompt);
    peer_send_samples(&test.peer, quiet, RATE);
    g_assert_cmpuint(test.seen.speech_started, ==, 0);
    g_assert_cmpuint(test.seen.ended, ==, 0);
    began = g_get_monotonic_time();
    peer_send_samples(&test.peer, words, n);
    g_assert_cmpuint(test.seen.speech_started, ==, 1);
    g_assert_cmpint(test.seen.stop, ==, MCP_STOP_SPEECH);
    /* It is known when speech began, not only when that was clear. */
    g_assert_cmpint(test.seen.speech_at - began, <, 400000);
    g_assert_cmpint(test.seen.speech_at - began, >, -100000);
    g_assert_cmpint(test.seen.ended_at - began, <, 800000);
    peer_send_samples(&test.peer, quiet, RATE);
    g_assert_cmpuint(test.seen.speech_ended, ==, 1);
    g_assert_cmpuint(test.seen.no_input, ==, 0);
    case_close(&test);
}

/* Our own prompt comes back 100 ms later, 20 dB down: nobody has spoken. */
static void
test_echo(void)
{
    Case test;
    gsize n = 0;
    g_autofree gint16 *spoken = flite_samples("Welcome. Please say what you would like to do, and "
                                              "we will do our best to help you with that.",
                                              &n);
    g_autoptr(McpAudio) prompt = audio_of(spoken, n);
    g_autofree gint16 *echo = g_new0(gint16, n + 800);

    for (gsize i = 0; i < n; i++)
        echo[i + 800] = (gint16)(spoken[i] / 10 + g_random_int_range(-10, 11));
    case_open(&test, EVENTS, EVENT_LINES);
    play_armed(&test, prompt);
    peer_send_samples(&test.peer, echo, n + 800);
    wait_until(&test.seen.ended, 1, 10);
    g_assert_cmpuint(test.seen.speech_started, ==, 0);
    g_assert_cmpint(test.seen.stop, ==, MCP_STOP_COMPLETED);
    case_close(&test);
}

/* A digit stops a prompt that waits for speech, too. */
static void
test_digit_beside_speech(void)
{
    Case test;
    g_autoptr(McpAudio) prompt = raw_mulaw(16000, 1);

    case_open(&test, EVENTS, EVENT_LINES);
    play_armed(&test, prompt);
    peer_send_digit(&test.peer, 101, '1', 6, 0);
    wait_until(&test.seen.ended, 1, 3);
    g_assert_cmpint(test.seen.stop, ==, MCP_STOP_DIGIT);
    case_close(&test);
}

static void
test_progress(void)
{
    const McpProgressParams params = {.country = "US"};
    Case test;
    gint16 samples[RATE * 4];
    gsize n = 0;
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 4; i++)
        n += add_tone(samples + n, 480, 620, 500, 500);
    case_open(&test, EVENTS, EVENT_LINES);
    g_assert_true(mcp_leg_watch_progress(test.leg, &params, &error));
    peer_send_samples(&test.peer, samples, n);
    g_assert_cmpstr(test.seen.verdicts, ==, "busy ");
    /* Anew, and then no more. */
    g_assert_true(mcp_leg_watch_progress(test.leg, &params, &error));
    peer_send_samples(&test.peer, samples, n);
    g_assert_cmpstr(test.seen.verdicts, ==, "busy busy ");
    g_assert_true(mcp_leg_watch_progress(test.leg, NULL, &error));
    peer_send_samples(&test.peer, samples, n);
    g_assert_cmpuint(test.seen.progress, ==, 2);
    case_close(&test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/listen/tones", test_tones);
    g_test_add_func("/media/listen/tones-beside-events", test_tones_beside_events);
    g_test_add_func("/media/listen/speech", test_speech);
    g_test_add_func("/media/listen/echo", test_echo);
    g_test_add_func("/media/listen/digit-beside-speech", test_digit_beside_speech);
    g_test_add_func("/media/listen/progress", test_progress);
    return g_test_run();
}
