/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page refers to: dialogs of its own and of other pages, form items, root documents, audio
 * and scripts. Only local files are followed, since a fetch may change something at its server.
 * One thread.
 */
#include <mcp/error.h>
#include <string.h>

#include "lint_private.h"

/* The reference of a root document to "#id" means the page that is in force then. */
static gboolean
is_of_leaf(McpVxmlLint *lint, McpVxmlSpot spot, const char *id)
{
    if (mcp_vxml_node_dialog(spot.node) != NULL)
        return FALSE;
    for (guint i = 0; i < lint->pages->len; i++) {
        McpVxmlPage *leaf = lint->pages->pdata[i];

        if (g_strcmp0(leaf->root, spot.page->url) == 0 && g_hash_table_contains(leaf->dialogs, id))
            return TRUE;
    }
    return FALSE;
}

static void
tell_dialog(McpVxmlLint *lint, McpVxmlSpot spot, McpVxmlPage *target, const char *id)
{
    g_autofree char **ids = (char **)g_hash_table_get_keys_as_array(target->dialogs, NULL);
    const char *near = mcp_vxml_nearest(id, (const char *const *)ids);
    g_autofree char *hint = near != NULL ? g_strdup_printf("did you mean \"#%s\"?", near) : NULL;

    mcp_vxml_lint_tell(lint, spot, "undefined-dialog", hint, "%s has no dialog \"%s\"",
                       target == spot.page ? "the page" : target->name, id);
}

/* @url is absolute. */
static void
check_page_reference(McpVxmlLint *lint, McpVxmlSpot spot, const char *url)
{
    const char *id = strchr(url, '#');
    g_autofree char *plain = g_strndup(url, strcspn(url, "#?"));
    g_autoptr(GError) error = NULL;
    McpVxmlPage *target = NULL;

    if (strchr(url, '?') == NULL)
        target = g_hash_table_lookup(lint->by_url, plain);
    if (target == NULL) {
        /* What is submitted goes to a program, which the pages' folder does not hold. */
        if (!mcp_vxml_lint_may_follow(url) || mcp_vxml_node_is(spot.node, MCP_VXML_SUBMIT))
            return;
        target = mcp_vxml_lint_find_page(lint, plain, &error);
    }
    if (target == NULL)
        mcp_vxml_lint_tell(lint, spot, "missing-document", NULL, "%s", error->message);
    else if (id != NULL && id[1] != '\0' && target->xml != NULL &&
             !g_hash_table_contains(target->dialogs, id + 1) && !is_of_leaf(lint, spot, id + 1))
        tell_dialog(lint, spot, target, id + 1);
}

/* An expression that is one string says where it goes, too. */
static char *
constant_target(const McpVxmlPage *page, const McpXmlNode *node, const char *attribute)
{
    const char *value = mcp_xml_attribute(node, attribute);
    g_autoptr(McpVxmlScriptNames) names = NULL;

    if (value == NULL)
        return NULL;
    names = mcp_vxml_script_names_new(value);
    if (!names->literal || names->strings->len != 1)
        return NULL;
    value = names->strings->pdata[0];
    return *value == '#' ? g_strconcat(page->url, value, NULL) : mcp_xml_resolve(node, value);
}

static void
check_target(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node, const char *plain,
             const char *expression)
{
    g_autofree char *target = mcp_vxml_node_target(page, node, plain);
    g_autofree char *constant = constant_target(page, node, expression);

    if (target != NULL)
        check_page_reference(lint, (McpVxmlSpot){page, node, plain, 0}, target);
    if (constant != NULL)
        check_page_reference(lint, (McpVxmlSpot){page, node, expression, 0}, constant);
}

static void
check_item(McpVxmlLint *lint, McpVxmlSpot spot, const char *name)
{
    const McpXmlNode *dialog = mcp_vxml_node_dialog(spot.node);

    /* A handler of the page is used by any form. */
    if (dialog == NULL || *name == '\0')
        return;
    for (const McpXmlNode *item = mcp_xml_first_element(dialog); item != NULL;
         item = mcp_xml_next_element(item))
        if (mcp_vxml_node_is_item(item) && g_strcmp0(mcp_xml_attribute(item, "name"), name) == 0)
            return;
    mcp_vxml_lint_tell(lint, spot, "undefined-item", NULL, "the form has no item \"%s\"", name);
}

static void
check_items(McpVxmlLint *lint, McpVxmlSpot spot)
{
    const char *list = mcp_xml_attribute(spot.node, spot.attribute);
    g_auto(GStrv) words = g_strsplit_set(list != NULL ? list : "", " \t\r\n", -1);

    for (guint i = 0; words[i] != NULL; i++)
        check_item(lint, spot, words[i]);
}

static void
check_resource(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    g_autofree char *url = mcp_vxml_node_target(page, node, "src");
    g_autofree char *plain = NULL;
    g_autoptr(McpFetchResponse) response = NULL;
    g_autoptr(GError) error = NULL;

    if (url == NULL || !mcp_vxml_lint_may_follow(url))
        return;
    plain = g_strndup(url, strcspn(url, "#"));
    response = mcp_vxml_loader_get(lint->loader, plain, &error);
    if (response == NULL && !g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT))
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "src", 0}, "missing-resource", NULL,
                           "%s", error->message);
}

static void
check_root(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    g_autoptr(GError) error = NULL;
    McpVxmlSpot spot = {page, node, "application", 0};
    McpVxmlPage *root;

    if (page->root == NULL)
        return;
    root = mcp_vxml_lint_find_page(lint, page->root, &error);
    if (root == NULL)
        mcp_vxml_lint_tell(lint, spot, "missing-document", NULL, "%s", error->message);
    else if (root->root != NULL)
        mcp_vxml_lint_tell(lint, spot, "nested-root", NULL,
                           "%s, the root document, names a root document itself", root->name);
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    if (mcp_vxml_node_is(node, MCP_VXML_VXML))
        check_root(lint, page, node);
    if (mcp_vxml_node_is(node, MCP_VXML_GOTO) || mcp_vxml_node_is(node, MCP_VXML_SUBMIT) ||
        mcp_vxml_node_is(node, MCP_VXML_CHOICE) || mcp_vxml_node_is(node, MCP_VXML_LINK))
        check_target(lint, page, node, "next", "expr");
    if (mcp_vxml_node_is(node, MCP_VXML_SUBDIALOG))
        check_target(lint, page, node, "src", "srcexpr");
    if (mcp_vxml_node_is(node, MCP_VXML_GOTO))
        check_items(lint, (McpVxmlSpot){page, node, "nextitem", 0});
    if (mcp_vxml_node_is(node, MCP_VXML_FILLED))
        check_items(lint, (McpVxmlSpot){page, node, "namelist", 0});
    if (mcp_vxml_node_is(node, MCP_VXML_AUDIO) || mcp_vxml_node_is(node, MCP_VXML_SCRIPT))
        check_resource(lint, page, node);
}

void
mcp_vxml_lint_references(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
