/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts that need no service: phrases out of grammars, transcripts read by grammars, where
 * speech begins and ends, messages that make no sense.
 */
#include "messages.h"
#include "phrases.h"
#include "support.h"
#include "transcript.h"
#include "utterance.h"

#include <mcp/error.h>
#include <string.h>

#define RATE 8000
#define MS (RATE / 1000)
#define VOICE_RULES(rules)                                                                     \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' root='r' " \
    "tag-format='semantics/1.0'>" rules "</grammar>"
#define VOICE(body) VOICE_RULES("<rule id='r' scope='public'>" body "</rule>")
#define DIGIT "<one-of><item>1</item><item>2</item><item>3</item><item>4</item></one-of>"
#define LONG "abcdefghijklmnopqrstuvwxyz"

/* ---- phrases ---- */

static const struct {
    const char *grammar;
    guint max;
    const char *phrases; /* joined by "|" */
} hints[] = {
    {VOICE("<one-of><item>yes</item><item>no</item><item>yes</item></one-of>"), 500, "yes|no"},
    {VOICE("<one-of><item>yes</item><item>no</item></one-of>"), 2, "yes|no"},
    {VOICE("<one-of><item>yes</item><item>no</item></one-of>"), 0, ""},
    /* More sentences than are wanted: the words, as many as are. */
    {VOICE("<item repeat='3'>" DIGIT "</item>"), 500,
     "1 1 1|1 1 2|1 1 3|1 1 4|1 2 1|1 2 2|1 2 3|1 2 4|1 3 1|1 3 2|1 3 3|1 3 4|1 4 1|1 4 2|1 4 3|"
     "1 4 4|2 1 1|2 1 2|2 1 3|2 1 4|2 2 1|2 2 2|2 2 3|2 2 4|2 3 1|2 3 2|2 3 3|2 3 4|2 4 1|2 4 2|"
     "2 4 3|2 4 4|3 1 1|3 1 2|3 1 3|3 1 4|3 2 1|3 2 2|3 2 3|3 2 4|3 3 1|3 3 2|3 3 3|3 3 4|3 4 1|"
     "3 4 2|3 4 3|3 4 4|4 1 1|4 1 2|4 1 3|4 1 4|4 2 1|4 2 2|4 2 3|4 2 4|4 3 1|4 3 2|4 3 3|4 3 4|"
     "4 4 1|4 4 2|4 4 3|4 4 4"},
    {VOICE("<item repeat='3'>" DIGIT "</item>"), 63, "1|2|3|4"},
    {VOICE("<item repeat='3'>" DIGIT "</item>"), 3, "1|2|3"},
    {VOICE("<item repeat='8'>" DIGIT "</item>"), 5000, "1|2|3|4"},
    {VOICE("<item repeat='1-'>go</item> on"), 500, "go|on"},
    {VOICE("I say <ruleref special='GARBAGE'/> please"), 500, "I|say|please"},
    /* What the service would refuse. */
    {VOICE("<one-of><item>short</item><item>" LONG LONG LONG LONG "</item></one-of>"), 500,
     "short"},
    {VOICE_RULES("<rule id='r' scope='public'><one-of><item>a</item><item>b <ruleref uri='#r'/>"
                 "</item></one-of></rule>"),
     500, ""},
};

static void
test_phrases(Fixture *f, gconstpointer unused)
{
    for (guint i = 0; i < G_N_ELEMENTS(hints); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_text(f, hints[i].grammar, &error);
        McpRecognitionGrammar row = {.grammar = grammar};
        McpRecognitionRequest request = {.grammars = &row, .n_grammars = 1};
        g_auto(GStrv) phrases = NULL;
        g_autofree char *joined = NULL;

        g_assert_no_error(error);
        phrases = mcp_google_asr_phrases(f->engine, &request, hints[i].max);
        joined = g_strjoinv("|", phrases);
        g_assert_cmpstr(joined, ==, hints[i].phrases);
        mcp_grammar_unref(f->engine, grammar);
    }
}

/* ---- transcripts ---- */

static void
alternative_free(gpointer data)
{
    McpGoogleAsrAlternative *alternative = data;

    g_free(alternative->words);
    g_free(alternative);
}

