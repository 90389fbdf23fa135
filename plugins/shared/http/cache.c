/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one cache of the process (RFC 9111): stored responses by URL and by the request fields that
 * Vary names, shared ones and those of one call, bounded in bytes. Any thread; the lock guards the
 * index, entries themselves never change.
 */
#include "cache.h"

#include <mcp/ledger.h>

#include "freshness.h"

/* Bytes that an entry costs beside its body, about. */
#define ENTRY_OVERHEAD 1024
/* One body may take this part of the cache at most. */
#define LARGEST_PART 4
#define VARIANTS_MAX 32

MCP_LEDGER_DEFINE(McpHttpEntry);

struct _McpHttpCache {
    GMutex lock;       /* guards all below */
    GHashTable *pages; /* url → GPtrArray of McpHttpEntry, the newest last */
    GQueue used;       /* McpHttpEntry, the least used first; holds no reference */
    GHashTable *links; /* McpHttpEntry → its GList link in used */
    gsize size;
    gsize limit;
};

/* Value of request field @name as far as requests of this cache differ in it. */
static const char *
request_field(const McpHttpQuery *query, const char *name)
{
    const char *value = NULL;

    if (g_ascii_strcasecmp(name, "accept") == 0)
        value = query->accept;
    else if (g_ascii_strcasecmp(name, "accept-language") == 0)
        value = query->accept_language;
    else if (g_ascii_strcasecmp(name, "cookie") == 0)
        value = query->cookie;
    return value != NULL ? value : "";
}

/* RFC 9111 §4.1: the secondary key. */
static char *
make_variant(const char *vary, const McpHttpQuery *query)
{
    g_autoptr(GString) key = g_string_new(NULL);
    g_auto(GStrv) names = g_strsplit(vary != NULL ? vary : "", ",", -1);

    for (guint i = 0; names[i] != NULL; i++) {
        const char *name = g_strstrip(names[i]);

        if (name[0] != '\0')
            g_string_append_printf(key, "%s\n", request_field(query, name));
    }
    return g_string_free(g_steal_pointer(&key), FALSE);
}

McpHttpEntry *
mcp_http_entry_new(const McpHttpEntryFacts *facts)
{
    McpHttpEntry *entry = g_new0(McpHttpEntry, 1);

    g_atomic_ref_count_init(&entry->refs);
    entry->url = g_strdup(facts->query->url);
    entry->variant = make_variant(facts->head->vary, facts->query);
    entry->owner = facts->shared ? NULL : g_strdup(facts->query->call_id);
    mcp_http_head_copy(facts->head, &entry->head);
    entry->body = g_bytes_ref(facts->body);
    entry->content_id = g_strdup(facts->content_id);
    entry->initial_age = facts->initial_age;
    entry->arrived = facts->arrived;
    MCP_LEDGER_CREATED(McpHttpEntry);
    return entry;
}

McpHttpEntry *
mcp_http_entry_ref(McpHttpEntry *entry)
{
    g_atomic_ref_count_inc(&entry->refs);
    return entry;
}

void
mcp_http_entry_unref(McpHttpEntry *entry)
{
    if (!g_atomic_ref_count_dec(&entry->refs))
        return;
    g_free(entry->url);
    g_free(entry->variant);
    g_free(entry->owner);
    mcp_http_head_clear(&entry->head);
    g_bytes_unref(entry->body);
    g_free(entry->content_id);
    g_free(entry);
    MCP_LEDGER_FINALIZED(McpHttpEntry);
}

gint64
mcp_http_entry_age(const McpHttpEntry *entry, gint64 now)
{
    return entry->initial_age + MAX(0, now - entry->arrived) / G_USEC_PER_SEC;
}

McpHttpCache *
mcp_http_cache_new(gsize limit)
{
    McpHttpCache *cache = g_new0(McpHttpCache, 1);

    g_mutex_init(&cache->lock);
    cache->pages =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    cache->links = g_hash_table_new(NULL, NULL);
    g_queue_init(&cache->used);
    cache->limit = limit;
    return cache;
}

void
mcp_http_cache_free(McpHttpCache *cache)
{
    g_queue_clear(&cache->used);
    g_hash_table_unref(cache->links);
    g_hash_table_unref(cache->pages);
    g_mutex_clear(&cache->lock);
    g_free(cache);
}

static gsize
entry_cost(const McpHttpEntry *entry)
{
    return g_bytes_get_size(entry->body) + strlen(entry->url) + ENTRY_OVERHEAD;
}

/* Takes @entry out of index and order; its page drops the reference. Lock held. */
static void
remove_entry(McpHttpCache *cache, McpHttpEntry *entry)
{
    GPtrArray *page = g_hash_table_lookup(cache->pages, entry->url);
    GList *link = g_hash_table_lookup(cache->links, entry);
    g_autoptr(McpHttpEntry) kept = mcp_http_entry_ref(entry);

    g_hash_table_remove(cache->links, entry);
    g_queue_delete_link(&cache->used, link);
    cache->size -= entry_cost(entry);
    g_ptr_array_remove(page, entry);
    if (page->len == 0)
        g_hash_table_remove(cache->pages, kept->url);
}

