/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns as they should be: what the service is told, the audio that it gets, what its answers come
 * to, and when a turn ends.
 */
#include "asr.h"

#include <string.h>

static void
test_match(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "Yes.");
    turn_begin(turn);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
    g_assert_cmpuint(turn->words->len, ==, 1);
    g_assert_cmpuint(turn->speech, ==, 1);
    /* It begins behind the breath, and ends before the pause. */
    g_assert_cmpint(turn->times[1] - turn->times[0], >, 600 * 1000);
    g_assert_cmpint(turn->times[1] - turn->times[0], <, 1000 * 1000);
    stand_expect_last(&asr->stand, "{\"language\": \"en-US\", \"rate\": 8000, \"encoding\": 1, "
                                   "\"alternatives\": 5, \"model\": \"telephony\", "
                                   "\"enhanced\": false, \"phrases\": [\"yes\", \"no\"], "
                                   "\"boost\": [0.0], \"single\": false, \"interim\": true, "
                                   "\"events\": true, \"end\": 1200, \"start\": 0}");
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 1);
    stand_wait_count(&asr->stand, "active", 0);
}

static void
test_settings(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "language = de-CH\nmodel = phone_call\nuse_enhanced = true\nphrases = 2\n"
                  "boost = 7.5\nalternatives = 2\nsingle_utterance = true");
    asr_say(asr, "no");
    turn->request.n_best = 7;
    turn->request.language = "DE";
    turn->request.complete_timeout = 250 * 1000;
    turn->request.incomplete_timeout = 1750 * 1000;
    turn_begin(turn);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "no 0.900 0 \"no\"");
    stand_expect_last(&asr->stand, "{\"language\": \"de-CH\", \"rate\": 8000, \"encoding\": 1, "
                                   "\"alternatives\": 7, \"model\": \"phone_call\", "
                                   "\"enhanced\": true, \"phrases\": [\"yes\", \"no\"], "
                                   "\"boost\": [7.5], \"single\": true, \"interim\": true, "
                                   "\"events\": true, \"end\": 1750, \"start\": 0}");
}

/* All of it, sample by sample, in messages that the service takes. */
static void
check_audio(Asr *asr, const char *lines)
{
    g_autoptr(Turn) turn = NULL;
    g_autofree char *figures = NULL;

    asr_open(asr, lines);
    asr_say(asr, "yes");
    turn = turn_new(asr, YES_NO);
    turn_begin(turn);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
    asr_expect_audio(asr, 1, turn, 0, 2600);
    figures = stand_tell(&asr->stand, "ask figures");
    g_assert_nonnull(strstr(figures, "\"largest\": 25000"));
}

static void
test_audio(Asr *asr, gconstpointer unused)
{
    check_audio(asr, "");
}

static void
test_wideband(Asr *asr, gconstpointer unused)
{
    check_audio(asr, "rate = 16000");
    stand_expect_last(&asr->stand, "\"rate\": 16000");
}

/* As it comes: a message for every tenth of a second. */
static void
test_mulaw(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);
    g_autofree char *figures = NULL;

    asr_open(asr, "encoding = mulaw");
    asr_say(asr, "yes");
    turn_begin(turn);
    caller_tap_pause(turn->tap, 100);
    stand_wait_count(&asr->stand, "streams", 1);
    for (guint i = 0; i < 8; i++)
        caller_tap_speak(turn->tap, 100);
    for (guint i = 0; i < 15; i++)
        caller_tap_pause(turn->tap, 100);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
    stand_expect_last(&asr->stand, "\"encoding\": 3");
    figures = stand_tell(&asr->stand, "ask figures");
    g_assert_nonnull(strstr(figures, "\"spoken\": 0.8,"));
    g_assert_nonnull(strstr(figures, "\"largest\": 800"));
}

