/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control side of a room: who is in it, and the commands to its home worker. The table of
 * members here is what people ask for; the worker has its own list, which follows it.
 */
#include "room_private.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaRoom);

#define DEFAULT_RATE 8000
#define STEP_SLOTS 4
/* What is played is brought into this or the next rate, and from there into the room's. */
#define WIDE_RATE 16000
#define RESAMPLER_QUALITY 4

/* --- holders that listen --- */

McpMediaRoomListener *
mcp_media_room_listener_new(gpointer handle, McpMediaMailbox *mailbox)
{
    McpMediaRoomListener *self = g_new0(McpMediaRoomListener, 1);

    self->refs = 1;
    self->handle = handle;
    self->mailbox = mcp_media_mailbox_ref(mailbox);
    return self;
}

McpMediaRoomListener *
mcp_media_room_listener_ref(McpMediaRoomListener *listener)
{
    g_atomic_int_inc(&listener->refs);
    return listener;
}

void
mcp_media_room_listener_unref(McpMediaRoomListener *listener)
{
    if (listener == NULL || !g_atomic_int_dec_and_test(&listener->refs))
        return;
    mcp_media_mailbox_unref(listener->mailbox);
    g_free(listener);
}

/* --- commands --- */

typedef struct {
    McpMediaCommand base;
    McpMediaRoom *room;
    McpMediaMember *member; /* nullable */
    McpMediaMemberControls controls;
    McpMediaPlayList *list;         /* nullable */
    McpMediaRecorder *recorder;     /* nullable */
    McpMediaRoomListener *listener; /* nullable */
    guint64 generation;
} RoomCommand;

static void
room_command_free(gpointer data)
{
    RoomCommand *command = data;

    g_clear_pointer(&command->list, mcp_media_play_list_free);
    mcp_media_room_listener_unref(command->listener);
    mcp_media_member_unref(command->member);
    mcp_media_room_unref(command->room);
    g_free(command);
}

static RoomCommand *
room_command_new(McpMediaRoom *room, McpMediaMember *member, void (*run)(McpMediaCommand *, gint64))
{
    RoomCommand *command = g_new0(RoomCommand, 1);

    command->base.run = run;
    command->base.free = room_command_free;
    command->room = mcp_media_room_ref(room);
    command->member = member != NULL ? mcp_media_member_ref(member) : NULL;
    return command;
}

static void
post(RoomCommand *command)
{
    mcp_media_worker_post(command->room->home, &command->base);
}

static void
run_enter(McpMediaCommand *base, gint64 now)
{
    RoomCommand *command = (RoomCommand *)base;

    mcp_media_room_enter(command->room, command->member, &command->controls, now);
}

static void
run_exit(McpMediaCommand *base, gint64 now)
{
    RoomCommand *command = (RoomCommand *)base;

    mcp_media_room_exit(command->room, command->member, now);
}

static void
run_apply(McpMediaCommand *base, gint64 now)
{
    RoomCommand *command = (RoomCommand *)base;

    if (command->member->present)
        mcp_media_room_apply(command->room, command->member, &command->controls);
}

static void
run_fit_period(McpMediaCommand *base, gint64 now)
{
    mcp_media_room_fit_period(((RoomCommand *)base)->room);
}

static void
run_play(McpMediaCommand *base, gint64 now)
{
    RoomCommand *command = (RoomCommand *)base;
    McpMediaRoom *self = command->room;

    mcp_media_room_end_list(self, MCP_STOP_COMMAND, NULL, now);
    mcp_media_player_start(&self->player, g_steal_pointer(&command->list));
    self->player_owner = g_steal_pointer(&command->listener);
    if (self->closed)
        mcp_media_room_end_list(self, MCP_STOP_CLOSED, NULL, now);
}

static void
run_stop(McpMediaCommand *base, gint64 now)
{
    RoomCommand *command = (RoomCommand *)base;
    McpMediaRoom *self = command->room;

    if (self->player.list != NULL && self->player.list->generation == command->generation)
        mcp_media_room_end_list(self, MCP_STOP_COMMAND, NULL, now);
}

static void
run_record(McpMediaCommand *base, gint64 now)
{
    RoomCommand *command = (RoomCommand *)base;
    McpMediaRoom *self = command->room;

    self->recorder = g_steal_pointer(&command->recorder);
    self->recorder_owner = g_steal_pointer(&command->listener);
    self->records = FALSE;
    mcp_media_recorder_begin(self->recorder, now);
    if (self->closed)
        mcp_media_room_end_recording(self, MCP_STOP_CLOSED, now);
}

