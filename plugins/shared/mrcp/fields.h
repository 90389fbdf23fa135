/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMrcpField: one header field, as MRCP and RTSP have them. */
typedef struct {
    char *name;
    char *value; /* UTF-8, one line, no blanks around it */
} McpMrcpField;

/** McpMrcpFields: header fields in the order in which they came; a name may be there twice. */
typedef GPtrArray McpMrcpFields;

/** mcp_mrcp_fields_new: (transfer full): none yet; freed by g_ptr_array_unref(). */
McpMrcpFields *mcp_mrcp_fields_new(void);
/** mcp_mrcp_fields_at: (transfer none): the field at @index. */
const McpMrcpField *mcp_mrcp_fields_at(const McpMrcpFields *fields, guint index);
/** mcp_mrcp_fields_get: (transfer none) (nullable): the first value of @name in any case. */
const char *mcp_mrcp_fields_get(const McpMrcpFields *fields, const char *name);
/** mcp_mrcp_fields_get_number: FALSE when @name is not there or no decimal number up to @max. */
gboolean mcp_mrcp_fields_get_number(const McpMrcpFields *fields, const char *name, guint64 max,
                                    guint64 *out_value);
/** mcp_mrcp_fields_add: adds one at the end; what would break the line becomes a blank. */
void mcp_mrcp_fields_add(McpMrcpFields *fields, const char *name, const char *value);
/** mcp_mrcp_fields_set: replaces all of @name by one, in the place of the first. */
void mcp_mrcp_fields_set(McpMrcpFields *fields, const char *name, const char *value);
/** mcp_mrcp_fields_remove: all of @name. */
void mcp_mrcp_fields_remove(McpMrcpFields *fields, const char *name);
/** mcp_mrcp_fields_write: appends them as lines, less Content-Length, which is the writer's. */
void mcp_mrcp_fields_write(const McpMrcpFields *fields, GString *out);

/** mcp_mrcp_fields_content_length: FALSE when two differ, or one is no number up to @max;
 * @out_length stays as it is when there is none. */
gboolean mcp_mrcp_fields_content_length(const McpMrcpFields *fields, gsize max, gsize *out_length,
                                        GError **error);

/** mcp_mrcp_number: whether @text is decimal digits alone, of a value up to @max. */
gboolean mcp_mrcp_number(const char *text, guint64 max, guint64 *out_value);
/** mcp_mrcp_is_token: whether @text is a name, as of a method or a field. */
gboolean mcp_mrcp_is_token(const char *text);
/** mcp_mrcp_split: (transfer full): the words of @text, with nothing of the blanks between. */
GStrv mcp_mrcp_split(const char *text);

G_END_DECLS
