/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sphinx_engine.h"
#include <mcp/clock.h>
#include <mcp/pool.h>
#include <sound/endpoint.h>

#define MCP_TYPE_SPHINX_RECOGNITION (mcp_sphinx_recognition_get_type())
G_DECLARE_FINAL_TYPE(McpSphinxRecognition, mcp_sphinx_recognition, MCP, SPHINX_RECOGNITION, GObject)

/** mcp_sphinx_recognition_new: (transfer full): of what @request says; does not listen yet. */
McpSphinxRecognition *mcp_sphinx_recognition_new(const McpRecognitionRequest *request,
                                                 McpRecognitionFunc func, gpointer user_data);
/** mcp_sphinx_recognition_refuse: it ends with @error, from the context. */
void mcp_sphinx_recognition_refuse(McpSphinxRecognition *self, McpSphinxEngine *engine,
                                   const GError *error);
/** mcp_sphinx_recognition_start: @source is (transfer full). */
void mcp_sphinx_recognition_start(McpSphinxRecognition *self, McpSphinxEngine *engine,
                                  McpPool *pool, McpClock *clock, McpVocabularySource *source);
