/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of parsed pages; one lock of its own, held for a look-up only. Any thread. */
#include "document_cache.h"

typedef struct {
    char *key;
    McpVxmlDocument *document;
    gsize size;
    GList link; /* in McpVxmlCache.recent */
} Entry;

struct _McpVxmlCache {
    gatomicrefcount refs;
    GMutex lock;         /* guards all below */
    GHashTable *entries; /* key → Entry */
    GQueue recent;       /* Entry, the last used first */
    gsize size;
    gsize max_bytes;
};

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    g_free(entry->key);
    mcp_vxml_document_unref(entry->document);
    g_free(entry);
}

McpVxmlCache *
mcp_vxml_cache_new(gsize max_bytes)
{
    McpVxmlCache *cache = g_new0(McpVxmlCache, 1);

    g_atomic_ref_count_init(&cache->refs);
    g_mutex_init(&cache->lock);
    g_queue_init(&cache->recent);
    cache->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    cache->max_bytes = max_bytes;
    return cache;
}

McpVxmlCache *
mcp_vxml_cache_ref(McpVxmlCache *cache)
{
    g_atomic_ref_count_inc(&cache->refs);
    return cache;
}

void
mcp_vxml_cache_unref(McpVxmlCache *cache)
{
    if (!g_atomic_ref_count_dec(&cache->refs))
        return;
    g_hash_table_unref(cache->entries);
    g_mutex_clear(&cache->lock);
    g_free(cache);
}

static void
remove_entry(McpVxmlCache *cache, Entry *entry)
{
    g_queue_unlink(&cache->recent, &entry->link);
    cache->size -= entry->size;
    g_hash_table_remove(cache->entries, entry->key);
}

static void
shrink(McpVxmlCache *cache)
{
    while (cache->size > cache->max_bytes && cache->recent.tail != NULL)
        remove_entry(cache, cache->recent.tail->data);
}

void
mcp_vxml_cache_set_limit(McpVxmlCache *cache, gsize max_bytes)
{
    g_mutex_lock(&cache->lock);
    cache->max_bytes = max_bytes;
    shrink(cache);
    g_mutex_unlock(&cache->lock);
}

McpVxmlDocument *
mcp_vxml_cache_get(McpVxmlCache *cache, const char *url, const char *id)
{
    g_autofree char *key = g_strconcat(id, "\n", url, NULL);
    McpVxmlDocument *document = NULL;
    Entry *entry;

    g_mutex_lock(&cache->lock);
    entry = g_hash_table_lookup(cache->entries, key);
    if (entry != NULL) {
        g_queue_unlink(&cache->recent, &entry->link);
        g_queue_push_head_link(&cache->recent, &entry->link);
        document = mcp_vxml_document_ref(entry->document);
    }
    g_mutex_unlock(&cache->lock);
    return document;
}

void
mcp_vxml_cache_put(McpVxmlCache *cache, const char *url, const char *id, McpVxmlDocument *document)
{
    Entry *entry = g_new0(Entry, 1);
    Entry *old;

    entry->key = g_strconcat(id, "\n", url, NULL);
    entry->document = mcp_vxml_document_ref(document);
    entry->size = mcp_vxml_document_get_size(document);
    entry->link.data = entry;
    g_mutex_lock(&cache->lock);
    old = g_hash_table_lookup(cache->entries, entry->key);
    if (old != NULL)
        remove_entry(cache, old);
    g_hash_table_insert(cache->entries, entry->key, entry);
    g_queue_push_head_link(&cache->recent, &entry->link);
    cache->size += entry->size;
    shrink(cache);
    g_mutex_unlock(&cache->lock);
}
