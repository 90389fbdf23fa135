/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "pronunciation.h"
#include <mcp/contract/recognizer.h>

/** McpVocabulary: what a recognition listens for: networks, and how their words are said. */
typedef struct {
    gatomicrefcount ref_count;
    GPtrArray *networks; /* McpFsg, in order of precedence */
    GArray *weights;     /* double, of the networks */
    GHashTable *words;   /* token → char**: its pronunciations */
} McpVocabulary;

/** McpVocabularySource: what it is made of; keeps references. */
typedef struct {
    McpGrammarEngine *engine;
    GPtrArray *grammars; /* McpGrammar */
    GArray *weights;     /* double */
} McpVocabularySource;

/** mcp_vocabulary_source_new: (transfer full): the grammars of @request. */
McpVocabularySource *mcp_vocabulary_source_new(McpGrammarEngine *engine,
                                               const McpRecognitionRequest *request);
void mcp_vocabulary_source_free(McpVocabularySource *source);
/**
 * mcp_vocabulary_new: (transfer full): MCP_ERROR_UNSUPPORTED for grammars that are no network of
 * words, for words that nobody can say and for grammars of no words; MCP_ERROR_LIMIT. Any thread.
 */
McpVocabulary *mcp_vocabulary_new(const McpVocabularySource *source,
                                  const McpPronunciations *pronunciations, GError **error);
McpVocabulary *mcp_vocabulary_ref(McpVocabulary *self);
void mcp_vocabulary_unref(McpVocabulary *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVocabularySource, mcp_vocabulary_source_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVocabulary, mcp_vocabulary_unref)
