/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the recognizer share: callers, and what they are told. Test's context. */
#include "listening.h"

#define DEADLINE (120 * G_TIME_SPAN_SECOND)
/* Sixteen times as fast as a caller speaks. */
#define FRAMES 4
#define BREATH_MS 300

static McpGrammarEngine *
find_grammars(gpointer user_data)
{
    return g_object_ref(((Listening *)user_data)->grammars.engine);
}

void
listening_set_up(Listening *l, gconstpointer data)
{
    fixture_set_up(&l->grammars, NULL);
    l->config = (McpSphinxConfig){.model = MCP_SPHINX_MODEL,
                                  .threads = 1,
                                  .limit = 200,
                                  .clock = l->grammars.clock,
                                  .grammars = find_grammars,
                                  .user_data = l};
    l->recognizer = mcp_sphinx_recognizer_new(&l->config);
}

void
listening_tear_down(Listening *l, gconstpointer data)
{
    g_object_unref(l->recognizer);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    fixture_tear_down(&l->grammars, NULL);
}

void
run_for(guint ms)
{
    gint64 end = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;

    while (g_get_monotonic_time() < end)
        g_main_context_iteration(NULL, TRUE);
}

static void
note_end(Listener *self, const McpRecognitionEvent *event)
{
    self->ends++;
    self->end = event->type;
    self->end_time = event->time;
    self->elsewhere = event->elsewhere;
    g_clear_error(&self->error);
    if (event->error != NULL)
        self->error = g_error_copy(event->error);
    if (event->n_hypotheses == 0)
        return;
    g_free(self->words);
    self->words = g_strdup(event->hypotheses[0].words);
    self->confidence = event->hypotheses[0].confidence;
    self->grammar = event->hypotheses[0].grammar;
}

static void
on_event(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    Listener *self = user_data;

    g_assert_true(self->begun);
    g_assert_cmpuint(self->ends, ==, 0);
    self->events++;
    if (event->type == MCP_RECOGNITION_SPEECH) {
        self->speech++;
        self->speech_time = event->time;
    } else if (event->type == MCP_RECOGNITION_PARTIAL) {
        self->partials++;
    } else {
        note_end(self, event);
    }
    if (self->events == self->stop_at)
        mcp_recognition_stop(recognition);
}

Listener *
listener_new(Listening *l, const char *text)
{
    Listener *self = g_new0(Listener, 1);

    self->listening = l;
    self->tap = voice_tap_new(FRAMES);
    self->grammars = g_ptr_array_new();
    self->words = g_strdup("");
    self->request = (McpRecognitionRequest){.tap = MCP_TAP(self->tap),
                                            .n_best = 1,
                                            .confidence = 0.5,
                                            .sensitivity = 0.5,
                                            .accuracy = 0.5};
    listener_add_grammar(self, text);
    voice_tap_pause(self->tap, BREATH_MS);
    return self;
}

void
listener_add_grammar(Listener *self, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(self->grammars, compile_text(&self->listening->grammars, text, &error));
    g_assert_no_error(error);
}

void
listener_say(Listener *self, const char *voice, const char *text, double stretch)
{
    g_free(self->voice);
    g_free(self->text);
    self->voice = g_strdup(voice);
    self->text = g_strdup(text);
    voice_tap_say(self->tap, voice, text, stretch);
}

void
listener_begin(Listener *self)
{
    g_autofree McpRecognitionGrammar *grammars = g_new0(McpRecognitionGrammar, self->grammars->len);

    for (guint i = 0; i < self->grammars->len; i++)
        grammars[i].grammar = self->grammars->pdata[i];
    self->request.grammars = grammars;
    self->request.n_grammars = self->grammars->len;
    self->recognition = mcp_recognizer_begin(MCP_RECOGNIZER(self->listening->recognizer),
                                             &self->request, on_event, self);
    self->begun = TRUE;
}

void
listener_wait(Listener *self)
{
    gint64 end = g_get_monotonic_time() + DEADLINE;

    while (self->ends == 0) {
        if (g_get_monotonic_time() > end)
            g_error("'%s' was never decided", self->text);
        g_main_context_iteration(NULL, TRUE);
    }
}

void
listener_free(Listener *self)
{
    for (guint i = 0; i < self->grammars->len; i++)
        mcp_grammar_unref(self->listening->grammars.engine, self->grammars->pdata[i]);
    g_ptr_array_unref(self->grammars);
    g_clear_object(&self->recognition);
    g_object_unref(self->tap);
    g_clear_error(&self->error);
    g_free(self->voice);
    g_free(self->text);
    g_free(self->words);
    g_free(self);
}