/* The service is given phrases that its answers are then read by. */
static void
test_phrases(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(
        asr, VOICE("<item repeat='0-1'>please</item><one-of><item>new <token>York "
                   "City</token></item><item>boston<tag>out='BOS';</tag></item></one-of>"));

    asr_open(asr, "");
    turn_add_grammar(turn, VOICE("<item repeat='4'><one-of><item>one</item><item>two</item>"
                                 "<item>three</item><item>four</item><item>five</item>"
                                 "</one-of></item>"));
    turn_add_grammar(turn, VOICE("<ruleref special='GARBAGE'/> operator"));
    asr_say(asr, "4 1 2 two|please Boston");
    turn->request.n_best = 3;
    turn_begin(turn);
    turn_utter(turn);
    turn_wait(turn);
    stand_expect_last(&asr->stand, "\"phrases\": [\"please new York City\", \"please boston\", "
                                   "\"new York City\", \"boston\", \"one\", \"two\", \"three\", "
                                   "\"four\", \"five\", \"operator\"]");
    g_assert_cmpint(turn->end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpuint(turn->words->len, ==, 1);
    g_assert_cmpstr(turn->words->pdata[0], ==, "please boston 0.810 0 \"BOS\"");
}

/* Alternatives count by what the grammars make of them. */
static void
test_n_best(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);
    g_autoptr(Turn) sure = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "guess/0.9|Yes|no|know");
    turn->request.n_best = 2;
    turn->request.confidence = 0.7;
    turn_begin(turn);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.810 0 \"yes\"");
    g_assert_cmpuint(turn->words->len, ==, 2);
    g_assert_cmpstr(turn->words->pdata[1], ==, "no 0.729 0 \"no\"");
    sure->request.confidence = 0.8;
    sure->request.n_best = 2;
    turn_begin(sure);
    turn_utter(sure);
    turn_expect(sure, MCP_RECOGNITION_MATCH, "yes 0.810 0 \"yes\"");
    g_assert_cmpuint(sure->words->len, ==, 1);
}

static void
test_no_match(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) other = NULL;
    g_autoptr(Turn) unsure = NULL;
    g_autoptr(Turn) nothing = NULL;

    asr_open(asr, "");
    asr_say(asr, "seventeen bottles  of water/0.8");
    other = asr_hear(asr);
    turn_expect(other, MCP_RECOGNITION_NO_MATCH, "seventeen bottles of water 0.800 -1 -");
    asr_say(asr, "yes/0.4");
    unsure = asr_hear(asr);
    turn_expect(unsure, MCP_RECOGNITION_NO_MATCH, "yes 0.400 -1 -");
    /* Speech of which nothing was understood. */
    asr_say(asr, "");
    nothing = asr_hear(asr);
    turn_expect(nothing, MCP_RECOGNITION_NO_MATCH, NULL);
    g_assert_cmpuint(nothing->speech, ==, 1);
}

/* A final result for each piece, put together. */
static void
test_pieces(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, VOICE("four seven one <item repeat='0-1'>nine</item>"));

    asr_open(asr, "");
    asr_say(asr, "four seven/0.8|for seven||one nine/0.7|one mine");
    turn_be_patient(turn);
    turn_begin(turn);
    caller_tap_speak(turn->tap, 800);
    caller_tap_pause(turn->tap, 1200);
    turn_wait_for(turn, &turn->partials, 1);
    g_assert_cmpstr(turn->partial, ==, "four seven");
    caller_tap_speak(turn->tap, 800);
    turn_wait_for(turn, &turn->partials, 2);
    g_assert_cmpstr(turn->partial, ==, "four seven one nine");
    caller_tap_pause(turn->tap, 100 * 1000);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "four seven one nine 0.700 0 \"four seven one nine\"");
    g_assert_cmpuint(turn->speech, ==, 1);
}

/* What a grammar takes ends after the shorter pause. */
static void
test_complete(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "yes");
    turn->request.complete_timeout = 300 * 1000;
    turn->request.incomplete_timeout = 100 * G_USEC_PER_SEC;
    turn_begin(turn);
    caller_tap_speak(turn->tap, 800);
    turn_wait_for(turn, &turn->partials, 1);
    g_assert_cmpuint(turn->ends, ==, 0);
    caller_tap_pause(turn->tap, 400);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
}

/* And what none takes after the longer one. */
static void
test_incomplete(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, VOICE("yes please"));

    asr_open(asr, "");
    asr_say(asr, "yes");
    turn->request.complete_timeout = 300 * 1000;
    turn->request.incomplete_timeout = 100 * G_USEC_PER_SEC;
    turn_begin(turn);
    caller_tap_speak(turn->tap, 800);
    turn_wait_for(turn, &turn->partials, 1);
    caller_tap_pause(turn->tap, 1500);
    /* The end of speech was seen, and what it means was known. */
    stand_wait_count(&asr->stand, "spoken", 80);
    g_assert_cmpuint(stand_count(&asr->stand, "ended"), ==, 0);
    g_assert_cmpuint(turn->ends, ==, 0);
    caller_tap_pause(turn->tap, 100 * 1000);
    turn_expect(turn, MCP_RECOGNITION_NO_MATCH, "yes 0.900 -1 -");
}

/* A sender that is silent may send nothing at all. */
static void
test_frames_stay_away(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "yes");
    turn_begin(turn);
    caller_tap_speak(turn->tap, 800);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
}

