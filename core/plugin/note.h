/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/plugin.h>

/**
 * mcp_plugin_note_read: reads the identity of a plugin from its file, without loading it.
 * @out_note: strings are NUL-terminated. FALSE with MCP_ERROR_INVALID when there is none.
 */
gboolean mcp_plugin_note_read(const char *file, McpPluginNote *out_note, GError **error);
