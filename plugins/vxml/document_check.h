/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the standard between elements, which the table of elements cannot say. */
#pragma once
#include "document.h"

G_BEGIN_DECLS

/**
 * mcp_vxml_document_check: whether @elements (McpVxmlElement, all of a page) keep the rules for
 * scopes, filled and the keys of menus. Else FALSE and MCP_ERROR_INVALID with "URL:LINE: what".
 */
gboolean mcp_vxml_document_check(const GPtrArray *elements, GError **error);

G_END_DECLS
