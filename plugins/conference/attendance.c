/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is in which room. Members are of any shard: the tables are guarded by one lock, and what one
 * member does to others is posted to their contexts. Any thread.
 */
#include "attendance.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

typedef struct {
    char *name;
    guint max_members;
    guint present;
    guint moderators;
    gboolean all_muted;
    GPtrArray *seats; /* McpSeat, borrowed: each is out of it before it is freed */
} Room;

struct _McpAttendance {
    gatomicrefcount refs;
    GMutex lock;       /* guards the rooms and what seats say but for func, user_data */
    GHashTable *rooms; /* name of the Room → Room */
};

struct _McpSeat {
    gatomicrefcount refs; /* one more for each notice on its way */
    McpAttendance *attendance;
    Room *room;
    char *call_id;
    char *user;
    gboolean moderator;
    gboolean ends;
    gboolean entered;
    guint peak;
    GMainContext *context; /* set by entering */
    McpSeatFunc func;      /* nullable; of the context, as user_data is */
    gpointer user_data;
};

typedef struct {
    McpSeat *seat;
    McpNotice notice;
    char *call_id;
    char *user;
} Letter;

MCP_LEDGER_DEFINE(McpSeat);

static void
room_free(gpointer data)
{
    Room *room = data;

    g_free(room->name);
    g_ptr_array_unref(room->seats);
    g_free(room);
}

McpAttendance *
mcp_attendance_new(void)
{
    McpAttendance *attendance = g_new0(McpAttendance, 1);

    g_atomic_ref_count_init(&attendance->refs);
    g_mutex_init(&attendance->lock);
    attendance->rooms = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, room_free);
    return attendance;
}

McpAttendance *
mcp_attendance_ref(McpAttendance *attendance)
{
    g_atomic_ref_count_inc(&attendance->refs);
    return attendance;
}

void
mcp_attendance_unref(McpAttendance *attendance)
{
    if (attendance == NULL || !g_atomic_ref_count_dec(&attendance->refs))
        return;
    g_hash_table_unref(attendance->rooms);
    g_mutex_clear(&attendance->lock);
    g_free(attendance);
}

static void
seat_unref(McpSeat *seat)
{
    if (!g_atomic_ref_count_dec(&seat->refs))
        return;
    MCP_LEDGER_FINALIZED(McpSeat);
    mcp_attendance_unref(seat->attendance);
    g_clear_pointer(&seat->context, g_main_context_unref);
    g_free(seat->call_id);
    g_free(seat->user);
    g_free(seat);
}

/* --- notices --- */

static gboolean
run_letter(gpointer data)
{
    const Letter *letter = data;

    if (letter->seat->func != NULL)
        letter->seat->func(&letter->notice, letter->seat->user_data);
    return G_SOURCE_REMOVE;
}

static void
letter_free(gpointer data)
{
    Letter *letter = data;

    g_free(letter->call_id);
    g_free(letter->user);
    seat_unref(letter->seat);
    g_free(letter);
}

/* With the lock held: (transfer full): the others that are in. */
static GPtrArray *
others_of(const McpSeat *seat)
{
    GPtrArray *others = g_ptr_array_new_with_free_func((GDestroyNotify)seat_unref);

    for (guint i = 0; i < seat->room->seats->len; i++) {
        McpSeat *other = g_ptr_array_index(seat->room->seats, i);

        if (other == seat || !other->entered)
            continue;
        g_atomic_ref_count_inc(&other->refs);
        g_ptr_array_add(others, other);
    }
    return others;
}

/* Without the lock. */
static void
post(const GPtrArray *seats, const McpNotice *notice)
{
    for (guint i = 0; i < seats->len; i++) {
        McpSeat *seat = g_ptr_array_index(seats, i);
        g_autoptr(GSource) source = g_idle_source_new();
        Letter *letter = g_new0(Letter, 1);

        g_atomic_ref_count_inc(&seat->refs);
        letter->seat = seat;
        letter->notice = *notice;
        letter->notice.call_id = letter->call_id = g_strdup(notice->call_id);
        letter->notice.user = letter->user = g_strdup(notice->user);
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, run_letter, letter, letter_free);
        g_source_attach(source, seat->context);
    }
}

/* --- seats --- */

/* With the lock held. */
static Room *
open_room(McpAttendance *self, const McpSeatParams *params)
{
    Room *room = g_hash_table_lookup(self->rooms, params->room);

    if (room != NULL)
        return room;
    room = g_new0(Room, 1);
    room->name = g_strdup(params->room);
    room->max_members = params->max_members;
    room->seats = g_ptr_array_new();
    g_hash_table_insert(self->rooms, room->name, room);
    return room;
}

static McpSeat *
seat_new(McpAttendance *self, const McpSeatParams *params)
{
    McpSeat *seat = g_new0(McpSeat, 1);

    MCP_LEDGER_CREATED(McpSeat);
    g_atomic_ref_count_init(&seat->refs);
    seat->attendance = mcp_attendance_ref(self);
    seat->call_id = g_strdup(params->call_id);
    seat->user = g_strdup(params->user);
    seat->moderator = params->moderator;
    seat->ends = params->ends;
    return seat;
}

