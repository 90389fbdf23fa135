/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common ground of the tests: the recognizer on the default context with the grammar plugin's
 * engine, callers, and what they are told.
 */
#include "asr.h"

#include <string.h>

#define BREATH_MS 300
#define WORDS_MS 800
#define PAUSE_MS 1500

static McpGrammarEngine *
find_grammars(gpointer user_data)
{
    return g_object_ref(((Asr *)user_data)->grammars.engine);
}

void
asr_set_up(Asr *asr, gconstpointer absent)
{
    stand_set_up(&asr->stand, TEST_SERVER, mcp_google_asr_settings, absent);
    fixture_set_up(&asr->grammars, NULL);
    asr->deps = (McpGoogleAsrDeps){
        .service = asr->stand.deps, .find_grammars = find_grammars, .user_data = asr};
    asr->rate = 8000;
}

void
asr_tear_down(Asr *asr, gconstpointer unused)
{
    if (asr->recognizer != NULL)
        mcp_google_asr_recognizer_close(asr->recognizer);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    if (asr->recognizer != NULL)
        g_assert_finalize_object(g_steal_pointer(&asr->recognizer));
    fixture_tear_down(&asr->grammars, NULL);
    stand_tear_down(&asr->stand);
}

McpGoogleAsrConfig *
asr_config(Asr *asr, const char *lines)
{
    g_autoptr(McpSettings) settings = stand_settings(&asr->stand, MCP_GOOGLE_ASR_SECTION, lines);
    g_autoptr(GError) error = NULL;
    McpGoogleAsrConfig *config = mcp_google_asr_config_new(settings, &error);

    g_assert_no_error(error);
    return config;
}

void
asr_open_with(Asr *asr, const char *lines)
{
    g_autoptr(McpGoogleAsrConfig) config = asr_config(asr, lines);
    g_autoptr(GError) error = NULL;
    McpTapParams params;

    asr->recognizer = mcp_google_asr_recognizer_new(&asr->deps, config, &error);
    g_assert_no_error(error);
    mcp_recognizer_get_format(MCP_RECOGNIZER(asr->recognizer), &params);
    asr->rate = params.rate;
}

void
asr_open(Asr *asr, const char *lines)
{
    /* A busy machine may take its time for an answer. */
    const char *patience = strstr(lines, "stall") == NULL ? "\nstall = 20s" : "";
    g_autofree char *own = g_strconcat(lines, patience, NULL);
    g_autofree char *all = stand_lines(&asr->stand, own);

    asr_open_with(asr, all);
}

void
asr_say(Asr *asr, const char *what)
{
    g_free(stand_tell(&asr->stand, "say %s", what));
}

void
asr_fault(Asr *asr, const char *what)
{
    g_free(stand_tell(&asr->stand, "fault %s", what));
}

void
asr_expect_audio(Asr *asr, guint number, Turn *turn, guint from, guint ms)
{
    g_autofree char *hex = stand_tell(&asr->stand, "ask audio %u", number);
    gsize n = 0;
    const gint16 *samples = caller_tap_get_samples(turn->tap, &n);
    gsize at = (gsize)from * asr->rate / 1000;
    gsize length = (gsize)ms * asr->rate / 1000;

    g_assert_cmpuint(at + length, <=, n);
    g_assert_cmpuint(strlen(hex), ==, length * 4);
    for (gsize i = 0; i < length; i++) {
        const char *c = hex + i * 4;
        gint low = g_ascii_xdigit_value(c[0]) << 4 | g_ascii_xdigit_value(c[1]);
        gint high = g_ascii_xdigit_value(c[2]) << 4 | g_ascii_xdigit_value(c[3]);

        g_assert_cmpint((gint16)(guint16)(high << 8 | low), ==, samples[at + i]);
    }
}

/* ---- turns ---- */

static void
note_hypotheses(Turn *turn, const McpRecognitionEvent *event)
{
    for (guint i = 0; i < event->n_hypotheses; i++) {
        const McpHypothesis *one = &event->hypotheses[i];

        g_ptr_array_add(turn->words,
                        g_strdup_printf("%s %.3f %d %s", one->words, one->confidence, one->grammar,
                                        one->interpretation != NULL ? one->interpretation : "-"));
    }
}

