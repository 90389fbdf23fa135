/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong: quotas, silence, connections that break, a service that is not there, answers
 * that make no sense; and requests that are given up at any time.
 */
#include "fixture.h"

#include <string.h>

static void
fail_for(Fixture *fixture, const McpSynthesisRequest *request, McpError code, const char *words)
{
    Spoken spoken;

    fixture_speak(fixture, request, &spoken);
    g_assert_error(spoken.error, MCP_ERROR, (int)code);
    g_assert_nonnull(strstr(spoken.error->message, words));
    spoken_clear(&spoken);
}

static void
test_quota_passes(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) audio = NULL;

    fixture_open(fixture, "retries = 3\ndeadline = 25s");
    audio = fixture_say(fixture, "quota 2");
    audio_check(audio, strlen("quota 2"), 8000);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 3);
}

/* A quota says that the service is well: others are still asked for. */
static void
test_quota_stays(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "quota 1000", .sample_rate = 8000};
    g_autoptr(McpAudio) audio = NULL;

    fixture_open(fixture, "retries = 1\ndeadline = 25s");
    for (guint i = 0; i < 10; i++)
        fail_for(fixture, &request, MCP_ERROR_LIMIT, "RESOURCE_EXHAUSTED: quota exceeded");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 20);
    audio = fixture_say(fixture, "and this goes well");
}

/* Asks until it is spoken. */
static void
insist(Fixture *fixture)
{
    McpSynthesisRequest request = {.text = "back again", .sample_rate = 8000};
    gint64 end = mcp_clock_now(fixture->stand.clock) + 30 * G_USEC_PER_SEC;
    gboolean well = FALSE;

    while (!well && mcp_clock_now(fixture->stand.clock) < end) {
        Spoken spoken;

        fixture_speak(fixture, &request, &spoken);
        well = spoken.audio != NULL;
        spoken_clear(&spoken);
    }
    g_assert_true(well);
}

/* A service that is ill is left alone, and asked again after a while. */
static void
test_left_alone(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "down 1000", .sample_rate = 8000};

    fixture_open(fixture, "retries = 0\ndeadline = 25s");
    for (guint i = 0; i < 8; i++)
        fail_for(fixture, &request, MCP_ERROR_FAILED, "UNAVAILABLE: try again later");
    fail_for(fixture, &request, MCP_ERROR_FAILED, "left alone");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 8);
    insist(fixture);
}

static void
test_stall(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {
        .text = "stall", .sample_rate = 8000, .deadline = 2 * G_USEC_PER_SEC};
    g_autoptr(McpAudio) audio = NULL;

    fixture_open(fixture, "deadline = 25s");
    audio = fixture_say(fixture, "a first one, that all is there");
    fail_for(fixture, &request, MCP_ERROR_TIMEOUT, "in time");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 2);
    /* Left to itself the service would work on it for a minute. */
    stand_wait_count(&fixture->stand, "active", 0);
}

static void
test_stall_of_stream(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "stall", .sample_rate = 8000, .deadline = 300 * 1000};

    fixture_open(fixture, "streaming = true");
    fail_for(fixture, &request, MCP_ERROR_TIMEOUT, "in time");
}

static void
wake(gpointer user_data)
{
    g_main_context_wakeup(NULL);
}

static gboolean
has_ended(gpointer audio)
{
    return !mcp_audio_is_growing(audio);
}

/* What was heard so far of a stream, and why there is no more. */
static gsize
wait_end(Fixture *fixture, McpAudio *audio, McpError code, const char *words)
{
    g_autoptr(McpAudioWatch) watch = mcp_audio_watch_new(audio, wake, NULL, NULL);
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;
    gboolean over = FALSE;

    stand_wait_until(&fixture->stand, has_ended, audio);
    bytes = mcp_audio_watch_read(watch, 0, &over, &error);
    g_assert_true(over);
    g_assert_error(error, MCP_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, words));
    return g_bytes_get_size(bytes);
}

static void
test_reset_in_stream(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) audio = NULL;
    g_autoptr(McpAudio) again = NULL;

    fixture_open(fixture, "streaming = true\ndeadline = 25s");
    audio = fixture_say(fixture, "hold what follows");
    g_free(stand_tell(&fixture->stand, "cut"));
    g_assert_cmpuint(wait_end(fixture, audio, MCP_ERROR_FAILED, "UNAVAILABLE"), ==, 1600);
    again = fixture_say(fixture, "the next one finds a new connection");
    g_assert_cmpuint(stand_count(&fixture->stand, "connections"), ==, 2);
}

static void
test_silence_in_stream(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {
        .text = "hold what follows", .sample_rate = 8000, .deadline = 2 * G_USEC_PER_SEC};
    Spoken spoken;

    fixture_open(fixture, "streaming = true");
    fixture_speak(fixture, &request, &spoken);
    g_assert_no_error(spoken.error);
    g_assert_cmpuint(wait_end(fixture, spoken.audio, MCP_ERROR_TIMEOUT, "the rest"), ==, 1600);
    spoken_clear(&spoken);
}

/* A connection that breaks while the answer is made: asked again over a new one. */
static void
test_reset(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "crowd 2", .sample_rate = 8000};
    Spoken spoken;

    fixture_open(fixture, "retries = 5\ndeadline = 25s");
    fixture_start(fixture, &request, NULL, &spoken);
    stand_wait_count(&fixture->stand, "synthesize", 1);
    g_free(stand_tell(&fixture->stand, "cut"));
    fixture_wait(fixture, &spoken);
    g_assert_no_error(spoken.error);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 2);
    spoken_clear(&spoken);
}

