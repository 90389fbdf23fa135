/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder's handle of a room: the contract's McpRoom, on the holder's context.
 */
#include "room_handle.h"

#include "../leg/leg_private.h"
#include "../leg/stream_live.h"
#include "rooms.h"
#include <mcp/error.h>
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaRoomHandle);

struct _McpMediaRoomHandle {
    GObject parent_instance;
    McpMediaService *service;
    McpMediaRoom *room; /* held */
    McpMediaRoomListener *listener;
    McpRoomFunc func;
    gpointer user_data;
};

static void room_iface_init(McpRoomInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMediaRoomHandle, mcp_media_room_handle, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_ROOM, room_iface_init))

void
mcp_media_room_handle_deliver(McpMediaEvent *event)
{
    McpMediaRoomHandle *self = event->listener->handle;
    const McpRoomEvent out = {
        .type = event->room_type,
        .member = event->member != NULL ? event->member->name : "",
        .generation = event->generation,
        .stop = event->stop,
        .error = event->failure,
    };

    if (self != NULL && self->func != NULL) {
        g_object_ref(self);
        self->func(MCP_ROOM(self), &out, self->user_data);
        g_object_unref(self);
    }
    g_clear_pointer(&event->list, mcp_media_play_list_free);
    g_clear_pointer(&event->member, mcp_media_member_unref);
    g_clear_pointer(&event->listener, mcp_media_room_listener_unref);
    mcp_media_event_free(event);
}

static const char *
room_get_name(McpRoom *room)
{
    return mcp_media_room_get_name(MCP_MEDIA_ROOM_HANDLE(room)->room);
}

static void
room_set_handler(McpRoom *room, McpRoomFunc func, gpointer user_data)
{
    McpMediaRoomHandle *self = MCP_MEDIA_ROOM_HANDLE(room);

    self->func = func;
    self->user_data = user_data;
}

static gboolean
room_join(McpRoom *room, McpLeg *leg, const McpRoomMember *member, GError **error)
{
    McpMediaRoomHandle *self = MCP_MEDIA_ROOM_HANDLE(room);

    if (!MCP_IS_MEDIA_LEG(leg)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s is no leg of these rooms",
                    G_OBJECT_TYPE_NAME(leg));
        return FALSE;
    }
    return mcp_media_leg_join(MCP_MEDIA_LEG(leg), self->room, member, error);
}

static gboolean
room_change_member(McpRoom *room, const char *name, const McpRoomMember *member, GError **error)
{
    return mcp_media_room_change(MCP_MEDIA_ROOM_HANDLE(room)->room, name, member, error);
}

static gboolean
room_get_member(McpRoom *room, const char *name, McpRoomMember *out_member)
{
    return mcp_media_room_get(MCP_MEDIA_ROOM_HANDLE(room)->room, name, out_member);
}

static gboolean
room_remove_member(McpRoom *room, const char *name, GError **error)
{
    McpMediaRoomHandle *self = MCP_MEDIA_ROOM_HANDLE(room);
    McpMediaMember *member = mcp_media_room_find(self->room, name);

    if (member == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "nobody in the room \"%s\" is \"%s\"",
                    mcp_media_room_get_name(self->room), name);
        return FALSE;
    }
    mcp_media_member_expel(member);
    mcp_media_member_unref(member);
    return TRUE;
}

static guint64
room_play(McpRoom *room, const McpPlayItem *items, guint n_items)
{
    McpMediaRoomHandle *self = MCP_MEDIA_ROOM_HANDLE(room);
    const McpMediaCodecOptions options = {0};
    guint64 generation = mcp_media_room_next_generation(self->room);
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(mcp_media_room_get_play_codec(self->room)),
                          &options);
    mcp_media_room_play(self->room,
                        mcp_media_play_list_new(generation, items, n_items,
                                                mcp_media_service_get_cache(self->service),
                                                &format),
                        self->listener);
    return generation;
}

static void
room_stop(McpRoom *room, guint64 generation)
{
    mcp_media_room_stop(MCP_MEDIA_ROOM_HANDLE(room)->room, generation);
}

static void
room_describe(McpRoom *room, McpJson *json)
{
    mcp_media_room_describe(MCP_MEDIA_ROOM_HANDLE(room)->room, json);
}

static void
room_iface_init(McpRoomInterface *iface)
{
    iface->get_name = room_get_name;
    iface->set_handler = room_set_handler;
    iface->join = room_join;
    iface->change_member = room_change_member;
    iface->get_member = room_get_member;
    iface->remove_member = room_remove_member;
    iface->play = room_play;
    iface->stop = room_stop;
    iface->describe = room_describe;
}

McpMediaRoomHandle *
mcp_media_room_handle_new(McpMediaService *service, McpMediaRoom *room, McpMediaMailbox *mailbox)
{
    McpMediaRoomHandle *self = g_object_new(MCP_TYPE_MEDIA_ROOM_HANDLE, NULL);

    self->service = g_object_ref(service);
    self->room = room;
    self->listener = mcp_media_room_listener_new(self, mailbox);
    mcp_media_room_add_listener(room, self->listener);
    return self;
}

static void
mcp_media_room_handle_finalize(GObject *object)
{
    McpMediaRoomHandle *self = MCP_MEDIA_ROOM_HANDLE(object);

    self->listener->handle = NULL;
    mcp_media_room_remove_listener(self->room, self->listener);
    mcp_media_room_listener_unref(self->listener);
    mcp_media_rooms_drop(mcp_media_service_get_rooms(self->service), self->room);
    g_object_unref(self->service);
    MCP_LEDGER_FINALIZED(McpMediaRoomHandle);
    G_OBJECT_CLASS(mcp_media_room_handle_parent_class)->finalize(object);
}

static void
mcp_media_room_handle_class_init(McpMediaRoomHandleClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_media_room_handle_finalize;
}

static void
mcp_media_room_handle_init(McpMediaRoomHandle *self)
{
    MCP_LEDGER_CREATED(McpMediaRoomHandle);
}
