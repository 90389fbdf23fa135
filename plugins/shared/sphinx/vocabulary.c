/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammars of a recognition as networks of words, with the words' pronunciations. Immutable
 * once made, on one of the recognizer's threads.
 */
#include "vocabulary.h"
#include <mcp/error.h>

#define MAX_STATES 20000

McpVocabularySource *
mcp_vocabulary_source_new(McpGrammarEngine *engine, const McpRecognitionRequest *request)
{
    McpVocabularySource *source = g_new0(McpVocabularySource, 1);

    source->engine = g_object_ref(engine);
    source->grammars = g_ptr_array_new();
    source->weights = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < request->n_grammars; i++) {
        const McpRecognitionGrammar *grammar = &request->grammars[i];
        double weight = grammar->weight > 0 ? grammar->weight : 1;

        g_ptr_array_add(source->grammars, mcp_grammar_ref(engine, grammar->grammar));
        g_array_append_val(source->weights, weight);
    }
    return source;
}

void
mcp_vocabulary_source_free(McpVocabularySource *source)
{
    for (guint i = 0; i < source->grammars->len; i++)
        mcp_grammar_unref(source->engine, source->grammars->pdata[i]);
    g_ptr_array_unref(source->grammars);
    g_array_unref(source->weights);
    g_object_unref(source->engine);
    g_free(source);
}

static gboolean
add_words(McpVocabulary *self, const McpFsg *network, const McpPronunciations *pronunciations,
          GError **error)
{
    for (guint i = 0; i < network->n_arcs; i++) {
        const char *word = network->arcs[i].word;
        char **ways;

        if (word == NULL || g_str_equal(word, MCP_FSG_GARBAGE) ||
            g_hash_table_contains(self->words, word))
            continue;
        ways = mcp_pronunciations_find(pronunciations, word, error);
        if (ways == NULL)
            return FALSE;
        g_hash_table_insert(self->words, (gpointer)word, ways);
    }
    return TRUE;
}

McpVocabulary *
mcp_vocabulary_new(const McpVocabularySource *source, const McpPronunciations *pronunciations,
                   GError **error)
{
    g_autoptr(McpVocabulary) self = g_new0(McpVocabulary, 1);

    g_atomic_ref_count_init(&self->ref_count);
    self->networks = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_fsg_free);
    self->weights = g_array_ref(source->weights);
    /* The tokens belong to the networks. */
    self->words = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_strfreev);
    for (guint i = 0; i < source->grammars->len; i++) {
        McpFsg *network =
            mcp_grammar_to_fsg(source->engine, source->grammars->pdata[i], MAX_STATES, error);

        if (network == NULL)
            return NULL;
        g_ptr_array_add(self->networks, network);
        if (!add_words(self, network, pronunciations, error))
            return NULL;
    }
    if (g_hash_table_size(self->words) == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "the grammars have no words");
        return NULL;
    }
    return g_steal_pointer(&self);
}

McpVocabulary *
mcp_vocabulary_ref(McpVocabulary *self)
{
    g_atomic_ref_count_inc(&self->ref_count);
    return self;
}

void
mcp_vocabulary_unref(McpVocabulary *self)
{
    if (!g_atomic_ref_count_dec(&self->ref_count))
        return;
    g_hash_table_unref(self->words);
    g_ptr_array_unref(self->networks);
    g_array_unref(self->weights);
    g_free(self);
}
