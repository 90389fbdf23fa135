/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/log.h>

G_BEGIN_DECLS

#define MCP_LINE_COUNTS_LEVELS 4
#define MCP_LINE_COUNTS_OTHER "other"

/**
 * McpLineCounts: how many log lines of each plugin, id and level there were. Its memory is bounded:
 * what comes after the last place is counted as of plugin and id "other".
 */
typedef struct _McpLineCounts McpLineCounts;

/** mcp_line_counts_new: (transfer full): for @limit different ones. */
McpLineCounts *mcp_line_counts_new(guint limit);
/** mcp_line_counts_free: nobody may count any more. */
void mcp_line_counts_free(McpLineCounts *counts);
/** mcp_line_counts_add: one line more. Any thread, without a lock. */
void mcp_line_counts_add(McpLineCounts *counts, McpLogLevel level, const char *plugin,
                         const char *id);

/** McpLineCountsFunc: strings live as long as the counts. */
typedef void (*McpLineCountsFunc)(const char *plugin, const char *id, McpLogLevel level,
                                  gint64 count, gpointer user_data);
/** mcp_line_counts_foreach: all that have been counted, and each level of "other". Any thread. */
void mcp_line_counts_foreach(McpLineCounts *counts, McpLineCountsFunc func, gpointer user_data);

G_END_DECLS
