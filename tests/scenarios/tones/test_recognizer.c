/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in recognizer, with a tap that hands out what tests/scenarios/tones.py has made. The
 * argument is the file of it: numbers 0, 18, 255 and 7, each with a pause after it.
 */
#include "recognizer.h"

#include "tone_code.h"
#include <glib/gstdio.h>
#include <math.h>
#include <mcp/error.h>
#include <sound/g711.h>
#include <string.h>

#define FRAME (TONE_CODE_RATE * TONE_CODE_FRAME_MS / 1000)
#define FRAME_US (TONE_CODE_FRAME_MS * 1000)
#define NUMBERS 4
#define BEGIN 1000000 /* µs at which the tap begins */

/* ---- a tap ---- */

#define FAKE_TYPE_TAP (fake_tap_get_type())
G_DECLARE_FINAL_TYPE(FakeTap, fake_tap, FAKE, TAP, GObject)

struct _FakeTap {
    GObject parent_instance;
    gint16 *samples;
    guint n;
    guint at;
    guint limit; /* samples that have come so far */
    gint16 frame[FRAME];
    gboolean ended;
    McpTapFunc func;
    gpointer user_data;
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeTap, fake_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static void
fake_set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    FAKE_TAP(tap)->func = func;
    FAKE_TAP(tap)->user_data = user_data;
}

static gboolean
fake_read(McpTap *tap, McpTapFrame *out_frame)
{
    FakeTap *self = FAKE_TAP(tap);

    if (self->at + FRAME > MIN(self->n, self->limit))
        return FALSE;
    memcpy(self->frame, self->samples + self->at, sizeof self->frame);
    *out_frame = (McpTapFrame){.data = (const guint8 *)self->frame,
                               .length = sizeof self->frame,
                               .position = self->at,
                               .time = BEGIN + (gint64)self->at * FRAME_US / FRAME};
    self->at += FRAME;
    return TRUE;
}

static gboolean
fake_has_ended(McpTap *tap)
{
    return FAKE_TAP(tap)->ended;
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = fake_set_ready;
    iface->read = fake_read;
    iface->has_ended = fake_has_ended;
}

static void
fake_tap_finalize(GObject *object)
{
    g_free(FAKE_TAP(object)->samples);
    G_OBJECT_CLASS(fake_tap_parent_class)->finalize(object);
}

static void
fake_tap_class_init(FakeTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = fake_tap_finalize;
}

static void
fake_tap_init(FakeTap *self)
{
    self->limit = G_MAXUINT;
}

/* @samples is taken over. */
static FakeTap *
fake_tap_new(gint16 *samples, guint n)
{
    FakeTap *self = g_object_new(FAKE_TYPE_TAP, NULL);

    self->samples = samples;
    self->n = n;
    return self;
}

/* ---- the stage ---- */

typedef struct {
    TonesRecognizer *recognizer;
    McpRecognitionRequest request;
    FakeTap *tap;
    GString *told; /* "speech match:WORDS@0.9 …" */
    gint64 time;   /* of the last event */
    guint stop_at; /* stops at this event */
    guint events;
} Stage;

static const char *audio;

/* The samples of the file from the number @first on, behind @shift of silence. */
static FakeTap *
speak(guint first, guint shift)
{
    g_autofree char *data = NULL;
    gsize length;
    gint16 *samples;
    guint skip;
    guint n;

    g_assert_true(g_file_get_contents(audio, &data, &length, NULL));
    skip = (guint)length / NUMBERS * first;
    n = (guint)length - skip;
    samples = g_new0(gint16, n + shift);
    mcp_sound_mulaw_decode((const guint8 *)data + skip, n, samples + shift);
    return fake_tap_new(samples, n + shift);
}

