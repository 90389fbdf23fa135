/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about the nodes of a page that every check asks. Pure functions. */
#include <string.h>

#include "lint_private.h"

#define SSML_NS "http://www.w3.org/2001/10/synthesis"
#define SRGS_NS "http://www.w3.org/2001/06/grammar"

gboolean
mcp_vxml_node_is_foreign(const McpXmlNode *node)
{
    const char *uri = mcp_xml_namespace(node);
    const McpXmlNode *root = node;

    while (mcp_xml_parent(root) != NULL)
        root = mcp_xml_parent(root);
    return *uri != '\0' && strcmp(uri, MCP_VXML_NS) != 0 && strcmp(uri, SSML_NS) != 0 &&
           strcmp(uri, SRGS_NS) != 0 && strcmp(uri, mcp_xml_namespace(root)) != 0;
}

const McpVxmlElementDef *
mcp_vxml_node_def(const McpXmlNode *node)
{
    if (node == NULL || mcp_xml_kind(node) == MCP_XML_TEXT || mcp_vxml_node_is_foreign(node))
        return NULL;
    return mcp_vxml_element_def(mcp_xml_name(node));
}

gboolean
mcp_vxml_node_is(const McpXmlNode *node, McpVxmlKind kind)
{
    const McpVxmlElementDef *def = mcp_vxml_node_def(node);

    return def != NULL && def->kind == kind;
}

gboolean
mcp_vxml_node_is_input(const McpXmlNode *node)
{
    return mcp_vxml_node_is(node, MCP_VXML_FIELD) || mcp_vxml_node_is(node, MCP_VXML_RECORD) ||
           mcp_vxml_node_is(node, MCP_VXML_SUBDIALOG) ||
           mcp_vxml_node_is(node, MCP_VXML_TRANSFER) || mcp_vxml_node_is(node, MCP_VXML_OBJECT);
}

gboolean
mcp_vxml_node_is_item(const McpXmlNode *node)
{
    return mcp_vxml_node_is_input(node) || mcp_vxml_node_is(node, MCP_VXML_BLOCK) ||
           mcp_vxml_node_is(node, MCP_VXML_INITIAL);
}

const McpXmlNode *
mcp_vxml_node_up(const McpXmlNode *node, McpVxmlKind kind)
{
    while (node != NULL && !mcp_vxml_node_is(node, kind))
        node = mcp_xml_parent(node);
    return node;
}

const McpXmlNode *
mcp_vxml_node_dialog(const McpXmlNode *node)
{
    while (node != NULL && !mcp_vxml_node_is(node, MCP_VXML_FORM) &&
           !mcp_vxml_node_is(node, MCP_VXML_MENU))
        node = mcp_xml_parent(node);
    return node;
}

const McpXmlNode *
mcp_vxml_node_item(const McpXmlNode *node)
{
    while (node != NULL && !mcp_vxml_node_is_item(node))
        node = mcp_xml_parent(node);
    return node;
}

const char *
mcp_vxml_node_events(const McpXmlNode *node)
{
    const char *names;

    if (mcp_vxml_node_is(node, MCP_VXML_CATCH)) {
        names = mcp_xml_attribute(node, "event");
        return names != NULL ? names : ".";
    }
    if (mcp_vxml_node_is(node, MCP_VXML_ERROR) || mcp_vxml_node_is(node, MCP_VXML_HELP) ||
        mcp_vxml_node_is(node, MCP_VXML_NOINPUT) || mcp_vxml_node_is(node, MCP_VXML_NOMATCH))
        return mcp_xml_name(node);
    return NULL;
}

static void
each(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node, McpVxmlNodeFunc func)
{
    for (; node != NULL; node = mcp_xml_next_element(node)) {
        if (mcp_vxml_node_is_foreign(node))
            continue;
        func(lint, page, node);
        if (!mcp_vxml_node_is(node, MCP_VXML_GRAMMAR) && !mcp_vxml_node_is(node, MCP_VXML_METADATA))
            each(lint, page, mcp_xml_first_element(node), func);
    }
}

void
mcp_vxml_page_each(McpVxmlLint *lint, McpVxmlPage *page, McpVxmlNodeFunc func)
{
    if (page->xml != NULL)
        each(lint, page, mcp_xml_document_root(page->xml), func);
}

const McpXmlNode *
mcp_vxml_node_find(const McpXmlNode *node, McpVxmlKind kind)
{
    const McpXmlNode *found = NULL;

    for (node = mcp_xml_first_element(node); node != NULL && found == NULL;
         node = mcp_xml_next_element(node))
        found = mcp_vxml_node_is(node, kind) ? node : mcp_vxml_node_find(node, kind);
    return found;
}

gboolean
mcp_vxml_is_expression(const char *attribute)
{
    return g_str_has_suffix(attribute, "expr") || strcmp(attribute, "cond") == 0 ||
           strcmp(attribute, "expritem") == 0 || strcmp(attribute, "array") == 0;
}

char *
mcp_vxml_node_target(const McpVxmlPage *page, const McpXmlNode *node, const char *attribute)
{
    const char *value = mcp_xml_attribute(node, attribute);

    if (value == NULL)
        return NULL;
    /* RFC 3986 §4.4: a reference to the page itself, whatever its base is. */
    return *value == '#' ? g_strconcat(page->url, value, NULL) : mcp_xml_resolve(node, value);
}

static guint
distance(const char *a, const char *b)
{
    gsize n = MIN(strlen(b), 60);
    guint row[62];
    guint diagonal;

    for (guint j = 0; j <= n; j++)
        row[j] = j;
    for (guint i = 1; a[i - 1] != '\0'; i++) {
        diagonal = row[0];
        row[0] = i;
        for (guint j = 1; j <= n; j++) {
            guint change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);

            diagonal = row[j];
            row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
}

const char *
mcp_vxml_nearest(const char *word, const char *const *words)
{
    const char *best = NULL;
    guint bound = strlen(word) < 5 ? 2 : 3;

    for (; *words != NULL; words++) {
        guint d = distance(word, *words);

        if (d < bound) {
            bound = d;
            best = *words;
        }
    }
    return best;
}
