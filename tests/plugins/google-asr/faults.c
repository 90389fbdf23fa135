/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong: quotas, silence, connections that break, a service that is not there, tokens
 * that are not accepted, answers that make no sense; streams that get too long, and turns that are
 * given up at any time.
 */
#include "asr.h"

#include <string.h>

#define YES "yes 0.900 0 \"yes\""

/* A turn that must fail so. */
static void
fail_for(Asr *asr, const char *fault, McpError code, const char *words)
{
    g_autoptr(Turn) turn = NULL;

    if (fault != NULL)
        asr_fault(asr, fault);
    turn = asr_hear(asr);
    turn_expect_failure(turn, code, words);
}

static void
succeed(Asr *asr)
{
    g_autoptr(Turn) turn = NULL;

    asr_say(asr, "yes");
    turn = asr_hear(asr);
    turn_expect(turn, MCP_RECOGNITION_MATCH, YES);
}

/* What passes is tried again, with all that was said. */
static void
test_passes(Asr *asr, gconstpointer unused)
{
    static const char *const faults[] = {"quota", "down", "midway", "garbage", "error", "range"};
    guint streams = 0;

    asr_open(asr, "retries = 1");
    asr_say(asr, "yes");
    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(Turn) turn = NULL;

        asr_fault(asr, faults[i]);
        turn = asr_hear(asr);
        turn_expect(turn, MCP_RECOGNITION_MATCH, YES);
        streams += 2;
        g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, streams);
        g_assert_cmpuint(turn->speech, ==, 1);
        asr_expect_audio(asr, streams, turn, 0, 2600);
    }
}

static const struct {
    const char *fault;
    McpError code;
    const char *words;
} lasting[] = {
    {"quota 2", MCP_ERROR_LIMIT, "RESOURCE_EXHAUSTED: quota exceeded"},
    {"down 2", MCP_ERROR_FAILED, "UNAVAILABLE: try again later"},
    {"midway 2", MCP_ERROR_FAILED, "UNAVAILABLE: the machine goes down"},
    {"error 2", MCP_ERROR_FAILED, "UNAVAILABLE: the machine goes down"},
    {"garbage 2", MCP_ERROR_FAILED, "are no message of the service"},
    {"invalid", MCP_ERROR_UNSUPPORTED, "INVALID_ARGUMENT: the model has no such language"},
};

static void
test_lasts(Asr *asr, gconstpointer unused)
{
    asr_open(asr, "retries = 1");
    for (guint i = 0; i < G_N_ELEMENTS(lasting); i++) {
        fail_for(asr, lasting[i].fault, lasting[i].code, lasting[i].words);
        /* Or it would be left alone. */
        succeed(asr);
    }
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 5 * 3 + 2);
}

/* A stream that ends well before anything was said was none. */
static void
test_ends_early(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);
    g_autoptr(Turn) again = turn_new(asr, YES_NO);

    asr_open(asr, "retries = 1");
    asr_say(asr, "yes");
    asr_fault(asr, "early");
    turn_begin(turn);
    caller_tap_pause(turn->tap, 100);
    stand_wait_count(&asr->stand, "streams", 2);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, YES);
    asr_fault(asr, "early 2");
    turn_begin(again);
    caller_tap_pause(again->tap, 100);
    turn_expect_failure(again, MCP_ERROR_FAILED, "INTERNAL: the stream ended at once");
}

/* A service that is ill is left alone, and asked again after a while. */
static void
test_left_alone(Asr *asr, gconstpointer unused)
{
    gint64 end = 0;

    asr_open(asr, "retries = 0");
    asr_say(asr, "yes");
    asr_fault(asr, "down 8");
    for (guint i = 0; i < 8; i++)
        fail_for(asr, NULL, MCP_ERROR_FAILED, "UNAVAILABLE");
    fail_for(asr, NULL, MCP_ERROR_FAILED, "left alone");
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 8);
    g_assert_cmpint(g_atomic_int_get(&asr->stand.left_alone), ==, TRUE);
    end = mcp_clock_now(asr->stand.clock) + 30 * G_USEC_PER_SEC;
    while (g_atomic_int_get(&asr->stand.left_alone) && mcp_clock_now(asr->stand.clock) < end)
        turn_free(asr_hear(asr));
    g_assert_cmpint(g_atomic_int_get(&asr->stand.left_alone), ==, FALSE);
    succeed(asr);
}