/* Lock held. */
static void
shrink(McpHttpCache *cache, gsize room)
{
    while (cache->used.length > 0 && cache->size + room > cache->limit)
        remove_entry(cache, g_queue_peek_head(&cache->used));
}

static gboolean
same_variant(const McpHttpEntry *a, const McpHttpEntry *b)
{
    return g_strcmp0(a->owner, b->owner) == 0 && g_strcmp0(a->head.vary, b->head.vary) == 0 &&
           strcmp(a->variant, b->variant) == 0;
}

static gboolean
entry_fits(const McpHttpEntry *entry, const McpHttpQuery *query)
{
    g_autofree char *variant = NULL;

    if (entry->owner != NULL && g_strcmp0(entry->owner, query->call_id) != 0)
        return FALSE;
    if (entry->head.vary == NULL)
        return TRUE;
    variant = make_variant(entry->head.vary, query);
    return strcmp(variant, entry->variant) == 0;
}

/* The one that arrived last of those that fit. Lock held. */
static McpHttpEntry *
find_entry(McpHttpCache *cache, const McpHttpQuery *query)
{
    GPtrArray *page = g_hash_table_lookup(cache->pages, query->url);

    for (guint i = page != NULL ? page->len : 0; i-- > 0;) {
        McpHttpEntry *entry = g_ptr_array_index(page, i);

        if (entry_fits(entry, query))
            return entry;
    }
    return NULL;
}

McpHttpEntry *
mcp_http_cache_lookup(McpHttpCache *cache, const McpHttpQuery *query, gint64 now,
                      gboolean *out_usable)
{
    McpHttpEntry *entry = NULL;

    g_mutex_lock(&cache->lock);
    entry = find_entry(cache, query);
    if (entry != NULL) {
        GList *link = g_hash_table_lookup(cache->links, entry);

        g_queue_unlink(&cache->used, link);
        g_queue_push_tail_link(&cache->used, link);
        mcp_http_entry_ref(entry);
    }
    g_mutex_unlock(&cache->lock);
    if (entry != NULL)
        *out_usable = mcp_http_is_usable(&entry->head, mcp_http_entry_age(entry, now),
                                         query->max_age, query->max_stale);
    return entry;
}

void
mcp_http_cache_store(McpHttpCache *cache, McpHttpEntry *entry)
{
    gsize cost = entry_cost(entry);
    GPtrArray *page = NULL;

    g_mutex_lock(&cache->lock);
    page = g_hash_table_lookup(cache->pages, entry->url);
    for (guint i = page != NULL ? page->len : 0; i-- > 0;) {
        McpHttpEntry *old = g_ptr_array_index(page, i);
        gboolean full = i == 0 && page->len >= VARIANTS_MAX;
        gboolean last = page->len == 1;

        if (same_variant(old, entry) || full)
            remove_entry(cache, old);
        if (last)
            break;
    }
    if (cost <= cache->limit / LARGEST_PART) {
        shrink(cache, cost);
        page = g_hash_table_lookup(cache->pages, entry->url);
        if (page == NULL) {
            page = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_http_entry_unref);
            g_hash_table_insert(cache->pages, g_strdup(entry->url), page);
        }
        g_ptr_array_add(page, mcp_http_entry_ref(entry));
        g_queue_push_tail(&cache->used, entry);
        g_hash_table_insert(cache->links, entry, cache->used.tail);
        cache->size += cost;
    }
    g_mutex_unlock(&cache->lock);
}

void
mcp_http_cache_invalidate(McpHttpCache *cache, const char *url)
{
    GPtrArray *page = NULL;

    g_mutex_lock(&cache->lock);
    while ((page = g_hash_table_lookup(cache->pages, url)) != NULL)
        remove_entry(cache, g_ptr_array_index(page, 0));
    g_mutex_unlock(&cache->lock);
}

void
mcp_http_cache_forget_call(McpHttpCache *cache, const char *call_id)
{
    GList *next = NULL;

    g_mutex_lock(&cache->lock);
    for (GList *at = cache->used.head; at != NULL; at = next) {
        McpHttpEntry *entry = at->data;

        next = at->next;
        if (g_strcmp0(entry->owner, call_id) == 0)
            remove_entry(cache, entry);
    }
    g_mutex_unlock(&cache->lock);
}

void
mcp_http_cache_set_limit(McpHttpCache *cache, gsize limit)
{
    g_mutex_lock(&cache->lock);
    cache->limit = limit;
    shrink(cache, 0);
    g_mutex_unlock(&cache->lock);
}

gsize
mcp_http_cache_get_size(McpHttpCache *cache)
{
    gsize size = 0;

    g_mutex_lock(&cache->lock);
    size = cache->size;
    g_mutex_unlock(&cache->lock);
    return size;
}
