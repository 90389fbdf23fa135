/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of choices, options and links; and whether anything can fill an item at all. One thread. */
#include <string.h>

#include "lint_private.h"

/* Without blanks; NULL with a finding when it is no sequence of keys. */
static char *
keys_of(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *value = mcp_xml_attribute(node, "dtmf");
    GString *keys = NULL;

    if (value == NULL)
        return NULL;
    keys = g_string_new(NULL);
    for (const char *key = value; *key != '\0'; key++) {
        if (g_ascii_isspace(*key))
            continue;
        if (strchr("0123456789*#ABCDabcd", *key) == NULL) {
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "dtmf", 0}, "bad-dtmf", NULL,
                               "dtmf=\"%s\" has a key that no telephone has", value);
            g_string_free(keys, TRUE);
            return NULL;
        }
        g_string_append_c(keys, *key);
    }
    return g_string_free(keys, FALSE);
}

/* The keys of what @kind says, below @parent. */
static void
check_keys(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *parent, McpVxmlKind kind)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gboolean dealt =
        kind == MCP_VXML_CHOICE && g_strcmp0(mcp_xml_attribute(parent, "dtmf"), "true") == 0;

    for (const McpXmlNode *node = mcp_xml_first_element(parent); node != NULL;
         node = mcp_xml_next_element(node)) {
        g_autofree char *keys = NULL;
        McpVxmlSpot spot = {page, node, "dtmf", 0};

        if (!mcp_vxml_node_is(node, kind))
            continue;
        keys = keys_of(lint, page, node);
        if (keys == NULL)
            continue;
        if (dealt && strcmp(keys, "*") != 0 && strcmp(keys, "#") != 0 && strcmp(keys, "0") != 0)
            mcp_vxml_lint_tell(lint, spot, "dtmf-conflict", NULL,
                               "dtmf=\"%s\" in a menu that deals out the keys itself", keys);
        else if (!g_hash_table_add(seen, g_strdup(keys)))
            mcp_vxml_lint_tell(lint, spot, "duplicate-dtmf", NULL,
                               "the key \"%s\" is taken already", keys);
    }
}

static gboolean
has_source_of_input(const McpXmlNode *scope)
{
    for (const McpXmlNode *child = mcp_xml_first_element(scope); child != NULL;
         child = mcp_xml_next_element(child))
        if (mcp_vxml_node_is(child, MCP_VXML_GRAMMAR) || mcp_vxml_node_is(child, MCP_VXML_OPTION) ||
            mcp_vxml_node_is(child, MCP_VXML_CHOICE))
            return TRUE;
    return FALSE;
}

/* A grammar of the form may fill it by its slot, a handler by <assign>. */
static void
check_field(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpXmlNode *form = mcp_xml_parent(node);

    if (!mcp_vxml_node_is(form, MCP_VXML_FORM) || mcp_xml_attribute(node, "type") != NULL ||
        mcp_xml_attribute(node, "expr") != NULL || has_source_of_input(node) ||
        has_source_of_input(form))
        return;
    mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "no-grammar", NULL,
                       "neither a type nor a grammar nor an option can fill the field");
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    if (mcp_vxml_node_is(node, MCP_VXML_MENU))
        check_keys(lint, page, node, MCP_VXML_CHOICE);
    if (mcp_vxml_node_is(node, MCP_VXML_FIELD)) {
        check_keys(lint, page, node, MCP_VXML_OPTION);
        check_field(lint, page, node);
    }
    if (mcp_vxml_node_is(node, MCP_VXML_LINK))
        g_free(keys_of(lint, page, node));
}

void
mcp_vxml_lint_keys(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