static void
run_stop_recording(McpMediaCommand *base, gint64 now)
{
    mcp_media_room_end_recording(((RoomCommand *)base)->room, MCP_STOP_COMMAND, now);
}

static void
run_close(McpMediaCommand *base, gint64 now)
{
    McpMediaRoom *self = ((RoomCommand *)base)->room;

    self->closed = TRUE;
    mcp_media_room_end_list(self, MCP_STOP_CLOSED, NULL, now);
    mcp_media_room_end_recording(self, MCP_STOP_CLOSED, now);
    if (self->added)
        mcp_media_worker_remove(self->home, &self->ticked);
    self->added = FALSE;
}

/* --- members --- */

static void
entry_free(gpointer data)
{
    McpMediaRoomEntry *entry = data;

    mcp_media_member_unref(entry->member);
    g_free((char *)entry->how.partner);
    g_free(entry);
}

static McpMediaRoomEntry *
find_entry(McpMediaRoom *self, const char *name)
{
    for (guint i = 0; i < self->entries->len; i++) {
        McpMediaRoomEntry *entry = g_ptr_array_index(self->entries, i);

        if (g_str_equal(entry->member->name, name))
            return entry;
    }
    return NULL;
}

static void
set_how(McpMediaRoomEntry *entry, const McpRoomMember *how)
{
    char *partner = g_strdup(how->partner);

    g_free((char *)entry->how.partner);
    entry->how = *how;
    entry->how.partner = partner;
}

static gboolean
add_entry(McpMediaRoom *self, McpMediaMember *member, const McpRoomMember *how, GError **error)
{
    McpMediaRoomEntry *entry = NULL;

    if (self->params.max_members > 0 && self->entries->len >= self->params.max_members) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "the room \"%s\" is full: %u members",
                    self->name, self->params.max_members);
        return FALSE;
    }
    if (find_entry(self, member->name) != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "\"%s\" is in the room \"%s\" already",
                    member->name, self->name);
        return FALSE;
    }
    entry = g_new0(McpMediaRoomEntry, 1);
    entry->member = mcp_media_member_ref(member);
    set_how(entry, how);
    g_ptr_array_add(self->entries, entry);
    return TRUE;
}

gboolean
mcp_media_room_add(McpMediaRoom *room, McpMediaMember *member, const McpRoomMember *how,
                   GError **error)
{
    McpMediaMemberControls controls;
    RoomCommand *command = NULL;
    gboolean added = FALSE;

    if (!mcp_media_member_controls(how, &controls, error))
        return FALSE;
    g_mutex_lock(&room->lock);
    added = add_entry(room, member, how, error);
    g_mutex_unlock(&room->lock);
    if (!added)
        return FALSE;
    command = room_command_new(room, member, run_enter);
    command->controls = controls;
    post(command);
    return TRUE;
}

void
mcp_media_room_remove(McpMediaRoom *room, McpMediaMember *member)
{
    McpMediaRoomEntry *entry = NULL;

    g_mutex_lock(&room->lock);
    for (guint i = 0; i < room->entries->len && entry == NULL; i++) {
        entry = g_ptr_array_index(room->entries, i);
        if (entry->member == member)
            g_ptr_array_steal_index(room->entries, i);
        else
            entry = NULL;
    }
    g_mutex_unlock(&room->lock);
    if (entry == NULL)
        return;
    post(room_command_new(room, member, run_exit));
    entry_free(entry);
}

McpMediaMember *
mcp_media_room_find(McpMediaRoom *room, const char *name)
{
    McpMediaRoomEntry *entry = NULL;
    McpMediaMember *member = NULL;

    g_mutex_lock(&room->lock);
    entry = find_entry(room, name);
    if (entry != NULL)
        member = mcp_media_member_ref(entry->member);
    g_mutex_unlock(&room->lock);
    return member;
}

gboolean
mcp_media_room_change(McpMediaRoom *room, const char *name, const McpRoomMember *how,
                      GError **error)
{
    McpMediaMemberControls controls;
    McpMediaRoomEntry *entry = NULL;
    RoomCommand *command = NULL;

    if (!mcp_media_member_controls(how, &controls, error))
        return FALSE;
    g_mutex_lock(&room->lock);
    entry = find_entry(room, name);
    if (entry != NULL) {
        set_how(entry, how);
        command = room_command_new(room, entry->member, run_apply);
    }
    g_mutex_unlock(&room->lock);
    if (command == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "nobody in the room \"%s\" is \"%s\"",
                    room->name, name);
        return FALSE;
    }
    command->controls = controls;
    post(command);
    return TRUE;
}

