/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header fields, which MRCP (RFC 6787 §5.1, RFC 4463 §5.4) and RTSP (RFC 2326 §4.2) have in the
 * same form. Pure functions.
 */
#include "fields.h"

#include <mcp/error.h>
#include <string.h>

#define CONTENT_LENGTH "Content-Length"

static void
field_free(gpointer data)
{
    McpMrcpField *field = data;

    g_free(field->name);
    g_free(field->value);
    g_free(field);
}

McpMrcpFields *
mcp_mrcp_fields_new(void)
{
    return g_ptr_array_new_with_free_func(field_free);
}

const McpMrcpField *
mcp_mrcp_fields_at(const McpMrcpFields *fields, guint index)
{
    return g_ptr_array_index(fields, index);
}

static gboolean
is_named(const McpMrcpField *field, const char *name)
{
    return g_ascii_strcasecmp(field->name, name) == 0;
}

const char *
mcp_mrcp_fields_get(const McpMrcpFields *fields, const char *name)
{
    for (guint i = 0; i < fields->len; i++) {
        const McpMrcpField *field = mcp_mrcp_fields_at(fields, i);

        if (is_named(field, name))
            return field->value;
    }
    return NULL;
}

gboolean
mcp_mrcp_fields_get_number(const McpMrcpFields *fields, const char *name, guint64 max,
                           guint64 *out_value)
{
    const char *value = mcp_mrcp_fields_get(fields, name);

    return value != NULL && mcp_mrcp_number(value, max, out_value);
}

/* A value is one line of UTF-8: no caller can begin a field of its own within it. */
static char *
clean_value(const char *value)
{
    char *clean = g_utf8_make_valid(value, -1);

    for (char *p = clean; *p != '\0'; p++) {
        if (g_ascii_iscntrl(*p))
            *p = ' ';
    }
    return g_strstrip(clean);
}

void
mcp_mrcp_fields_add(McpMrcpFields *fields, const char *name, const char *value)
{
    McpMrcpField *field = g_new0(McpMrcpField, 1);

    field->name = g_strdup(name);
    field->value = clean_value(value);
    g_ptr_array_add(fields, field);
}

void
mcp_mrcp_fields_set(McpMrcpFields *fields, const char *name, const char *value)
{
    McpMrcpField *first = NULL;

    for (guint i = 0; i < fields->len;) {
        McpMrcpField *field = g_ptr_array_index(fields, i);

        if (is_named(field, name) && first != NULL) {
            g_ptr_array_remove_index(fields, i);
            continue;
        }
        if (is_named(field, name))
            first = field;
        i++;
    }
    if (first == NULL) {
        mcp_mrcp_fields_add(fields, name, value);
        return;
    }
    g_free(first->value);
    first->value = clean_value(value);
}

void
mcp_mrcp_fields_remove(McpMrcpFields *fields, const char *name)
{
    for (guint i = fields->len; i > 0; i--) {
        if (is_named(mcp_mrcp_fields_at(fields, i - 1), name))
            g_ptr_array_remove_index(fields, i - 1);
    }
}

void
mcp_mrcp_fields_write(const McpMrcpFields *fields, GString *out)
{
    for (guint i = 0; i < fields->len; i++) {
        const McpMrcpField *field = mcp_mrcp_fields_at(fields, i);

        if (!is_named(field, CONTENT_LENGTH))
            g_string_append_printf(out, "%s: %s\r\n", field->name, field->value);
    }
}

gboolean
mcp_mrcp_fields_content_length(const McpMrcpFields *fields, gsize max, gsize *out_length,
                               GError **error)
{
    gboolean seen = FALSE;
    guint64 length = 0;

    for (guint i = 0; i < fields->len; i++) {
        const McpMrcpField *field = mcp_mrcp_fields_at(fields, i);
        guint64 value = 0;

        if (!is_named(field, CONTENT_LENGTH))
            continue;
        if (!mcp_mrcp_number(field->value, G_MAXINT64, &value)) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, CONTENT_LENGTH " '%.40s' is no number",
                        field->value);
            return FALSE;
        }
        if (seen && value != length) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                        CONTENT_LENGTH " is given twice, as %" G_GUINT64_FORMAT
                                       " and %" G_GUINT64_FORMAT,
                        length, value);
            return FALSE;
        }
        seen = TRUE;
        length = value;
    }
    if (length > max) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "a body of %" G_GUINT64_FORMAT " bytes, %" G_GSIZE_FORMAT " are allowed",
                    length, max);
        return FALSE;
    }
    if (seen)
        *out_length = (gsize)length;
    return TRUE;
}

gboolean
mcp_mrcp_number(const char *text, guint64 max, guint64 *out_value)
{
    return g_ascii_isdigit(text[0]) &&
           g_ascii_string_to_unsigned(text, 10, 0, max, out_value, NULL);
}

gboolean
mcp_mrcp_is_token(const char *text)
{
    if (text[0] == '\0')
        return FALSE;
    for (; *text != '\0'; text++) {
        if (!g_ascii_isalnum(*text) && strchr("!#$%&'*+-.^_`|~", *text) == NULL)
            return FALSE;
    }
    return TRUE;
}

GStrv
mcp_mrcp_split(const char *text)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    while (*text != '\0') {
        gsize length = strcspn(text, " \t");

        if (length > 0) {
            g_autofree char *word = g_strndup(text, length);

            g_strv_builder_add(words, word);
        }
        text += length;
        text += strspn(text, " \t");
    }
    return g_strv_builder_end(words);
}
