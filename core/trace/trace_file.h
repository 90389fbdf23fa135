/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/pool.h>

G_BEGIN_DECLS

/**
 * McpTraceFile: a file that is written on the disk pool. What is added waits in memory, within
 * bounds, and goes out together every tenth of a second.
 */
typedef struct _McpTraceFile McpTraceFile;

/** mcp_trace_file_name_is_valid: a plain name: letters, digits, . _ -, not beginning with a dot. */
gboolean mcp_trace_file_name_is_valid(const char *name);

/**
 * mcp_trace_file_open: (transfer full): makes @name in @folder, for its owner alone; an existing
 * file is not touched. To be called on the disk pool.
 */
McpTraceFile *mcp_trace_file_open(const char *folder, const char *name, GError **error);
/** mcp_trace_file_run: begins to write. Control context, that of @clock's timers. */
void mcp_trace_file_run(McpTraceFile *file, McpClock *clock, McpPool *disk);
/** McpTraceFileClosed: all is written, or never will be. Control context. */
typedef void (*McpTraceFileClosed)(gpointer user_data);
/** mcp_trace_file_close: the rest is written, then @func (nullable) told. Control context. */
void mcp_trace_file_close(McpTraceFile *file, McpTraceFileClosed func, gpointer user_data);

/** mcp_trace_file_add: FALSE when it was dropped, as the disk does not keep up. Any thread. */
gboolean mcp_trace_file_add(McpTraceFile *file, const GByteArray *bytes);
/** mcp_trace_file_get_error: (transfer full) (nullable): why nothing more is written. */
char *mcp_trace_file_get_error(McpTraceFile *file);

G_END_DECLS
