/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache of shared immutable things by name, bounded by bytes: the least recently used go first.
 * Has no lock: its owner has.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _McpLru McpLru;

/** McpLruRef: takes a reference; returns its argument. */
typedef gpointer (*McpLruRef)(gpointer value);

/** mcp_lru_new: (transfer full): at most @limit bytes of values. */
McpLru *mcp_lru_new(gsize limit, McpLruRef ref, GDestroyNotify unref);
void mcp_lru_free(McpLru *lru);
/** mcp_lru_set_limit: drops what is too much. */
void mcp_lru_set_limit(McpLru *lru, gsize limit);
/** mcp_lru_get: (transfer full) (nullable): a reference of the value. */
gpointer mcp_lru_get(McpLru *lru, const char *key);
/** mcp_lru_get_size: bytes of its values. */
gsize mcp_lru_get_size(const McpLru *lru);
/** mcp_lru_get_length: how many values it has. */
guint mcp_lru_get_length(const McpLru *lru);
/** mcp_lru_put: keeps a reference if @size is not over a quarter of the limit and @key is new. */
void mcp_lru_put(McpLru *lru, const char *key, gpointer value, gsize size);

G_END_DECLS