static FakeTap *
hum(double seconds, double low, double high)
{
    guint n = (guint)(TONE_CODE_RATE * (seconds + 1));
    gint16 *samples = g_new0(gint16, n);

    for (guint i = 0; i < (guint)(TONE_CODE_RATE * seconds); i++) {
        double turn = 2 * G_PI * i / TONE_CODE_RATE;

        samples[i] = (gint16)(4000 * (sin(turn * low) + sin(turn * high)));
    }
    return fake_tap_new(samples, n);
}

static void
stage_init(Stage *stage, const char *words, FakeTap *tap)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    int file = g_file_open_tmp("mcp-tones-XXXXXX", &path, &error);

    g_assert_no_error(error);
    g_close(file, NULL);
    g_assert_true(g_file_set_contents(path, words, -1, NULL));
    memset(stage, 0, sizeof *stage);
    stage->recognizer = tones_recognizer_new(path, &error);
    g_assert_no_error(error);
    g_remove(path);
    stage->tap = tap;
    stage->request.tap = MCP_TAP(tap);
    stage->told = g_string_new(NULL);
}

static void
stage_clear(Stage *stage)
{
    g_object_unref(stage->tap);
    g_object_unref(stage->recognizer);
    g_string_free(stage->told, TRUE);
}

static void
on_event(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    static const char *const names[] = {"speech",   "partial",  "match",
                                        "no-match", "too-long", "failed"};
    Stage *stage = user_data;

    g_string_append_printf(stage->told, "%s%s", stage->told->len > 0 ? " " : "",
                           names[event->type]);
    for (guint i = 0; i < event->n_hypotheses; i++)
        g_string_append_printf(stage->told, ":%s@%g", event->hypotheses[i].words,
                               event->hypotheses[i].confidence);
    if (event->type == MCP_RECOGNITION_FAILED)
        g_assert_error(event->error, MCP_ERROR, MCP_ERROR_CLOSED);
    stage->time = event->time;
    if (++stage->events == stage->stop_at)
        mcp_recognition_stop(recognition);
}

static McpRecognition *
begin(Stage *stage)
{
    McpRecognition *result =
        mcp_recognizer_begin(MCP_RECOGNIZER(stage->recognizer), &stage->request, on_event, stage);

    g_assert_cmpuint(stage->events, ==, 0);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    return result;
}

static void
check(Stage *stage, const char *told)
{
    g_autoptr(McpRecognition) recognition = begin(stage);

    g_assert_cmpstr(stage->told->str, ==, told);
}

/* A file of 256 lines "words N". */
static char *
all_words(void)
{
    GString *result = g_string_new(NULL);

    for (guint i = 0; i < 256; i++)
        g_string_append_printf(result, "words %u\n", i);
    return g_string_free(result, FALSE);
}

/* ---- the tests ---- */

/* However the frames fall upon the tones. */
static void
test_numbers(void)
{
    static const guint numbers[NUMBERS] = {0, 18, 255, 7};
    g_autofree char *words = all_words();

    for (guint i = 0; i < NUMBERS; i++)
        for (guint shift = 0; shift < FRAME; shift += 23) {
            g_autofree char *told = g_strdup_printf("speech match:words %u@0.9", numbers[i]);
            Stage stage;

            stage_init(&stage, words, speak(i, shift));
            check(&stage, told);
            stage_clear(&stage);
        }
}

static void
test_times(void)
{
    const gint64 spoken = 320000; /* three tones and two gaps */
    Stage stage;

    stage_init(&stage, "zero\n", speak(0, 0));
    check(&stage, "speech match:zero@0.9");
    g_assert_cmpint(ABS(stage.time - BEGIN - spoken), <=, FRAME_US);
    g_assert_cmpuint(stage.tap->at, >=, TONE_CODE_RATE * 52 / 100);
    g_assert_cmpuint(stage.tap->at, <=, TONE_CODE_RATE * 56 / 100);
    stage_clear(&stage);
    stage_init(&stage, "zero\n", speak(0, 0));
    stage.request.complete_timeout = 300000;
    check(&stage, "speech match:zero@0.9");
    g_assert_cmpuint(stage.tap->at, >=, TONE_CODE_RATE * 62 / 100);
    stage_clear(&stage);
}

