/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries in a table and in the order of their use. One owner, who locks.
 */
#include "lru.h"

typedef struct {
    char *key;
    gpointer value;
    gsize size;
    GList link; /* data: the entry */
} Entry;

struct _McpLru {
    GHashTable *entries; /* key -> Entry */
    GQueue order;        /* most recently used first */
    gsize size;
    gsize limit;
    McpLruRef ref;
    GDestroyNotify unref;
};

McpLru *
mcp_lru_new(gsize limit, McpLruRef ref, GDestroyNotify unref)
{
    McpLru *lru = g_new0(McpLru, 1);

    lru->entries = g_hash_table_new(g_str_hash, g_str_equal);
    lru->limit = limit;
    lru->ref = ref;
    lru->unref = unref;
    return lru;
}

static void
drop(McpLru *lru, Entry *entry)
{
    g_queue_unlink(&lru->order, &entry->link);
    lru->size -= entry->size;
    g_hash_table_remove(lru->entries, entry->key);
    lru->unref(entry->value);
    g_free(entry->key);
    g_free(entry);
}

static void
shrink(McpLru *lru, gsize limit)
{
    while (lru->order.tail != NULL && (lru->size > limit || limit == 0))
        drop(lru, lru->order.tail->data);
}

void
mcp_lru_free(McpLru *lru)
{
    shrink(lru, 0);
    g_hash_table_unref(lru->entries);
    g_free(lru);
}

void
mcp_lru_set_limit(McpLru *lru, gsize limit)
{
    lru->limit = limit;
    shrink(lru, limit);
}

gsize
mcp_lru_get_size(const McpLru *lru)
{
    return lru->size;
}

guint
mcp_lru_get_length(const McpLru *lru)
{
    return lru->order.length;
}

gpointer
mcp_lru_get(McpLru *lru, const char *key)
{
    Entry *entry = g_hash_table_lookup(lru->entries, key);

    if (entry == NULL)
        return NULL;
    g_queue_unlink(&lru->order, &entry->link);
    g_queue_push_head_link(&lru->order, &entry->link);
    return lru->ref(entry->value);
}

void
mcp_lru_put(McpLru *lru, const char *key, gpointer value, gsize size)
{
    Entry *entry;

    if (size > lru->limit / 4 || g_hash_table_contains(lru->entries, key))
        return;
    entry = g_new0(Entry, 1);
    entry->key = g_strdup(key);
    entry->value = lru->ref(value);
    entry->size = size;
    entry->link.data = entry;
    g_hash_table_insert(lru->entries, entry->key, entry);
    g_queue_push_head_link(&lru->order, &entry->link);
    lru->size += size;
    shrink(lru, lru->limit);
}
