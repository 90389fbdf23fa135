/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conference rooms over the control API. A room lives while somebody holds it: here, while it plays
 * or is recorded because an operator said so. Control context.
 */
#include "rooms.h"

#include <mcp/contract/media.h>
#include <mcp/contract/store.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#include "audio_load.h"
#include "member_change.h"
#include "place.h"

struct _McpControlRooms {
    gatomicrefcount refs; /* one more for each audio that is loaded */
    McpHost *host;
    GHashTable *held; /* name of the room → Held */
};

/* A room that is held for something. */
typedef struct {
    McpControlRooms *rooms; /* borrowed: has it */
    McpRoom *room;
    guint64 generation; /* that plays; 0: none */
    gboolean recording;
} Held;

/* Audio on its way to a room. */
typedef struct {
    McpControlRooms *rooms;
    McpRoom *room;
    McpControlAnswer func;
    gpointer user_data;
} Play;

static void
held_free(gpointer data)
{
    Held *held = data;

    mcp_room_set_handler(held->room, NULL, NULL);
    g_object_unref(held->room);
    g_free(held);
}

McpControlRooms *
mcp_control_rooms_new(McpHost *host)
{
    McpControlRooms *rooms = g_new0(McpControlRooms, 1);

    g_atomic_ref_count_init(&rooms->refs);
    rooms->host = g_object_ref(host);
    rooms->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, held_free);
    return rooms;
}

void
mcp_control_rooms_unref(McpControlRooms *rooms)
{
    if (rooms == NULL || !g_atomic_ref_count_dec(&rooms->refs))
        return;
    g_hash_table_unref(rooms->held);
    g_object_unref(rooms->host);
    g_free(rooms);
}

/* (transfer full): the room @name; it is not made. */
static McpRoom *
find(McpControlRooms *self, const char *name, GError **error)
{
    g_autoptr(McpMedia) media = mcp_host_lookup(self->host, MCP_CONTRACT_MEDIA, NULL);

    if (media != NULL)
        return mcp_media_open_room(media, name, NULL, error);
    g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "no media service is running");
    return NULL;
}

void
mcp_control_rooms_list(McpHost *host, McpJson *json)
{
    g_autoptr(McpMedia) media = mcp_host_lookup(host, MCP_CONTRACT_MEDIA, NULL);

    if (media != NULL) {
        mcp_media_list_rooms(media, json);
        return;
    }
    mcp_json_begin_array(json, "rooms");
    mcp_json_end_array(json);
}

gboolean
mcp_control_rooms_show(McpControlRooms *rooms, const char *name, McpJson *json, GError **error)
{
    g_autoptr(McpRoom) room = find(rooms, name, error);

    if (room != NULL)
        mcp_room_describe(room, json);
    return room != NULL;
}

/* --- members --- */

gboolean
mcp_control_rooms_change(McpControlRooms *rooms, const char *name, const char *member, GBytes *body,
                         GError **error)
{
    g_autoptr(McpRoom) room = find(rooms, name, error);
    g_autofree char *partner = NULL;
    McpRoomMember how;

    if (room == NULL)
        return FALSE;
    if (!mcp_room_get_member(room, member, &how)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "nobody in the room \"%s\" is \"%s\"",
                    name, member);
        return FALSE;
    }
    /* Its own lives until the next change of the room, by whomever. */
    partner = g_strdup(how.partner);
    how.partner = partner;
    if (!mcp_control_member_change(body, &how, &partner, error) ||
        !mcp_room_change_member(room, member, &how, error))
        return FALSE;
    mcp_log_info("room-change", member,
                 "by an operator, in room %s: %s%s%s, gain %.1f dB, volume %.1f dB", name,
                 mcp_room_role_name(how.role), how.muted ? ", mute" : "", how.deaf ? ", deaf" : "",
                 how.gain, how.volume);
    return TRUE;
}

gboolean
mcp_control_rooms_remove(McpControlRooms *rooms, const char *name, const char *member,
                         GError **error)
{
    g_autoptr(McpRoom) room = find(rooms, name, error);

    if (room == NULL || !mcp_room_remove_member(room, member, error))
        return FALSE;
    mcp_log_info("room-remove", member, "removed from room %s by an operator", name);
    return TRUE;
}

/* --- what holds a room --- */

static void
on_room(McpRoom *room, const McpRoomEvent *event, gpointer user_data)
{
    Held *held = user_data;

    /* Nobody is left whose words could be recorded: the room is not held for them. */
    if (event->type == MCP_ROOM_LEFT && event->members == 0 && held->recording)
        mcp_room_stop_recording(room);
    if (event->type == MCP_ROOM_PLAYBACK_ENDED && event->generation == held->generation)
        held->generation = 0;
    else if (event->type == MCP_ROOM_RECORDING_ENDED)
        held->recording = FALSE;
    if (held->generation == 0 && !held->recording)
        g_hash_table_remove(held->rooms->held, mcp_room_get_name(room));
}

static Held *
hold(McpControlRooms *self, McpRoom *room)
{
    const char *name = mcp_room_get_name(room);
    Held *held = g_hash_table_lookup(self->held, name);

    if (held != NULL)
        return held;
    held = g_new0(Held, 1);
    held->rooms = self;
    held->room = g_object_ref(room);
    mcp_room_set_handler(room, on_room, held);
    g_hash_table_insert(self->held, g_strdup(name), held);
    return held;
}

