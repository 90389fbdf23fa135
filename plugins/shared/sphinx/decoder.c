/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: an utterance against a vocabulary, and against any sounds at all. How much worse the
 * grammar explains the audio than the best row of sounds does tells how far to believe it, and how
 * much of what was loud it takes for words: the posteriors of a search that knows nothing but the
 * grammar are always near 1. Recognizer's threads.
 */
#include "decoder.h"
#include "upper_band.h"
#include <math.h>
#include <mcp/error.h>
#include <pocketsphinx.h>
#include <sphinxbase/err.h>
#include <string.h>

#define GRAMMAR "grammar"
#define SOUNDS "sounds"
/* The engine's own beams are for dictation: in a grammar they cut off what was said, but sounds
 * badly for a while, and leave nothing or the wrong words. These cost nothing that can be measured.
 */
#define BEAM "1e-100"
#define WORD_BEAM "1e-80"
/* Words that a decoder learns before it is made anew. */
#define WORN 20000
/* The engine's scores are logarithms to the base 1.0001, shifted by 10 bits. */
#define NEPERS 0.1024
/* Confidence by nepers a frame over the best row of sounds: 0.5 there, and 0.73 the width above. */
#define EVEN (-1.7)
#define WIDTH 0.25
#define FRAME 160
/* Garbage is dearer than a word, but cheaper than a word that was not said. */
#define GARBAGE_LOG (-1.0)

struct _McpDecoder {
    ps_decoder_t *ps;
    GHashTable *known;         /* words of the engine's dictionary, in small letters */
    McpVocabulary *vocabulary; /* nullable: that of the search GRAMMAR */
};

static const char *const phones[] = {MCP_SPHINX_PHONES};

static gboolean
fail(GError **error, const char *what)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "pocketsphinx: %s", what);
    return FALSE;
}

/* A word of its own for every sound; no token has a plus sign. */
static void
sound_name(char name[8], const char *phone)
{
    g_snprintf(name, 8, "+%s+", phone);
}

static gboolean
set_sounds(McpDecoder *self, GError **error)
{
    fsg_model_t *fsg = fsg_model_init(SOUNDS, ps_get_logmath(self->ps), 1, 1);
    gboolean good = TRUE;

    fsg->start_state = 0;
    fsg->final_state = 0;
    for (guint i = 0; i < G_N_ELEMENTS(phones); i++) {
        char name[8];

        sound_name(name, phones[i]);
        good = good && ps_add_word(self->ps, name, phones[i], FALSE) >= 0;
        fsg_model_trans_add(fsg, 0, 0, 0, fsg_model_word_add(fsg, name));
    }
    good = good && ps_set_fsg(self->ps, SOUNDS, fsg) == 0;
    fsg_model_free(fsg);
    return good || fail(error, "the model lacks sounds of English");
}

/* It prints what the caller gets as an error. The file is a thread's, the callback all threads'. */
static void
be_quiet(void)
{
    static gsize done;

    err_set_logfp(NULL);
    if (g_once_init_enter(&done)) {
        err_set_callback(NULL, NULL);
        g_once_init_leave(&done, 1);
    }
}

McpDecoder *
mcp_decoder_new(const char *folder, GError **error)
{
    g_autoptr(McpDecoder) self = g_new0(McpDecoder, 1);
    cmd_ln_t *config;

    be_quiet();
    self->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    /* Where speech begins is known before; noise removal cost 5 % of the words in the tests. */
    config = cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", folder, "-remove_silence", "no",
                         "-remove_noise", "no", "-bestpath", "no", "-beam", BEAM, "-pbeam", BEAM,
                         "-wbeam", WORD_BEAM, NULL);
    self->ps = config != NULL ? ps_init(config) : NULL;
    if (config != NULL)
        cmd_ln_free_r(config);
    if (self->ps == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                    "pocketsphinx: the model %s cannot be loaded", folder);
        return NULL;
    }
    return set_sounds(self, error) ? g_steal_pointer(&self) : NULL;
}

