/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of log lines: a hash table with open addressing that only grows, up to its limit, so
 * that any thread counts without a lock. Any thread.
 */
#include "line_counts.h"

#include <string.h>

typedef struct {
    McpLogLevel level;
    const char *plugin; /* behind @id, in the same block */
    char id[];
} Key;

typedef struct {
    Key *key;     /* atomic: set once */
    gint64 count; /* atomic */
} Place;

struct _McpLineCounts {
    guint limit;
    guint used;     /* atomic */
    guint n_places; /* a power of two, twice the limit at least: there is a free one always */
    Place *places;
    gint64 other[MCP_LINE_COUNTS_LEVELS]; /* atomic */
};

McpLineCounts *
mcp_line_counts_new(guint limit)
{
    McpLineCounts *counts = g_new0(McpLineCounts, 1);

    counts->limit = limit;
    counts->n_places = 2;
    while (counts->n_places < 2 * limit)
        counts->n_places *= 2;
    counts->places = g_new0(Place, counts->n_places);
    return counts;
}

void
mcp_line_counts_free(McpLineCounts *counts)
{
    for (guint i = 0; i < counts->n_places; i++)
        g_free(counts->places[i].key);
    g_free(counts->places);
    g_free(counts);
}

static gboolean
is_of(const Key *key, McpLogLevel level, const char *plugin, const char *id)
{
    return key->level == level && strcmp(key->id, id) == 0 && strcmp(key->plugin, plugin) == 0;
}

static Key *
key_new(McpLogLevel level, const char *plugin, const char *id)
{
    gsize id_size = strlen(id) + 1;
    gsize plugin_size = strlen(plugin) + 1;
    Key *key = g_malloc(sizeof(Key) + id_size + plugin_size);

    key->level = level;
    key->plugin = key->id + id_size;
    memcpy(key->id, id, id_size);
    memcpy(key->id + id_size, plugin, plugin_size);
    return key;
}

/* (nullable): takes the free place for the key, unless all are taken that may be. */
static const Key *
take_place(McpLineCounts *counts, Place *place, McpLogLevel level, const char *plugin,
           const char *id)
{
    Key *key = NULL;
    Key *before = NULL;

    if (__atomic_fetch_add(&counts->used, 1, __ATOMIC_RELAXED) >= counts->limit) {
        __atomic_fetch_sub(&counts->used, 1, __ATOMIC_RELAXED);
        return NULL;
    }
    key = key_new(level, plugin, id);
    if (__atomic_compare_exchange_n(&place->key, &before, key, FALSE, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return key;
    /* Another thread was there first, with this key or with one that shares the place. */
    __atomic_fetch_sub(&counts->used, 1, __ATOMIC_RELAXED);
    g_free(key);
    return before;
}

/* (nullable): the place of the key, taken now if it has none; NULL: there is none left. */
static Place *
find_place(McpLineCounts *counts, McpLogLevel level, const char *plugin, const char *id)
{
    guint at = g_str_hash(id) * 31 + g_str_hash(plugin) + (guint)level;

    for (guint i = 0; i < counts->n_places; i++) {
        Place *place = &counts->places[(at + i) & (counts->n_places - 1)];
        const Key *key = __atomic_load_n(&place->key, __ATOMIC_ACQUIRE);

        if (key == NULL)
            key = take_place(counts, place, level, plugin, id);
        if (key == NULL)
            return NULL;
        if (is_of(key, level, plugin, id))
            return place;
    }
    return NULL;
}

void
mcp_line_counts_add(McpLineCounts *counts, McpLogLevel level, const char *plugin, const char *id)
{
    Place *place = find_place(counts, level, plugin, id);

    __atomic_fetch_add(place != NULL ? &place->count : &counts->other[level], 1, __ATOMIC_RELAXED);
}

void
mcp_line_counts_foreach(McpLineCounts *counts, McpLineCountsFunc func, gpointer user_data)
{
    for (guint i = 0; i < counts->n_places; i++) {
        const Key *key = __atomic_load_n(&counts->places[i].key, __ATOMIC_ACQUIRE);

        if (key != NULL)
            func(key->plugin, key->id, key->level,
                 __atomic_load_n(&counts->places[i].count, __ATOMIC_RELAXED), user_data);
    }
    for (guint i = 0; i < MCP_LINE_COUNTS_LEVELS; i++)
        func(MCP_LINE_COUNTS_OTHER, MCP_LINE_COUNTS_OTHER, (McpLogLevel)i,
             __atomic_load_n(&counts->other[i], __ATOMIC_RELAXED), user_data);
}
