/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/** McpCtlTable: rows of text, printed with aligned columns. */
typedef struct _McpCtlTable McpCtlTable;

/** mcp_ctl_table_new: (transfer full): @headings: blank-separated, one a column. */
McpCtlTable *mcp_ctl_table_new(const char *headings);
/** mcp_ctl_table_add: a row; as many strings as there are columns, NULL prints "-". */
void mcp_ctl_table_add(McpCtlTable *table, ...);
/** mcp_ctl_table_print: prints and frees. */
void mcp_ctl_table_print(McpCtlTable *table);

/**
 * mcp_ctl_text: (transfer full): member @name of @object as text: strings as they are with control
 * characters replaced, numbers, true and false; "-" when it is absent or null.
 */
char *mcp_ctl_text(JsonObject *object, const char *name);
/** mcp_ctl_object: (nullable) (transfer none): member @name if it is an object. */
JsonObject *mcp_ctl_object(JsonObject *object, const char *name);
/** mcp_ctl_array: (nullable) (transfer none): member @name if it is an array. */
JsonArray *mcp_ctl_array(JsonObject *object, const char *name);
/** mcp_ctl_int: member @name, 0 when it is no number. */
gint64 mcp_ctl_int(JsonObject *object, const char *name);
/** mcp_ctl_clock: (transfer full): "HH:MM:SS.mmm" of an RFC 3339 time, in local time. */
char *mcp_ctl_clock(const char *time);
/** mcp_ctl_print_json: prints a node, indented. */
void mcp_ctl_print_json(JsonNode *node);

G_END_DECLS
