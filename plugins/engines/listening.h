/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "engine_table.h"
#include <mcp/contract/recognizer.h>
#include <mcp/event.h>

G_BEGIN_DECLS

/** McpEnginesListening: the recognizer that asks the others. As the contract says. */
#define MCP_TYPE_ENGINES_LISTENING (mcp_engines_listening_get_type())
G_DECLARE_FINAL_TYPE(McpEnginesListening, mcp_engines_listening, MCP, ENGINES_LISTENING, GObject)

/**
 * mcp_engines_listening_new: (transfer full): @keep: µs of audio kept for the next engine; @events
 * (nullable): is told which engine listened, and for how long.
 */
McpEnginesListening *mcp_engines_listening_new(McpEngineTable *table, gint64 keep,
                                               McpEvents *events);
/** mcp_engines_listening_set_keep: of recognitions that begin from now on. Any thread. */
void mcp_engines_listening_set_keep(McpEnginesListening *self, gint64 keep);

G_END_DECLS
