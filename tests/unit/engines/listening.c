/* SPDX-License-Identifier: Apache-2.0 */
/* Recognition goes on with the next engine, which hears what was said so far. */
#include "listening.h"

#include "engines.h"
#include "source_tap.h"
#include <mcp/error.h>
#include <string.h>

static const char *const none[] = {NULL};

typedef struct {
    Fakes fakes;
    McpEnginesListening *listening;
    SourceTap *source;
    FakeEngine *a;
    FakeEngine *b;
    McpRecognition *recognition;
    McpEvents *events;
    guint subscription;
    GString *told; /* what the bus tells */
    GString *log;  /* one letter an event */
    char *error;
    char *words;
    gint16 spoken; /* number of the next frame */
} Case;

static void
on_event(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    Case *self = user_data;

    g_assert_true(recognition == self->recognition);
    g_string_append_c(self->log, "SPMNTF"[event->type]);
    g_free(self->error);
    self->error = event->error != NULL ? g_strdup(event->error->message) : NULL;
    if (event->n_hypotheses > 0) {
        g_free(self->words);
        self->words = g_strdup(event->hypotheses[0].words);
    }
}

static void
case_begin(Case *self, const char *engines)
{
    McpRecognitionRequest request = {.tap = MCP_TAP(self->source), .engines = engines};

    g_string_truncate(self->log, 0);
    self->recognition =
        mcp_recognizer_begin(MCP_RECOGNIZER(self->listening), &request, on_event, self);
    g_assert_cmpstr(self->log->str, ==, "");
    run();
}

static void
on_told(McpEvent *event, guint dropped, gpointer user_data)
{
    const char *result = mcp_event_get_string(event, "result");

    g_string_append_printf(((Case *)user_data)->told, "%s %s", mcp_event_get_what(event),
                           mcp_event_get_string(event, "engine"));
    if (result != NULL)
        g_string_append_printf(((Case *)user_data)->told, " %s %" G_GINT64_FORMAT, result,
                               mcp_event_get_int(event, "duration_ms", -1));
    g_string_append_c(((Case *)user_data)->told, '|');
}

static void
case_open(Case *self, guint rate)
{
    memset(self, 0, sizeof *self);
    fakes_open(&self->fakes, none);
    self->told = g_string_new(NULL);
    self->events = g_object_new(MCP_TYPE_EVENTS, NULL);
    self->subscription =
        mcp_events_subscribe(self->events, 1u << MCP_EVENT_INPUT, 100, on_told, self);
    self->listening = mcp_engines_listening_new(self->fakes.table, G_USEC_PER_SEC, self->events);
    self->source = source_tap_new(rate / 50);
    self->a = fakes_add(&self->fakes, "a");
    self->b = fakes_add(&self->fakes, "b");
    self->a->rate = rate;
    self->log = g_string_new(NULL);
}

static void
case_stop(Case *self)
{
    if (self->recognition != NULL)
        mcp_recognition_stop(self->recognition);
    g_clear_object(&self->recognition);
    run();
}

static void
case_close(Case *self)
{
    case_stop(self);
    g_assert_finalize_object(self->listening);
    g_assert_finalize_object(self->source);
    mcp_events_unsubscribe(self->events, self->subscription);
    g_assert_finalize_object(self->events);
    g_string_free(self->told, TRUE);
    fakes_close(&self->fakes);
    g_string_free(self->log, TRUE);
    g_free(self->error);
    g_free(self->words);
}

static void
speak(Case *self, guint frames)
{
    for (guint i = 0; i < frames; i++) {
        gint16 frame[320];

        for (guint k = 0; k < G_N_ELEMENTS(frame); k++)
            frame[k] = self->spoken;
        self->spoken++;
        source_tap_put(self->source, frame);
    }
}

static void
test_failover(void)
{
    Case self;

    case_open(&self, 8000);
    case_begin(&self, NULL);
    speak(&self, 5);
    g_assert_cmpuint(self.a->heard->len, ==, 5 * 320);
    fake_engine_tell(self.a, MCP_RECOGNITION_SPEECH, 0, FALSE);
    fake_engine_tell(self.a, MCP_RECOGNITION_FAILED, MCP_ERROR_CLOSED, TRUE);
    speak(&self, 2);
    run();
    /* The second one hears all of it, and then what comes. */
    g_assert_cmpuint(self.b->asked, ==, 1);
    g_assert_cmpuint(self.a->stops, ==, 1);
    g_assert_cmpuint(self.b->heard->len, ==, 7 * 320);
    speak(&self, 1);
    g_assert_cmpuint(self.b->heard->len, ==, 8 * 320);
    g_assert_cmpuint(self.a->heard->len, ==, 5 * 320);
    for (guint i = 0; i < 8; i++)
        g_assert_cmpuint(self.b->heard->data[320 * i], ==, i);
    /* That somebody speaks is told once. */
    fake_engine_tell(self.b, MCP_RECOGNITION_SPEECH, 0, FALSE);
    fake_engine_tell(self.b, MCP_RECOGNITION_MATCH, 0, FALSE);
    g_assert_cmpstr(self.log->str, ==, "SM");
    g_assert_cmpstr(self.words, ==, "b");
    case_close(&self);
}

