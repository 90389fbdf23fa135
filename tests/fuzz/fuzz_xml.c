/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of the hardened XML loader: whatever it accepts is walked, read in all its parts and
 * written; what was written must be accepted again. As a whole, with comments, processing
 * instructions and CDATA sections, it says the same. The length of the input chooses what the
 * transport says of the charset, so that a document is a corpus file as it is. libFuzzer calls
 * from one thread. */
#include <glib.h>
#include <stdint.h>
#include <string.h>

#include "xml/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_node(const McpXmlNode *node)
{
    guint count = 0;
    const McpXmlAttribute *attributes = mcp_xml_attributes(node, &count);
    for (guint i = 0; i < count; i++)
        mcp_xml_attribute_ns(node, attributes[i].namespace_uri, attributes[i].name);
    mcp_xml_is(node, mcp_xml_namespace(node), mcp_xml_name(node));
    mcp_xml_is_blank(node);
    mcp_xml_lang(node);
    mcp_xml_line(node);
    g_autofree char *content = mcp_xml_content(node);
    g_autofree char *base = mcp_xml_base(node);
    g_autofree char *resolved = mcp_xml_resolve(node, "../x?y#z");
}

static const McpXmlNode *
next_in_document(const McpXmlNode *node)
{
    if (mcp_xml_first_child(node) != NULL)
        return mcp_xml_first_child(node);
    while (node != NULL && mcp_xml_next(node) == NULL)
        node = mcp_xml_parent(node);
    return node != NULL ? mcp_xml_next(node) : NULL;
}

static void
write_and_parse_again(const McpXmlNode *root)
{
    g_autofree char *text = mcp_xml_to_text(root, NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(GError) error = NULL;
    g_autoptr(McpXmlDocument) again = mcp_xml_parse(bytes, NULL, NULL, &error);
    /* Escapes and repeated namespaces may carry a text over a limit. */
    if (again == NULL && !g_error_matches(error, MCP_XML_ERROR, MCP_XML_ERROR_LIMIT))
        __builtin_trap();
}

/* As a whole there are more nodes: that alone may be too much. */
static void
parse_whole(GBytes *bytes, const McpXmlSource *source, const McpXmlDocument *plain)
{
    McpXmlSource whole = *source;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpXmlDocument) document = NULL;
    whole.whole = TRUE;
    document = mcp_xml_parse(bytes, &whole, NULL, &error);
    if (document == NULL) {
        if (plain != NULL && !g_error_matches(error, MCP_XML_ERROR, MCP_XML_ERROR_LIMIT))
            __builtin_trap();
        return;
    }
    if (plain == NULL)
        __builtin_trap();
    const McpXmlNode *node = mcp_xml_document_first(document);
    for (; node != NULL; node = next_in_document(node)) {
        mcp_xml_data(node);
        read_node(node);
    }
    g_autofree char *all = mcp_xml_content(mcp_xml_document_root(document));
    g_autofree char *same = mcp_xml_content(mcp_xml_document_root(plain));
    if (strcmp(all, same) != 0)
        __builtin_trap();
    write_and_parse_again(mcp_xml_document_root(document));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {NULL, "UTF-8", "ISO-8859-1", "utf-16", "x-unknown"};
    McpXmlSource source = {
        .url = "http://example.com/a/page.vxml",
        .charset = size % 8 == 0 ? charsets[size / 8 % G_N_ELEMENTS(charsets)] : NULL,
    };
    McpXmlPosition position;
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(bytes, &source, &position, NULL);
    parse_whole(bytes, &source, document);
    if (document == NULL)
        return 0;
    const McpXmlNode *root = mcp_xml_document_root(document);
    for (const McpXmlNode *node = root; node != NULL; node = next_in_document(node))
        read_node(node);
    write_and_parse_again(root);
    return 0;
}
