/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/spool.h>

#include "answer.h"

G_BEGIN_DECLS

/** mcp_control_spools_list: adds an array "spools". Control context, as below. */
void mcp_control_spools_list(McpHost *host, McpJson *json);
/**
 * mcp_control_spools_export: records of the spool that @query names: name, quarantine (true), after
 * (a sequence), limit.
 */
void mcp_control_spools_export(McpHost *host, GHashTable *query, McpControlAnswer func,
                               gpointer user_data);
/** mcp_control_spools_replay: what the spool that @body names has put aside is queued again. */
void mcp_control_spools_replay(McpHost *host, GBytes *body, McpControlAnswer func,
                               gpointer user_data);

G_END_DECLS
