/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finished prompts by the hash of their request, bounded by bytes. Has no lock of its own.
 */
#include "cache.h"

typedef struct {
    char *key;
    McpAudio *audio;
    gsize size;
    GList link; /* data: the entry */
} Entry;

struct _McpSpeechCache {
    GHashTable *entries; /* key -> Entry */
    GQueue order;        /* most recently used first */
    gsize size;
    gsize limit;
};

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    mcp_audio_unref(entry->audio);
    g_free(entry->key);
    g_free(entry);
}

McpSpeechCache *
mcp_speech_cache_new(gsize limit)
{
    McpSpeechCache *cache = g_new0(McpSpeechCache, 1);

    cache->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    cache->limit = limit;
    return cache;
}

void
mcp_speech_cache_free(McpSpeechCache *cache)
{
    g_hash_table_unref(cache->entries);
    g_free(cache);
}

static void
shrink(McpSpeechCache *cache)
{
    while (cache->size > cache->limit && cache->order.tail != NULL) {
        Entry *entry = cache->order.tail->data;

        g_queue_unlink(&cache->order, &entry->link);
        cache->size -= entry->size;
        g_hash_table_remove(cache->entries, entry->key);
    }
}

void
mcp_speech_cache_set_limit(McpSpeechCache *cache, gsize limit)
{
    cache->limit = limit;
    shrink(cache);
}

McpAudio *
mcp_speech_cache_get(McpSpeechCache *cache, const char *key)
{
    Entry *entry = g_hash_table_lookup(cache->entries, key);

    if (entry == NULL)
        return NULL;
    g_queue_unlink(&cache->order, &entry->link);
    g_queue_push_head_link(&cache->order, &entry->link);
    return mcp_audio_ref(entry->audio);
}

void
mcp_speech_cache_put(McpSpeechCache *cache, const char *key, McpAudio *audio)
{
    gsize size = g_bytes_get_size(mcp_audio_get_bytes(audio)) + 512;
    Entry *entry;

    if (size > cache->limit / 4 || g_hash_table_contains(cache->entries, key))
        return;
    entry = g_new0(Entry, 1);
    entry->key = g_strdup(key);
    entry->audio = mcp_audio_ref(audio);
    entry->size = size;
    entry->link.data = entry;
    g_hash_table_insert(cache->entries, entry->key, entry);
    g_queue_push_head_link(&cache->order, &entry->link);
    cache->size += size;
    shrink(cache);
}
