/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recognizer service: many at once, stops at every step, hotwords, pauses, several grammars,
 * garbage, refusals, senders that fall silent.
 */
#include "listening.h"
#include <mcp/error.h>
#include <string.h>

#define YES_NO VOICE("<one-of><item>yes</item><item>no</item></one-of>")
#define PIZZA VOICE("<ruleref special='GARBAGE'/> pizza")
#define MANY 20

static Listener *
listen_to(Listening *l, const char *grammar, const char *text)
{
    Listener *self = listener_new(l, grammar);

    if (text != NULL)
        listener_say(self, "rms", text, 1);
    return self;
}

static void
expect_match(Listener *self, const char *words)
{
    listener_wait(self);
    g_assert_no_error(self->error);
    g_assert_cmpint(self->end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(self->words, ==, words);
    g_assert_cmpfloat(self->confidence, >=, 0.5);
}

static void
expect_failure(Listener *self, McpError code, const char *part, gboolean elsewhere)
{
    listener_wait(self);
    g_assert_cmpint(self->end, ==, MCP_RECOGNITION_FAILED);
    g_assert_error(self->error, MCP_ERROR, (int)code);
    if (strstr(self->error->message, part) == NULL)
        g_error("'%s' lacks '%s'", self->error->message, part);
    g_assert_cmpint(self->elsewhere, ==, elsewhere);
    listener_free(self);
}

/* 20 at once with one thread all end, each with its own words. */
static void
test_many(Listening *l, gconstpointer data)
{
    Listener *listeners[MANY];

    for (guint i = 0; i < MANY; i++) {
        listeners[i] = listen_to(l, YES_NO, i % 2 == 0 ? "yes" : "no");
        listener_begin(listeners[i]);
    }
    for (guint i = 0; i < MANY; i++) {
        expect_match(listeners[i], i % 2 == 0 ? "yes" : "no");
        g_assert_cmpuint(listeners[i]->speech, ==, 1);
        listener_free(listeners[i]);
    }
}

/* At once, in its own callbacks, and while the engine is at work: nothing comes any more. */
static void
test_stop(Listening *l, gconstpointer data)
{
    for (guint i = 0; i < 12; i++) {
        Listener *self = listen_to(l, YES_NO, "yes");
        guint reads;
        guint events;

        self->stop_at = i < 3 ? i : 0;
        listener_begin(self);
        run_for(i * 15);
        mcp_recognition_stop(self->recognition);
        mcp_recognition_stop(self->recognition);
        reads = voice_tap_get_reads(self->tap);
        events = self->events;
        run_for(40);
        g_assert_cmpuint(self->events, ==, events);
        g_assert_cmpuint(voice_tap_get_reads(self->tap), ==, reads);
        listener_free(self);
    }
}

/* Dropped without a stop, it stops by itself. */
static void
test_dropped(Listening *l, gconstpointer data)
{
    Listener *self = listen_to(l, YES_NO, "yes");

    listener_begin(self);
    run_for(60);
    g_clear_object(&self->recognition);
    self->ends = 1; /* an event would fail now */
    run_for(100);
    listener_free(self);
}

/* What is not the hotword was not said. */
static void
test_hotword(Listening *l, gconstpointer data)
{
    Listener *self = listen_to(l, VOICE("operator"), "the weather is nice today");

    voice_tap_pause(self->tap, 2500);
    listener_say(self, "rms", "operator", 1);
    self->request.hotword = TRUE;
    listener_begin(self);
    expect_match(self, "operator");
    g_assert_cmpuint(self->partials, ==, 0);
    listener_free(self);
}

/* A pause shorter than the timeout belongs to what is said. */
static void
test_pause(Listening *l, gconstpointer data)
{
    Listener *self = listen_to(l, VOICE("account <item repeat='0-1'>balance</item>"), "account");

    voice_tap_pause(self->tap, 500);
    listener_say(self, "rms", "balance", 1);
    self->request.complete_timeout = 3 * G_TIME_SPAN_SECOND;
    listener_begin(self);
    expect_match(self, "account balance");
    g_assert_cmpuint(self->speech, ==, 1);
    g_assert_cmpuint(self->partials, >=, 1);
    listener_free(self);
}

/* Twice, since the decoder's grammar is that of the last one. */
static void
test_grammars(Listening *l, gconstpointer data)
{
    for (guint i = 0; i < 2; i++) {
        Listener *self = listen_to(l, YES_NO, "operator");

        listener_add_grammar(self, VOICE("operator"));
        listener_begin(self);
        expect_match(self, "operator");
        g_assert_cmpint(self->grammar, ==, -1);
        listener_free(self);
    }
}

static void
expect_heavier(Listening *l, const char *grammar, const char *words)
{
    Listener *self = listen_to(l, grammar, "two");

    listener_begin(self);
    expect_match(self, words);
    listener_free(self);
}

/* SRGS 1.0 §2.4.1: of what sounds the same the heavier one is heard. */
static void
test_weights(Listening *l, gconstpointer data)
{
    expect_heavier(l,
                   VOICE("<one-of><item weight='9'>two</item><item weight='0.1'>too</item>"
                         "</one-of>"),
                   "two");
    expect_heavier(l,
                   VOICE("<one-of><item weight='0.1'>two</item><item weight='9'>too</item>"
                         "</one-of>"),
                   "too");
}

static void
test_garbage(Listening *l, gconstpointer data)
{
    Listener *self = listen_to(l, PIZZA, "i would like a pizza");

    self->request.confidence = 0;
    listener_begin(self);
    listener_wait(self);
    g_assert_cmpint(self->end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(self->words, ==, "pizza");
    listener_free(self);
}

static void
test_refused(Listening *l, gconstpointer data)
{
    Listener *word = listen_to(l, VOICE("yes na\xc3\xafve"), NULL);
    Listener *number = listen_to(l, VOICE("route 66"), NULL);
    Listener *none = listen_to(l, VOICE("<ruleref special='VOID'/>"), NULL);
    Listener *language = listen_to(l, YES_NO, NULL);
    Listener *again = listen_to(
        l,
        "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' root='r'>"
        "<rule id='r'>a <item repeat='0-1'><ruleref uri='#r'/></item></rule></grammar>",
        NULL);

    language->request.language = "de-DE";
    listener_begin(word);
    listener_begin(number);
    listener_begin(none);
    listener_begin(language);
    listener_begin(again);
    expect_failure(word, MCP_ERROR_UNSUPPORTED, "na\xc3\xafve", TRUE);
    expect_failure(number, MCP_ERROR_UNSUPPORTED, "'66'", TRUE);
    expect_failure(none, MCP_ERROR_UNSUPPORTED, "no words", TRUE);
    expect_failure(language, MCP_ERROR_UNSUPPORTED, "de-DE", TRUE);
    expect_failure(again, MCP_ERROR_UNSUPPORTED, "'r'", TRUE);
}

/* More than `recognitions`, and one that ends makes room. */
static void
test_busy(Listening *l, gconstpointer data)
{
    Listener *first = listen_to(l, YES_NO, "yes");
    Listener *second = listen_to(l, YES_NO, "yes");
    Listener *third = listen_to(l, YES_NO, "no");

    g_object_unref(l->recognizer);
    l->config.limit = 1;
    l->recognizer = mcp_sphinx_recognizer_new(&l->config);
    listener_begin(first);
    listener_begin(second);
    expect_failure(second, MCP_ERROR_LIMIT, "1 recognitions", TRUE);
    expect_match(first, "yes");
    listener_begin(third);
    expect_match(third, "no");
    listener_free(first);
    listener_free(third);
}

static void
test_no_model(Listening *l, gconstpointer data)
{
    Listener *self = listen_to(l, YES_NO, NULL);

    g_object_unref(l->recognizer);
    l->config.model = "/nonexistent";
    l->recognizer = mcp_sphinx_recognizer_new(&l->config);
    listener_begin(self);
    expect_failure(self, MCP_ERROR_FAILED, "/nonexistent", TRUE);
}

/* The leg goes, after a word or without one; and a sender that saves its silence. */
static void
test_ends(Listening *l, gconstpointer data)
{
    Listener *word = listen_to(l, YES_NO, "yes");
    Listener *nothing = listen_to(l, YES_NO, NULL);
    Listener *saving = listen_to(l, YES_NO, "no");

    voice_tap_pause(word->tap, 100);
    voice_tap_end(word->tap);
    voice_tap_end(nothing->tap);
    voice_tap_pause(saving->tap, 100);
    voice_tap_hold(saving->tap);
    listener_begin(word);
    listener_begin(nothing);
    listener_begin(saving);
    expect_match(word, "yes");
    expect_match(saving, "no");
    expect_failure(nothing, MCP_ERROR_CLOSED, "ended", FALSE);
    listener_free(word);
    listener_free(saving);
}

#define ADD(name, func)                                                             \
    g_test_add("/speech/recognizer/" name, Listening, NULL, listening_set_up, func, \
               listening_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("many", test_many);
    ADD("stop", test_stop);
    ADD("dropped", test_dropped);
    ADD("hotword", test_hotword);
    ADD("pause", test_pause);
    ADD("grammars", test_grammars);
    ADD("weights", test_weights);
    ADD("garbage", test_garbage);
    ADD("refused", test_refused);
    ADD("busy", test_busy);
    ADD("no-model", test_no_model);
    ADD("ends", test_ends);
    return g_test_run();
}
