/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the elements and attributes of a page begin. The tree knows the line alone on which a start
 * tag ends; people and editors want line and column. Immutable once made.
 */
#pragma once
#include "xml/xml.h"

G_BEGIN_DECLS

typedef struct _McpVxmlSourceMap McpVxmlSourceMap;

/** mcp_vxml_source_map_new: (transfer full): @bytes is what @document was made of. */
McpVxmlSourceMap *mcp_vxml_source_map_new(GBytes *bytes, const McpXmlDocument *document);
void mcp_vxml_source_map_free(McpVxmlSourceMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlSourceMap, mcp_vxml_source_map_free)

/**
 * mcp_vxml_source_map_find: where @node begins, or its attribute @attribute (nullable); of a text
 * its first character that is not blank. The column counts characters from 1; it is 1 where the
 * encoding of the page is none in which ASCII stands for itself.
 */
McpXmlPosition mcp_vxml_source_map_find(const McpVxmlSourceMap *map, const McpXmlNode *node,
                                        const char *attribute);

G_END_DECLS