/* "words/confidence|words": one result. */
static gboolean
take(McpGoogleAsrTranscript *transcript, const char *text, gboolean final)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new();
    g_autoptr(GPtrArray) alternatives = g_ptr_array_new_with_free_func(alternative_free);
    g_auto(GStrv) parts = g_strsplit(text, "|", -1); /* of "", which is one without words: none */
    McpGoogleAsrResult result = {
        .alternatives = alternatives, .final = final, .stability = 0.25, .end = 1};

    for (guint i = 0; i < MAX(g_strv_length(parts), 1); i++) {
        McpGoogleAsrAlternative *alternative = g_new0(McpGoogleAsrAlternative, 1);
        const char *part = parts[0] != NULL ? parts[i] : "";
        const char *slash = strchr(part, '/');

        alternative->words = g_strndup(part, strcspn(part, "/"));
        if (slash != NULL)
            alternative->confidence = g_ascii_strtod(slash + 1, NULL);
        g_ptr_array_add(alternatives, alternative);
    }
    g_ptr_array_add(results, &result);
    return mcp_google_asr_transcript_take(transcript, results);
}

/* "words confidence grammar interpretation; …" */
static char *
read_all(const McpGoogleAsrTranscript *transcript, const McpGoogleAsrGrammars *grammars, guint max,
         double confidence, gboolean *out_matched)
{
    g_autoptr(GPtrArray) list =
        mcp_google_asr_transcript_read(transcript, grammars, max, confidence, out_matched);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++) {
        const McpGoogleAsrHeard *heard = list->pdata[i];

        g_string_append_printf(text, "%s%s %.2f %d %s", i > 0 ? "; " : "", heard->words,
                               heard->confidence, heard->grammar,
                               heard->interpretation != NULL ? heard->interpretation : "-");
    }
    return g_string_free(text, FALSE);
}

static const struct {
    const char *pieces[3];
    guint max;
    double confidence;
    gboolean matched;
    const char *heard;
} readings[] = {
    {{"Pay./0.8"}, 1, 0.5, TRUE, "pay 0.80 0 \"pay\""},
    /* The service need not say how sure it is. */
    {{"pay"}, 1, 0.5, TRUE, "pay 1.00 0 \"pay\""},
    {{"pace/0.8|pay|play"}, 1, 0.5, TRUE, "pay 0.72 0 \"pay\""},
    {{"pace/0.8|pay/0.3|balance/0.6"}, 3, 0.2, TRUE, "balance 0.60 1 \"B\"; pay 0.30 0 \"pay\""},
    {{"pace/0.8|pay/0.3"}, 3, 0.5, FALSE, "pace 0.80 -1 -; pay 0.30 -1 -"},
    {{"my/0.9", "balance/0.7|ballots"}, 2, 0.5, TRUE, "my balance 0.70 1 \"B\""},
    {{"my/0.9|mine", "ballots/0.7|balance"},
     2,
     0.5,
     FALSE,
     "my ballots 0.70 -1 -; mine balance 0.63 -1 -"},
    {{"pay/0.9", "balance/0.9"}, 2, 0.5, FALSE, "pay balance 0.90 -1 -"},
    {{""}, 2, 0.5, FALSE, ""},
    /* Tags that are in error are for the page to hear of. */
    {{"broken/0.9"}, 2, 0.5, TRUE, "broken 0.90 -1 -"},
};

static void
test_transcripts(Fixture *f, gconstpointer unused)
{
    McpGrammar *list[] = {
        compile_text(f, VOICE("pay"), NULL),
        compile_text(f, VOICE("<item repeat='0-1'>my</item> balance<tag>out='B';</tag>"), NULL),
        compile_text(f, VOICE("broken<tag>out=nothing.there;</tag>"), NULL),
    };
    McpGoogleAsrGrammars grammars = {f->engine, list, G_N_ELEMENTS(list)};

    for (guint i = 0; i < G_N_ELEMENTS(readings); i++) {
        g_autoptr(McpGoogleAsrTranscript) transcript = mcp_google_asr_transcript_new();
        g_autofree char *heard = NULL;
        gboolean matched = FALSE;

        for (guint k = 0; readings[i].pieces[k] != NULL; k++)
            take(transcript, readings[i].pieces[k], TRUE);
        heard = read_all(transcript, &grammars, readings[i].max, readings[i].confidence, &matched);
        g_assert_cmpstr(heard, ==, readings[i].heard);
        g_assert_cmpint(matched, ==, readings[i].matched);
    }
    for (guint i = 0; i < G_N_ELEMENTS(list); i++)
        mcp_grammar_unref(f->engine, list[i]);
}