gboolean
mcp_media_room_get(McpMediaRoom *room, const char *name, McpRoomMember *out_how)
{
    McpMediaRoomEntry *entry = NULL;

    g_mutex_lock(&room->lock);
    entry = find_entry(room, name);
    if (entry != NULL)
        *out_how = entry->how;
    g_mutex_unlock(&room->lock);
    return entry != NULL;
}

void
mcp_media_room_set_ptime(McpMediaRoom *room, McpMediaMember *member, guint ptime)
{
    if (atomic_exchange(&member->ptime, ptime) != ptime)
        post(room_command_new(room, member, run_fit_period));
}

/* --- listeners, lists --- */

void
mcp_media_room_add_listener(McpMediaRoom *room, McpMediaRoomListener *listener)
{
    g_mutex_lock(&room->lock);
    g_ptr_array_add(room->listeners, mcp_media_room_listener_ref(listener));
    g_mutex_unlock(&room->lock);
}

void
mcp_media_room_remove_listener(McpMediaRoom *room, McpMediaRoomListener *listener)
{
    g_mutex_lock(&room->lock);
    g_ptr_array_remove(room->listeners, listener);
    g_mutex_unlock(&room->lock);
}

McpMediaCodecId
mcp_media_room_get_play_codec(const McpMediaRoom *room)
{
    return room->play_format.codec->id;
}

guint64
mcp_media_room_next_generation(McpMediaRoom *room)
{
    guint64 generation = 0;

    g_mutex_lock(&room->lock);
    generation = ++room->generations;
    g_mutex_unlock(&room->lock);
    return generation;
}

void
mcp_media_room_play(McpMediaRoom *room, McpMediaPlayList *list, McpMediaRoomListener *listener)
{
    RoomCommand *command = room_command_new(room, NULL, run_play);

    command->list = list;
    command->listener = mcp_media_room_listener_ref(listener);
    post(command);
}

void
mcp_media_room_stop(McpMediaRoom *room, guint64 generation)
{
    RoomCommand *command = room_command_new(room, NULL, run_stop);

    command->generation = generation;
    post(command);
}

gboolean
mcp_media_room_record(McpMediaRoom *room, McpMediaRecorder *recorder,
                      McpMediaRoomListener *listener)
{
    RoomCommand *command = NULL;
    gboolean free = FALSE;

    g_mutex_lock(&room->lock);
    free = !room->is_recorded;
    room->is_recorded = TRUE;
    g_mutex_unlock(&room->lock);
    if (!free)
        return FALSE;
    command = room_command_new(room, NULL, run_record);
    command->recorder = recorder;
    command->listener = mcp_media_room_listener_ref(listener);
    post(command);
    return TRUE;
}

void
mcp_media_room_stop_recording(McpMediaRoom *room)
{
    post(room_command_new(room, NULL, run_stop_recording));
}

/* --- what people see --- */

static void
describe_member(McpMediaRoom *self, const McpMediaRoomEntry *entry, McpJson *json)
{
    McpMediaMember *member = entry->member;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "id", member->name);
    mcp_json_string(json, "role", mcp_room_role_name(entry->how.role));
    if (entry->how.partner != NULL && *entry->how.partner != '\0')
        mcp_json_string(json, "partner", entry->how.partner);
    mcp_json_bool(json, "muted", entry->how.muted);
    mcp_json_bool(json, "deaf", entry->how.deaf);
    mcp_json_double(json, "gain_db", entry->how.gain);
    mcp_json_double(json, "volume_db", entry->how.volume);
    mcp_json_bool(json, "floor", self->speaker == member->name);
    mcp_json_int(json, "loudness", atomic_load(&member->loudness));
    mcp_json_bool(json, "other_worker", member->remote);
    mcp_json_double(json, "delay_ms", atomic_load(&member->delay_us) / 1000.0);
    mcp_json_int(json, "late_steps", (gint64)atomic_load(&member->late));
    mcp_json_int(json, "lost_frames", (gint64)atomic_load(&member->lost_frames));
    mcp_json_end_object(json);
}

