/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tags of a grammar came to, as XML and as JSON (SISR 1.0 §7, RFC 6787 §9.6.3.3). The
 * depth of both is bounded by their readers. Pure functions.
 */
#include "instance.h"

#include <json/json_tree.h>
#include <mcp/json.h>
#include <string.h>

#define VALUE "_value" /* SISR 1.0 §7: the text of what has properties, too */

/* The text of @node itself, less blanks around it. */
static char *
own_text(const McpXmlNode *node)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (const McpXmlNode *child = mcp_xml_first_child(node); child != NULL;
         child = mcp_xml_next(child)) {
        if (mcp_xml_kind(child) == MCP_XML_TEXT)
            g_string_append(text, mcp_xml_text(child));
    }
    return g_strdup(g_strstrip(text->str));
}

/* SISR 1.0 §7: <topping length="2"><item index="0">…, an array. */
static gboolean
is_array(const McpXmlNode *node)
{
    const McpXmlNode *child = mcp_xml_first_element(node);

    if (child == NULL)
        return FALSE;
    for (; child != NULL; child = mcp_xml_next_element(child)) {
        if (!mcp_xml_is(child, NULL, "item") || mcp_xml_attribute(child, "index") == NULL)
            return FALSE;
    }
    return TRUE;
}

static void write_value(McpJson *json, const char *key, const McpXmlNode *node);

static void
write_items(McpJson *json, const char *key, const McpXmlNode *node)
{
    mcp_json_begin_array(json, key);
    for (const McpXmlNode *child = mcp_xml_first_element(node); child != NULL;
         child = mcp_xml_next_element(child))
        write_value(json, NULL, child);
    mcp_json_end_array(json);
}

/* The children of @node by name; a GPtrArray of McpXmlNode each, in @names in order. */
static GHashTable *
group(const McpXmlNode *node, GPtrArray *names)
{
    GHashTable *groups =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);

    for (const McpXmlNode *child = mcp_xml_first_element(node); child != NULL;
         child = mcp_xml_next_element(child)) {
        const char *name = mcp_xml_name(child);
        GPtrArray *of_name = g_hash_table_lookup(groups, name);

        if (of_name == NULL) {
            of_name = g_ptr_array_new();
            g_hash_table_insert(groups, (gpointer)name, of_name);
            g_ptr_array_add(names, (gpointer)name);
        }
        g_ptr_array_add(of_name, (gpointer)child);
    }
    return groups;
}

static void
write_properties(McpJson *json, const McpXmlNode *node)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GHashTable) groups = group(node, names);

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        const GPtrArray *of_name = g_hash_table_lookup(groups, name);

        if (of_name->len == 1) {
            write_value(json, name, g_ptr_array_index(of_name, 0));
            continue;
        }
        mcp_json_begin_array(json, name);
        for (guint k = 0; k < of_name->len; k++)
            write_value(json, NULL, g_ptr_array_index(of_name, k));
        mcp_json_end_array(json);
    }
}

static void
write_value(McpJson *json, const char *key, const McpXmlNode *node)
{
    g_autofree char *text = own_text(node);

    if (mcp_xml_first_element(node) == NULL) {
        mcp_json_string(json, key, text);
        return;
    }
    if (is_array(node)) {
        write_items(json, key, node);
        return;
    }
    mcp_json_begin_object(json, key);
    write_properties(json, node);
    if (text[0] != '\0' && mcp_xml_find_child(node, NULL, VALUE) == NULL)
        mcp_json_string(json, VALUE, text);
    mcp_json_end_object(json);
}

char *
mcp_mrcp_instance_to_json(const McpXmlNode *instance)
{
    g_autofree char *text = own_text(instance);
    McpJson *json = NULL;

    if (mcp_xml_first_element(instance) == NULL && text[0] == '\0')
        return NULL;
    json = mcp_json_new();
    write_value(json, NULL, instance);
    return mcp_json_finish(json);
}

/* A name of XML; what cannot stand in one becomes '_'. */
static char *
element_name(const char *name)
{
    GString *clean = g_string_new(NULL);

    for (; *name != '\0'; name = g_utf8_next_char(name)) {
        gunichar c = g_utf8_get_char(name);

        g_string_append_unichar(
            clean, g_unichar_isalnum(c) || (c < 0x80 && strchr("-_.", (int)c) != NULL) ? c : '_');
    }
    if (!g_unichar_isalpha(g_utf8_get_char(clean->str)))
        g_string_prepend_c(clean, '_');
    return g_string_free(clean, FALSE);
}

void
mcp_mrcp_append_text(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) clean = g_string_new(NULL);

    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if ((c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != 0xFFFE && c != 0xFFFF)
            g_string_append_unichar(clean, c);
    }
    mcp_xml_append_escaped(out, clean->str);
}

static void append_node(GString *out, JsonNode *node);

static void
append_scalar(GString *out, JsonNode *node)
{
    g_autofree char *text = NULL;

    if (JSON_NODE_HOLDS_NULL(node))
        return;
    if (json_node_get_value_type(node) == G_TYPE_STRING) {
        mcp_mrcp_append_text(out, json_node_get_string(node));
        return;
    }
    text = json_to_string(node, FALSE);
    mcp_mrcp_append_text(out, text);
}

static void
append_items(GString *out, JsonArray *array)
{
    for (guint i = 0; i < json_array_get_length(array); i++) {
        g_string_append_printf(out, "<item index=\"%u\">", i);
        append_node(out, json_array_get_element(array, i));
        g_string_append(out, "</item>");
    }
}

static void
append_property(GString *out, const char *name, JsonNode *value)
{
    g_autofree char *element = element_name(name);

    g_string_append_printf(out, "<%s", element);
    if (JSON_NODE_HOLDS_ARRAY(value))
        g_string_append_printf(out, " length=\"%u\"",
                               json_array_get_length(json_node_get_array(value)));
    g_string_append_c(out, '>');
    append_node(out, value);
    g_string_append_printf(out, "</%s>", element);
}

static void
append_node(GString *out, JsonNode *node)
{
    JsonObjectIter members;
    const char *name = NULL;
    JsonNode *value = NULL;

    if (JSON_NODE_HOLDS_ARRAY(node)) {
        append_items(out, json_node_get_array(node));
        return;
    }
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        append_scalar(out, node);
        return;
    }
    json_object_iter_init_ordered(&members, json_node_get_object(node));
    while (json_object_iter_next_ordered(&members, &name, &value)) {
        if (g_str_equal(name, VALUE) && JSON_NODE_HOLDS_VALUE(value))
            append_scalar(out, value);
        else
            append_property(out, name, value);
    }
}

void
mcp_mrcp_instance_from_json(const char *json, GString *out)
{
    g_autoptr(JsonNode) node = mcp_json_tree_parse(json, strlen(json), NULL);

    if (node != NULL)
        append_node(out, node);
    else
        mcp_mrcp_append_text(out, json);
}