/* Guesses are replaced, and count for nothing in the end. */
static void
test_guesses(Fixture *f, gconstpointer unused)
{
    g_autoptr(McpGoogleAsrTranscript) transcript = mcp_google_asr_transcript_new();
    McpGrammar *list[] = {compile_text(f, VOICE("to be or not"), NULL)};
    McpGoogleAsrGrammars grammars = {f->engine, list, 1};

    g_assert_true(take(transcript, "two", FALSE));
    g_assert_true(take(transcript, "to be", FALSE));
    g_assert_false(take(transcript, "to be", FALSE));
    g_assert_cmpstr(mcp_google_asr_transcript_get_best(transcript), ==, "to be");
    g_assert_cmpfloat(mcp_google_asr_transcript_get_stability(transcript), ==, 0.25);
    g_assert_false(mcp_google_asr_transcript_is_final(transcript));
    g_assert_false(take(transcript, "to be", TRUE));
    g_assert_true(mcp_google_asr_transcript_is_final(transcript));
    g_assert_false(mcp_google_asr_transcript_matches(transcript, &grammars));
    g_assert_true(take(transcript, "or not", FALSE));
    g_assert_cmpstr(mcp_google_asr_transcript_get_best(transcript), ==, "to be or not");
    g_assert_true(mcp_google_asr_transcript_matches(transcript, &grammars));
    g_assert_false(mcp_google_asr_transcript_is_final(transcript));
    mcp_google_asr_transcript_clear(transcript);
    g_assert_cmpstr(mcp_google_asr_transcript_get_best(transcript), ==, "");
    g_assert_false(mcp_google_asr_transcript_matches(transcript, &grammars));
    mcp_grammar_unref(f->engine, list[0]);
}

/* A service that never ends a word, or a piece. */
static void
test_endless(Fixture *f, gconstpointer unused)
{
    g_autoptr(McpGoogleAsrTranscript) transcript = mcp_google_asr_transcript_new();
    g_autofree char *story = g_strnfill(4000, 'a');
    McpGrammar *list[] = {compile_text(f, VOICE("<ruleref special='GARBAGE'/>"), NULL)};
    McpGoogleAsrGrammars grammars = {f->engine, list, 1};
    gboolean matched = TRUE;
    g_autofree char *heard = NULL;

    for (guint i = 0; i < 1000; i++)
        take(transcript, story, TRUE);
    g_assert_cmpuint(strlen(mcp_google_asr_transcript_get_best(transcript)), <, 16000);
    g_assert_false(mcp_google_asr_transcript_matches(transcript, &grammars));
    heard = read_all(transcript, &grammars, 1, 0.5, &matched);
    g_assert_false(matched);
    mcp_grammar_unref(f->engine, list[0]);
}

/* ---- utterances ---- */

static void
feed(McpGoogleAsrUtterance *utterance, gint loudness, guint ms)
{
    for (guint i = 0; i < ms / 20; i++) {
        gint16 samples[20 * MS];
        McpTapFrame frame = {.data = (const guint8 *)samples,
                             .length = sizeof samples,
                             .time = 1 + (gint64)mcp_google_asr_audio_get_end(&utterance->audio) *
                                             G_USEC_PER_SEC / RATE};

        for (guint k = 0; k < G_N_ELEMENTS(samples); k++)
            samples[k] = (gint16)(k % 2 == 0 ? loudness : -loudness);
        mcp_google_asr_audio_take(&utterance->audio, &frame);
    }
}

static void
test_silence(void)
{
    McpGoogleAsrUtterance utterance;

    mcp_google_asr_utterance_init(&utterance, RATE, 0.5);
    feed(&utterance, 1, 1000);
    g_assert_false(mcp_google_asr_utterance_has_speech(&utterance));
    feed(&utterance, 4000, 600);
    g_assert_true(mcp_google_asr_utterance_has_speech(&utterance));
    feed(&utterance, 1, 400);
    g_assert_cmpint(mcp_google_asr_utterance_get_silence(&utterance), ==, 400 * 1000);
    g_assert_cmpint(mcp_google_asr_utterance_get_length(&utterance), ==, 600 * 1000);
    /* Where it is noisy the service knows better, but late. */
    feed(&utterance, 4000, 1000);
    g_assert_cmpint(mcp_google_asr_utterance_get_silence(&utterance), ==, 0);
    mcp_google_asr_utterance_hear(&utterance, 900 * MS);
    g_assert_cmpuint(utterance.heard_from, ==, 900 * MS);
    utterance.quiet_from = 2000 * MS;
    g_assert_cmpint(mcp_google_asr_utterance_get_silence(&utterance), ==, 500 * 1000);
    mcp_google_asr_utterance_clear(&utterance);
}

