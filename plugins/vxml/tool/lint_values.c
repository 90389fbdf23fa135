/* SPDX-License-Identifier: Apache-2.0 */
/* Values of attributes and properties against the tables of what they may be. One thread. */
#include <string.h>

#include "lint_private.h"
#include "support_table.h"

static void
check_attribute(McpVxmlLint *lint, McpVxmlSpot spot, const char *value)
{
    const McpVxmlSupportDef *def = mcp_vxml_support_find(mcp_xml_name(spot.node), spot.attribute);
    g_auto(GStrv) words = NULL;
    g_autofree char *hint = NULL;

    if (def == NULL || def->values == NULL || mcp_vxml_is_one_of(value, def->values))
        return;
    words = g_strsplit(def->values, "|", -1);
    hint = g_strjoinv(" or ", words);
    mcp_vxml_lint_tell(lint, spot, "bad-value", hint, "%s=\"%s\" is none of them", spot.attribute,
                       value);
}

static void
tell_property(McpVxmlLint *lint, McpVxmlSpot spot, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *near;
    g_autofree char *hint = NULL;

    for (const McpVxmlPropertyDef *def = mcp_vxml_property_defs; def->name != NULL; def++)
        g_ptr_array_add(names, (gpointer)def->name);
    g_ptr_array_add(names, NULL);
    near = mcp_vxml_nearest(name, (const char *const *)names->pdata);
    hint = near != NULL ? g_strdup_printf("did you mean \"%s\"?", near) : NULL;
    mcp_vxml_lint_tell(lint, spot, "unknown-property", hint, "there is no property \"%s\"", name);
}

static void
check_property(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *name = mcp_xml_attribute(node, "name");
    const char *value = mcp_xml_attribute(node, "value");
    const McpVxmlPropertyDef *def = name != NULL ? mcp_vxml_property_find(name) : NULL;

    /* §6.3.1: a platform's own begin with the reversed name of who made it. */
    if (name == NULL || value == NULL || strchr(name, '.') != NULL)
        return;
    if (def == NULL)
        tell_property(lint, (McpVxmlSpot){page, node, "name", 0}, name);
    else if (!mcp_vxml_property_check(def, value))
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "value", 0}, "bad-property-value", NULL,
                           "\"%s\" is no value of %s", value, name);
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpXmlAttribute *attributes;
    guint n_attributes;

    attributes = mcp_xml_attributes(node, &n_attributes);
    for (guint i = 0; i < n_attributes; i++)
        if (*attributes[i].namespace_uri == '\0')
            check_attribute(lint, (McpVxmlSpot){page, node, attributes[i].name, 0},
                            attributes[i].value);
    if (mcp_vxml_node_is(node, MCP_VXML_PROPERTY))
        check_property(lint, page, node);
}

void
mcp_vxml_lint_values(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
