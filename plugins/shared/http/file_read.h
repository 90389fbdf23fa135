/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/pool.h>

G_BEGIN_DECLS

/** McpHttpFile: one file read as a whole. */
typedef struct {
    GBytes *body;
    char *content_id;
    const char *content_type; /* static, by the file's extension; "" unknown */
} McpHttpFile;

/** mcp_http_file_free: frees it. */
void mcp_http_file_free(McpHttpFile *file);
/**
 * mcp_http_file_read_async: reads @path, which must lead below @root without a symbolic link, on a
 * thread of @pool.
 * @root: absolute, resolved
 */
void mcp_http_file_read_async(McpPool *pool, const char *root, const char *path, gsize max_bytes,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
/**
 * mcp_http_file_read_finish: (transfer full): MCP_ERROR_REFUSED (outside, link), NOT_FOUND,
 * LIMIT (size, queue), FAILED.
 */
McpHttpFile *mcp_http_file_read_finish(GAsyncResult *result, GError **error);

/** mcp_http_content_id: (transfer full): identity of bytes, by their hash. Any thread. */
char *mcp_http_content_id(GBytes *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpFile, mcp_http_file_free)

G_END_DECLS