static void
on_event(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    Turn *turn = user_data;

    g_assert_true(turn->begun);
    g_assert_cmpuint(turn->ends, ==, 0);
    turn->events++;
    if (event->type == MCP_RECOGNITION_SPEECH) {
        turn->speech++;
        turn->times[0] = event->time;
    } else if (event->type == MCP_RECOGNITION_PARTIAL) {
        g_assert_cmpuint(turn->speech, ==, 1);
        turn->partials++;
        g_free(turn->partial);
        turn->partial = g_strdup(event->hypotheses[0].words);
    } else {
        turn->ends++;
        turn->end = event->type;
        turn->times[1] = event->time;
        turn->elsewhere = event->elsewhere;
        turn->error = event->error != NULL ? g_error_copy(event->error) : NULL;
        note_hypotheses(turn, event);
    }
    if (turn->events == turn->stop_at)
        mcp_recognition_stop(recognition);
}

Turn *
turn_new(Asr *asr, const char *grammar)
{
    Turn *turn = g_new0(Turn, 1);

    turn->asr = asr;
    turn->tap = caller_tap_new(asr->rate, 0);
    turn->grammars = g_ptr_array_new();
    turn->words = g_ptr_array_new_with_free_func(g_free);
    turn->request = (McpRecognitionRequest){
        .tap = MCP_TAP(turn->tap), .n_best = 1, .confidence = 0.5, .sensitivity = 0.5};
    turn_add_grammar(turn, grammar);
    return turn;
}

void
turn_add_grammar(Turn *turn, const char *grammar)
{
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(turn->grammars, compile_text(&turn->asr->grammars, grammar, &error));
    g_assert_no_error(error);
}

void
turn_be_patient(Turn *turn)
{
    turn->request.complete_timeout = 100 * G_USEC_PER_SEC;
    turn->request.incomplete_timeout = 100 * G_USEC_PER_SEC;
}

void
turn_begin(Turn *turn)
{
    g_autofree McpRecognitionGrammar *grammars = g_new0(McpRecognitionGrammar, turn->grammars->len);

    for (guint i = 0; i < turn->grammars->len; i++)
        grammars[i].grammar = turn->grammars->pdata[i];
    turn->request.grammars = grammars;
    turn->request.n_grammars = turn->grammars->len;
    turn->recognition =
        mcp_recognizer_begin(MCP_RECOGNIZER(turn->asr->recognizer), &turn->request, on_event, turn);
    turn->begun = TRUE;
}

void
turn_utter(Turn *turn)
{
    caller_tap_pause(turn->tap, BREATH_MS);
    caller_tap_speak(turn->tap, WORDS_MS);
    caller_tap_pause(turn->tap, PAUSE_MS);
}

typedef struct {
    const guint *counter;
    guint wanted;
} Wait;

static gboolean
has_come(gpointer user_data)
{
    const Wait *wait = user_data;

    return *wait->counter >= wait->wanted;
}

void
turn_wait_for(Turn *turn, const guint *counter, guint wanted)
{
    Wait wait = {counter, wanted};

    stand_wait_until(&turn->asr->stand, has_come, &wait);
}

void
turn_wait(Turn *turn)
{
    turn_wait_for(turn, &turn->ends, 1);
}

void
turn_expect(Turn *turn, McpRecognitionEventType end, const char *words)
{
    turn_wait(turn);
    g_assert_no_error(turn->error);
    g_assert_cmpint(turn->end, ==, end);
    g_assert_cmpuint(turn->words->len > 0, ==, words != NULL);
    if (words != NULL)
        g_assert_cmpstr(turn->words->pdata[0], ==, words);
}

void
turn_expect_failure(Turn *turn, McpError code, const char *words)
{
    turn_wait(turn);
    g_assert_error(turn->error, MCP_ERROR, (int)code);
    if (strstr(turn->error->message, words) == NULL)
        g_error("'%s' does not say '%s'", turn->error->message, words);
    g_assert_true(turn->elsewhere);
}

void
turn_free(Turn *turn)
{
    if (turn->recognition != NULL)
        mcp_recognition_stop(turn->recognition);
    g_clear_object(&turn->recognition);
    for (guint i = 0; i < turn->grammars->len; i++)
        mcp_grammar_unref(turn->asr->grammars.engine, turn->grammars->pdata[i]);
    g_ptr_array_unref(turn->grammars);
    g_ptr_array_unref(turn->words);
    g_object_unref(turn->tap);
    g_clear_error(&turn->error);
    g_free(turn->partial);
    g_free(turn);
}

Turn *
asr_hear(Asr *asr)
{
    Turn *turn = turn_new(asr, YES_NO);

    turn_begin(turn);
    turn_utter(turn);
    turn_wait(turn);
    return turn;
}
