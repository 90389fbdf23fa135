/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/**
 * mcp_recording_read: (transfer full): the object @name below folder @root, of at most @limit
 * bytes; MCP_ERROR_NOT_FOUND, MCP_ERROR_LIMIT. The name was checked before. Blocks; disk pool.
 */
GBytes *mcp_recording_read(int root, const char *name, guint64 limit, GError **error);
