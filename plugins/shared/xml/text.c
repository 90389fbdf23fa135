/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a subtree as XML that stands alone. Declarations are repeated as the document had them, so
 * that prefixes inside attribute values keep their meaning. Any thread.
 */
#include "tree.h"

#include <string.h>

typedef struct {
    GString *out;
    const char *old_uri; /* written as new_uri wherever it is declared */
    const char *new_uri;
} Writer;

void
mcp_xml_append_escaped(GString *out, const char *text)
{
    for (; *text != '\0'; text++) {
        gsize plain = strcspn(text, "&<>\"\t\r\n");

        g_string_append_len(out, text, (gssize)plain);
        text += plain;
        if (*text == '\0')
            return;
        if (*text == '&')
            g_string_append(out, "&amp;");
        else if (*text == '<')
            g_string_append(out, "&lt;");
        else if (*text == '>')
            g_string_append(out, "&gt;");
        else if (*text == '"')
            g_string_append(out, "&quot;");
        else /* would be normalised to a blank in an attribute */
            g_string_append_printf(out, "&#%d;", *text);
    }
}

/* Text keeps its line ends readable; only a carriage return would be lost. */
static void
append_text(GString *out, const char *text)
{
    for (; *text != '\0'; text++) {
        gsize plain = strcspn(text, "&<>\r");

        g_string_append_len(out, text, (gssize)plain);
        text += plain;
        if (*text == '\0')
            return;
        if (*text == '\r')
            g_string_append(out, "&#13;");
        else
            g_string_append(out, *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : "&gt;");
    }
}

static void
append_pair(GString *out, const char *prefix, const char *name, const char *value)
{
    g_string_append_c(out, ' ');
    if (*prefix != '\0')
        g_string_append_printf(out, "%s:", prefix);
    g_string_append(out, name);
    g_string_append(out, "=\"");
    mcp_xml_append_escaped(out, value);
    g_string_append_c(out, '"');
}

static void
append_declaration(Writer *writer, const char *prefix, const char *uri)
{
    if (writer->new_uri != NULL && strcmp(uri, writer->old_uri) == 0)
        uri = writer->new_uri;
    if (*prefix != '\0')
        append_pair(writer->out, "xmlns", prefix, uri);
    else
        append_pair(writer->out, "", "xmlns", uri);
}

static gboolean
declared_below(const McpXmlElement *root, const McpXmlElement *above, const char *prefix)
{
    for (const McpXmlElement *element = root; element != above; element = element->node.parent) {
        for (guint i = 0; i < element->n_namespaces; i++) {
            if (strcmp(element->namespaces[i].prefix, prefix) == 0)
                return TRUE;
        }
    }
    return FALSE;
}

static void
append_namespaces_in_force(Writer *writer, const McpXmlElement *root)
{
    gboolean default_seen = FALSE;

    for (const McpXmlElement *element = root; element != NULL; element = element->node.parent) {
        for (guint i = 0; i < element->n_namespaces; i++) {
            const McpXmlNamespace *declared = &element->namespaces[i];

            if (declared_below(root, element, declared->prefix))
                continue;
            default_seen |= *declared->prefix == '\0';
            append_declaration(writer, declared->prefix, declared->uri);
        }
    }
    if (!default_seen && writer->new_uri != NULL && *writer->old_uri == '\0')
        append_declaration(writer, "", "");
}

static void
append_inherited(Writer *writer, const McpXmlNode *root)
{
    const char *lang = mcp_xml_lang(root);
    g_autofree char *base = mcp_xml_base(root);

    if (lang != NULL)
        append_pair(writer->out, "xml", "lang", lang);
    if (base != NULL)
        append_pair(writer->out, "xml", "base", base);
}

static gboolean
is_inherited(const McpXmlAttribute *attribute)
{
    return strcmp(attribute->namespace_uri, MCP_XML_NS_XML) == 0 &&
           (strcmp(attribute->name, "lang") == 0 || strcmp(attribute->name, "base") == 0);
}

static void
append_name(GString *out, const McpXmlElement *element)
{
    if (*element->name_space->prefix != '\0')
        g_string_append_printf(out, "%s:", element->name_space->prefix);
    g_string_append(out, element->node.name);
}

static void
append_leaf(GString *out, const McpXmlNode *node)
{
    switch (mcp_xml_kind(node)) {
    case MCP_XML_CDATA:
        g_string_append_printf(out, "<![CDATA[%s]]>", node->name);
        break;
    case MCP_XML_COMMENT:
        g_string_append_printf(out, "<!--%s-->", node->name);
        break;
    case MCP_XML_INSTRUCTION:
        g_string_append_printf(out, "<?%s %s?>", mcp_xml_name(node), node->name);
        break;
    case MCP_XML_ELEMENT:
    case MCP_XML_TEXT:
    default:
        append_text(out, node->name);
        break;
    }
}

/* The depth of the tree, and so of this recursion, is limited by the parser. */
static void
append_node(Writer *writer, const McpXmlNode *node, gboolean is_root)
{
    const McpXmlElement *element = mcp_xml_element(node);

    if (element == NULL) {
        append_leaf(writer->out, node);
        return;
    }
    g_string_append_c(writer->out, '<');
    append_name(writer->out, element);
    if (is_root) {
        append_namespaces_in_force(writer, element);
        append_inherited(writer, node);
    }
    for (guint i = 0; !is_root && i < element->n_namespaces; i++)
        append_declaration(writer, element->namespaces[i].prefix, element->namespaces[i].uri);
    for (guint i = 0; i < element->n_attributes; i++) {
        const McpXmlAttribute *attribute = &element->attributes[i];

        if (!is_root || !is_inherited(attribute))
            append_pair(writer->out, attribute->prefix, attribute->name, attribute->value);
    }
    if (element->first == NULL) {
        g_string_append(writer->out, "/>");
        return;
    }
    g_string_append_c(writer->out, '>');
    for (const McpXmlNode *child = element->first; child != NULL; child = child->next)
        append_node(writer, child, FALSE);
    g_string_append(writer->out, "</");
    append_name(writer->out, element);
    g_string_append_c(writer->out, '>');
}

char *
mcp_xml_to_text(const McpXmlNode *node, const char *namespace_uri)
{
    Writer writer = {
        .out = g_string_new(NULL),
        .old_uri = mcp_xml_namespace(node),
        .new_uri = namespace_uri,
    };

    append_node(&writer, node, TRUE);
    return g_string_free(writer.out, FALSE);
}
