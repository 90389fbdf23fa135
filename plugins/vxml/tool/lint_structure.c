/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a schema of elements and attributes cannot say: names that occur twice, branches out of
 * order, names that are none, elements that need others around them. One thread.
 */
#include <string.h>

#include "lint_private.h"

static void
check_items(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *dialog)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    for (const McpXmlNode *item = mcp_xml_first_element(dialog); item != NULL;
         item = mcp_xml_next_element(item)) {
        const char *name = mcp_xml_attribute(item, "name");

        if (mcp_vxml_node_is_item(item) && name != NULL && !g_hash_table_add(names, (gpointer)name))
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, item, "name", 0}, "duplicate-item", NULL,
                               "a second form item is named \"%s\"", name);
    }
}

static void
check_dialogs(McpVxmlLint *lint, McpVxmlPage *page)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

    for (const McpXmlNode *dialog = mcp_xml_first_element(mcp_xml_document_root(page->xml));
         dialog != NULL; dialog = mcp_xml_next_element(dialog)) {
        const char *id = mcp_xml_attribute(dialog, "id");

        if (mcp_vxml_node_dialog(dialog) != dialog)
            continue;
        if (id != NULL && !g_hash_table_add(ids, (gpointer)id))
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, dialog, "id", 0}, "duplicate-id", NULL,
                               "a second dialog has the id \"%s\"", id);
        check_items(lint, page, dialog);
    }
}

static void
check_branches(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    gboolean closed = FALSE;

    for (const McpXmlNode *child = mcp_xml_first_element(node); child != NULL;
         child = mcp_xml_next_element(child)) {
        gboolean branch =
            mcp_vxml_node_is(child, MCP_VXML_ELSE) || mcp_vxml_node_is(child, MCP_VXML_ELSEIF);

        if (branch && closed)
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, child, NULL, 0}, "branch-order", NULL,
                               "<%s> stands behind <else>", mcp_xml_name(child));
        closed |= mcp_vxml_node_is(child, MCP_VXML_ELSE);
    }
}

static void
check_name(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *name = mcp_xml_attribute(node, "name");
    McpVxmlSpot spot = {page, node, "name", 0};

    if (name == NULL || !(mcp_vxml_node_is(node, MCP_VXML_VAR) || mcp_vxml_node_is_item(node)))
        return;
    if (strchr(name, '.') != NULL)
        mcp_vxml_lint_tell(lint, spot, "bad-name", "a declaration lands in the scope it stands in",
                           "\"%s\" cannot be declared", name);
    else if (!mcp_script_is_name(name))
        mcp_vxml_lint_tell(lint, spot, "bad-name", NULL, "\"%s\" cannot name a variable", name);
}

static void
check_filled(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    static const char *const form_only[] = {"namelist", "mode"};

    if (!mcp_vxml_node_is_input(mcp_xml_parent(node)))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(form_only); i++)
        if (mcp_xml_attribute(node, form_only[i]) != NULL)
            mcp_vxml_lint_tell(
                lint, (McpVxmlSpot){page, node, form_only[i], 0}, "misplaced-attribute", NULL,
                "\"%s\" is for a <filled> of the form, not of an item", form_only[i]);
}

static void
check_enumerate(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpXmlNode *menu = mcp_vxml_node_up(node, MCP_VXML_MENU);
    const McpXmlNode *field = mcp_vxml_node_up(node, MCP_VXML_FIELD);
    gboolean in_handler = FALSE;

    /* A handler above a menu may be used by one. */
    for (const McpXmlNode *up = node; up != NULL; up = mcp_xml_parent(up))
        in_handler |= mcp_vxml_node_events(up) != NULL;
    if (menu != NULL || in_handler ||
        (field != NULL && mcp_vxml_node_find(field, MCP_VXML_OPTION) != NULL))
        return;
    mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "enumerate-alone", NULL,
                       "<enumerate> finds no choices here");
}

static gboolean
has_child(const McpXmlNode *node, McpVxmlKind kind)
{
    for (const McpXmlNode *child = mcp_xml_first_element(node); child != NULL;
         child = mcp_xml_next_element(child))
        if (mcp_vxml_node_is(child, kind))
            return TRUE;
    return FALSE;
}

static void
check_initial(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    if (!has_child(mcp_xml_parent(node), MCP_VXML_GRAMMAR) &&
        mcp_vxml_node_find(mcp_xml_document_root(page->xml), MCP_VXML_LINK) == NULL)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "initial-without-grammar",
                           NULL, "<initial> waits for input that no grammar of the form takes");
}

static void
check_link(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    if (!has_child(node, MCP_VXML_GRAMMAR) && mcp_xml_attribute(node, "dtmf") == NULL)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "dead-link", NULL,
                           "the link has neither a grammar nor a key");
}

static void
check_reprompt(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    for (const McpXmlNode *up = node; up != NULL; up = mcp_xml_parent(up))
        if (mcp_vxml_node_events(up) != NULL)
            return;
    mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "useless-reprompt", NULL,
                       "<reprompt> stands in no event handler");
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    check_name(lint, page, node);
    if (mcp_vxml_node_is(node, MCP_VXML_IF))
        check_branches(lint, page, node);
    else if (mcp_vxml_node_is(node, MCP_VXML_FILLED))
        check_filled(lint, page, node);
    else if (mcp_vxml_node_is(node, MCP_VXML_ENUMERATE))
        check_enumerate(lint, page, node);
    else if (mcp_vxml_node_is(node, MCP_VXML_INITIAL))
        check_initial(lint, page, node);
    else if (mcp_vxml_node_is(node, MCP_VXML_LINK))
        check_link(lint, page, node);
    else if (mcp_vxml_node_is(node, MCP_VXML_REPROMPT))
        check_reprompt(lint, page, node);
}

void
mcp_vxml_lint_structure(McpVxmlLint *lint, McpVxmlPage *page)
{
    check_dialogs(lint, page);
    mcp_vxml_page_each(lint, page, check_node);
}
