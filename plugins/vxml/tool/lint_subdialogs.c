/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <subdialog> against the dialog it calls: what it passes, what it uses of the result, whether the
 * other side returns at all. Known is the part of a page that is reached without leaving it; as
 * soon as that goes elsewhere, or where an expression says, nothing is said. One thread.
 */
#include <string.h>

#include "lint_private.h"

typedef struct {
    McpVxmlPage *page;
    GHashTable *dialogs; /* McpXmlNode*: reached */
    GHashTable *results; /* char*: names that are returned */
    gboolean returns;
    gboolean unclear; /* leaves the page, or ends the call */
} Called;

static void reach(Called *called, const McpXmlNode *dialog);

static void
look_at_target(Called *called, const McpXmlNode *node)
{
    const char *next = mcp_xml_attribute(node, "next");

    if (mcp_vxml_node_is(node, MCP_VXML_SUBMIT) || mcp_xml_attribute(node, "expr") != NULL ||
        (next != NULL && *next != '#'))
        called->unclear = TRUE;
    else if (next != NULL)
        reach(called, g_hash_table_lookup(called->page->dialogs, next + 1));
}

static void
look_at(Called *called, const McpXmlNode *node)
{
    const char *names = mcp_xml_attribute(node, "namelist");
    g_auto(GStrv) words = g_strsplit_set(names != NULL ? names : "", " \t\r\n", -1);

    if (mcp_vxml_node_is(node, MCP_VXML_GOTO) || mcp_vxml_node_is(node, MCP_VXML_SUBMIT) ||
        mcp_vxml_node_is(node, MCP_VXML_CHOICE) || mcp_vxml_node_is(node, MCP_VXML_LINK))
        look_at_target(called, node);
    if (mcp_vxml_node_is(node, MCP_VXML_EXIT) || mcp_vxml_node_is(node, MCP_VXML_DISCONNECT))
        called->unclear = TRUE;
    if (!mcp_vxml_node_is(node, MCP_VXML_RETURN))
        return;
    called->returns = TRUE;
    for (guint i = 0; words[i] != NULL; i++)
        g_hash_table_add(called->results, g_strdup(words[i]));
}

static void
look_below(Called *called, const McpXmlNode *node)
{
    for (node = mcp_xml_first_element(node); node != NULL; node = mcp_xml_next_element(node)) {
        look_at(called, node);
        look_below(called, node);
    }
}

static void
reach(Called *called, const McpXmlNode *dialog)
{
    if (dialog == NULL)
        called->unclear = TRUE;
    else if (g_hash_table_add(called->dialogs, (gpointer)dialog))
        look_below(called, dialog);
}

/* What of the page belongs to every dialog. */
static void
look_at_page(Called *called)
{
    for (const McpXmlNode *node = mcp_xml_first_element(mcp_xml_document_root(called->page->xml));
         node != NULL; node = mcp_xml_next_element(node))
        if (mcp_vxml_node_dialog(node) == NULL && !mcp_vxml_node_is(node, MCP_VXML_SCRIPT)) {
            look_at(called, node);
            look_below(called, node);
        }
}

/* ---- the calling side ---- */

static const McpXmlNode *
find_called(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node, McpVxmlPage **out_page)
{
    g_autofree char *url = mcp_vxml_node_target(page, node, "src");
    g_autofree char *plain = url != NULL ? g_strndup(url, strcspn(url, "#")) : NULL;
    const char *id = url != NULL ? strchr(url, '#') : NULL;
    McpVxmlPage *target = plain != NULL ? g_hash_table_lookup(lint->by_url, plain) : NULL;
    const McpXmlNode *child;

    *out_page = target;
    if (target == NULL || target->xml == NULL)
        return NULL;
    if (id != NULL)
        return g_hash_table_lookup(target->dialogs, id + 1);
    child = mcp_xml_first_element(mcp_xml_document_root(target->xml));
    while (child != NULL && mcp_vxml_node_dialog(child) != child)
        child = mcp_xml_next_element(child);
    return child;
}

static void
check_parameters(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node,
                 const McpXmlNode *dialog)
{
    for (const McpXmlNode *param = mcp_xml_first_element(node); param != NULL;
         param = mcp_xml_next_element(param)) {
        const char *name = mcp_xml_attribute(param, "name");
        gboolean found = FALSE;

        if (!mcp_vxml_node_is(param, MCP_VXML_PARAM) || name == NULL)
            continue;
        for (const McpXmlNode *var = mcp_xml_first_element(dialog); var != NULL;
             var = mcp_xml_next_element(var))
            found |= mcp_vxml_node_is(var, MCP_VXML_VAR) &&
                     g_strcmp0(mcp_xml_attribute(var, "name"), name) == 0;
        if (!found)
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, param, "name", 0}, "undefined-parameter",
                               NULL, "the dialog that is called has no <var name=\"%s\">", name);
    }
}

static void
check_uses(McpVxmlLint *lint, McpVxmlSpot spot, const char *source, const char *name,
           GHashTable *results)
{
    g_autoptr(McpVxmlScriptNames) names = mcp_vxml_script_names_new(source);

    for (guint i = 0; i < names->uses->len; i++) {
        const McpVxmlNameUse *use = names->uses->pdata[i];
        const char *member = strchr(use->path, '.');
        g_autofree char *first =
            member != NULL ? g_strndup(member + 1, strcspn(member + 1, ".")) : NULL;

        if (first != NULL && strcmp(use->name, name) == 0 && !g_hash_table_contains(results, first))
            mcp_vxml_lint_tell(lint, spot, "undefined-result", NULL, "\"%s\" is not returned",
                               first);
    }
}

static void
check_results(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *below, const char *name,
              GHashTable *results)
{
    for (const McpXmlNode *node = mcp_xml_first_element(below); node != NULL;
         node = mcp_xml_next_element(node)) {
        const McpXmlAttribute *attributes;
        guint n_attributes;

        attributes = mcp_xml_attributes(node, &n_attributes);
        for (guint i = 0; i < n_attributes; i++)
            if (mcp_vxml_is_expression(attributes[i].name))
                check_uses(lint, (McpVxmlSpot){page, node, attributes[i].name, 0},
                           attributes[i].value, name, results);
        check_results(lint, page, node, name, results);
    }
}

static void
check_call(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *name = mcp_xml_attribute(node, "name");
    Called called = {NULL};
    const McpXmlNode *dialog = NULL;

    if (!mcp_vxml_node_is(node, MCP_VXML_SUBDIALOG))
        return;
    dialog = find_called(lint, page, node, &called.page);
    if (dialog == NULL)
        return;
    check_parameters(lint, page, node, dialog);
    called.dialogs = g_hash_table_new(NULL, NULL);
    called.results = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    look_at_page(&called);
    reach(&called, dialog);
    /* Handlers of a root document may return as well. */
    called.unclear |= called.page->root != NULL || called.page->throws_any;
    if (!called.unclear && !called.returns)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "no-return", NULL,
                           "nothing that the subdialog reaches returns");
    else if (!called.unclear && name != NULL && mcp_vxml_node_dialog(node) != NULL)
        check_results(lint, page, mcp_vxml_node_dialog(node), name, called.results);
    g_hash_table_unref(called.dialogs);
    g_hash_table_unref(called.results);
}

void
mcp_vxml_lint_subdialogs(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_call);
}