void
mcp_decoder_free(McpDecoder *self)
{
    g_clear_pointer(&self->ps, ps_free);
    g_clear_pointer(&self->vocabulary, mcp_vocabulary_unref);
    g_hash_table_unref(self->known);
    g_free(self);
}

gboolean
mcp_decoder_knows(const McpDecoder *self, const McpVocabulary *vocabulary)
{
    return self->vocabulary == vocabulary;
}

gboolean
mcp_decoder_is_worn(const McpDecoder *self)
{
    return g_hash_table_size(self->known) > WORN;
}

/* The engine takes capitals for small letters. */
static gboolean
learn_word(McpDecoder *self, const char *word, char **ways)
{
    char *small = g_ascii_strdown(word, -1);

    if (!g_hash_table_add(self->known, small))
        return TRUE;
    for (guint i = 0; ways[i] != NULL; i++) {
        g_autofree char *variant = i > 0 ? g_strdup_printf("%s(%u)", word, i + 1) : g_strdup(word);

        if (ps_add_word(self->ps, variant, ways[i], FALSE) < 0)
            return FALSE;
    }
    return TRUE;
}

/* @most: the greatest weight of the arcs from the same state, since none is likelier than 1. */
static void
add_arc(fsg_model_t *fsg, const McpFsgArc *arc, guint offset, double most)
{
    int from = (int)(arc->from + offset);
    int to = (int)(arc->to + offset);

    if (arc->word == NULL) {
        fsg_model_null_trans_add(fsg, from, to, (int)logmath_log(fsg->lmath, arc->weight / most));
        return;
    }
    if (!g_str_equal(arc->word, MCP_FSG_GARBAGE)) {
        fsg_model_trans_add(fsg, from, to, 0, fsg_model_word_add(fsg, arc->word));
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(phones); i++) {
        char name[8];

        sound_name(name, phones[i]);
        fsg_model_trans_add(fsg, from, to,
                            (int)(logmath_ln_to_log(fsg->lmath, GARBAGE_LOG) * fsg->lw),
                            fsg_model_word_add(fsg, name));
    }
}

static void
add_network(fsg_model_t *fsg, const McpFsg *network, guint offset)
{
    g_autofree double *most = g_new0(double, network->n_states);

    for (guint i = 0; i < network->n_arcs; i++)
        most[network->arcs[i].from] = MAX(most[network->arcs[i].from], network->arcs[i].weight);
    for (guint i = 0; i < network->n_arcs; i++)
        add_arc(fsg, &network->arcs[i], offset, most[network->arcs[i].from]);
}

/* All networks side by side, between a common begin (0) and end (1). */
static fsg_model_t *
build_fsg(McpDecoder *self, const McpVocabulary *vocabulary)
{
    logmath_t *math = ps_get_logmath(self->ps);
    guint n = 2;
    double most = 0;
    fsg_model_t *fsg;

    for (guint i = 0; i < vocabulary->networks->len; i++) {
        n += ((McpFsg *)vocabulary->networks->pdata[i])->n_states;
        most = MAX(most, g_array_index(vocabulary->weights, double, i));
    }
    fsg = fsg_model_init(GRAMMAR, math, 1, (int)n);
    fsg->start_state = 0;
    fsg->final_state = 1;
    n = 2;
    for (guint i = 0; i < vocabulary->networks->len; i++) {
        const McpFsg *network = vocabulary->networks->pdata[i];
        double weight = g_array_index(vocabulary->weights, double, i) / most;

        fsg_model_null_trans_add(fsg, 0, (int)(network->start + n), (int)logmath_log(math, weight));
        add_network(fsg, network, n);
        fsg_model_null_trans_add(fsg, (int)(network->final + n), 1, 0);
        n += network->n_states;
    }
    glist_free(fsg_model_null_trans_closure(fsg, NULL));
    return fsg;
}

