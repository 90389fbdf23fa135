/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "vocabulary.h"

/** MCP_SPHINX_RATE: Hz of the model. */
#define MCP_SPHINX_RATE 16000

/** McpDecoder: one decoder of pocketsphinx, about 6 MB. One thread at a time. */
typedef struct _McpDecoder McpDecoder;

/** McpHeard: what may have been said. */
typedef struct {
    char *words;
    double confidence; /* 0…1 */
} McpHeard;

/** mcp_decoder_new: (transfer full): loads the model from @folder. Blocks. */
McpDecoder *mcp_decoder_new(const char *folder, GError **error);
void mcp_decoder_free(McpDecoder *self);
/** mcp_decoder_knows: @vocabulary is the one of its last run. */
gboolean mcp_decoder_knows(const McpDecoder *self, const McpVocabulary *vocabulary);
/** mcp_decoder_is_worn: it has learned so many words that a new one is better. */
gboolean mcp_decoder_is_worn(const McpDecoder *self);
/**
 * mcp_decoder_run:
 * @samples: 16 kHz, about a quarter of a second of silence at both ends; overwritten
 * @spoken: samples that were loud
 *
 * Returns: (transfer full): one McpHeard; none where the audio does not get to an end of a
 * grammar. NULL: MCP_ERROR_FAILED. Takes 2 to 10 % of the audio's time.
 */
GPtrArray *mcp_decoder_run(McpDecoder *self, McpVocabulary *vocabulary, gint16 *samples, gsize n,
                           gsize spoken, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpDecoder, mcp_decoder_free)
