/* SPDX-License-Identifier: Apache-2.0 */
/* What the platform does not carry out, by the table that the authors' reference is made of. */
#include <mcp/contract/recording.h>
#include <string.h>

#include "lint_private.h"
#include "support_table.h"

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpVxmlSupportDef *def = mcp_vxml_support_find(mcp_xml_name(node), NULL);
    const char *type = mcp_xml_attribute(node, "type");
    McpRecordFormat format;

    if (def != NULL && def->support == MCP_VXML_SUPPORT_NONE)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "unsupported-element", NULL,
                           "<%s> %s", mcp_xml_name(node), def->note);
    if (mcp_vxml_node_is(node, MCP_VXML_RECORD) && type != NULL &&
        !mcp_record_format_from_type(type, &format))
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "type", 0}, "unsupported-value", NULL,
                           "type \"%s\" of <record>", type);
}

void
mcp_vxml_lint_support(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
