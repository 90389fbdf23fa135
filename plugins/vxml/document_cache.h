/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsed pages by content: calls that fetch equal bytes from one URL share one tree. Freshness is
 * the fetcher's business. Any thread.
 */
#pragma once
#include "document.h"

G_BEGIN_DECLS

typedef struct _McpVxmlCache McpVxmlCache;

/** mcp_vxml_cache_new: (transfer full): holds trees up to @max_bytes, the least used go first. */
McpVxmlCache *mcp_vxml_cache_new(gsize max_bytes);
McpVxmlCache *mcp_vxml_cache_ref(McpVxmlCache *cache);
void mcp_vxml_cache_unref(McpVxmlCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlCache, mcp_vxml_cache_unref)
/** mcp_vxml_cache_set_limit: from now on. */
void mcp_vxml_cache_set_limit(McpVxmlCache *cache, gsize max_bytes);
/** mcp_vxml_cache_get: (transfer full) (nullable): @id: identity of the bytes. */
McpVxmlDocument *mcp_vxml_cache_get(McpVxmlCache *cache, const char *url, const char *id);
/** mcp_vxml_cache_put: keeps a reference. */
void mcp_vxml_cache_put(McpVxmlCache *cache, const char *url, const char *id,
                        McpVxmlDocument *document);

G_END_DECLS
