/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "engine_table.h"
#include "prompt_cache.h"
#include <mcp/contract/synthesizer.h>
#include <mcp/event.h>

G_BEGIN_DECLS

/** McpEnginesSpeaking: the synthesizer that asks the others. Any thread. */
#define MCP_TYPE_ENGINES_SPEAKING (mcp_engines_speaking_get_type())
G_DECLARE_FINAL_TYPE(McpEnginesSpeaking, mcp_engines_speaking, MCP, ENGINES_SPEAKING, GObject)

/** mcp_engines_speaking_new: (transfer full): @events: (nullable). */
McpEnginesSpeaking *mcp_engines_speaking_new(McpEngineTable *table, McpPromptCache *cache,
                                             McpEvents *events);

G_END_DECLS
