/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpJson: an append-only writer of one JSON text (RFC 8259). Commas, quoting and escapes are its
 * business; text that is not UTF-8 is repaired. Not thread-safe; owned by one caller.
 */
typedef struct _McpJson McpJson;

/** mcp_json_new: (transfer full): an empty writer. */
McpJson *mcp_json_new(void);
/** mcp_json_free: frees a writer that was not finished. */
void mcp_json_free(McpJson *json);
/** mcp_json_finish: (transfer full): the text; frees the writer. All levels must be closed. */
char *mcp_json_finish(McpJson *json);
/** mcp_json_begin_object: opens an object; @key is NULL inside arrays and at the top. */
void mcp_json_begin_object(McpJson *json, const char *key);
/** mcp_json_end_object: closes the innermost object. */
void mcp_json_end_object(McpJson *json);
/** mcp_json_begin_array: opens an array. */
void mcp_json_begin_array(McpJson *json, const char *key);
/** mcp_json_end_array: closes the innermost array. */
void mcp_json_end_array(McpJson *json);
/** mcp_json_string: adds a string; a NULL @value becomes null. */
void mcp_json_string(McpJson *json, const char *key, const char *value);
/** mcp_json_int: adds an integer. */
void mcp_json_int(McpJson *json, const char *key, gint64 value);
/** mcp_json_double: adds a number; one that is not finite becomes null. */
void mcp_json_double(McpJson *json, const char *key, double value);
/** mcp_json_bool: adds true or false. */
void mcp_json_bool(McpJson *json, const char *key, gboolean value);
/** mcp_json_time: adds wall time in µs since 1970 as an RFC 3339 string in UTC with ms. */
void mcp_json_time(McpJson *json, const char *key, gint64 wall);
/** mcp_json_raw: adds @value, which is JSON already. */
void mcp_json_raw(McpJson *json, const char *key, const char *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpJson, mcp_json_free)

G_END_DECLS
