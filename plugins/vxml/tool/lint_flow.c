/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a page goes: dialogs that nothing leads to, content behind a way out, rounds without a
 * caller. One thread.
 */
#include <string.h>

#include "lint_private.h"

static gboolean
is_way_out(const McpXmlNode *node)
{
    return mcp_vxml_node_is(node, MCP_VXML_GOTO) || mcp_vxml_node_is(node, MCP_VXML_SUBMIT) ||
           mcp_vxml_node_is(node, MCP_VXML_EXIT) || mcp_vxml_node_is(node, MCP_VXML_RETURN) ||
           mcp_vxml_node_is(node, MCP_VXML_THROW) || mcp_vxml_node_is(node, MCP_VXML_DISCONNECT);
}

/* ---- behind a way out ---- */

static void
check_behind(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpXmlNode *next = mcp_xml_next(node);

    if (!is_way_out(node))
        return;
    while (next != NULL && mcp_xml_kind(next) == MCP_XML_TEXT && mcp_xml_is_blank(next))
        next = mcp_xml_next(next);
    if (next == NULL || mcp_vxml_node_is(next, MCP_VXML_ELSE) ||
        mcp_vxml_node_is(next, MCP_VXML_ELSEIF))
        return;
    mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, next, NULL, 0}, "unreachable-code", NULL,
                       "nothing comes here behind <%s>", mcp_xml_name(node));
}

/* ---- dialogs ---- */

/* Whether something in the pages given names it; an expression may put the name together. */
static gboolean
is_mentioned(McpVxmlLint *lint, McpVxmlPage *page, const char *id)
{
    g_autofree char *fragment = g_strconcat("#", id, NULL);
    g_autofree char *url = g_strconcat(page->url, fragment, NULL);

    if (page->dynamic)
        return TRUE;
    for (guint i = 0; i < lint->pages->len; i++) {
        McpVxmlPage *other = lint->pages->pdata[i];

        for (guint k = 0; k < other->mentions->len; k++) {
            const char *mention = other->mentions->pdata[k];

            if (strcmp(mention, url) == 0 || strcmp(mention, fragment) == 0)
                return TRUE;
            /* "page.vxml#id" in an expression; the part behind # of a sum */
            if (g_str_has_suffix(mention, fragment) && strstr(mention, "://") == NULL)
                return TRUE;
            if (strcmp(mention, id) == 0)
                return TRUE;
        }
    }
    return FALSE;
}

/* Its grammars are active while other dialogs of the document run. */
static gboolean
listens_always(const McpXmlNode *dialog)
{
    if (g_strcmp0(mcp_xml_attribute(dialog, "scope"), "document") == 0)
        return TRUE;
    for (const McpXmlNode *child = mcp_xml_first_element(dialog); child != NULL;
         child = mcp_xml_next_element(child))
        if (mcp_vxml_node_is(child, MCP_VXML_GRAMMAR) &&
            g_strcmp0(mcp_xml_attribute(child, "scope"), "document") == 0)
            return TRUE;
    return FALSE;
}

static void
check_reached(McpVxmlLint *lint, McpVxmlPage *page)
{
    gboolean first = TRUE;

    for (const McpXmlNode *dialog = mcp_xml_first_element(mcp_xml_document_root(page->xml));
         dialog != NULL; dialog = mcp_xml_next_element(dialog)) {
        const char *id = mcp_xml_attribute(dialog, "id");

        if (mcp_vxml_node_dialog(dialog) != dialog)
            continue;
        if (!first && !listens_always(dialog) && (id == NULL || !is_mentioned(lint, page, id)))
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, dialog, NULL, 0}, "unreachable-dialog",
                               NULL, "nothing leads to <%s%s%s%s>", mcp_xml_name(dialog),
                               id != NULL ? " id=\"" : "", id != NULL ? id : "",
                               id != NULL ? "\"" : "");
        first = FALSE;
    }
}

/* ---- rounds ---- */

static guint
count_ways_out(const McpXmlNode *node)
{
    guint count = 0;

    for (node = mcp_xml_first_element(node); node != NULL; node = mcp_xml_next_element(node))
        count += (is_way_out(node) ? 1 : 0) + count_ways_out(node);
    return count;
}

/* The one <goto> by which a form without input is always left; NULL when that is not certain. */
static const McpXmlNode *
only_way_out(const McpXmlNode *form)
{
    const McpXmlNode *found = NULL;

    if (!mcp_vxml_node_is(form, MCP_VXML_FORM) || count_ways_out(form) != 1)
        return NULL;
    for (const McpXmlNode *item = mcp_xml_first_element(form); item != NULL;
         item = mcp_xml_next_element(item)) {
        if (mcp_vxml_node_is_input(item) || mcp_vxml_node_is(item, MCP_VXML_INITIAL))
            return NULL;
        if (!mcp_vxml_node_is(item, MCP_VXML_BLOCK))
            continue;
        for (const McpXmlNode *child = mcp_xml_first_element(item); child != NULL;
             child = mcp_xml_next_element(child))
            if (mcp_vxml_node_is(child, MCP_VXML_GOTO) && mcp_xml_attribute(item, "cond") == NULL &&
                mcp_xml_attribute(item, "expr") == NULL)
                found = child;
    }
    return found;
}

static void
check_round(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *form)
{
    const McpXmlNode *at = form;
    const McpXmlNode *start = only_way_out(form);

    if (start == NULL)
        return;
    for (guint steps = 0; at != NULL && steps <= g_hash_table_size(page->dialogs); steps++) {
        const McpXmlNode *out = only_way_out(at);
        gboolean known = out != NULL && mcp_xml_attribute(out, "expr") == NULL;
        const char *next = known ? mcp_xml_attribute(out, "next") : NULL;

        at = next != NULL && *next == '#' ? g_hash_table_lookup(page->dialogs, next + 1) : NULL;
        if (at != form)
            continue;
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, start, NULL, 0}, "endless-loop", NULL,
                           "the dialog comes back to itself without input");
        return;
    }
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    check_behind(lint, page, node);
    if (mcp_vxml_node_is(node, MCP_VXML_FORM))
        check_round(lint, page, node);
}

void
mcp_vxml_lint_flow(McpVxmlLint *lint, McpVxmlPage *page)
{
    check_reached(lint, page);
    mcp_vxml_page_each(lint, page, check_node);
}
