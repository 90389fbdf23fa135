/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleAsrTranscript: puts the pieces of a stream together, and has the grammars read them. The
 * service tells the confidence of its first reading alone, if at all. Caller's thread.
 */
#include "transcript.h"

#include <string.h>

/* Of a reading, against the one that the service prefers to it. */
#define LESS_SURE 0.9
/* The service may leave it out. */
#define SURE 1.0
/* What the grammar service reads at most. */
#define MOST_TEXT 8000
#define MOST_PIECES 100

struct _McpGoogleAsrTranscript {
    GPtrArray *pieces; /* GPtrArray of McpGoogleAsrAlternative */
    GString *guess;
    double stability;
    gint64 end;
    char *best;
};

McpGoogleAsrTranscript *
mcp_google_asr_transcript_new(void)
{
    McpGoogleAsrTranscript *transcript = g_new0(McpGoogleAsrTranscript, 1);

    transcript->pieces = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    transcript->guess = g_string_new(NULL);
    transcript->best = g_strdup("");
    return transcript;
}

void
mcp_google_asr_transcript_free(McpGoogleAsrTranscript *transcript)
{
    g_ptr_array_unref(transcript->pieces);
    g_string_free(transcript->guess, TRUE);
    g_free(transcript->best);
    g_free(transcript);
}

void
mcp_google_asr_transcript_clear(McpGoogleAsrTranscript *transcript)
{
    g_ptr_array_set_size(transcript->pieces, 0);
    g_string_truncate(transcript->guess, 0);
    transcript->end = 0;
    g_free(transcript->best);
    transcript->best = g_strdup("");
}

static void
append(GString *text, const char *words)
{
    if (*words == '\0')
        return;
    if (text->len > 0)
        g_string_append_c(text, ' ');
    g_string_append(text, words);
}

/* Reading @rank of a piece, or the last one it has. */
static const McpGoogleAsrAlternative *
alternative_of(const GPtrArray *piece, guint rank)
{
    return piece->pdata[MIN(rank, piece->len - 1)];
}

static char *
join(const McpGoogleAsrTranscript *transcript, guint rank)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < transcript->pieces->len && text->len < MOST_TEXT; i++)
        append(text, alternative_of(transcript->pieces->pdata[i], rank)->words);
    return g_string_free(text, FALSE);
}

static void
take_result(McpGoogleAsrTranscript *transcript, const McpGoogleAsrResult *result)
{
    if (!result->final) {
        append(transcript->guess, alternative_of(result->alternatives, 0)->words);
        transcript->stability = MIN(transcript->stability, result->stability);
    } else if (transcript->pieces->len < MOST_PIECES) {
        g_ptr_array_add(transcript->pieces, g_ptr_array_ref(result->alternatives));
    }
    transcript->end = MAX(transcript->end, result->end);
}

gboolean
mcp_google_asr_transcript_take(McpGoogleAsrTranscript *transcript, GPtrArray *results)
{
    g_autofree char *before = g_steal_pointer(&transcript->best);
    g_autofree char *settled = NULL;
    GString *text = NULL;

    g_string_truncate(transcript->guess, 0);
    transcript->stability = 1;
    for (guint i = 0; i < results->len; i++)
        take_result(transcript, results->pdata[i]);
    settled = join(transcript, 0);
    text = g_string_new(settled);
    append(text, transcript->guess->str);
    transcript->best = g_string_free(text, FALSE);
    return !g_str_equal(transcript->best, before);
}

const char *
mcp_google_asr_transcript_get_best(const McpGoogleAsrTranscript *transcript)
{
    return transcript->best;
}

double
mcp_google_asr_transcript_get_stability(const McpGoogleAsrTranscript *transcript)
{
    return transcript->guess->len > 0 ? transcript->stability : 1;
}

gint64
mcp_google_asr_transcript_get_end(const McpGoogleAsrTranscript *transcript)
{
    return transcript->end;
}

gboolean
mcp_google_asr_transcript_is_final(const McpGoogleAsrTranscript *transcript)
{
    return transcript->pieces->len > 0 && transcript->guess->len == 0;
}