static void
test_kept(void)
{
    McpGoogleAsrUtterance utterance;

    mcp_google_asr_utterance_init(&utterance, RATE, 0.5);
    feed(&utterance, 1, 2000);
    /* What was not sent stays, and else a little. */
    mcp_google_asr_utterance_forget(&utterance, 1000 * MS);
    g_assert_cmpuint(utterance.audio.begin, ==, 1000 * MS);
    mcp_google_asr_utterance_forget(&utterance, 2000 * MS);
    g_assert_cmpuint(utterance.audio.begin, ==, 1500 * MS);
    /* Speech stays from before its begin on. */
    feed(&utterance, 4000, 3000);
    feed(&utterance, 1, 3000);
    mcp_google_asr_utterance_forget(&utterance, 8000 * MS);
    g_assert_cmpuint(utterance.audio.begin, ==, 1500 * MS);
    /* But not for ever. */
    feed(&utterance, 4000, 40 * 1000);
    mcp_google_asr_utterance_forget(&utterance, 1500 * MS);
    g_assert_cmpuint(utterance.audio.begin, ==, 18 * 1000 * MS);
    g_assert_cmpint(mcp_google_asr_audio_time_of(&utterance.audio, 18 * 1000 * MS), ==,
                    18 * G_USEC_PER_SEC + 1);
    mcp_google_asr_utterance_clear(&utterance);
}

/* Somebody speaks again while the service is still asked for what was said before. */
static void
test_anew(void)
{
    McpGoogleAsrUtterance utterance;

    mcp_google_asr_utterance_init(&utterance, RATE, 0.5);
    feed(&utterance, 1, 500);
    feed(&utterance, 4000, 500);
    feed(&utterance, 1, 1000);
    mcp_google_asr_utterance_hear(&utterance, 500 * MS);
    feed(&utterance, 1, 200);
    feed(&utterance, 4000, 500);
    mcp_google_asr_utterance_begin_anew(&utterance, 2000 * MS);
    g_assert_false(utterance.heard);
    g_assert_true(utterance.audio.endpoint.speaking);
    g_assert_cmpuint(utterance.audio.endpoint.onset, ==, 2200 * MS);
    g_assert_cmpuint(utterance.audio.begin, ==, 1875 * MS);
    mcp_google_asr_utterance_begin_anew(&utterance, 2700 * MS);
    g_assert_false(utterance.audio.endpoint.speaking);
    g_assert_cmpuint(utterance.audio.begin, ==, 2200 * MS);
    mcp_google_asr_utterance_clear(&utterance);
}

/* ---- messages ---- */

/* A message cut anywhere, or with any byte another one, is read or refused. */
static void
test_messages(void)
{
    static const char message[] = "\x12\x1c\x0a\x0a\x0a\x03"
                                  "yes"
                                  "\x15\x00\x00\x40\x3f"
                                  "\x0a\x04\x0a\x02"
                                  "no"
                                  "\x10\x01\x1d\x00\x00\x00\x3f\x22\x02\x08\x02"
                                  "\x20\x02\x42\x04\x08\x01\x10\x05";
    gsize length = sizeof message - 1;

    for (gsize i = 0; i <= length * 256; i++) {
        g_autofree char *data = g_memdup2(message, length);
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(McpGoogleAsrAnswer) answer = NULL;
        g_autoptr(GError) error = NULL;

        if (i < length * 256)
            data[i / 256] = (char)(i % 256);
        bytes = g_bytes_new(data, i % 256 == 0 ? i / 256 : length);
        answer = mcp_google_asr_message_read(bytes, &error);
        if (answer == NULL)
            g_assert_error(error, MCP_ERROR, MCP_ERROR_FAILED);
    }
}

#define ADD(name, func) \
    g_test_add("/google-asr/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("phrases", test_phrases);
    ADD("transcripts", test_transcripts);
    ADD("guesses", test_guesses);
    ADD("endless", test_endless);
    g_test_add_func("/google-asr/silence", test_silence);
    g_test_add_func("/google-asr/kept", test_kept);
    g_test_add_func("/google-asr/anew", test_anew);
    g_test_add_func("/google-asr/messages", test_messages);
    return g_test_run();
}