static gboolean
set_vocabulary(McpDecoder *self, McpVocabulary *vocabulary, GError **error)
{
    GHashTableIter iter;
    gpointer word;
    gpointer ways;
    fsg_model_t *fsg;
    gboolean good;

    if (self->vocabulary == vocabulary)
        return TRUE;
    g_clear_pointer(&self->vocabulary, mcp_vocabulary_unref);
    g_hash_table_iter_init(&iter, vocabulary->words);
    while (g_hash_table_iter_next(&iter, &word, &ways)) {
        if (!learn_word(self, word, ways)) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                        "pocketsphinx: the word '%.80s' is not taken", (char *)word);
            return FALSE;
        }
    }
    fsg = build_fsg(self, vocabulary);
    good = ps_set_fsg(self->ps, GRAMMAR, fsg) == 0;
    fsg_model_free(fsg);
    if (!good)
        return fail(error, "the grammar is not taken");
    self->vocabulary = mcp_vocabulary_ref(vocabulary);
    return TRUE;
}

static gboolean
decode(McpDecoder *self, const char *search, const gint16 *samples, gsize n, GError **error)
{
    if (ps_set_search(self->ps, search) == 0 && ps_start_utt(self->ps) == 0 &&
        ps_process_raw(self->ps, samples, n, FALSE, TRUE) >= 0 && ps_end_utt(self->ps) == 0)
        return TRUE;
    return fail(error, "decoding failed");
}

/* Without the sounds of garbage. */
static char *
without_sounds(const char *hypothesis)
{
    g_auto(GStrv) words = g_strsplit(hypothesis, " ", -1);
    GString *kept = g_string_new(NULL);

    for (guint i = 0; words[i] != NULL; i++)
        if (*words[i] != '+' && *words[i] != '\0')
            g_string_append_printf(kept, "%s%s", kept->len > 0 ? " " : "", words[i]);
    return g_string_free(kept, FALSE);
}

/* Frames in which the best path has words, or garbage. */
static int
count_frames(McpDecoder *self)
{
    int frames = 0;

    for (ps_seg_t *at = ps_seg_iter(self->ps); at != NULL; at = ps_seg_next(at)) {
        const char *word = ps_seg_word(at);
        int first;
        int last;

        ps_seg_frames(at, &first, &last);
        if (strchr("<[(", *word) == NULL)
            frames += last - first + 1;
    }
    return MAX(frames, 1);
}

static void
free_heard(gpointer data)
{
    McpHeard *heard = data;

    g_free(heard->words);
    g_free(heard);
}

static double
confidence(int over, int frames, gsize spoken)
{
    double part = MIN(frames / ((double)spoken / FRAME + 1), 1);

    return part / (1 + exp((EVEN - over * NEPERS / frames) / WIDTH));
}

/* One hypothesis: all that lead to the same state of the network are one to the engine. */
GPtrArray *
mcp_decoder_run(McpDecoder *self, McpVocabulary *vocabulary, gint16 *samples, gsize n, gsize spoken,
                GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(free_heard);
    g_autofree char *words = NULL;
    const char *best;
    int score = 0;
    int sounds = 0;
    int frames;
    McpHeard *heard;

    mcp_upper_band_fill(samples, n);
    if (!set_vocabulary(self, vocabulary, error) || !decode(self, GRAMMAR, samples, n, error))
        return NULL;
    best = ps_get_hyp(self->ps, &score);
    words = without_sounds(best != NULL ? best : "");
    if (*words == '\0')
        return g_steal_pointer(&list);
    frames = count_frames(self);
    if (!decode(self, SOUNDS, samples, n, error))
        return NULL;
    ps_get_hyp(self->ps, &sounds);
    heard = g_new0(McpHeard, 1);
    heard->words = g_steal_pointer(&words);
    heard->confidence = confidence(score - sounds, frames, spoken);
    g_ptr_array_add(list, heard);
    return g_steal_pointer(&list);
}