static void
test_hypotheses(void)
{
    static const char *const words = "new york @0.75 | newark@0.25\n";
    Stage stage;

    stage_init(&stage, words, speak(0, 0));
    check(&stage, "speech match:new york@0.75");
    stage_clear(&stage);
    stage_init(&stage, words, speak(0, 0));
    stage.request.n_best = 5;
    check(&stage, "speech match:new york@0.75:newark@0.25");
    stage_clear(&stage);
    stage_init(&stage, words, speak(0, 0));
    stage.request.confidence = 0.8;
    check(&stage, "speech no-match:new york@0.75");
    stage_clear(&stage);
}

static void
test_nothing(void)
{
    Stage stage;

    stage_init(&stage, "zero\n", hum(0.3, 440, 620));
    check(&stage, "speech no-match");
    stage_clear(&stage);
    stage_init(&stage, "zero\n", hum(0, 0, 0));
    check(&stage, "");
    stage_clear(&stage);
    /* The number of a line that is not there. */
    stage_init(&stage, "zero\n", speak(2, 0));
    check(&stage, "speech no-match");
    stage_clear(&stage);
    stage_init(&stage, "zero\n", hum(2, 440, 620));
    stage.request.max_speech = G_USEC_PER_SEC;
    check(&stage, "speech too-long");
    stage_clear(&stage);
}

/* What does not match was not said: the first number of the file is no line, the second is. */
static void
test_hotword(void)
{
    Stage stage;

    stage_init(&stage, "zero @0.1\n1\n2\n3\n4\n5\n6\nseven\n", speak(0, 0));
    stage.request.hotword = TRUE;
    stage.request.confidence = 0.5;
    check(&stage, "speech speech speech speech match:seven@0.9");
    stage_clear(&stage);
}

static void
test_stop(void)
{
    Stage stage;

    stage_init(&stage, "zero\n", speak(0, 0));
    stage.stop_at = 1;
    check(&stage, "speech");
    g_assert_null(stage.tap->func);
    g_assert_cmpuint(stage.tap->at, ==, FRAME);
    stage_clear(&stage);
    /* Dropped before it has read anything. */
    stage_init(&stage, "zero\n", speak(0, 0));
    g_object_unref(
        mcp_recognizer_begin(MCP_RECOGNIZER(stage.recognizer), &stage.request, on_event, &stage));
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(stage.events, ==, 0);
    g_assert_cmpuint(stage.tap->at, ==, 0);
    stage_clear(&stage);
}

/* Frames that come later, and a caller who leaves while he speaks. */
static void
test_ready(void)
{
    g_autoptr(McpRecognition) recognition = NULL;
    Stage stage;

    stage_init(&stage, "zero\n", speak(0, 0));
    stage.tap->limit = 0;
    recognition = begin(&stage);
    g_assert_cmpstr(stage.told->str, ==, "");
    stage.tap->limit = FRAME * 5;
    stage.tap->func(MCP_TAP(stage.tap), stage.tap->user_data);
    g_assert_cmpstr(stage.told->str, ==, "speech");
    stage.tap->ended = TRUE;
    stage.tap->func(MCP_TAP(stage.tap), stage.tap->user_data);
    g_assert_cmpstr(stage.told->str, ==, "speech failed");
    g_assert_null(stage.tap->func);
    stage_clear(&stage);
}

static void
test_no_words(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(tones_recognizer_new("/nonexistent/words", &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    audio = argv[1];
    g_test_add_func("/tones/numbers", test_numbers);
    g_test_add_func("/tones/times", test_times);
    g_test_add_func("/tones/hypotheses", test_hypotheses);
    g_test_add_func("/tones/nothing", test_nothing);
    g_test_add_func("/tones/hotword", test_hotword);
    g_test_add_func("/tones/stop", test_stop);
    g_test_add_func("/tones/ready", test_ready);
    g_test_add_func("/tones/no-words", test_no_words);
    return g_test_run();
}
