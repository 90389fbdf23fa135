/* SPDX-License-Identifier: Apache-2.0 */
/* A set of lines for each page. One thread. */
#include "breakpoints.h"

#include <string.h>

#include "dap.h"

/* What an editor sets; the rest of a longer list is left out. */
#define MAX_PAGES 256
#define MAX_LINES 4096

struct _McpVxmlBreakpoints {
    GHashTable *pages; /* char* path or URL → GArray of guint line */
};

McpVxmlBreakpoints *
mcp_vxml_breakpoints_new(void)
{
    McpVxmlBreakpoints *breakpoints = g_new0(McpVxmlBreakpoints, 1);

    breakpoints->pages =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    return breakpoints;
}

void
mcp_vxml_breakpoints_free(McpVxmlBreakpoints *breakpoints)
{
    g_hash_table_unref(breakpoints->pages);
    g_free(breakpoints);
}

/* As mcp_vxml_breakpoints_path() gives it. */
static char *
normalize(const char *source)
{
    const char *scheme = g_uri_peek_scheme(source);
    g_autofree char *path = NULL;

    if (scheme == NULL)
        return g_canonicalize_filename(source, NULL);
    path = g_filename_from_uri(source, NULL, NULL);
    return path != NULL ? g_steal_pointer(&path) : g_strdup(source);
}

char *
mcp_vxml_breakpoints_path(const McpVxmlElement *element)
{
    return normalize(mcp_vxml_document_get_url(element->document));
}

static guint
line_of(JsonNode *node)
{
    gint64 line =
        JSON_NODE_HOLDS_OBJECT(node) ? mcp_vxml_dap_number(json_node_get_object(node), "line") : 0;

    return (guint)CLAMP(line, 0, G_MAXINT32);
}

JsonObject *
mcp_vxml_breakpoints_set(McpVxmlBreakpoints *breakpoints, JsonObject *arguments)
{
    JsonObject *source = mcp_vxml_dap_object(arguments, "source");
    JsonArray *wanted = mcp_vxml_dap_array(arguments, "breakpoints");
    guint count = wanted != NULL ? MIN(json_array_get_length(wanted), MAX_LINES) : 0;
    const char *path = source != NULL ? mcp_vxml_dap_text(source, "path", "") : "";
    g_autofree char *page = normalize(path);
    JsonArray *given = json_array_new();
    JsonObject *body = json_object_new();
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(guint));
    gboolean room = g_hash_table_size(breakpoints->pages) < MAX_PAGES ||
                    g_hash_table_contains(breakpoints->pages, page);

    for (guint i = 0; i < count; i++) {
        guint line = line_of(json_array_get_element(wanted, i));
        JsonObject *point = json_object_new();

        g_array_append_val(lines, line);
        json_object_set_boolean_member(point, "verified", room);
        json_object_set_int_member(point, "line", line);
        json_array_add_object_element(given, point);
    }
    if (room && count > 0)
        g_hash_table_replace(breakpoints->pages, g_steal_pointer(&page), g_array_ref(lines));
    else
        g_hash_table_remove(breakpoints->pages, page);
    g_array_unref(lines);
    json_object_set_array_member(body, "breakpoints", given);
    return body;
}

static const GArray *
lines_of(McpVxmlBreakpoints *breakpoints, const McpVxmlElement *element)
{
    g_autofree char *path = mcp_vxml_breakpoints_path(element);
    const GArray *lines = g_hash_table_lookup(breakpoints->pages, path);

    if (lines != NULL || path[strcspn(path, "?#")] == '\0')
        return lines;
    path[strcspn(path, "?#")] = '\0';
    return g_hash_table_lookup(breakpoints->pages, path);
}

/* Only the first element of a line stops: those behind it come as steps. */
gboolean
mcp_vxml_breakpoints_has(McpVxmlBreakpoints *breakpoints, const McpVxmlElement *element)
{
    const GArray *lines = NULL;

    if (g_hash_table_size(breakpoints->pages) == 0)
        return FALSE;
    lines = lines_of(breakpoints, element);
    for (guint i = 0; lines != NULL && i < lines->len; i++)
        if (g_array_index(lines, guint, i) == element->line)
            return element->parent == NULL || element->parent->line != element->line;
    return FALSE;
}
