/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rooms of the process by name. Any thread but a media worker.
 */
#include "rooms.h"

#include "../service.h"
#include <mcp/error.h>
#include <string.h>

typedef struct {
    McpMediaRoom *room;
    guint holders;
} Entry;

struct _McpMediaRooms {
    McpMetrics *metrics; /* nullable */
    GMutex lock;
    GHashTable *table; /* name of the room → Entry */
};

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    mcp_media_room_close(entry->room);
    mcp_media_room_unref(entry->room);
    g_free(entry);
}

McpMediaRooms *
mcp_media_rooms_new(McpMetrics *metrics)
{
    McpMediaRooms *self = g_new0(McpMediaRooms, 1);

    self->metrics = metrics;
    g_mutex_init(&self->lock);
    self->table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    return self;
}

void
mcp_media_rooms_free(McpMediaRooms *rooms)
{
    g_hash_table_unref(rooms->table);
    g_mutex_clear(&rooms->lock);
    g_free(rooms);
}

/* With the lock held. */
static void
show_count(McpMediaRooms *self)
{
    if (self->metrics != NULL)
        mcp_metrics_set(self->metrics, MCP_MEDIA_METRIC_ROOMS, 0, g_hash_table_size(self->table));
}

/* With the lock held. */
static McpMediaRoom *
take(McpMediaRooms *self, const char *name)
{
    Entry *entry = g_hash_table_lookup(self->table, name);

    if (entry == NULL)
        return NULL;
    entry->holders++;
    return mcp_media_room_ref(entry->room);
}

McpMediaRoom *
mcp_media_rooms_find(McpMediaRooms *rooms, const char *name)
{
    McpMediaRoom *room = NULL;

    g_mutex_lock(&rooms->lock);
    room = take(rooms, name);
    g_mutex_unlock(&rooms->lock);
    return room;
}

McpMediaRoom *
mcp_media_rooms_open(McpMediaRooms *rooms, const char *name, const McpRoomParams *params,
                     McpMediaWorker *home, GError **error)
{
    McpMediaRoom *room = NULL;

    if (!mcp_media_room_check(name, params, error))
        return NULL;
    g_mutex_lock(&rooms->lock);
    room = take(rooms, name);
    if (room == NULL) {
        Entry *entry = g_new0(Entry, 1);

        entry->room = mcp_media_room_new(name, params, home);
        g_hash_table_insert(rooms->table, (char *)mcp_media_room_get_name(entry->room), entry);
        show_count(rooms);
        room = take(rooms, name);
    }
    g_mutex_unlock(&rooms->lock);
    return room;
}

McpMediaRoom *
mcp_media_rooms_hold(McpMediaRooms *rooms, McpMediaRoom *room)
{
    return mcp_media_rooms_find(rooms, mcp_media_room_get_name(room));
}

void
mcp_media_rooms_drop(McpMediaRooms *rooms, McpMediaRoom *room)
{
    Entry *entry = NULL;

    g_mutex_lock(&rooms->lock);
    entry = g_hash_table_lookup(rooms->table, mcp_media_room_get_name(room));
    if (entry != NULL && --entry->holders == 0)
        g_hash_table_remove(rooms->table, mcp_media_room_get_name(room));
    show_count(rooms);
    g_mutex_unlock(&rooms->lock);
    mcp_media_room_unref(room);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    McpMediaRoom *const *one = a;
    McpMediaRoom *const *other = b;

    return strcmp(mcp_media_room_get_name(*one), mcp_media_room_get_name(*other));
}

void
mcp_media_rooms_list(McpMediaRooms *rooms, McpJson *json)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_media_room_unref);
    GHashTableIter iter;
    gpointer value = NULL;

    g_mutex_lock(&rooms->lock);
    g_hash_table_iter_init(&iter, rooms->table);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_ptr_array_add(all, mcp_media_room_ref(((Entry *)value)->room));
    g_mutex_unlock(&rooms->lock);
    g_ptr_array_sort(all, compare_names);
    mcp_json_begin_array(json, "rooms");
    for (guint i = 0; i < all->len; i++) {
        mcp_json_begin_object(json, NULL);
        mcp_media_room_describe(g_ptr_array_index(all, i), json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

guint
mcp_media_rooms_count(McpMediaRooms *rooms)
{
    guint n = 0;

    g_mutex_lock(&rooms->lock);
    n = g_hash_table_size(rooms->table);
    g_mutex_unlock(&rooms->lock);
    return n;
}