/* It hears, but says nothing; and it does not even hear. */
static void
test_stall(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "stall = 5s");
    fail_for(asr, "mute", MCP_ERROR_TIMEOUT, "the service has not answered for 5 s");
    asr_fault(asr, "deaf");
    turn_begin(turn);
    /* More than the connection holds of it. */
    for (guint i = 0; i < 19; i++)
        caller_tap_speak(turn->tap, 1000);
    turn_expect_failure(turn, MCP_ERROR_TIMEOUT, "for 5 s");
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 2);
    stand_wait_count(&asr->stand, "active", 0);
    succeed(asr);
}

/* The connection is reset while somebody speaks: a new one hears it from the begin on. */
static void
test_reset(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "retries = 5");
    asr_say(asr, "yes");
    turn_be_patient(turn);
    turn_begin(turn);
    caller_tap_pause(turn->tap, 2000);
    caller_tap_speak(turn->tap, 800);
    turn_wait_for(turn, &turn->partials, 1);
    g_free(stand_tell(&asr->stand, "cut"));
    caller_tap_speak(turn->tap, 200);
    caller_tap_pause(turn->tap, 1500);
    caller_tap_end(turn->tap);
    turn_expect(turn, MCP_RECOGNITION_MATCH, YES);
    g_assert_cmpuint(stand_count(&asr->stand, "connections"), ==, 2);
    g_assert_cmpuint(turn->speech, ==, 1);
    /* Half a second before it, speech, and what follows. */
    asr_expect_audio(asr, stand_count(&asr->stand, "streams"), turn, 1500, 3000);
}

static void
test_reset_is_told(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "retries = 0");
    asr_say(asr, "yes");
    turn_be_patient(turn);
    turn_begin(turn);
    caller_tap_speak(turn->tap, 800);
    turn_wait_for(turn, &turn->partials, 1);
    g_free(stand_tell(&asr->stand, "cut"));
    turn_expect_failure(turn, MCP_ERROR_FAILED, "UNAVAILABLE");
}

static void
test_absent_then_there(Asr *asr, gconstpointer unused)
{
    gint64 end = mcp_clock_now(asr->stand.clock) + 30 * G_USEC_PER_SEC;
    gboolean well = FALSE;

    asr_open(asr, "retries = 0");
    asr_say(asr, "yes");
    fail_for(asr, NULL, MCP_ERROR_FAILED, "UNAVAILABLE");
    g_free(stand_tell(&asr->stand, "up"));
    while (!well && mcp_clock_now(asr->stand.clock) < end) {
        g_autoptr(Turn) turn = asr_hear(asr);

        well = turn->end == MCP_RECOGNITION_MATCH;
    }
    g_assert_true(well);
}

/* A token that is not accepted any more is renewed, once a turn. */
static void
test_token(Asr *asr, gconstpointer unused)
{
    asr_open(asr, "");
    succeed(asr);
    g_free(stand_tell(&asr->stand, "revoke"));
    succeed(asr);
    g_assert_cmpuint(stand_count(&asr->stand, "unauthenticated"), ==, 1);
    g_assert_cmpuint(stand_count(&asr->stand, "granted"), ==, 2);
    g_free(stand_tell(&asr->stand, "revoke"));
    g_free(stand_tell(&asr->stand, "token-status 403"));
    fail_for(asr, NULL, MCP_ERROR_REFUSED, "the token endpoint answers 403");
}

static void
test_wrong_key(Asr *asr, gconstpointer unused)
{
    g_autofree char *lines =
        g_strdup_printf("endpoint = 127.0.0.1:%u\nplaintext = true\napi_key = another\nstall = 20s",
                        asr->stand.plain);

    asr_open_with(asr, lines);
    fail_for(asr, NULL, MCP_ERROR_REFUSED, "UNAUTHENTICATED: credentials were not accepted");
    g_assert_cmpuint(stand_count(&asr->stand, "unauthenticated"), ==, 1);
}

/* A server of other authorities than those that are trusted. */
static void
test_untrusted(Asr *asr, gconstpointer unused)
{
    g_autofree char *lines = g_strdup_printf(
        "endpoint = 127.0.0.1:%u\napi_key = key-of-the-tests\nretries = 0\nstall = 20s",
        asr->stand.relay);

    asr_open_with(asr, lines);
    fail_for(asr, NULL, MCP_ERROR_FAILED, "UNAVAILABLE");
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 0);
}

