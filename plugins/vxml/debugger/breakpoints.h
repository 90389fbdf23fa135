/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of pages at which a debugger stops. One thread. */
#pragma once
#include <json-glib/json-glib.h>

#include "document.h"

G_BEGIN_DECLS

typedef struct _McpVxmlBreakpoints McpVxmlBreakpoints;

McpVxmlBreakpoints *mcp_vxml_breakpoints_new(void);
void mcp_vxml_breakpoints_free(McpVxmlBreakpoints *breakpoints);

/**
 * mcp_vxml_breakpoints_set: (transfer full): takes the arguments of "setBreakpoints", which replace
 * those of the page; the body of the response.
 */
JsonObject *mcp_vxml_breakpoints_set(McpVxmlBreakpoints *breakpoints, JsonObject *arguments);
/**
 * mcp_vxml_breakpoints_has: whether @element is where one stops. A page is known by its URL, with
 * or without the query, a file by its path.
 */
gboolean mcp_vxml_breakpoints_has(McpVxmlBreakpoints *breakpoints, const McpVxmlElement *element);
/** mcp_vxml_breakpoints_path: (transfer full): path of the page of @element, or its URL. */
char *mcp_vxml_breakpoints_path(const McpVxmlElement *element);

G_END_DECLS