gboolean
mcp_google_asr_transcript_matches(const McpGoogleAsrTranscript *transcript,
                                  const McpGoogleAsrGrammars *grammars)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGrammarResult) match = NULL;

    if (*transcript->best == '\0' || strlen(transcript->best) > MOST_TEXT)
        return FALSE;
    match = mcp_grammar_match_words(grammars->engine, grammars->list, grammars->count,
                                    transcript->best, &error);
    /* Tags that go wrong are those of a grammar that takes it. */
    return match != NULL || error != NULL;
}

/* --- readings --- */

static void
heard_free(gpointer data)
{
    McpGoogleAsrHeard *heard = data;

    g_free(heard->words);
    g_free(heard->interpretation);
    g_free(heard);
}

static void
add(GPtrArray *list, const char *words, double confidence, const McpGrammarResult *match)
{
    McpGoogleAsrHeard *heard = g_new0(McpGoogleAsrHeard, 1);

    heard->words = g_strdup(match != NULL ? match->utterance : words);
    heard->confidence = confidence;
    heard->grammar = match != NULL ? (gint)match->index : -1;
    heard->interpretation = match != NULL ? g_strdup(match->interpretation) : NULL;
    g_ptr_array_add(list, heard);
}

static double
confidence_of(const McpGoogleAsrTranscript *transcript, guint rank)
{
    double least = SURE;

    for (guint i = 0; i < transcript->pieces->len; i++) {
        const GPtrArray *piece = transcript->pieces->pdata[i];
        double sure = alternative_of(piece, 0)->confidence;

        sure = sure > 0 ? sure : SURE;
        for (guint k = 1; k <= MIN(rank, piece->len - 1); k++) {
            double own = alternative_of(piece, k)->confidence;

            sure = own > 0 ? own : sure * LESS_SURE;
        }
        least = MIN(least, sure);
    }
    return least;
}

static guint
count_ranks(const McpGoogleAsrTranscript *transcript)
{
    guint most = 0;

    for (guint i = 0; i < transcript->pieces->len; i++)
        most = MAX(most, ((GPtrArray *)transcript->pieces->pdata[i])->len);
    return most;
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    double one = (*(const McpGoogleAsrHeard *const *)a)->confidence;
    double other = (*(const McpGoogleAsrHeard *const *)b)->confidence;

    return (one < other) - (one > other);
}

/* What the grammars make of one reading. */
static void
add_matches(GPtrArray *list, const char *words, double confidence,
            const McpGoogleAsrGrammars *grammars, guint max)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) matches = NULL;

    if (*words == '\0' || strlen(words) > MOST_TEXT)
        return;
    matches = mcp_grammar_list_matches(grammars->engine, grammars->list, grammars->count, words,
                                       max, &error);
    for (guint i = 0; matches != NULL && i < matches->len; i++)
        add(list, words, confidence, matches->pdata[i]);
    /* The words are the grammar's, but not what they mean: that is for its author to hear of. */
    if (matches == NULL)
        add(list, words, confidence, NULL);
}

GPtrArray *
mcp_google_asr_transcript_read(const McpGoogleAsrTranscript *transcript,
                               const McpGoogleAsrGrammars *grammars, guint max, double confidence,
                               gboolean *out_matched)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(heard_free);
    guint ranks = count_ranks(transcript);

    for (guint rank = 0; rank < ranks; rank++) {
        g_autofree char *words = join(transcript, rank);
        double sure = confidence_of(transcript, rank);

        if (sure >= confidence)
            add_matches(list, words, sure, grammars, max);
    }
    *out_matched = list->len > 0;
    for (guint rank = 0; rank < ranks && !*out_matched; rank++) {
        g_autofree char *words = join(transcript, rank);

        if (*words != '\0')
            add(list, words, confidence_of(transcript, rank), NULL);
    }
    g_ptr_array_sort(list, compare);
    if (list->len > max)
        g_ptr_array_set_size(list, (gint)max);
    return list;
}
