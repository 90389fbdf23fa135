/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the tree's memory: nodes and strings are cut from blocks that are freed together with the
 * document. Nothing changes after parsing, so any thread may read.
 */
#include "tree.h"

#include <string.h>

#define BLOCK_MIN 4096
#define BLOCK_MAX (16 * 1024)
#define ALIGNMENT sizeof(gpointer)

G_DEFINE_QUARK(mcp - xml - error - quark, mcp_xml_error)

McpXmlDocument *
mcp_xml_tree_new(const char *url)
{
    McpXmlDocument *document = g_new0(McpXmlDocument, 1);

    g_atomic_ref_count_init(&document->ref_count);
    document->url = g_strdup(url);
    document->size = sizeof *document;
    return document;
}

static void
add_block(McpXmlDocument *document, gsize at_least)
{
    gsize size = CLAMP(document->size, BLOCK_MIN, BLOCK_MAX);

    size = MAX(size, at_least);
    document->free = g_malloc0(size);
    document->n_free = size;
    document->size += size;
    document->blocks = g_slist_prepend(document->blocks, document->free);
}

static gpointer
cut(McpXmlDocument *document, gsize size)
{
    char *memory = NULL;

    if (size > document->n_free)
        add_block(document, size);
    memory = document->free;
    document->free += size;
    document->n_free -= size;
    return memory;
}

gpointer
mcp_xml_tree_alloc(McpXmlDocument *document, gsize size)
{
    gsize misaligned = (gsize)((guintptr)document->free % ALIGNMENT);

    if (misaligned != 0)
        cut(document, MIN(ALIGNMENT - misaligned, document->n_free));
    return cut(document, size);
}

const char *
mcp_xml_tree_strndup(McpXmlDocument *document, const char *text, gsize length)
{
    char *copy = NULL;

    if (length == 0)
        return "";
    copy = cut(document, length + 1);
    memcpy(copy, text, length);
    return copy;
}

McpXmlDocument *
mcp_xml_document_ref(McpXmlDocument *document)
{
    g_return_val_if_fail(document != NULL, NULL);
    g_atomic_ref_count_inc(&document->ref_count);
    return document;
}

void
mcp_xml_document_unref(McpXmlDocument *document)
{
    g_return_if_fail(document != NULL);
    if (!g_atomic_ref_count_dec(&document->ref_count))
        return;
    g_slist_free_full(document->blocks, g_free);
    g_clear_pointer(&document->instructions, g_ptr_array_unref);
    g_free(document->url);
    g_free(document);
}

const char *
mcp_xml_document_instruction(const McpXmlDocument *document, const char *target)
{
    const GPtrArray *list = document->instructions;

    for (guint i = 0; list != NULL && i < list->len; i += 2)
        if (strcmp(list->pdata[i], target) == 0)
            return list->pdata[i + 1];
    return NULL;
}

const McpXmlNode *
mcp_xml_document_root(const McpXmlDocument *document)
{
    return &document->root->node;
}

const McpXmlNode *
mcp_xml_document_first(const McpXmlDocument *document)
{
    return document->first;
}

const char *
mcp_xml_document_url(const McpXmlDocument *document)
{
    return document->url;
}

gsize
mcp_xml_document_size(const McpXmlDocument *document)
{
    return document->size;
}

McpXmlKind
mcp_xml_kind(const McpXmlNode *node)
{
    return (McpXmlKind)node->kind;
}

const char *
mcp_xml_name(const McpXmlNode *node)
{
    if (node->kind == MCP_XML_INSTRUCTION)
        return ((const McpXmlInstruction *)node)->target;
    return node->kind == MCP_XML_ELEMENT ? node->name : "";
}

const char *
mcp_xml_prefix(const McpXmlNode *node)
{
    const McpXmlElement *element = mcp_xml_element(node);

    return element != NULL ? element->name_space->prefix : "";
}

const char *
mcp_xml_namespace(const McpXmlNode *node)
{
    const McpXmlElement *element = mcp_xml_element(node);

    return element != NULL ? element->name_space->uri : "";
}

gboolean
mcp_xml_is(const McpXmlNode *node, const char *namespace_uri, const char *name)
{
    const McpXmlElement *element = mcp_xml_element(node);

    return element != NULL && strcmp(node->name, name) == 0 &&
           (namespace_uri == NULL || strcmp(element->name_space->uri, namespace_uri) == 0);
}

guint
mcp_xml_line(const McpXmlNode *node)
{
    return node->line;
}

const McpXmlNode *
mcp_xml_parent(const McpXmlNode *node)
{
    return node->parent != NULL ? &node->parent->node : NULL;
}

