/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pages carry of other namespaces and this platform does not do: never passed over in silence,
 * an element or attribute of that kind gives error.unsupported.NAME (VoiceXML 2.0 §5.2.6) where it
 * is reached. On the machine's thread.
 */
#include "interpreter_private.h"

static gboolean
refuse(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *kind,
       const char *name)
{
    g_autofree char *event = g_strdup_printf("error.unsupported.%s", name);

    return mcp_vxml_throw(interpreter, event, "%s \"%s\" in line %u", kind, name, element->line);
}

gboolean
mcp_vxml_supports(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    if (element->kind == MCP_VXML_EXTENSION)
        return refuse(interpreter, element, "element", mcp_vxml_element_get_name(element));
    if (element->unsupported != NULL)
        return refuse(interpreter, element, "attribute", element->unsupported);
    return TRUE;
}

gboolean
mcp_vxml_supports_item(McpVxmlInterpreter *interpreter, const McpVxmlElement *item)
{
    if (!mcp_vxml_supports(interpreter, item))
        return FALSE;
    /* What stands in a block is content and speaks for itself when it is run. */
    if (item->kind == MCP_VXML_BLOCK)
        return TRUE;
    for (const McpVxmlElement *child = item->first; child != NULL; child = child->next)
        if (!mcp_vxml_supports(interpreter, child))
            return FALSE;
    return TRUE;
}
