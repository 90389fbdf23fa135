/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder's handle of a room: the contract's McpRoom, on the holder's context.
 */
#include "room_handle.h"

#include "../leg/leg_private.h"
#include "../leg/stream_live.h"
#include "../recorder/ending.h"
#include "rooms.h"
#include <mcp/error.h>
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaRoomHandle);

struct _McpMediaRoomHandle {
    GObject parent_instance;
    McpMediaService *service;
    McpMediaRoom *room; /* held */
    McpMediaRoomListener *listener;
    gboolean records; /* began a recording */
    McpRoomFunc func;
    gpointer user_data;
};

static void room_iface_init(McpRoomInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMediaRoomHandle, mcp_media_room_handle, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_ROOM, room_iface_init))

static void
emit(McpMediaRoomHandle *self, const McpRoomEvent *event)
{
    if (self == NULL || self->func == NULL)
        return;
    g_object_ref(self);
    self->func(MCP_ROOM(self), event, self->user_data);
    g_object_unref(self);
}

static void
recording_ended(const McpRecordingResult *result, const GError *error, gpointer user_data)
{
    McpMediaRoomListener *listener = user_data;
    const McpRoomEvent event = {
        .type = MCP_ROOM_RECORDING_ENDED,
        .member = "",
        .stop = result->stop,
        .recording = result,
        .error = error,
    };

    emit(listener->handle, &event);
    mcp_media_room_listener_unref(listener);
}

/* A handle that is gone has its recording all the same. */
static void
finish_recording(McpMediaEvent *event)
{
    McpMediaRoomHandle *self = event->listener->handle;
    McpMetrics *metrics = self != NULL ? mcp_media_service_get_metrics(self->service) : NULL;

    mcp_media_recording_finish(g_steal_pointer(&event->recorder), metrics, recording_ended,
                               mcp_media_room_listener_ref(event->listener));
}

void
mcp_media_room_handle_deliver(McpMediaEvent *event)
{
    const McpRoomEvent out = {
        .type = event->room_type,
        .member = event->member != NULL ? event->member->name : "",
        .members = event->members,
        .generation = event->generation,
        .stop = event->stop,
        .error = event->failure,
    };

    if (event->recorder != NULL)
        finish_recording(event);
    else
        emit(event->listener->handle, &out);
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

static gboolean
room_record(McpRoom *room, const McpRecordParams *params, GError **error)
{
    McpMediaRoomHandle *self = MCP_MEDIA_ROOM_HANDLE(room);
    McpRecordParams heard = *params;
    McpMediaRecorder *recorder = NULL;

    /* A room has one side. */
    heard.source = MCP_RECORD_HEARD;
    recorder = mcp_media_recorder_new(&heard, mcp_media_room_get_rate(self->room),
                                      mcp_media_service_get_pool(self->service),
                                      mcp_media_service_get_clock(self->service));
    if (recorder == NULL) {
        g_set_error(
            error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s cannot be recorded at %u samples a second",
            mcp_record_format_get_type(params->format), mcp_media_room_get_rate(self->room));
        return FALSE;
    }
    if (mcp_media_room_record(self->room, recorder, self->listener)) {
        self->records = TRUE;
        return TRUE;
    }
    mcp_media_recorder_abort(recorder);
    g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the room \"%s\" is recorded already",
                mcp_media_room_get_name(self->room));
    return FALSE;
}

static void
room_stop_recording(McpRoom *room)
{
    mcp_media_room_stop_recording(MCP_MEDIA_ROOM_HANDLE(room)->room);
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
    iface->record = room_record;
    iface->stop_recording = room_stop_recording;
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

    if (self->records)
        mcp_media_room_stop_recording(self->room);
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