static void
test_identities(Asr *asr, gconstpointer unused)
{
    g_autofree char *proxied =
        g_strdup_printf("endpoint = localhost:%u\nca_file = %s/ca.pem\napi_key = key-of-the-tests\n"
                        "proxy = http://127.0.0.1:%u\nstall = 20s",
                        asr->stand.relay, asr->stand.folder, asr->stand.proxy);
    g_autofree char *asked = NULL;

    asr_open_with(asr, proxied);
    succeed(asr);
    asked = stand_tell(&asr->stand, "ask proxied");
    g_assert_true(g_str_has_prefix(asked, "CONNECT localhost:"));
}

/* ---- limits ---- */

/* A stream is replaced before the service ends it: nothing of the audio is missing. */
static void
test_long_stream(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, VOICE("operator"));

    asr_open(asr, "stream_length = 1s");
    asr_say(asr, "operator");
    turn->request.hotword = TRUE;
    turn->request.max_speech = 100 * G_USEC_PER_SEC;
    turn_begin(turn);
    while (stand_count(&asr->stand, "streams") < 3) {
        caller_tap_pause(turn->tap, 20);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(turn->events, ==, 0);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "operator 0.900 0 \"operator\"");
}

/* While somebody speaks, too: the next one gets all that was said. */
static void
test_long_speech(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);
    gint64 begin = mcp_clock_now(asr->stand.clock);
    guint spoken = 0;

    asr_open(asr, "stream_length = 1s");
    asr_say(asr, "yes");
    turn_be_patient(turn);
    turn->request.max_speech = 100 * G_USEC_PER_SEC;
    turn_begin(turn);
    while (stand_count(&asr->stand, "streams") < 3) {
        if (mcp_clock_now(asr->stand.clock) - begin >= spoken * 1000) {
            caller_tap_speak(turn->tap, 20);
            spoken += 20;
        }
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(turn->speech, ==, 1);
    g_assert_cmpuint(turn->ends, ==, 0);
    caller_tap_end(turn->tap);
    turn_expect(turn, MCP_RECOGNITION_MATCH, YES);
    asr_expect_audio(asr, stand_count(&asr->stand, "streams"), turn, 0, spoken);
}

/* The service takes 10 MB: this is more, though it comes faster than anybody speaks. */
static void
test_many_bytes(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = NULL;
    g_autofree char *figures = NULL;

    asr_open(asr, "rate = 16000\nstream_length = 305s");
    g_free(stand_tell(&asr->stand, "limit 400"));
    asr_say(asr, "operator");
    turn = turn_new(asr, VOICE("operator"));
    turn->request.hotword = TRUE;
    turn_begin(turn);
    for (guint i = 0; i < 350; i++) {
        caller_tap_pause(turn->tap, 1000);
        g_main_context_iteration(NULL, FALSE);
        stand_wait_count(&asr->stand, "unauthenticated", 0);
    }
    stand_wait_count(&asr->stand, "streams", 2);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "operator 0.900 0 \"operator\"");
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 2);
}

static void
test_too_many(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) one = turn_new(asr, YES_NO);
    g_autoptr(Turn) two = turn_new(asr, YES_NO);

    asr_open(asr, "max_simultaneous = 2");
    turn_begin(one);
    turn_begin(two);
    fail_for(asr, NULL, MCP_ERROR_LIMIT, "2 recognitions run");
    mcp_recognition_stop(two->recognition);
    succeed(asr);
}

/* A further connection where the first has as many streams as it may have. */
static void
test_connections(Asr *asr, gconstpointer unused)
{
    Turn *turns[5];

    asr_open(asr, "streams_per_connection = 2");
    asr_say(asr, "yes");
    for (guint i = 0; i < G_N_ELEMENTS(turns); i++) {
        turns[i] = turn_new(asr, YES_NO);
        turn_be_patient(turns[i]);
        turn_begin(turns[i]);
        caller_tap_speak(turns[i]->tap, 400);
    }
    stand_wait_count(&asr->stand, "most", 5);
    g_assert_cmpuint(stand_count(&asr->stand, "connections"), ==, 3);
    for (guint i = 0; i < G_N_ELEMENTS(turns); i++)
        turn_free(turns[i]);
}

