/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recognizer contract (mcp/contract/recognizer.h): one event ends a recognition, in which order
 * and on whose context events come, what a request's members do, stops.
 */
#include "recognizer_suite.h"

#include "contract.h"

#include <string.h>

#define SRGS(mode, body)                                                                \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' mode='" mode "' " \
    "xml:lang='en' root='r'><rule id='r' scope='public'>" body "</rule></grammar>"
#define YES_NO SRGS("voice", "<one-of><item>yes</item><item>no</item></one-of>")

static McpRecognizer *recognizer;
static McpGrammarEngine *engine;

typedef struct {
    McpRecognition *recognition; /* set when begin() has returned */
    McpTap *tap;
    GThread *thread;
    guint speech;
    guint partials;
    guint ends;
    gboolean speech_first;
    McpRecognitionEventType end;
    char *words;
    double confidence;
    guint n;
    gint grammar;
    gint64 times[2]; /* of SPEECH and of the end */
    GError *error;
} Told;

static McpGrammar *
compile(const char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    McpGrammarSource source = {.bytes = bytes, .max_age = -1, .max_stale = -1};
    g_autoptr(GError) error = NULL;
    Finished finished = {0};
    McpGrammar *grammar = NULL;

    mcp_grammar_engine_compile_async(engine, &source, NULL, on_finished, &finished);
    finished_wait(&finished);
    grammar = mcp_grammar_engine_compile_finish(engine, finished.result, &error);
    g_assert_no_error(error);
    finished_clear(&finished);
    return grammar;
}

static void
note_end(Told *told, const McpRecognitionEvent *event)
{
    told->ends++;
    told->end = event->type;
    told->times[1] = event->time;
    told->n = event->n_hypotheses;
    if (event->error != NULL)
        told->error = g_error_copy(event->error);
    if (event->n_hypotheses == 0)
        return;
    told->words = g_strdup(event->hypotheses[0].words);
    told->confidence = event->hypotheses[0].confidence;
    told->grammar = event->hypotheses[0].grammar;
}

static void
on_event(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    Told *told = user_data;

    /* "never before mcp_recognizer_begin() has returned" */
    g_assert_true(recognition == told->recognition);
    g_assert_true(told->thread == g_thread_self());
    g_assert_cmpuint(told->ends, ==, 0);
    if (event->type == MCP_RECOGNITION_SPEECH) {
        told->speech++;
        told->times[0] = event->time;
    } else if (event->type == MCP_RECOGNITION_PARTIAL) {
        g_assert_cmpuint(told->speech, >=, 1);
        g_assert_cmpuint(event->n_hypotheses, ==, 1);
        told->partials++;
    } else {
        note_end(told, event);
    }
}

static McpRecognitionRequest
request_of(void)
{
    return (McpRecognitionRequest){
        .n_best = 1, .confidence = 0.5, .sensitivity = 0.5, .accuracy = 0.5};
}

/* The request, its list and the grammar are the caller's no more once it has begun. */
static void
begin(Told *told, McpRecognitionRequest request, const char *grammar, const char *text)
{
    McpRecognitionGrammar *grammars = g_new0(McpRecognitionGrammar, 1);

    told->thread = g_thread_self();
    told->tap = recognizer_provider.say(text);
    grammars->grammar = compile(grammar);
    grammars->text = grammar;
    request.tap = told->tap;
    request.grammars = grammars;
    request.n_grammars = 1;
    told->recognition = mcp_recognizer_begin(recognizer, &request, on_event, told);
    g_assert_cmpuint(told->speech + told->partials + told->ends, ==, 0);
    mcp_grammar_unref(engine, grammars->grammar);
    memset(grammars, 0xff, sizeof *grammars);
    g_free(grammars);
}

static void
clear(Told *told)
{
    g_clear_object(&told->recognition);
    g_clear_object(&told->tap);
    g_clear_error(&told->error);
    g_free(told->words);
    *told = (Told){0};
}

static void
test_format(void)
{
    McpTapParams params = {.frame_ms = 1};

    mcp_recognizer_get_format(recognizer, &params);
    g_assert_cmpint(params.source, ==, MCP_TAP_HEARD);
    g_assert_cmpuint(params.rate % 8000, ==, 0);
    g_assert_true(params.frame_ms == 0 || (params.frame_ms >= 10 && params.frame_ms <= 100));
    g_assert_null(params.rtp_to);
}