/* The room must be there, and do what is to be stopped. */
static Held *
find_held(McpControlRooms *self, const char *name, const char *what, GError **error)
{
    g_autoptr(McpRoom) room = find(self, name, error);
    Held *held = room != NULL ? g_hash_table_lookup(self->held, name) : NULL;

    if (room != NULL && held == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the room \"%s\" %s", name, what);
    return held;
}

static void
answer(const Play *play, guint status, const char *key, const char *value)
{
    g_autofree char *text = mcp_control_object(key, value);

    play->func(status, text, play->user_data);
}

static void
on_loaded(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Play *play = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpAudio) audio = mcp_audio_load_finish(result, &error);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    Held *held = NULL;

    if (audio != NULL) {
        held = hold(play->rooms, play->room);
        held->generation = mcp_room_play(held->room, &item, 1);
        answer(play, 202, "room", mcp_room_get_name(play->room));
    } else {
        answer(play, mcp_control_status_of(error), "error", error->message);
    }
    g_object_unref(play->room);
    mcp_control_rooms_unref(play->rooms);
    g_free(play);
}

void
mcp_control_rooms_play(McpControlRooms *rooms, const char *name, GBytes *body,
                       McpControlAnswer func, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpRoom) room = find(rooms, name, &error);
    g_autofree char *where = room != NULL ? mcp_control_parse_member(body, "audio", &error) : NULL;
    Play *play = NULL;

    if (room != NULL && where == NULL && error == NULL)
        g_set_error(&error, MCP_ERROR, MCP_ERROR_INVALID, "audio is missing");
    if (error != NULL) {
        const Play failed = {.func = func, .user_data = user_data};

        answer(&failed, mcp_control_status_of(error), "error", error->message);
        return;
    }
    play = g_new0(Play, 1);
    g_atomic_ref_count_inc(&rooms->refs);
    play->rooms = rooms;
    play->room = g_steal_pointer(&room);
    play->func = func;
    play->user_data = user_data;
    mcp_audio_load_async(rooms->host, where, on_loaded, play);
}

gboolean
mcp_control_rooms_stop(McpControlRooms *rooms, const char *name, GError **error)
{
    static const char what[] = "plays nothing for an operator";
    Held *held = find_held(rooms, name, what, error);

    if (held != NULL && held->generation == 0)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the room \"%s\" %s", name, what);
    else if (held != NULL)
        mcp_room_stop(held->room, held->generation);
    return held != NULL && held->generation != 0;
}

/* --- recording --- */

static gboolean
read_format(GBytes *body, McpRecordFormat *out_format, GError **error)
{
    static const char *const names[] = {[MCP_RECORD_WAV_PCM] = "pcm",
                                        [MCP_RECORD_WAV_MULAW] = "mulaw",
                                        [MCP_RECORD_WAV_ALAW] = "alaw"};
    GError *fault = NULL;
    g_autofree char *name = mcp_control_parse_member(body, "format", &fault);

    *out_format = MCP_RECORD_WAV_PCM;
    if (fault != NULL) {
        g_propagate_error(error, fault);
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (name != NULL && strcmp(name, names[i]) == 0)
            *out_format = (McpRecordFormat)i;
        if (name == NULL || strcmp(name, names[i]) == 0)
            return TRUE;
    }
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "format is none of pcm, mulaw, alaw");
    return FALSE;
}

/* (transfer full): the object that @body names. */
static McpStoreStream *
open_object(McpControlRooms *self, GBytes *body, GError **error)
{
    g_autoptr(McpStore) store = mcp_host_lookup(self->host, MCP_CONTRACT_STORE, NULL);
    GError *fault = NULL;
    g_autofree char *name = mcp_control_parse_member(body, "name", &fault);
    const McpStoreObject object = {
        .name = name, .content_type = "audio/x-wav", .policy = MCP_STORE_REQUIRED};

    if (fault != NULL) {
        g_propagate_error(error, fault);
        return NULL;
    }
    if (name != NULL && store != NULL)
        return mcp_store_open(store, &object, error);
    if (name == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "name is missing");
    else
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "no store service is running");
    return NULL;
}

gboolean
mcp_control_rooms_record(McpControlRooms *rooms, const char *name, GBytes *body, GError **error)
{
    g_autoptr(McpRoom) room = find(rooms, name, error);
    g_autoptr(McpStoreStream) stream = NULL;
    McpRecordParams params = {.no_input = -1};
    GError *fault = NULL;
    Held *held = NULL;

    if (room == NULL || !read_format(body, &params.format, error))
        return FALSE;
    stream = open_object(rooms, body, &fault);
    params.stream = stream;
    held = stream != NULL ? hold(rooms, room) : NULL;
    if (held != NULL && mcp_room_record(held->room, &params, &fault)) {
        held->recording = TRUE;
        mcp_log_info("room-record", NULL, "room %s is recorded as %s by an operator", name,
                     mcp_store_stream_get_name(stream));
        return TRUE;
    }
    if (stream != NULL)
        mcp_store_stream_abort(stream);
    if (held != NULL && held->generation == 0 && !held->recording)
        g_hash_table_remove(rooms->held, name);
    g_propagate_error(error, fault);
    return FALSE;
}

gboolean
mcp_control_rooms_stop_recording(McpControlRooms *rooms, const char *name, GError **error)
{
    static const char what[] = "is not recorded by an operator";
    Held *held = find_held(rooms, name, what, error);

    if (held != NULL && held->recording) {
        mcp_room_stop_recording(held->room);
        return TRUE;
    }
    if (held != NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the room \"%s\" %s", name, what);
    return FALSE;
}