static void
test_refused(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) keys = turn_new(
        asr, "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' mode='dtmf' "
             "root='r'><rule id='r'>1</rule></grammar>");

    asr_open(asr, "");
    turn_begin(keys);
    turn_expect_failure(keys, MCP_ERROR_UNSUPPORTED, "grammar 0 is one of keys");
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 0);
}

/* ---- turns that are given up ---- */

/* At each turn of the loop: before and within the token, the stream, and its answers. */
static void
test_stop_anywhere(Asr *asr, gconstpointer unused)
{
    asr_open(asr, "");
    asr_say(asr, "yes");
    for (guint i = 0; i < 40; i++) {
        g_autoptr(Turn) turn = turn_new(asr, YES_NO);

        if (i % 4 == 0)
            asr_fault(asr, "down");
        turn_begin(turn);
        caller_tap_speak(turn->tap, 500);
        for (guint step = 0; step < i && turn->ends == 0; step++) {
            caller_tap_pause(turn->tap, 100);
            g_main_context_iteration(NULL, TRUE);
        }
        mcp_recognition_stop(turn->recognition);
        turn->begun = FALSE; /* an event would fail now */
    }
    stand_wait_count(&asr->stand, "active", 0);
}

/* Out of each event. */
static void
test_stop_in_event(Asr *asr, gconstpointer unused)
{
    asr_open(asr, "");
    asr_say(asr, "yes");
    for (guint i = 1; i <= 3; i++) {
        g_autoptr(Turn) turn = turn_new(asr, YES_NO);

        turn->stop_at = i;
        turn_begin(turn);
        caller_tap_speak(turn->tap, 800);
        turn_wait_for(turn, &turn->events, MIN(i, 2));
        caller_tap_pause(turn->tap, 2000);
        turn_wait_for(turn, &turn->events, i);
        stand_wait_count(&asr->stand, "active", 0);
        g_assert_cmpuint(turn->events, ==, i);
    }
}

static void
test_close(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "yes");
    turn_be_patient(turn);
    turn_begin(turn);
    caller_tap_speak(turn->tap, 800);
    turn_wait_for(turn, &turn->speech, 1);
    mcp_google_asr_recognizer_close(asr->recognizer);
    turn_expect_failure(turn, MCP_ERROR_CLOSED, "stopped");
    fail_for(asr, NULL, MCP_ERROR_CLOSED, "stopped");
    stand_wait_count(&asr->stand, "active", 0);
}

/* New settings leave alone what is under way, and serve what has to be tried again. */
static void
test_reload(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);
    g_autofree char *lines = stand_lines(&asr->stand, "model = another\nstall = 20s");
    g_autoptr(McpGoogleAsrConfig) config = NULL;
    g_autoptr(GError) error = NULL;

    asr_open(asr, "");
    asr_say(asr, "yes");
    asr_fault(asr, "midway");
    turn_begin(turn);
    config = asr_config(asr, lines);
    g_assert_true(mcp_google_asr_recognizer_configure(asr->recognizer, config, &error));
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, YES);
    stand_expect_last(&asr->stand, "\"model\": \"telephony\"");
    succeed(asr);
    stand_expect_last(&asr->stand, "\"model\": \"another\"");
}

#define ADD(name, func) \
    g_test_add("/google-asr/fault/" name, Asr, NULL, asr_set_up, func, asr_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("passes", test_passes);
    ADD("lasts", test_lasts);
    ADD("ends-early", test_ends_early);
    ADD("left-alone", test_left_alone);
    ADD("stall", test_stall);
    ADD("reset", test_reset);
    ADD("reset-is-told", test_reset_is_told);
    g_test_add("/google-asr/fault/absent-then-there", Asr, "absent", asr_set_up,
               test_absent_then_there, asr_tear_down);
    ADD("token", test_token);
    ADD("wrong-key", test_wrong_key);
    ADD("untrusted", test_untrusted);
    ADD("identities", test_identities);
    ADD("long-stream", test_long_stream);
    ADD("long-speech", test_long_speech);
    ADD("many-bytes", test_many_bytes);
    ADD("too-many", test_too_many);
    ADD("connections", test_connections);
    ADD("refused", test_refused);
    ADD("stop-anywhere", test_stop_anywhere);
    ADD("stop-in-event", test_stop_in_event);
    ADD("close", test_close);
    ADD("reload", test_reload);
    return g_test_run();
}