static void
test_match(void)
{
    Told told = {0};

    begin(&told, request_of(), YES_NO, "yes");
    wait_count(&told.ends, 1, "a match");
    g_assert_no_error(told.error);
    g_assert_cmpint(told.end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(told.words, ==, "yes");
    g_assert_cmpuint(told.n, ==, 1);
    g_assert_cmpfloat(told.confidence, >=, 0.5);
    g_assert_cmpfloat(told.confidence, <=, 1);
    g_assert_cmpint(told.grammar, >=, -1);
    g_assert_cmpint(told.grammar, <, 1);
    g_assert_cmpuint(told.speech, ==, 1);
    g_assert_cmpint(told.times[0], >, 0);
    g_assert_true(told.times[1] == 0 || told.times[1] > told.times[0]);
    settle(50);
    clear(&told);
}

static void
test_no_match(void)
{
    Told told = {0};

    begin(&told, request_of(), YES_NO, "seventeen bottles of water");
    wait_count(&told.ends, 1, "no match");
    g_assert_cmpint(told.end, ==, MCP_RECOGNITION_NO_MATCH);
    g_assert_cmpuint(told.speech, ==, 1);
    /* Not good enough, or good and in no grammar. */
    if (told.n > 0)
        g_assert_true(told.confidence < 0.5 || told.grammar == -1);
    clear(&told);
}

/* "how long nobody says anything is the caller's to watch" */
static void
test_silence(void)
{
    Told told = {0};

    begin(&told, request_of(), YES_NO, NULL);
    settle(500);
    g_assert_cmpuint(told.speech + told.ends, ==, 0);
    g_assert_cmpuint(recognizer_provider.get_reads(told.tap), >, 0);
    mcp_recognition_stop(told.recognition);
    clear(&told);
}

static void
test_too_long(void)
{
    McpRecognitionRequest request = request_of();
    Told told = {0};

    request.max_speech = 400 * G_TIME_SPAN_MILLISECOND;
    begin(&told, request, YES_NO, "seventeen bottles of water");
    wait_count(&told.ends, 1, "the longest speech to be over");
    g_assert_cmpint(told.end, ==, MCP_RECOGNITION_TOO_LONG);
    clear(&told);
}

/* "what does not match was not said" */
static void
test_hotword(void)
{
    McpRecognitionRequest request = request_of();
    Told told = {0};

    request.hotword = TRUE;
    begin(&told, request, YES_NO, "seventeen bottles of water");
    if (!recognizer_provider.quiet_hotword)
        wait_count(&told.speech, 1, "speech");
    settle(1500);
    g_assert_cmpuint(told.ends, ==, 0);
    mcp_recognition_stop(told.recognition);
    clear(&told);
}

/* "What goes wrong at once comes as FAILED, too." */
static void
test_failed(void)
{
    McpRecognitionRequest request = request_of();
    Told told = {0};

    request.language = recognizer_provider.foreign;
    begin(&told, request, recognizer_provider.foreign != NULL ? YES_NO : SRGS("dtmf", "1"), NULL);
    wait_count(&told.ends, 1, "a failure");
    g_assert_cmpint(told.end, ==, MCP_RECOGNITION_FAILED);
    g_assert_nonnull(told.error);
    g_assert_cmpuint(told.speech, ==, 0);
    clear(&told);
}

/* "no event comes any more, and the tap is not read; as often as wanted" */
static void
test_stop(void)
{
    for (guint ms = 0; ms < 400; ms += 80) {
        Told told = {0};
        guint reads = 0;

        begin(&told, request_of(), YES_NO, "yes");
        settle(ms);
        mcp_recognition_stop(told.recognition);
        mcp_recognition_stop(told.recognition);
        reads = recognizer_provider.get_reads(told.tap);
        told.ends = MAX(told.ends, 1); /* an event would fail now */
        settle(60);
        g_assert_cmpuint(recognizer_provider.get_reads(told.tap), ==, reads);
        clear(&told);
    }
}

static gboolean
has_ended(gpointer user_data)
{
    return ((Told *)user_data)->ends > 0;
}

static gpointer
match_there(gpointer data)
{
    Told *told = data;

    begin(told, request_of(), YES_NO, "no");
    wait_for(has_ended, told, "a match there");
    g_assert_cmpint(told->end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(told->words, ==, "no");
    clear(told);
    return NULL;
}

/* "Everything on the context that was thread-default when it was begun" */
static void
test_context(void)
{
    Told told = {0};

    in_thread(match_there, &told);
}

#define ADD(name, func) g_test_add_func("/recognizer/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("format", test_format);
    ADD("match", test_match);
    ADD("no-match", test_no_match);
    ADD("silence", test_silence);
    ADD("too-long", test_too_long);
    ADD("hotword", test_hotword);
    ADD("failed", test_failed);
    ADD("stop", test_stop);
    ADD("context", test_context);
    recognizer = recognizer_provider.open(&engine);
    result = g_test_run();
    recognizer_provider.close(recognizer);
    shard_end();
    return result;
}
