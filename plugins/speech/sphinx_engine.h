/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/metrics.h>
#include <sphinx/decoder.h>

/** McpSphinxEngine: the model, the decoders, and how many recognitions there are. Any thread. */
typedef struct _McpSphinxEngine McpSphinxEngine;

/**
 * mcp_sphinx_engine_new:
 * @model: folder of the model; it is read when it is first needed
 * @limit: recognitions at once
 * @metrics: (nullable): of the plugin's table
 */
McpSphinxEngine *mcp_sphinx_engine_new(const char *model, guint limit, McpClock *clock,
                                       McpMetrics *metrics);
McpSphinxEngine *mcp_sphinx_engine_ref(McpSphinxEngine *self);
void mcp_sphinx_engine_unref(McpSphinxEngine *self);
/** mcp_sphinx_engine_enter: one recognition more; MCP_ERROR_LIMIT. */
gboolean mcp_sphinx_engine_enter(McpSphinxEngine *self, GError **error);
/** mcp_sphinx_engine_leave: one less; @result is its place in MCP_SPEECH_RESULTS. */
void mcp_sphinx_engine_leave(McpSphinxEngine *self, guint result);
/** mcp_sphinx_engine_count: for one that did not enter. */
void mcp_sphinx_engine_count(McpSphinxEngine *self, guint result);
/** mcp_sphinx_engine_prepare: (transfer full): as mcp_vocabulary_new(). Recognizer's threads. */
McpVocabulary *mcp_sphinx_engine_prepare(McpSphinxEngine *self, const McpVocabularySource *source,
                                         GError **error);
/** mcp_sphinx_engine_decode: (transfer full): as mcp_decoder_run(). Recognizer's threads. */
GPtrArray *mcp_sphinx_engine_decode(McpSphinxEngine *self, McpVocabulary *vocabulary,
                                    gint16 *samples, gsize n, gsize spoken, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSphinxEngine, mcp_sphinx_engine_unref)