static void
test_absent_then_there(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "is anybody there", .sample_rate = 8000};

    fixture_open(fixture, "retries = 0\ndeadline = 25s");
    fail_for(fixture, &request, MCP_ERROR_FAILED, "UNAVAILABLE");
    g_free(stand_tell(&fixture->stand, "up"));
    insist(fixture);
}

static void
test_nonsense(Fixture *fixture, gconstpointer unused)
{
    fixture_open(fixture, "retries = 1\ndeadline = 25s");
    fixture_fail(fixture, "garbage", MCP_ERROR_FAILED, "no message");
    fixture_fail(fixture, "notwav", MCP_ERROR_FAILED, "no WAV");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 4);
}

static void
test_nonsense_in_stream(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) audio = NULL;

    fixture_open(fixture, "streaming = true\ndeadline = 25s");
    audio = fixture_say(fixture, "garbage");
    g_assert_cmpuint(wait_end(fixture, audio, MCP_ERROR_FAILED, "no message"), >, 0);
}

static void
test_refusals(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "invalid", .sample_rate = 8000};
    g_autofree char *story = g_strnfill(101, 'a');
    Spoken spoken;

    fixture_open(fixture, "text_limit = 100");
    fixture_speak(fixture, &request, &spoken);
    g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_INVALID);
    spoken_clear(&spoken);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 1);
    fixture_fail(fixture, story, MCP_ERROR_LIMIT, "101 bytes");
    fixture_fail(fixture, "\xff", MCP_ERROR_INVALID, "UTF-8");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 1);
}

static void
expect_cancelled(Fixture *fixture, Spoken *spoken)
{
    fixture_wait(fixture, spoken);
    g_assert_error(spoken->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    spoken_clear(spoken);
}

static void
test_cancel(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "crowd 2", .sample_rate = 8000};
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Spoken spoken;

    fixture_open(fixture, "deadline = 25s");
    fixture_start(fixture, &request, cancellable, &spoken);
    stand_wait_count(&fixture->stand, "synthesize", 1);
    g_cancellable_cancel(cancellable);
    expect_cancelled(fixture, &spoken);
    /* Left to itself the service would work on it for a minute. */
    stand_wait_count(&fixture->stand, "active", 0);
}

/* At each turn of the loop: before and within the token, the list, the call and its answer. */
static void
test_cancel_anywhere(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.sample_rate = 8000};

    fixture_open(fixture, "deadline = 25s");
    for (guint i = 0; i < 60; i++) {
        g_autoptr(GCancellable) cancellable = g_cancellable_new();
        g_autofree char *text = g_strdup_printf("down 1 #%u", i);
        Spoken spoken;

        request.text = text;
        fixture_start(fixture, &request, cancellable, &spoken);
        for (guint turn = 0; turn < i && !spoken.done; turn++)
            g_main_context_iteration(NULL, TRUE);
        g_cancellable_cancel(cancellable);
        if (!spoken.done)
            expect_cancelled(fixture, &spoken);
        spoken_clear(&spoken);
    }
}

/* Two run, two wait, the fifth is too many; who waits can leave. */
static void
test_queue(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Spoken all[4];

    fixture_open(fixture, "max_simultaneous = 2\ndeadline = 25s\nvoice = en-US-Standard-A");
    for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autofree char *text = g_strdup_printf("crowd 3#%u", i);
        McpSynthesisRequest request = {.text = text, .sample_rate = 8000};

        fixture_start(fixture, &request, i < 3 ? cancellable : NULL, &all[i]);
    }
    stand_wait_count(&fixture->stand, "synthesize", 2);
    fixture_fail(fixture, "one too many", MCP_ERROR_LIMIT, "2 requests run");
    /* With the two that ran gone, the one that is left is the third of the crowd. */
    g_cancellable_cancel(cancellable);
    for (guint i = 0; i < 3; i++)
        expect_cancelled(fixture, &all[i]);
    fixture_wait(fixture, &all[3]);
    g_assert_no_error(all[3].error);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 3);
    spoken_clear(&all[3]);
}

static void
test_close(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "crowd 2", .sample_rate = 8000};
    Spoken spoken;

    fixture_open(fixture, "deadline = 25s");
    fixture_start(fixture, &request, NULL, &spoken);
    stand_wait_count(&fixture->stand, "synthesize", 1);
    mcp_google_synthesizer_close(fixture->synthesizer);
    fixture_wait(fixture, &spoken);
    g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_CLOSED);
    spoken_clear(&spoken);
    fixture_fail(fixture, "anything else", MCP_ERROR_CLOSED, "stopped");
}

#define ADD(name, func) \
    g_test_add("/google-tts/fault/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("quota-passes", test_quota_passes);
    ADD("quota-stays", test_quota_stays);
    ADD("left-alone", test_left_alone);
    ADD("stall", test_stall);
    ADD("stall-of-stream", test_stall_of_stream);
    ADD("reset-in-stream", test_reset_in_stream);
    ADD("silence-in-stream", test_silence_in_stream);
    ADD("reset", test_reset);
    g_test_add("/google-tts/fault/absent-then-there", Fixture, "absent", fixture_set_up,
               test_absent_then_there, fixture_tear_down);
    ADD("nonsense", test_nonsense);
    ADD("nonsense-in-stream", test_nonsense_in_stream);
    ADD("refusals", test_refusals);
    ADD("cancel", test_cancel);
    ADD("cancel-anywhere", test_cancel_anywhere);
    ADD("queue", test_queue);
    ADD("close", test_close);
    return g_test_run();
}
