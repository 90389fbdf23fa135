/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output for people: aligned columns, and JSON values as text that cannot disturb a terminal. One
 * thread.
 */
#include "ctl/table.h"

#include <stdarg.h>
#include <string.h>

#define GAP 2

struct _McpCtlTable {
    char **headings;
    guint columns;
    GPtrArray *cells; /* char*, row by row */
};

/* Whatever came from a network must not steer the terminal. */
static char *
clean(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char_validated(at, -1);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_c(out, '?');
            break;
        }
        g_string_append_unichar(out, g_unichar_iscntrl(c) ? ' ' : c);
    }
    return g_string_free(out, FALSE);
}

McpCtlTable *
mcp_ctl_table_new(const char *headings)
{
    McpCtlTable *table = g_new0(McpCtlTable, 1);

    table->headings = g_strsplit(headings, " ", -1);
    table->columns = g_strv_length(table->headings);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void
mcp_ctl_table_add(McpCtlTable *table, ...)
{
    va_list args;

    va_start(args, table);
    for (guint i = 0; i < table->columns; i++) {
        const char *text = va_arg(args, const char *);

        g_ptr_array_add(table->cells, clean(text != NULL && text[0] != '\0' ? text : "-"));
    }
    va_end(args);
}

static void
print_cell(const char *text, guint width, gboolean last)
{
    guint length = (guint)g_utf8_strlen(text, -1);

    if (last)
        g_print("%s\n", text);
    else
        g_print("%s%*s", text, (int)(width - MIN(width, length) + GAP), "");
}

void
mcp_ctl_table_print(McpCtlTable *table)
{
    g_autofree guint *widths = g_new0(guint, table->columns);

    for (guint i = 0; i < table->columns; i++)
        widths[i] = (guint)strlen(table->headings[i]);
    for (guint i = 0; i < table->cells->len; i++) {
        guint length = (guint)g_utf8_strlen(g_ptr_array_index(table->cells, i), -1);

        widths[i % table->columns] = MAX(widths[i % table->columns], length);
    }
    for (guint i = 0; i < table->columns; i++)
        print_cell(table->headings[i], widths[i], i + 1 == table->columns);
    for (guint i = 0; i < table->cells->len; i++)
        print_cell(g_ptr_array_index(table->cells, i), widths[i % table->columns],
                   i % table->columns + 1 == table->columns);
    g_strfreev(table->headings);
    g_ptr_array_unref(table->cells);
    g_free(table);
}

static char *
value_text(JsonNode *node)
{
    GType type = json_node_get_value_type(node);

    if (type == G_TYPE_STRING)
        return clean(json_node_get_string(node));
    if (type == G_TYPE_BOOLEAN)
        return g_strdup(json_node_get_boolean(node) ? "true" : "false");
    if (type == G_TYPE_DOUBLE)
        return g_strdup_printf("%.6g", json_node_get_double(node));
    return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
}

char *
mcp_ctl_text(JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;
    g_autofree char *text = NULL;

    if (node == NULL || JSON_NODE_HOLDS_NULL(node))
        return g_strdup("-");
    if (JSON_NODE_HOLDS_VALUE(node))
        return value_text(node);
    text = json_to_string(node, FALSE);
    return clean(text);
}

JsonObject *
mcp_ctl_object(JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

    return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

JsonArray *
mcp_ctl_array(JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

    return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

gint64
mcp_ctl_int(JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

    return node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : 0;
}

char *
mcp_ctl_clock(const char *time)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_iso8601(time, NULL);
    g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_local(utc) : NULL;
    g_autofree char *text = local != NULL ? g_date_time_format(local, "%H:%M:%S") : NULL;

    if (text == NULL)
        return clean(time);
    return g_strdup_printf("%s.%03d", text, g_date_time_get_microsecond(local) / 1000);
}

void
mcp_ctl_print_json(JsonNode *node)
{
    g_autofree char *text = json_to_string(node, TRUE);

    g_print("%s\n", text);
}
