/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * mcp_json_tree_parse: (transfer full): JSON that came from outside: one value (RFC 8259 §2),
 * without what the library's parser would take besides, nested 32 deep at most.
 *
 * Returns: NULL with MCP_ERROR_INVALID. Any thread.
 */
JsonNode *mcp_json_tree_parse(const char *text, gsize length, GError **error);

G_END_DECLS
