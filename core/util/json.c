/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A writer of one JSON text (RFC 8259). Owned by one caller.
 */
#include <math.h>
#include <mcp/json.h>
#include <string.h>

struct _McpJson {
    GString *text;
    gboolean comma; /* the innermost level has a member already */
};

McpJson *
mcp_json_new(void)
{
    McpJson *json = g_new(McpJson, 1);

    json->text = g_string_new(NULL);
    json->comma = FALSE;
    return json;
}

void
mcp_json_free(McpJson *json)
{
    g_string_free(json->text, TRUE);
    g_free(json);
}

char *
mcp_json_finish(McpJson *json)
{
    char *text = g_string_free(json->text, FALSE);

    g_free(json);
    return text;
}

static void
append_escaped(GString *text, const char *utf8)
{
    g_string_append_c(text, '"');
    for (const char *p = utf8; *p != '\0'; p++) {
        guchar c = (guchar)*p;

        if (c == '"' || c == '\\')
            g_string_append_printf(text, "\\%c", c);
        else if (c == '\n')
            g_string_append(text, "\\n");
        else if (c == '\r')
            g_string_append(text, "\\r");
        else if (c == '\t')
            g_string_append(text, "\\t");
        else if (c < 0x20 || c == 0x7f)
            g_string_append_printf(text, "\\u%04x", c);
        else
            g_string_append_c(text, (char)c);
    }
    g_string_append_c(text, '"');
}

static void
append_quoted(GString *text, const char *value)
{
    if (g_utf8_validate(value, -1, NULL)) {
        append_escaped(text, value);
    } else {
        g_autofree char *valid = g_utf8_make_valid(value, -1);

        append_escaped(text, valid);
    }
}

static void
begin_member(McpJson *json, const char *key)
{
    if (json->comma)
        g_string_append_c(json->text, ',');
    json->comma = TRUE;
    if (key != NULL) {
        append_quoted(json->text, key);
        g_string_append_c(json->text, ':');
    }
}

void
mcp_json_begin_object(McpJson *json, const char *key)
{
    begin_member(json, key);
    g_string_append_c(json->text, '{');
    json->comma = FALSE;
}

void
mcp_json_end_object(McpJson *json)
{
    g_string_append_c(json->text, '}');
    json->comma = TRUE;
}

void
mcp_json_begin_array(McpJson *json, const char *key)
{
    begin_member(json, key);
    g_string_append_c(json->text, '[');
    json->comma = FALSE;
}

void
mcp_json_end_array(McpJson *json)
{
    g_string_append_c(json->text, ']');
    json->comma = TRUE;
}

void
mcp_json_string(McpJson *json, const char *key, const char *value)
{
    begin_member(json, key);
    if (value == NULL)
        g_string_append(json->text, "null");
    else
        append_quoted(json->text, value);
}

void
mcp_json_int(McpJson *json, const char *key, gint64 value)
{
    begin_member(json, key);
    g_string_append_printf(json->text, "%" G_GINT64_FORMAT, value);
}

void
mcp_json_double(McpJson *json, const char *key, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    begin_member(json, key);
    if (isfinite(value))
        g_string_append(json->text, g_ascii_formatd(buffer, sizeof buffer, "%.6g", value));
    else
        g_string_append(json->text, "null");
}

void
mcp_json_bool(McpJson *json, const char *key, gboolean value)
{
    begin_member(json, key);
    g_string_append(json->text, value ? "true" : "false");
}

void
mcp_json_time(McpJson *json, const char *key, gint64 wall)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(wall / G_USEC_PER_SEC);
    g_autofree char *seconds = NULL;

    begin_member(json, key);
    if (time == NULL) {
        g_string_append(json->text, "null");
        return;
    }
    seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    g_string_append_printf(json->text, "\"%s.%03dZ\"", seconds,
                           (int)(wall % G_USEC_PER_SEC / 1000));
}

void
mcp_json_raw(McpJson *json, const char *key, const char *value)
{
    begin_member(json, key);
    g_string_append(json->text, value);
}
