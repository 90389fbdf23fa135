/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/spool.h>

G_BEGIN_DECLS

/** McpSpoolViewFunc: an answer with a JSON body, and the HTTP status that goes with it. */
typedef void (*McpSpoolViewFunc)(guint status, const char *json, gpointer user_data);

/** mcp_spool_view_list: adds an array "spools". Control context, as below. */
void mcp_spool_view_list(McpHost *host, McpJson *json);
/**
 * mcp_spool_view_export: records of the spool that @query names: name, quarantine (true), after
 * (a sequence), limit.
 */
void mcp_spool_view_export(McpHost *host, GHashTable *query, McpSpoolViewFunc func,
                           gpointer user_data);
/** mcp_spool_view_replay: what the spool that @body names has put aside is queued again. */
void mcp_spool_view_replay(McpHost *host, GBytes *body, McpSpoolViewFunc func, gpointer user_data);

G_END_DECLS
