/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree as its three files see it: tree.c owns its memory and answers questions, parse.c fills
 * it, text.c writes it out.
 */
#pragma once

#include "xml.h"

typedef struct _McpXmlElement McpXmlElement;

/* One for each pair that occurs, shared by its elements. */
typedef struct {
    const char *prefix;
    const char *uri;
} McpXmlNamespace;

struct _McpXmlNode {
    McpXmlElement *parent;
    McpXmlNode *next;
    const char *name; /* of others than an element: what it says */
    guint32 line;
    guint32 kind;
};

/* A processing instruction; a text, CDATA section or comment ends with the part above. */
typedef struct {
    McpXmlNode node;
    const char *target;
} McpXmlInstruction;

struct _McpXmlElement {
    McpXmlNode node;
    McpXmlDocument *document;
    McpXmlNode *first;
    const McpXmlNamespace *name_space;
    McpXmlAttribute *attributes;
    McpXmlNamespace *namespaces;
    guint n_attributes;
    guint n_namespaces;
};

struct _McpXmlDocument {
    gatomicrefcount ref_count;
    char *url;
    McpXmlElement *root;
    McpXmlNode *first;
    GSList *blocks;
    char *free;
    gsize n_free;
    gsize size;
    GPtrArray *instructions; /* char*: target, data, target …; nullable */
};

McpXmlDocument *mcp_xml_tree_new(const char *url);

/* Zeroed memory that lives as long as the document. */
gpointer mcp_xml_tree_alloc(McpXmlDocument *document, gsize size);
const char *mcp_xml_tree_strndup(McpXmlDocument *document, const char *text, gsize length);

static inline const McpXmlElement *
mcp_xml_element(const McpXmlNode *node)
{
    return node != NULL && node->kind == MCP_XML_ELEMENT ? (const McpXmlElement *)node : NULL;
}

static inline gboolean
mcp_xml_is_text(const McpXmlNode *node)
{
    return node->kind == MCP_XML_TEXT || node->kind == MCP_XML_CDATA;
}

/* Turns @bytes into UTF-8 without a byte order mark; fails with ENCODING or LIMIT. */
GBytes *mcp_xml_decode(GBytes *bytes, const char *charset, gsize max_bytes, GError **error);

/* Refuses start tags with more than @max_attributes before the parser sees them. Returns the
 * offset of the offending tag, or -1. */
gssize mcp_xml_scan_attributes(const char *data, gsize length, guint max_attributes);
