/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trials of engines that do as they are told: what comes of each way in which they can end, on a
 * virtual clock.
 */
#include <engines.h>
#include <mcp/error.h>
#include <speech_trial/hearing.h>
#include <speech_trial/saying.h>
#include <string.h>
#include <support.h>

#include "wave_file.h"

static const char grammar[] =
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' root='r' "
    "tag-format='semantics/1.0'><rule id='r' scope='public'>yes<tag>out=1;</tag></rule></grammar>";

typedef struct {
    Fixture grammars;
    McpClock *clock;
    FakeEngine *engine;
    GCancellable *cancellable;
    McpSpeechSay say;
    McpSpeechHear hear;
    gboolean done;
    McpSpeechSaid *said;
    char *heard;
    GError *error;
} Case;

static void
case_open(Case *self)
{
    memset(self, 0, sizeof *self);
    fixture_set_up(&self->grammars, NULL);
    self->clock = mcp_clock_new_virtual();
    self->engine = fake_engine_new("yes");
    self->engine->rate = 8000;
    self->cancellable = g_cancellable_new();
    self->say = (McpSpeechSay){.text = (char *)"abcd", .timeout = 10 * G_USEC_PER_SEC};
    self->hear = (McpSpeechHear){.audio = wave_file(MCP_SOUND_S16LE, 8000, 1, 500, 1000),
                                 .grammar = (char *)grammar,
                                 .grammar_type = (char *)"application/srgs+xml",
                                 .timeout = 30 * G_USEC_PER_SEC};
}

static void
case_close(Case *self)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_clear_pointer(&self->said, mcp_speech_said_free);
    g_clear_pointer(&self->heard, g_free);
    g_clear_error(&self->error);
    g_bytes_unref(self->hear.audio);
    g_assert_finalize_object(self->engine);
    g_object_unref(self->cancellable);
    g_object_unref(self->clock);
    fixture_tear_down(&self->grammars, NULL);
}

static void
on_said(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Case *self = user_data;

    g_assert_false(self->done);
    self->done = TRUE;
    self->said = mcp_speech_say_finish(result, &self->error);
}

static void
on_heard(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Case *self = user_data;

    g_assert_false(self->done);
    self->done = TRUE;
    self->heard = mcp_speech_hear_finish(result, &self->error);
}

static void
begin_saying(Case *self)
{
    mcp_speech_say_async(MCP_SYNTHESIZER(self->engine), self->clock, &self->say, self->cancellable,
                         on_said, self);
}

static void
begin_hearing(Case *self)
{
    mcp_speech_hear_async(MCP_RECOGNIZER(self->engine), self->grammars.engine, self->clock,
                          &self->hear, self->cancellable, on_heard, self);
}

static void
await(Case *self, gboolean (*condition)(Case *self))
{
    while (!condition(self))
        g_main_context_iteration(NULL, TRUE);
}

static gboolean
is_done(Case *self)
{
    return self->done;
}

static gboolean
is_asked(Case *self)
{
    return self->engine->asked > 0;
}

/* A second of audio and two of silence, 16 bit. */
static gboolean
has_heard_all(Case *self)
{
    return self->engine->heard->len == 3 * 16000;
}

/* What is on its way arrives before the clock is moved on. */
static void
settle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
test_say(void)
{
    Case self;
    g_autofree char *text = NULL;
    g_autoptr(GBytes) wave = NULL;

    case_open(&self);
    self.engine->code = -1;
    begin_saying(&self);
    await(&self, is_done);
    g_assert_no_error(self.error);
    g_assert_false(self.said->kept);
    text = mcp_speech_said_describe(self.said, NULL);
    g_assert_cmpstr(text, ==,
                    "{\"kept\":false,\"duration_ms\":0,\"bytes\":4,"
                    "\"content_type\":\"audio/L16;rate=8000\",\"first_ms\":0,\"whole_ms\":0}");
    wave = mcp_speech_said_wave(self.said, NULL);
    g_assert_cmpmem((const guint8 *)g_bytes_get_data(wave, NULL) + 44, g_bytes_get_size(wave) - 44,
                    "badc", 4);
    case_close(&self);
}

static void
test_say_growing(void)
{
    Case self;

    case_open(&self);
    self.engine->code = -1;
    self.engine->growing = TRUE;
    begin_saying(&self);
    await(&self, is_asked);
    settle();
    mcp_clock_advance(self.clock, G_USEC_PER_SEC);
    mcp_audio_producer_append(self.engine->producer, "ab", 2);
    settle();
    mcp_clock_advance(self.clock, G_USEC_PER_SEC);
    mcp_audio_producer_append(self.engine->producer, "cd", 2);
    mcp_audio_producer_finish(self.engine->producer, NULL);
    await(&self, is_done);
    g_assert_cmpint(self.said->first_ms, ==, 1000);
    g_assert_cmpint(self.said->whole_ms, ==, 2000);
    g_assert_cmpmem(g_bytes_get_data(self.said->sound, NULL), g_bytes_get_size(self.said->sound),
                    "abcd", 4);
    case_close(&self);
}

