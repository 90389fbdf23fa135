/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goes over the text of a page once more, tag by tag, and lays the places beside the elements of
 * the tree: both are in document order. A page whose tags cannot be found this way (UTF-16) keeps
 * its lines. One thread.
 */
#include "source_map.h"

#include <string.h>

typedef struct {
    const char *name; /* in the page's text */
    gsize length;
    McpXmlPosition at;
} AttributePlace;

typedef struct {
    McpXmlPosition at;
    GArray *attributes; /* AttributePlace */
} TagPlace;

struct _McpVxmlSourceMap {
    GBytes *bytes;
    GPtrArray *tags;
    GHashTable *places; /* McpXmlNode* → TagPlace* */
};

/* A cursor that counts. */
typedef struct {
    const char *at;
    const char *end;
    McpXmlPosition place;
} Cursor;

static void
tag_free(gpointer data)
{
    TagPlace *tag = data;

    g_array_unref(tag->attributes);
    g_free(tag);
}

static void
step(Cursor *cursor)
{
    if (*cursor->at == '\n') {
        cursor->place.line++;
        cursor->place.column = 1;
    } else if (((guchar)*cursor->at & 0xc0) != 0x80) {
        cursor->place.column++;
    }
    cursor->at++;
}

static gboolean
is_at(const Cursor *cursor, const char *text)
{
    gsize length = strlen(text);

    return (gsize)(cursor->end - cursor->at) >= length && memcmp(cursor->at, text, length) == 0;
}

/* Behind the next @text, or at the end. */
static void
skip_past(Cursor *cursor, const char *text)
{
    while (cursor->at < cursor->end && !is_at(cursor, text))
        step(cursor);
    for (gsize i = 0; i < strlen(text) && cursor->at < cursor->end; i++)
        step(cursor);
}

static void
skip_doctype(Cursor *cursor)
{
    guint depth = 0;

    while (cursor->at < cursor->end) {
        char c = *cursor->at;

        step(cursor);
        if (c == '[')
            depth++;
        else if (c == ']' && depth > 0)
            depth--;
        else if (c == '>' && depth == 0)
            return;
    }
}

static void
scan_attribute(Cursor *cursor, TagPlace *tag)
{
    AttributePlace place = {cursor->at, 0, cursor->place};

    while (cursor->at < cursor->end && !g_ascii_isspace(*cursor->at) && *cursor->at != '=' &&
           *cursor->at != '>' && *cursor->at != '/')
        step(cursor);
    place.length = (gsize)(cursor->at - place.name);
    while (cursor->at < cursor->end && (g_ascii_isspace(*cursor->at) || *cursor->at == '='))
        step(cursor);
    if (cursor->at < cursor->end && (*cursor->at == '"' || *cursor->at == '\'')) {
        char quote[2] = {*cursor->at, '\0'};

        step(cursor);
        skip_past(cursor, quote);
    }
    g_array_append_val(tag->attributes, place);
}

static void
scan_tag(Cursor *cursor, GPtrArray *tags)
{
    TagPlace *tag = g_new0(TagPlace, 1);

    tag->at = cursor->place;
    tag->attributes = g_array_new(FALSE, FALSE, sizeof(AttributePlace));
    g_ptr_array_add(tags, tag);
    while (cursor->at < cursor->end && !g_ascii_isspace(*cursor->at) && *cursor->at != '>' &&
           *cursor->at != '/')
        step(cursor);
    while (cursor->at < cursor->end && *cursor->at != '>') {
        const char *before = cursor->at;

        if (!g_ascii_isspace(*cursor->at) && *cursor->at != '/')
            scan_attribute(cursor, tag);
        if (cursor->at == before)
            step(cursor);
    }
}

static void
scan(McpVxmlSourceMap *map)
{
    gsize length;
    const char *data = g_bytes_get_data(map->bytes, &length);
    Cursor cursor = {data, data + length, {1, 1}};

    while (cursor.at < cursor.end) {
        if (*cursor.at != '<')
            step(&cursor);
        else if (is_at(&cursor, "<!--"))
            skip_past(&cursor, "-->");
        else if (is_at(&cursor, "<![CDATA["))
            skip_past(&cursor, "]]>");
        else if (is_at(&cursor, "<?"))
            skip_past(&cursor, "?>");
        else if (is_at(&cursor, "<!"))
            skip_doctype(&cursor);
        else if (is_at(&cursor, "</"))
            skip_past(&cursor, ">");
        else
            scan_tag(&cursor, map->tags);
    }
}

static void
pair(McpVxmlSourceMap *map, const McpXmlNode *node, guint *number)
{
    for (; node != NULL; node = mcp_xml_next_element(node)) {
        if (*number < map->tags->len)
            g_hash_table_insert(map->places, (gpointer)node, map->tags->pdata[*number]);
        ++*number;
        /* The reader bounds the depth. */
        pair(map, mcp_xml_first_element(node), number);
    }
}

McpVxmlSourceMap *
mcp_vxml_source_map_new(GBytes *bytes, const McpXmlDocument *document)
{
    McpVxmlSourceMap *map = g_new0(McpVxmlSourceMap, 1);
    guint number = 0;

    map->bytes = g_bytes_ref(bytes);
    map->tags = g_ptr_array_new_with_free_func(tag_free);
    map->places = g_hash_table_new(NULL, NULL);
    scan(map);
    pair(map, mcp_xml_document_root(document), &number);
    if (number != map->tags->len)
        g_hash_table_remove_all(map->places);
    return map;
}

void
mcp_vxml_source_map_free(McpVxmlSourceMap *map)
{
    g_hash_table_unref(map->places);
    g_ptr_array_unref(map->tags);
    g_bytes_unref(map->bytes);
    g_free(map);
}

/* The tree says on which line a text ends. */
static McpXmlPosition
find_text(const McpXmlNode *node)
{
    McpXmlPosition at = {mcp_xml_line(node), 1};
    const char *text = mcp_xml_text(node);
    const char *word = text + strspn(text, " \t\r\n");

    for (const char *c = word; *c != '\0'; c++)
        at.line -= *c == '\n' && at.line > 1 ? 1 : 0;
    for (const char *c = word; c > text && c[-1] != '\n'; c--)
        at.column++;
    return at;
}

McpXmlPosition
mcp_vxml_source_map_find(const McpVxmlSourceMap *map, const McpXmlNode *node, const char *attribute)
{
    const TagPlace *tag = g_hash_table_lookup(map->places, node);

    if (mcp_xml_kind(node) == MCP_XML_TEXT)
        return find_text(node);
    if (tag == NULL)
        return (McpXmlPosition){mcp_xml_line(node), 1};
    for (guint i = 0; attribute != NULL && i < tag->attributes->len; i++) {
        const AttributePlace *place = &g_array_index(tag->attributes, AttributePlace, i);

        if (place->length == strlen(attribute) &&
            strncmp(place->name, attribute, place->length) == 0)
            return place->at;
    }
    return tag->at;
}