McpSeat *
mcp_attendance_take_seat(McpAttendance *attendance, const McpSeatParams *params, GError **error)
{
    McpSeat *seat = seat_new(attendance, params);
    guint limit = 0;
    Room *room = NULL;

    g_mutex_lock(&attendance->lock);
    room = open_room(attendance, params);
    if (room->max_members == 0 || room->seats->len < room->max_members) {
        seat->room = room;
        g_ptr_array_add(room->seats, seat);
    } else {
        limit = room->max_members;
    }
    g_mutex_unlock(&attendance->lock);
    if (seat->room != NULL)
        return seat;
    seat_unref(seat);
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "the room \"%s\" is full: %u members",
                params->room, limit);
    return NULL;
}

/* With the lock held. */
static void
count_in(McpSeat *seat)
{
    Room *room = seat->room;

    seat->entered = TRUE;
    room->present++;
    room->moderators += seat->moderator ? 1 : 0;
    for (guint i = 0; i < room->seats->len; i++) {
        McpSeat *other = g_ptr_array_index(room->seats, i);

        other->peak = MAX(other->peak, room->present);
    }
}

gboolean
mcp_seat_enter(McpSeat *seat, McpSeatFunc func, gpointer user_data)
{
    const McpNotice entered = {
        .type = MCP_NOTICE_ENTERED, .call_id = seat->call_id, .user = seat->user};
    const McpNotice came = {.type = MCP_NOTICE_MODERATOR_CAME, .call_id = seat->call_id};
    g_autoptr(GPtrArray) others = NULL;
    gboolean first = FALSE;
    gboolean moderated = FALSE;

    seat->context = g_main_context_ref_thread_default();
    seat->func = func;
    seat->user_data = user_data;
    g_mutex_lock(&seat->attendance->lock);
    first = seat->moderator && seat->room->moderators == 0;
    count_in(seat);
    moderated = seat->room->moderators > 0;
    others = others_of(seat);
    g_mutex_unlock(&seat->attendance->lock);
    post(others, &entered);
    if (first)
        post(others, &came);
    return moderated;
}

void
mcp_seat_leave(McpSeat *seat)
{
    McpAttendance *attendance = seat->attendance;
    Room *room = seat->room;
    g_autoptr(GPtrArray) others = NULL;
    const McpNotice left = {
        .type = MCP_NOTICE_MODERATOR_LEFT, .call_id = seat->call_id, .ends = seat->ends};
    gboolean last = FALSE;

    seat->func = NULL;
    g_mutex_lock(&attendance->lock);
    g_ptr_array_remove(room->seats, seat);
    others = others_of(seat);
    if (seat->entered) {
        room->present--;
        room->moderators -= seat->moderator ? 1 : 0;
        last = seat->moderator && room->moderators == 0;
    }
    if (room->seats->len == 0)
        g_hash_table_remove(attendance->rooms, room->name);
    g_mutex_unlock(&attendance->lock);
    if (last)
        post(others, &left);
    seat_unref(seat);
}

guint
mcp_seat_count(McpSeat *seat, guint *out_peak)
{
    guint present = 0;

    g_mutex_lock(&seat->attendance->lock);
    present = seat->room->present;
    if (out_peak != NULL)
        *out_peak = seat->peak;
    g_mutex_unlock(&seat->attendance->lock);
    return present;
}

char **
mcp_seat_list_others(McpSeat *seat)
{
    g_autoptr(GPtrArray) others = NULL;
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    g_mutex_lock(&seat->attendance->lock);
    others = others_of(seat);
    g_mutex_unlock(&seat->attendance->lock);
    for (guint i = 0; i < others->len; i++)
        g_strv_builder_add(names, ((McpSeat *)g_ptr_array_index(others, i))->call_id);
    return g_strv_builder_end(names);
}

char *
mcp_seat_find(McpSeat *seat, const char *name)
{
    g_autoptr(GPtrArray) others = NULL;

    g_mutex_lock(&seat->attendance->lock);
    others = others_of(seat);
    g_mutex_unlock(&seat->attendance->lock);
    for (guint i = 0; i < others->len; i++) {
        const McpSeat *other = g_ptr_array_index(others, i);

        if (strcmp(other->call_id, name) == 0 || strcmp(other->user, name) == 0)
            return g_strdup(other->call_id);
    }
    return NULL;
}

gboolean
mcp_seat_toggle_all_muted(McpSeat *seat)
{
    gboolean muted = FALSE;

    g_mutex_lock(&seat->attendance->lock);
    muted = seat->room->all_muted = !seat->room->all_muted;
    g_mutex_unlock(&seat->attendance->lock);
    return muted;
}

gboolean
mcp_seat_is_all_muted(McpSeat *seat)
{
    gboolean muted = FALSE;

    g_mutex_lock(&seat->attendance->lock);
    muted = seat->room->all_muted;
    g_mutex_unlock(&seat->attendance->lock);
    return muted;
}