static void
test_leg_goes(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);
    g_autoptr(Turn) silent = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "yes");
    turn_begin(turn);
    caller_tap_speak(turn->tap, 800);
    caller_tap_end(turn->tap);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
    turn_begin(silent);
    caller_tap_pause(silent->tap, 800);
    caller_tap_end(silent->tap);
    turn_wait(silent);
    g_assert_error(silent->error, MCP_ERROR, MCP_ERROR_CLOSED);
    g_assert_false(silent->elsewhere);
}

/* Of a model that tells of no events, and of one that says when the caller has finished. */
static void
test_models(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);
    g_autoptr(Turn) single = turn_new(asr, YES_NO);

    asr_open(asr, "single_utterance = true");
    asr_say(asr, "no");
    asr_fault(asr, "plain");
    turn_begin(turn);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "no 0.900 0 \"no\"");
    g_assert_cmpuint(turn->speech, ==, 1);
    turn_be_patient(single);
    turn_begin(single);
    caller_tap_speak(single->tap, 800);
    caller_tap_pause(single->tap, 600);
    turn_expect(single, MCP_RECOGNITION_MATCH, "no 0.900 0 \"no\"");
    g_assert_cmpuint(stand_count(&asr->stand, "ended"), ==, 2);
}

static void
test_too_long(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "a story without end");
    turn->request.max_speech = 2 * G_USEC_PER_SEC;
    turn_be_patient(turn);
    turn_begin(turn);
    caller_tap_speak(turn->tap, 1000);
    turn_wait_for(turn, &turn->partials, 1);
    caller_tap_speak(turn->tap, 1500);
    turn_expect(turn, MCP_RECOGNITION_TOO_LONG, NULL);
    stand_wait_count(&asr->stand, "active", 0);
}

/* What does not match was not said. */
static void
test_hotword(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, VOICE("operator"));

    asr_open(asr, "");
    asr_say(asr, "something else");
    turn->request.hotword = TRUE;
    turn_begin(turn);
    turn_utter(turn);
    turn_wait_for(turn, &turn->speech, 1);
    stand_wait_count(&asr->stand, "active", 0);
    g_assert_cmpuint(turn->events, ==, 1);
    asr_say(asr, "operator");
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "operator 0.900 0 \"operator\"");
    g_assert_cmpuint(turn->partials, ==, 0);
    stand_expect_last(&asr->stand, "\"single\": false, \"interim\": true, \"events\": true, "
                                   "\"end\": 0");
}

/* How long nobody says anything is the caller's to watch; a stream without audio is given up. */
static void
test_no_input(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "yes");
    turn_begin(turn);
    caller_tap_pause(turn->tap, 5000);
    stand_wait_count(&asr->stand, "streams", 1);
    stand_wait_count(&asr->stand, "active", 0);
    g_assert_no_error(turn->error);
    g_assert_cmpuint(turn->events, ==, 0);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
    g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, 2);
}

/* Noise that the service takes for no speech: it is asked, and the wait goes on. */
static void
test_noise(Asr *asr, gconstpointer unused)
{
    g_autoptr(Turn) turn = turn_new(asr, YES_NO);

    asr_open(asr, "");
    asr_say(asr, "yes");
    turn_begin(turn);
    caller_tap_pause(turn->tap, 300);
    caller_tap_murmur(turn->tap, 1000);
    caller_tap_pause(turn->tap, 2000);
    stand_wait_count(&asr->stand, "ended", 1);
    stand_wait_count(&asr->stand, "active", 0);
    g_assert_cmpuint(turn->events, ==, 0);
    turn_utter(turn);
    turn_expect(turn, MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
}

#define ADD(name, func) g_test_add("/google-asr/" name, Asr, NULL, asr_set_up, func, asr_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("match", test_match);
    ADD("settings", test_settings);
    ADD("audio", test_audio);
    ADD("wideband", test_wideband);
    ADD("mulaw", test_mulaw);
    ADD("phrases", test_phrases);
    ADD("n-best", test_n_best);
    ADD("no-match", test_no_match);
    ADD("pieces", test_pieces);
    ADD("complete", test_complete);
    ADD("incomplete", test_incomplete);
    ADD("frames-stay-away", test_frames_stay_away);
    ADD("leg-goes", test_leg_goes);
    ADD("models", test_models);
    ADD("too-long", test_too_long);
    ADD("hotword", test_hotword);
    ADD("no-input", test_no_input);
    ADD("noise", test_noise);
    return g_test_run();
}
