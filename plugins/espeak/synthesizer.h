/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "deps.h"

#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

#define MCP_ESPEAK_SERVICE "espeak-ng"

#define MCP_TYPE_ESPEAK_SYNTHESIZER (mcp_espeak_synthesizer_get_type())
G_DECLARE_FINAL_TYPE(McpEspeakSynthesizer, mcp_espeak_synthesizer, MCP, ESPEAK_SYNTHESIZER, GObject)

/**
 * McpEspeakReadyFunc: the synthesizer knows its voices, or (@why not NULL) has no worker for now.
 */
typedef void (*McpEspeakReadyFunc)(const char *why, gpointer user_data);

/**
 * mcp_espeak_synthesizer_new:
 * @deps: copied
 * @config: the settings in force
 * @func: (nullable): called whenever it changes whether it can speak; maybe before this returns
 *
 * Returns: (transfer full): a synthesizer that any thread may use and that works on the caller's
 * thread-default context. It fails what is asked of it until it knows its voices.
 */
McpEspeakSynthesizer *mcp_espeak_synthesizer_new(const McpEspeakDeps *deps, McpEspeakConfig *config,
                                                 McpEspeakReadyFunc func, gpointer user_data);
/** mcp_espeak_synthesizer_configure: for requests from now on. On the synthesizer's context. */
void mcp_espeak_synthesizer_configure(McpEspeakSynthesizer *self, McpEspeakConfig *config);
/**
 * mcp_espeak_synthesizer_close: ends the workers; what is under way, and what is asked for later,
 * ends with MCP_ERROR_CLOSED. On the synthesizer's context.
 */
void mcp_espeak_synthesizer_close(McpEspeakSynthesizer *self);

G_END_DECLS
