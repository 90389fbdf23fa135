/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A writer of one JSON text (RFC 8259). Owned by one caller.
 */
#include <math.h>
#include <mcp/json.h>
#include <string.h>

#include "util/control_character.h"

#define SIZE_AT_FIRST 512
#define LAST_SECOND G_GINT64_CONSTANT(253402300799) /* of the year 9999 */

struct _McpJson {
    GString *text;
    gboolean comma; /* the innermost level has a member already */
};

McpJson *
mcp_json_new(void)
{
    McpJson *json = g_new(McpJson, 1);

    json->text = g_string_sized_new(SIZE_AT_FIRST);
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

static gboolean
is_plain(guchar c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

static void
append_special(GString *text, gunichar c)
{
    if (c == '"' || c == '\\')
        g_string_append_printf(text, "\\%c", (char)c);
    else if (c == '\n')
        g_string_append(text, "\\n");
    else if (c == '\r')
        g_string_append(text, "\\r");
    else if (c == '\t')
        g_string_append(text, "\\t");
    else
        g_string_append_printf(text, "\\u%04x", c);
}

/* RFC 8259 wants only C0 escaped; but each text is a line to some reader. */
static gboolean
is_special(const char *p)
{
    return *p == '"' || *p == '\\' || mcp_control_character(p) != 0;
}

static void
append_escaped(GString *text, const char *utf8)
{
    const char *p = utf8;

    g_string_append_c(text, '"');
    while (*p != '\0') {
        const char *start = p;

        while (*p != '\0' && !is_special(p))
            p = g_utf8_next_char(p);
        g_string_append_len(text, start, p - start);
        if (*p == '\0')
            break;
        append_special(text, g_utf8_get_char(p));
        p = g_utf8_next_char(p);
    }
    g_string_append_c(text, '"');
}

/* Most texts are plain ASCII, and need neither a check nor a copy of their own. */
static void
append_quoted(GString *text, const char *value)
{
    gsize n = 0;

    while (is_plain((guchar)value[n]) && (guchar)value[n] < 0x80)
        n++;
    if (value[n] == '\0') {
        g_string_append_c(text, '"');
        g_string_append_len(text, value, (gssize)n);
        g_string_append_c(text, '"');
    } else if (g_utf8_validate(value, -1, NULL)) {
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

static void
append_number(GString *text, gint64 value)
{
    char digits[24];
    guint64 left = value < 0 ? -(guint64)value : (guint64)value;
    gsize at = sizeof digits;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        digits[--at] = '-';
    g_string_append_len(text, digits + at, (gssize)(sizeof digits - at));
}

void
mcp_json_int(McpJson *json, const char *key, gint64 value)
{
    begin_member(json, key);
    append_number(json->text, value);
}

void
mcp_json_double(McpJson *json, const char *key, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    begin_member(json, key);
    if (fabs(value) < 100000 && value == rint(value) && !signbit(value))
        append_number(json->text, (gint64)value);
    else if (isfinite(value))
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

static char *
put_digits(char *at, gint64 value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + n;
}

/* The day of the Gregorian calendar that lies @days after 1970-01-01. Years are counted from March,
 * so that the leap day is the last one; days from 0000-03-01. */
static char *
put_date(char *at, gint64 days)
{
    gint64 since = days + 719468;
    gint64 era = since / 146097; /* 400 years */
    gint64 of_era = since % 146097;
    gint64 years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    gint64 of_year = of_era - (365 * years + years / 4 - years / 100);
    gint64 month = (5 * of_year + 2) / 153;

    at = put_digits(at, era * 400 + years + (month >= 10 ? 1 : 0), 4);
    *at++ = '-';
    at = put_digits(at, month < 10 ? month + 3 : month - 9, 2);
    *at++ = '-';
    return put_digits(at, of_year - (153 * month + 2) / 5 + 1, 2);
}

void
mcp_json_time(McpJson *json, const char *key, gint64 wall)
{
    char text[32];
    char *at = text;
    gint64 seconds = wall / G_USEC_PER_SEC;

    begin_member(json, key);
    if (wall < 0 || seconds > LAST_SECOND) {
        g_string_append(json->text, "null");
        return;
    }
    *at++ = '"';
    at = put_date(at, seconds / 86400);
    *at++ = 'T';
    at = put_digits(at, seconds / 3600 % 24, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    *at++ = '.';
    at = put_digits(at, wall % G_USEC_PER_SEC / 1000, 3);
    *at++ = 'Z';
    *at++ = '"';
    g_string_append_len(json->text, text, at - text);
}

void
mcp_json_raw(McpJson *json, const char *key, const char *value)
{
    begin_member(json, key);
    g_string_append(json->text, value);
}
