/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event handlers by scope: those that an earlier one hides, and those that are missing where input
 * is awaited and pages are fetched. One thread.
 */
#include <string.h>

#include "interpreter_private.h"
#include "lint_private.h"

static gboolean
handles_here(const McpXmlNode *scope, const char *event)
{
    for (const McpXmlNode *node = mcp_xml_first_element(scope); node != NULL;
         node = mcp_xml_next_element(node)) {
        const char *names = mcp_vxml_node_events(node);

        if (names != NULL && mcp_vxml_event_matches(names, event))
            return TRUE;
    }
    return FALSE;
}

/* In the item, its dialog, the page or its root document. */
static gboolean
is_handled(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node, const char *event)
{
    McpVxmlPage *root = NULL;

    for (; node != NULL; node = mcp_xml_parent(node))
        if (handles_here(node, event))
            return TRUE;
    if (page->root == NULL)
        return FALSE;
    root = g_hash_table_lookup(lint->by_url, page->root);
    return root == NULL || root->xml == NULL ||
           handles_here(mcp_xml_document_root(root->xml), event);
}

static void
check_input(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    gboolean menu = mcp_vxml_node_is(node, MCP_VXML_MENU);
    gboolean field = menu || mcp_vxml_node_is(node, MCP_VXML_FIELD);
    McpVxmlSpot spot = {page, node, NULL, 0};

    if (!field && !mcp_vxml_node_is(node, MCP_VXML_RECORD))
        return;
    if (!is_handled(lint, page, node, "noinput"))
        mcp_vxml_lint_tell(lint, spot, "no-noinput", NULL, "<%s> leaves a silent caller alone",
                           mcp_xml_name(node));
    if (field && !is_handled(lint, page, node, "nomatch"))
        mcp_vxml_lint_tell(lint, spot, "no-nomatch", NULL,
                           "<%s> has no words for input that does not match", mcp_xml_name(node));
}

static gboolean
fetches(const McpXmlNode *node)
{
    gboolean moves =
        mcp_vxml_node_is(node, MCP_VXML_GOTO) || mcp_vxml_node_is(node, MCP_VXML_CHOICE) ||
        mcp_vxml_node_is(node, MCP_VXML_LINK) || mcp_vxml_node_is(node, MCP_VXML_SUBDIALOG);
    const char *next = mcp_xml_attribute(node, "next");
    const char *source = mcp_xml_attribute(node, "src");

    return mcp_vxml_node_is(node, MCP_VXML_SUBMIT) || mcp_vxml_node_is(node, MCP_VXML_DATA) ||
           (moves && ((next != NULL && *next != '#') || (source != NULL && *source != '#')));
}

/* Once a dialog: all of them need the one handler. */
static void
check_fetches(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpXmlNode *dialog = mcp_vxml_node_dialog(node);

    if (!fetches(node) || is_handled(lint, page, node, "error.badfetch"))
        return;
    if (!g_hash_table_add(lint->told, (gpointer)(dialog != NULL ? dialog : node)))
        return;
    mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "no-badfetch", NULL,
                       "nobody handles a failure of what <%s> fetches", mcp_xml_name(node));
}

/* ---- hidden ones ---- */

static gboolean
same_count(const McpXmlNode *a, const McpXmlNode *b)
{
    const char *first = mcp_xml_attribute(a, "count");
    const char *second = mcp_xml_attribute(b, "count");

    return strcmp(first != NULL ? first : "1", second != NULL ? second : "1") == 0;
}

/* Whether all events of @later are taken by @earlier, which comes first in the same scope. */
static gboolean
hides(const McpXmlNode *earlier, const McpXmlNode *later)
{
    const char *taken = mcp_vxml_node_events(earlier);
    const char *names = mcp_vxml_node_events(later);
    g_auto(GStrv) words = NULL;

    if (taken == NULL || mcp_xml_attribute(earlier, "cond") != NULL || !same_count(earlier, later))
        return FALSE;
    words = g_strsplit_set(names, " \t\r\n", -1);
    for (guint i = 0; words[i] != NULL; i++)
        if (*words[i] != '\0' &&
            (strcmp(words[i], ".") == 0 ? strcmp(taken, ".") != 0
                                        : !mcp_vxml_event_matches(taken, words[i])))
            return FALSE;
    return TRUE;
}

static void
check_hidden(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpXmlNode *earlier;

    if (mcp_vxml_node_events(node) == NULL)
        return;
    for (earlier = mcp_xml_first_element(mcp_xml_parent(node)); earlier != node;
         earlier = mcp_xml_next_element(earlier))
        if (hides(earlier, node)) {
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "shadowed-handler", NULL,
                               "the handler in line %u takes the same events",
                               mcp_vxml_source_map_find(page->map, earlier, NULL).line);
            return;
        }
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    check_input(lint, page, node);
    check_fetches(lint, page, node);
    check_hidden(lint, page, node);
}

void
mcp_vxml_lint_handlers(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