static void
test_all_fail(void)
{
    Case self;

    case_open(&self, 8000);
    case_begin(&self, NULL);
    fake_engine_tell(self.a, MCP_RECOGNITION_FAILED, MCP_ERROR_CLOSED, TRUE);
    run();
    g_assert_cmpstr(self.log->str, ==, "");
    fake_engine_tell(self.b, MCP_RECOGNITION_FAILED, MCP_ERROR_TIMEOUT, TRUE);
    run();
    g_assert_cmpstr(self.log->str, ==, "F");
    g_assert_nonnull(strstr(self.error, "a: a is ill; b: b is ill"));
    case_stop(&self);
    /* What no other one can do better ends it at once. */
    case_begin(&self, NULL);
    fake_engine_tell(self.a, MCP_RECOGNITION_FAILED, MCP_ERROR_INVALID, FALSE);
    run();
    g_assert_cmpstr(self.log->str, ==, "F");
    g_assert_cmpstr(self.error, ==, "a is ill");
    g_assert_cmpuint(self.b->asked, ==, 1);
    case_close(&self);
}

static void
test_wanted(void)
{
    Case self;

    case_open(&self, 8000);
    case_begin(&self, "b");
    g_assert_cmpuint(self.a->asked, ==, 0);
    g_assert_cmpuint(self.b->asked, ==, 1);
    case_stop(&self);
    case_begin(&self, "z");
    g_assert_cmpstr(self.log->str, ==, "F");
    g_assert_nonnull(strstr(self.error, "z"));
    case_close(&self);
}

/* The one at 8 kHz hears half of the samples of the one at 16 kHz. */
static void
test_rates(void)
{
    Case self;
    McpTapParams params;

    case_open(&self, 16000);
    mcp_recognizer_get_format(MCP_RECOGNIZER(self.listening), &params);
    g_assert_cmpuint(params.rate, ==, 16000);
    case_begin(&self, NULL);
    speak(&self, 3);
    g_assert_cmpuint(self.a->heard->len, ==, 3 * 640);
    fake_engine_tell(self.a, MCP_RECOGNITION_FAILED, MCP_ERROR_CLOSED, TRUE);
    run();
    g_assert_cmpuint(self.b->heard->len, ==, 3 * 320);
    case_close(&self);
}

/* Stopped before it began, and amid the way to the next one. */
static void
test_stop(void)
{
    Case self;
    McpRecognitionRequest request = {0};

    case_open(&self, 8000);
    request.tap = MCP_TAP(self.source);
    self.recognition =
        mcp_recognizer_begin(MCP_RECOGNIZER(self.listening), &request, on_event, &self);
    case_stop(&self);
    g_assert_cmpuint(self.a->asked, ==, 0);
    case_begin(&self, NULL);
    fake_engine_tell(self.a, MCP_RECOGNITION_FAILED, MCP_ERROR_CLOSED, TRUE);
    mcp_recognition_stop(self.recognition);
    mcp_recognition_stop(self.recognition);
    case_stop(&self);
    g_assert_cmpuint(self.b->asked, ==, 0);
    g_assert_cmpstr(self.log->str, ==, "");
    case_close(&self);
}

/* What each engine has heard is told once, however it ended. */
static void
test_told(void)
{
    Case self;

    case_open(&self, 8000);
    case_begin(&self, NULL);
    mcp_clock_advance(self.fakes.clock, 1500 * G_TIME_SPAN_MILLISECOND);
    fake_engine_tell(self.a, MCP_RECOGNITION_FAILED, MCP_ERROR_CLOSED, TRUE);
    run();
    mcp_clock_advance(self.fakes.clock, 2 * G_USEC_PER_SEC);
    fake_engine_tell(self.b, MCP_RECOGNITION_MATCH, 0, FALSE);
    case_stop(&self);
    g_assert_cmpstr(self.told->str, ==,
                    "recognizing a|recognized a failed 1500|recognizing b|"
                    "recognized b match 2000|");
    g_string_truncate(self.told, 0);
    case_begin(&self, "b");
    mcp_clock_advance(self.fakes.clock, 250 * G_TIME_SPAN_MILLISECOND);
    case_stop(&self);
    g_assert_cmpstr(self.told->str, ==, "recognizing b|recognized b stopped 250|");
    case_close(&self);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engines/listening/failover", test_failover);
    g_test_add_func("/engines/listening/all-fail", test_all_fail);
    g_test_add_func("/engines/listening/wanted", test_wanted);
    g_test_add_func("/engines/listening/rates", test_rates);
    g_test_add_func("/engines/listening/stop", test_stop);
    g_test_add_func("/engines/listening/told", test_told);
    return g_test_run();
}