void
mcp_media_room_describe(McpMediaRoom *room, McpJson *json)
{
    g_mutex_lock(&room->lock);
    mcp_json_string(json, "name", room->name);
    mcp_json_int(json, "rate", room->params.rate);
    mcp_json_int(json, "loudest", room->params.loudest);
    mcp_json_int(json, "max_members", room->params.max_members);
    mcp_json_bool(json, "tones", room->params.tones);
    mcp_json_bool(json, "clamp_digits", room->params.clamp_digits);
    mcp_json_bool(json, "recorded", room->is_recorded);
    mcp_json_int(json, "steps", (gint64)atomic_load(&room->steps));
    mcp_json_int(json, "skipped_steps", (gint64)atomic_load(&room->skipped));
    mcp_json_begin_array(json, "members");
    for (guint i = 0; i < room->entries->len; i++)
        describe_member(room, g_ptr_array_index(room->entries, i), json);
    mcp_json_end_array(json);
    g_mutex_unlock(&room->lock);
}

/* --- life --- */

gboolean
mcp_media_room_check(const char *name, const McpRoomParams *params, GError **error)
{
    guint rate = params->rate != 0 ? params->rate : DEFAULT_RATE;

    if (*name == '\0' || strlen(name) > MCP_ROOM_NAME_MAX || !g_utf8_validate(name, -1, NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "the name of a room has 1 to %u bytes of UTF-8", MCP_ROOM_NAME_MAX);
        return FALSE;
    }
    if (rate != 8000 && rate != 16000 && rate != 48000) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "the rate of a room is 8000, 16000 or 48000, not %u", rate);
        return FALSE;
    }
    if (params->loudest > MCP_MEDIA_LOUDEST_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "loudest is 0 to %u, not %u",
                    MCP_MEDIA_LOUDEST_MAX, params->loudest);
        return FALSE;
    }
    return TRUE;
}

McpMediaRoom *
mcp_media_room_new(const char *name, const McpRoomParams *params, McpMediaWorker *home)
{
    const McpMediaCodecOptions options = {0};
    McpMediaRoom *self = g_new0(McpMediaRoom, 1);
    McpMediaCodecId play = MCP_MEDIA_CODEC_L16_16000;

    MCP_LEDGER_CREATED(McpMediaRoom);
    self->refs = 1;
    self->ticked.klass = &mcp_media_room_class;
    self->ticked.period = STEP_SLOTS;
    g_strlcpy(self->name, name, sizeof self->name);
    self->params = *params;
    if (self->params.rate == 0)
        self->params.rate = DEFAULT_RATE;
    if (self->params.rate < WIDE_RATE)
        play = MCP_MEDIA_CODEC_L16_8000;
    self->home = mcp_media_worker_ref(home);
    mcp_media_format_init(&self->play_format, mcp_media_codec_get(play), &options);
    if (self->play_format.rate != self->params.rate)
        self->resampler = speex_resampler_init(1, self->play_format.rate, self->params.rate,
                                               RESAMPLER_QUALITY, NULL);
    mcp_media_mix_init(&self->mix);
    g_mutex_init(&self->lock);
    self->entries = g_ptr_array_new_with_free_func(entry_free);
    self->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_media_room_listener_unref);
    return self;
}

McpMediaRoom *
mcp_media_room_ref(McpMediaRoom *room)
{
    g_atomic_int_inc(&room->refs);
    return room;
}

void
mcp_media_room_unref(McpMediaRoom *room)
{
    if (room == NULL || !g_atomic_int_dec_and_test(&room->refs))
        return;
    g_ptr_array_unref(room->entries);
    g_ptr_array_unref(room->listeners);
    g_mutex_clear(&room->lock);
    mcp_media_worker_unref(room->home);
    if (room->resampler != NULL)
        speex_resampler_destroy(room->resampler);
    g_free(room);
    MCP_LEDGER_FINALIZED(McpMediaRoom);
}

static void
run_flush(McpMediaCommand *base, gint64 now)
{
    mcp_media_room_drain(((RoomCommand *)base)->room, now);
}

void
mcp_media_room_flush(McpMediaRoom *room)
{
    post(room_command_new(room, NULL, run_flush));
}

void
mcp_media_room_close(McpMediaRoom *room)
{
    post(room_command_new(room, NULL, run_close));
}

const char *
mcp_media_room_get_name(const McpMediaRoom *room)
{
    return room->name;
}

guint
mcp_media_room_get_rate(const McpMediaRoom *room)
{
    return room->params.rate;
}

McpMediaWorker *
mcp_media_room_get_home(const McpMediaRoom *room)
{
    return room->home;
}

gboolean
mcp_media_room_clamps_digits(const McpMediaRoom *room)
{
    return room->params.clamp_digits;
}
