/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * mcp_json_tree_parse: (transfer full): JSON that came from outside. The library's parser calls
 * itself for each level: text that nests more than 32 deep is not shown to it.
 *
 * Returns: NULL with MCP_ERROR_INVALID. Any thread.
 */
JsonNode *mcp_json_tree_parse(const char *text, gsize length, GError **error);

G_END_DECLS
