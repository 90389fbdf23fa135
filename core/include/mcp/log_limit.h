/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpLogLimit: keeps lines of one kind from flooding the log. In any second the first few lines
 * about a source are written, and no more than some of all sources together; what is left out is
 * told by one line a source afterwards. Memory is fixed. Any thread; has a lock of its own.
 */
typedef struct _McpLogLimit McpLogLimit;

/**
 * mcp_log_limit_new: (transfer full): @per_source and @total lines a second; @domain and @id
 * (static) are those of the lines that tell what was left out.
 */
McpLogLimit *mcp_log_limit_new(guint per_source, guint total, const char *domain, const char *id);
/** mcp_log_limit_free: tells what was left out so far, and frees it. */
void mcp_log_limit_free(McpLogLimit *limit);
/** mcp_log_limit_pass: whether a line about @source may be written at @now (clock µs). */
gboolean mcp_log_limit_pass(McpLogLimit *limit, const char *source, gint64 now);
/**
 * mcp_log_limit_flush: writes "N more refused from SOURCE in the last second" for each second that
 * is over at @now; to be called about once a second.
 */
void mcp_log_limit_flush(McpLogLimit *limit, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpLogLimit, mcp_log_limit_free)

G_END_DECLS
