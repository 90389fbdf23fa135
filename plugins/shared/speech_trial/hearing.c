/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that an operator lets a recognizer hear: the grammar is compiled, the audio fed, and what
 * was heard read by the grammar. On the context on which it was asked for.
 */
#include "hearing.h"

#include <mcp/error.h>
#include <mcp/json.h>
#include <string.h>

#include "recorded_tap.h"
#include "trial.h"

#define N_BEST 5
#define CONFIDENCE 0.5
/* Follows the audio, so that the engine hears the end of what was said. */
#define SILENCE (2 * G_TIME_SPAN_SECOND)
/* After all of it was read, for an engine to say that somebody spoke. */
#define NO_INPUT (3 * G_TIME_SPAN_SECOND)

/* Until its task is finished. */
typedef struct {
    GTask *task; /* of which it is the data */
    McpSpeechTrial trial;
    McpRecognizer *recognizer;
    McpGrammarEngine *grammars;
    char *text; /* nullable: of the grammar */
    char *type;
    char *uri;
    char *language;
    char *engine;
    gint64 complete;
    gint64 incomplete;
    gboolean compiling;
    McpGrammar *grammar;
    McpRecordedTap *tap;
    McpRecognition *recognition;
    McpTimer *no_input;
    gboolean spoke;
    gint64 onset; /* monotonic µs; 0: not known */
} Hearing;

static void
leave_engine(Hearing *hearing)
{
    mcp_timer_clear(&hearing->no_input);
    if (hearing->recognition != NULL)
        mcp_recognition_stop(hearing->recognition);
    g_clear_object(&hearing->recognition);
    if (hearing->tap != NULL)
        mcp_tap_close(MCP_TAP(hearing->tap));
    g_clear_object(&hearing->tap);
    mcp_speech_trial_clear(&hearing->trial);
}

static void
hearing_free(gpointer data)
{
    Hearing *hearing = data;

    leave_engine(hearing);
    if (hearing->grammar != NULL)
        mcp_grammar_unref(hearing->grammars, hearing->grammar);
    g_object_unref(hearing->recognizer);
    g_object_unref(hearing->grammars);
    g_free(hearing->text);
    g_free(hearing->type);
    g_free(hearing->uri);
    g_free(hearing->language);
    g_free(hearing->engine);
    g_free(hearing);
}

static void
fail(Hearing *hearing, GError *error)
{
    GTask *task = hearing->task;

    leave_engine(hearing);
    g_task_return_error(task, error);
    g_object_unref(task);
}

static void
on_cancelled(gpointer user_data)
{
    Hearing *hearing = user_data;

    /* The grammar service answers that it was cancelled. */
    if (!hearing->compiling)
        fail(hearing, mcp_speech_trial_error(&hearing->trial));
}

/* --- what was heard --- */

/* What the engine says of it, else what the grammar makes of the words. */
static void
add_interpretation(Hearing *hearing, McpJson *json, const McpHypothesis *hypothesis)
{
    g_autoptr(McpGrammarResult) match = NULL;
    g_autoptr(GError) error = NULL;

    if (hypothesis->interpretation == NULL)
        match = mcp_grammar_match_words(hearing->grammars, &hearing->grammar, 1, hypothesis->words,
                                        &error);
    if (hypothesis->interpretation != NULL || match != NULL)
        mcp_json_raw(json, "interpretation",
                     match != NULL ? match->interpretation : hypothesis->interpretation);
    else if (error != NULL)
        mcp_json_string(json, "fault", error->message);
}