const McpXmlNode *
mcp_xml_first_child(const McpXmlNode *node)
{
    const McpXmlElement *element = mcp_xml_element(node);

    return element != NULL ? element->first : NULL;
}

const McpXmlNode *
mcp_xml_next(const McpXmlNode *node)
{
    return node->next;
}

static const McpXmlNode *
element_from(const McpXmlNode *node)
{
    while (node != NULL && node->kind != MCP_XML_ELEMENT)
        node = node->next;
    return node;
}

const McpXmlNode *
mcp_xml_first_element(const McpXmlNode *node)
{
    return element_from(mcp_xml_first_child(node));
}

const McpXmlNode *
mcp_xml_next_element(const McpXmlNode *node)
{
    return element_from(node->next);
}

const McpXmlNode *
mcp_xml_find_child(const McpXmlNode *node, const char *namespace_uri, const char *name)
{
    const McpXmlNode *child = mcp_xml_first_element(node);

    while (child != NULL && !mcp_xml_is(child, namespace_uri, name))
        child = mcp_xml_next_element(child);
    return child;
}

const char *
mcp_xml_attribute(const McpXmlNode *node, const char *name)
{
    return mcp_xml_attribute_ns(node, "", name);
}

const char *
mcp_xml_attribute_ns(const McpXmlNode *node, const char *namespace_uri, const char *name)
{
    const McpXmlElement *element = mcp_xml_element(node);

    for (guint i = 0; element != NULL && i < element->n_attributes; i++) {
        const McpXmlAttribute *attribute = &element->attributes[i];

        if (strcmp(attribute->name, name) == 0 &&
            strcmp(attribute->namespace_uri, namespace_uri) == 0)
            return attribute->value;
    }
    return NULL;
}

const McpXmlAttribute *
mcp_xml_attributes(const McpXmlNode *node, guint *out_count)
{
    const McpXmlElement *element = mcp_xml_element(node);

    *out_count = element != NULL ? element->n_attributes : 0;
    return element != NULL ? element->attributes : NULL;
}

const char *
mcp_xml_text(const McpXmlNode *node)
{
    return mcp_xml_is_text(node) ? node->name : "";
}

const char *
mcp_xml_data(const McpXmlNode *node)
{
    return node->kind != MCP_XML_ELEMENT ? node->name : "";
}

gboolean
mcp_xml_is_blank(const McpXmlNode *node)
{
    return node->kind == MCP_XML_TEXT && node->name[strspn(node->name, " \t\r\n")] == '\0';
}

static void
append_content(GString *out, const McpXmlNode *node)
{
    if (mcp_xml_is_text(node))
        g_string_append(out, node->name);
    for (const McpXmlNode *at = mcp_xml_first_child(node); at != NULL; at = at->next)
        append_content(out, at);
}

char *
mcp_xml_content(const McpXmlNode *node)
{
    GString *out = g_string_new(NULL);

    append_content(out, node);
    return g_string_free(out, FALSE);
}

const char *
mcp_xml_lang(const McpXmlNode *node)
{
    const char *lang = NULL;

    for (; node != NULL && lang == NULL; node = mcp_xml_parent(node))
        lang = mcp_xml_attribute_ns(node, MCP_XML_NS_XML, "lang");
    return lang;
}

/* GLib insists on a scheme in the base; a reference that cannot be resolved stays as it is. */
static char *
resolve(const char *base, const char *reference)
{
    char *resolved = NULL;

    if (base != NULL)
        resolved = g_uri_resolve_relative(base, reference, G_URI_FLAGS_ENCODED, NULL);
    return resolved != NULL ? resolved : g_strdup(reference);
}

static const char *
document_url(const McpXmlNode *node)
{
    const McpXmlElement *element = mcp_xml_element(node);

    if (element == NULL && node != NULL)
        element = node->parent;
    return element != NULL ? element->document->url : NULL;
}

char *
mcp_xml_base(const McpXmlNode *node)
{
    const char *own = NULL;
    g_autofree char *outer = NULL;
    const McpXmlNode *at = node;

    while (at != NULL && own == NULL) {
        own = mcp_xml_attribute_ns(at, MCP_XML_NS_XML, "base");
        at = mcp_xml_parent(at);
    }
    if (own == NULL)
        return g_strdup(document_url(node));
    outer = at != NULL ? mcp_xml_base(at) : g_strdup(document_url(node));
    return resolve(outer, own);
}

char *
mcp_xml_resolve(const McpXmlNode *node, const char *reference)
{
    g_autofree char *base = mcp_xml_base(node);

    return resolve(base, reference);
}
