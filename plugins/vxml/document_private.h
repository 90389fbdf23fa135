/* SPDX-License-Identifier: Apache-2.0 */
/* The page as its two files see it: document_builder.c fills it, document.c answers questions. */
#pragma once
#include "document.h"

G_BEGIN_DECLS

struct _McpVxmlDocument {
    gatomicrefcount refs;
    McpXmlDocument *xml;
    GPtrArray *elements; /* McpVxmlElement, in document order */
    GPtrArray *texts;    /* strings made here */
    McpVxmlElement *root;
    gboolean may_loop; /* judged by its code */
    char *url;
    char *base;
    char *application;
    gsize text_size;
};

typedef struct _McpVxmlExpression {
    const char *name;
    McpScriptCode *code;
} McpVxmlExpression;

/** mcp_vxml_document_new: (transfer full): empty; @url is taken. */
McpVxmlDocument *mcp_vxml_document_new(char *url);
/** mcp_vxml_document_add: (transfer none): an element at the end of the document's order. */
McpVxmlElement *mcp_vxml_document_add(McpVxmlDocument *document);

G_END_DECLS
