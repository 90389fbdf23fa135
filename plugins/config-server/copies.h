/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_copy_read: (transfer full): a copy that this user wrote and nobody else may have: a regular
 * file of his own, mode 0600, @most bytes at most. MCP_ERROR_NOT_FOUND when there is none,
 * MCP_ERROR_REFUSED when it is another one's. Blocks.
 */
GBytes *mcp_copy_read(const char *directory, const char *name, gsize most, GError **error);
/** mcp_copy_write: replaces the copy as a whole, mode 0600, in a folder of mode 0700. Blocks. */
gboolean mcp_copy_write(const char *directory, const char *name, GBytes *content, GError **error);

G_END_DECLS