/* The engine fails at once, amid its words, never ends, or the server does. */
static void
test_say_fails(void)
{
    static const McpError codes[] = {MCP_ERROR_UNSUPPORTED, MCP_ERROR_FAILED, MCP_ERROR_TIMEOUT,
                                     MCP_ERROR_CLOSED};

    for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autoptr(GError) fault = g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "it broke");
        Case self;

        case_open(&self);
        self.engine->code = i == 0 ? MCP_ERROR_UNSUPPORTED : -1;
        self.engine->growing = TRUE;
        begin_saying(&self);
        await(&self, is_asked);
        settle();
        if (i == 1)
            mcp_audio_producer_finish(self.engine->producer, fault);
        else if (i == 2)
            mcp_clock_advance(self.clock, self.say.timeout);
        else if (i == 3)
            g_cancellable_cancel(self.cancellable);
        await(&self, is_done);
        g_assert_error(self.error, MCP_ERROR, (gint)codes[i]);
        case_close(&self);
    }
}

static void
test_hear(void)
{
    static const struct {
        McpRecognitionEventType type;
        const char *event;
    } rows[] = {{MCP_RECOGNITION_MATCH, "match"},
                {MCP_RECOGNITION_NO_MATCH, "no-match"},
                {MCP_RECOGNITION_TOO_LONG, "too-long"}};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *event = g_strdup_printf("\"event\":\"%s\"", rows[i].event);
        Case self;

        case_open(&self);
        begin_hearing(&self);
        await(&self, has_heard_all);
        fake_engine_tell(self.engine, MCP_RECOGNITION_SPEECH, 0, FALSE);
        /* It takes its time, for somebody spoke. */
        settle();
        mcp_clock_advance(self.clock, 20 * G_USEC_PER_SEC);
        settle();
        g_assert_false(self.done);
        fake_engine_tell(self.engine, rows[i].type, 0, FALSE);
        await(&self, is_done);
        g_assert_nonnull(strstr(self.heard, event));
        g_assert_nonnull(strstr(self.heard, "\"ms\":20000"));
        g_assert_true((strstr(self.heard, "{\"words\":\"yes\",\"confidence\":0.5,"
                                          "\"interpretation\":1}") != NULL) == (i == 0));
        g_assert_cmpuint(self.engine->stops, ==, 1);
        case_close(&self);
    }
}

/* Nobody is heard to speak in it. */
static void
test_no_input(void)
{
    Case self;

    case_open(&self);
    begin_hearing(&self);
    await(&self, has_heard_all);
    settle();
    mcp_clock_advance(self.clock, 3 * G_USEC_PER_SEC);
    await(&self, is_done);
    g_assert_nonnull(strstr(self.heard, "\"event\":\"no-input\",\"hypotheses\":[]"));
    g_assert_cmpuint(self.engine->stops, ==, 1);
    case_close(&self);
}

static void
test_hear_fails(void)
{
    static const McpError codes[] = {MCP_ERROR_LIMIT, MCP_ERROR_TIMEOUT, MCP_ERROR_CLOSED};

    for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
        Case self;

        case_open(&self);
        begin_hearing(&self);
        await(&self, is_asked);
        fake_engine_tell(self.engine, MCP_RECOGNITION_SPEECH, 0, FALSE);
        if (i == 0)
            fake_engine_tell(self.engine, MCP_RECOGNITION_FAILED, MCP_ERROR_LIMIT, FALSE);
        else if (i == 1)
            mcp_clock_advance(self.clock, self.hear.timeout);
        else
            g_cancellable_cancel(self.cancellable);
        await(&self, is_done);
        g_assert_error(self.error, MCP_ERROR, (gint)codes[i]);
        g_assert_cmpuint(self.engine->stops, ==, 1);
        case_close(&self);
    }
}

/* Before the engine is asked at all. */
static void
test_hear_refused(void)
{
    static const char *const grammars[] = {"<grammar", DTMF("1")};

    for (guint i = 0; i < G_N_ELEMENTS(grammars); i++) {
        Case self;

        case_open(&self);
        self.hear.grammar = (char *)grammars[i];
        begin_hearing(&self);
        await(&self, is_done);
        g_assert_error(self.error, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_cmpuint(self.engine->asked, ==, 0);
        case_close(&self);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/speech-trial/say", test_say);
    g_test_add_func("/control/speech-trial/say-growing", test_say_growing);
    g_test_add_func("/control/speech-trial/say-fails", test_say_fails);
    g_test_add_func("/control/speech-trial/hear", test_hear);
    g_test_add_func("/control/speech-trial/no-input", test_no_input);
    g_test_add_func("/control/speech-trial/hear-fails", test_hear_fails);
    g_test_add_func("/control/speech-trial/hear-refused", test_hear_refused);
    return g_test_run();
}