static void
add_hypotheses(Hearing *hearing, McpJson *json, const McpRecognitionEvent *event)
{
    mcp_json_begin_array(json, "hypotheses");
    for (guint i = 0; event != NULL && i < event->n_hypotheses; i++) {
        const McpHypothesis *hypothesis = &event->hypotheses[i];

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "words", hypothesis->words);
        mcp_json_double(json, "confidence", hypothesis->confidence);
        add_interpretation(hearing, json, hypothesis);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

/* Where in the audio it was. */
static void
add_place(Hearing *hearing, McpJson *json, const char *name, gint64 time)
{
    gint64 begin = mcp_recorded_tap_get_begin(hearing->tap);

    if (time >= begin && begin > 0)
        mcp_json_int(json, name, (time - begin) / G_TIME_SPAN_MILLISECOND);
}

static void
succeed(Hearing *hearing, const char *name, const McpRecognitionEvent *event)
{
    GTask *task = hearing->task;
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    if (hearing->engine != NULL)
        mcp_json_string(json, "engine", hearing->engine);
    mcp_json_string(json, "event", name);
    add_hypotheses(hearing, json, event);
    add_place(hearing, json, "speech_from_ms", hearing->onset);
    add_place(hearing, json, "speech_to_ms", event != NULL ? event->time : 0);
    mcp_json_int(json, "ms", mcp_speech_trial_ms(&hearing->trial));
    mcp_json_end_object(json);
    leave_engine(hearing);
    g_task_return_pointer(task, mcp_json_finish(json), g_free);
    g_object_unref(task);
}

static void
on_no_input(gpointer user_data)
{
    succeed(user_data, "no-input", NULL);
}

/* --- the recognition --- */

static void
on_event(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    static const char *const names[] = {[MCP_RECOGNITION_MATCH] = "match",
                                        [MCP_RECOGNITION_NO_MATCH] = "no-match",
                                        [MCP_RECOGNITION_TOO_LONG] = "too-long"};
    Hearing *hearing = user_data;

    if (event->type == MCP_RECOGNITION_FAILED) {
        fail(hearing, g_error_copy(event->error));
    } else if (event->type >= MCP_RECOGNITION_MATCH) {
        succeed(hearing, names[event->type], event);
    } else {
        if (!hearing->spoke)
            hearing->onset = event->time;
        hearing->spoke = TRUE;
        mcp_timer_clear(&hearing->no_input);
    }
}

static void
on_drained(McpTap *tap, gpointer user_data)
{
    Hearing *hearing = user_data;

    if (!hearing->spoke)
        hearing->no_input =
            mcp_clock_after(hearing->trial.clock, NULL, NO_INPUT, on_no_input, hearing);
}

static void
listen(Hearing *hearing)
{
    const McpRecognitionGrammar grammar = {
        .grammar = hearing->grammar,
        .uri = hearing->uri,
        .text = hearing->text,
        .content_type = hearing->type,
        .language = hearing->language,
    };
    const McpRecognitionRequest request = {
        .tap = MCP_TAP(hearing->tap),
        .grammars = &grammar,
        .n_grammars = 1,
        .language = hearing->language,
        .n_best = N_BEST,
        .confidence = CONFIDENCE,
        .sensitivity = 0.5,
        .accuracy = 0.5,
        .complete_timeout = hearing->complete,
        .incomplete_timeout = hearing->incomplete,
        .engines = hearing->engine,
    };

    mcp_recorded_tap_on_drained(hearing->tap, on_drained, hearing);
    hearing->recognition = mcp_recognizer_begin(hearing->recognizer, &request, on_event, hearing);
}

static void
on_compiled(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Hearing *hearing = user_data;
    GError *error = NULL;

    hearing->compiling = FALSE;
    hearing->grammar = mcp_grammar_engine_compile_finish(hearing->grammars, result, &error);
    if (g_cancellable_is_cancelled(hearing->trial.cancellable)) {
        g_clear_error(&error);
        fail(hearing, mcp_speech_trial_error(&hearing->trial));
        return;
    }
    if (hearing->grammar != NULL &&
        mcp_grammar_get_mode(hearing->grammars, hearing->grammar) != MCP_GRAMMAR_VOICE)
        g_set_error(&error, MCP_ERROR, MCP_ERROR_INVALID, "the grammar is one of keys");
    if (error != NULL)
        fail(hearing, error);
    else
        listen(hearing);
}

static void
compile(Hearing *hearing, GCancellable *cancellable)
{
    g_autoptr(GBytes) bytes =
        hearing->text != NULL ? g_bytes_new(hearing->text, strlen(hearing->text)) : NULL;
    const McpGrammarSource source = {
        .uri = hearing->uri,
        .bytes = bytes,
        .content_type = hearing->type,
        .language = hearing->language,
        .mode = MCP_GRAMMAR_VOICE,
        .max_age = -1,
        .max_stale = -1,
    };

    hearing->compiling = TRUE;
    mcp_grammar_engine_compile_async(hearing->grammars, &source, cancellable, on_compiled, hearing);
}

static Hearing *
hearing_new(const McpSpeechHear *hear)
{
    Hearing *hearing = g_new0(Hearing, 1);

    hearing->text = g_strdup(hear->grammar);
    hearing->type = g_strdup(hear->grammar_type);
    hearing->uri = g_strdup(hear->grammar_uri);
    hearing->language = g_strdup(hear->language);
    hearing->engine = g_strdup(hear->engine);
    hearing->complete = hear->complete_timeout;
    hearing->incomplete = hear->incomplete_timeout;
    return hearing;
}

void
mcp_speech_hear_async(McpRecognizer *recognizer, McpGrammarEngine *grammars, McpClock *clock,
                      const McpSpeechHear *hear, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
    Hearing *hearing = hearing_new(hear);
    gint64 silence = MAX(hear->complete_timeout, hear->incomplete_timeout) + SILENCE;
    McpTapParams params = {0};
    GError *error = NULL;

    hearing->recognizer = g_object_ref(recognizer);
    hearing->grammars = g_object_ref(grammars);
    hearing->task = g_task_new(recognizer, NULL, callback, user_data);
    g_task_set_source_tag(hearing->task, mcp_speech_hear_async);
    g_task_set_task_data(hearing->task, hearing, hearing_free);
    hearing->trial.end = on_cancelled;
    hearing->trial.user_data = hearing;
    mcp_speech_trial_begin(&hearing->trial, clock, hear->timeout, cancellable);
    mcp_recognizer_get_format(recognizer, &params);
    hearing->tap = mcp_recorded_tap_new(hear->audio, &params, silence, clock, &error);
    if (hearing->tap != NULL)
        compile(hearing, cancellable);
    else
        fail(hearing, error);
}

char *
mcp_speech_hear_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
