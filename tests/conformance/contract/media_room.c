/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rooms of the media contract (mcp/contract/room.h, mcp_media_open_room): who is in one, what
 * it plays and records, and how long it lives. Who hears whom is in media_role.c.
 */
#include "media_room.h"

#include "contract.h"
#include "media_company.h"

#include <mcp/error.h>
#include <string.h>

static McpMedia *media;

static void
on_room(McpRoom *room, const McpRoomEvent *event, gpointer user_data)
{
    RoomLog *log = user_data;

    g_assert_true(g_thread_self() == log->thread);
    log->members = event->members;
    g_strlcpy(log->member, event->member, sizeof log->member);
    if (event->type == MCP_ROOM_JOINED)
        log->joined++;
    else if (event->type == MCP_ROOM_LEFT)
        log->left++;
    else if (event->type == MCP_ROOM_FLOOR)
        g_strlcpy(log->speaker, event->member, sizeof log->speaker);
    else if (event->type == MCP_ROOM_RECORDING_ENDED)
        log->recordings++;
    if (event->type == MCP_ROOM_PLAYBACK_ENDED) {
        g_assert_cmpuint(log->ended, <, G_N_ELEMENTS(log->generations));
        log->generations[log->ended] = event->generation;
        log->stops[log->ended] = event->stop;
        log->ended++;
    }
}

McpRoom *
room_open(const McpRoomParams *params)
{
    g_autoptr(GError) error = NULL;
    McpRoom *room = mcp_media_open_room(media, "den", params, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(mcp_room_get_name(room), ==, "den");
    return room;
}

void
room_refuse_open(const char *name, const McpRoomParams *params, gint code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_media_open_room(media, name, params, &error));
    g_assert_error(error, MCP_ERROR, code);
}

void
room_listen(McpRoom *room, RoomLog *log)
{
    *log = (RoomLog){.thread = g_thread_self()};
    mcp_room_set_handler(room, on_room, log);
}

void
room_join(McpRoom *room, McpLeg *leg, const McpRoomMember *member)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_room_join(room, leg, member, &error));
    g_assert_no_error(error);
}

static void
refuse_join(McpRoom *room, McpLeg *leg, const McpRoomMember *member, gint code)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_room_join(room, leg, member, &error));
    g_assert_error(error, MCP_ERROR, code);
}

/* "a handle of the room @name, which is made if there is none yet" */
static void
test_open(void)
{
    McpRoom *room = NULL;
    McpRoom *again = NULL;

    /* "NULL: MCP_ERROR_NOT_FOUND when there is none" */
    room_refuse_open("den", NULL, MCP_ERROR_NOT_FOUND);
    room = room_open(&(McpRoomParams){.max_members = 3});
    /* "of one that exists already they change nothing" */
    again = room_open(&(McpRoomParams){.max_members = 1});
    g_assert_cmpint(room_count_of(media, "max_members", 3), ==, 1);
    g_assert_finalize_object(room);
    room = room_open(NULL);
    g_assert_finalize_object(again);
    g_assert_finalize_object(room);
    room_refuse_open("den", NULL, MCP_ERROR_NOT_FOUND);
}

/* "The room lives as long as a handle or a member." */
static void
test_lifetime(void)
{
    MediaLog log;
    McpRoom *room = NULL;

    media_log_connect(&log);
    room = room_open(&(McpRoomParams){0});
    room_join(room, log.leg, &(McpRoomMember){0});
    g_assert_finalize_object(room);
    room = room_open(NULL);
    g_assert_finalize_object(room);
    mcp_leg_leave(log.leg);
    room_refuse_open("den", NULL, MCP_ERROR_NOT_FOUND);
    room = room_open(&(McpRoomParams){0});
    room_join(room, log.leg, &(McpRoomMember){0});
    g_assert_finalize_object(room);
    media_log_drop(&log);
    room_refuse_open("den", NULL, MCP_ERROR_NOT_FOUND);
}

/* "8000, 16000 or 48000"; "bytes of the name of a room … at most" */
static void
test_params(void)
{
    static const guint rates[] = {0, 8000, 16000, 48000};
    char name[MCP_ROOM_NAME_MAX + 2];

    for (guint i = 0; i < G_N_ELEMENTS(rates); i++) {
        McpRoom *room = room_open(&(McpRoomParams){.rate = rates[i]});

        g_assert_finalize_object(room);
    }
    room_refuse_open("den", &(McpRoomParams){.rate = 11025}, MCP_ERROR_INVALID);
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    room_refuse_open(name, &(McpRoomParams){0}, MCP_ERROR_INVALID);
}

/* "@leg is a member from now on, under the id of its call"; "that are in it then" */
static void
test_members(void)
{
    RoomLog room_log;
    MediaLog logs[2];
    McpRoom *room = room_open(&(McpRoomParams){0});
    McpRoomMember how = {0};

    room_listen(room, &room_log);
    for (guint i = 0; i < 2; i++) {
        media_log_connect(&logs[i]);
        room_join(room, logs[i].leg, &(McpRoomMember){.volume = -6});
        wait_count(&room_log.joined, i + 1, "JOINED");
        g_assert_cmpstr(room_log.member, ==, media_provider.call_id(logs[i].leg));
        g_assert_cmpuint(room_log.members, ==, i + 1);
    }
    /* "how @name is in the room" */
    g_assert_true(mcp_room_get_member(room, media_provider.call_id(logs[1].leg), &how));
    g_assert_cmpint(how.role, ==, MCP_ROLE_TALKER);
    g_assert_cmpfloat(how.volume, ==, -6);
    g_assert_false(mcp_room_get_member(room, "nobody", &how));
    g_assert_cmpfloat(how.volume, ==, -6);
    mcp_leg_leave(logs[0].leg);
    wait_count(&room_log.left, 1, "LEFT");
    g_assert_cmpstr(room_log.member, ==, media_provider.call_id(logs[0].leg));
    g_assert_cmpuint(room_log.members, ==, 1);
    g_assert_cmpuint(logs[0].left, ==, 0);
    media_log_drop(&logs[1]);
    wait_count(&room_log.left, 2, "LEFT at the end of a leg");
    g_assert_cmpuint(room_log.members, ==, 0);
    media_log_drop(&logs[0]);
    g_assert_finalize_object(room);
}

/* "MCP_ERROR_STATE …; MCP_ERROR_LIMIT: the room is full; MCP_ERROR_INVALID: …" */
static void
test_refusals(void)
{
    const McpRoomMember how = {0};
    MediaLog logs[3];
    McpRoom *room = room_open(&(McpRoomParams){.max_members = 2});
    McpLeg *fresh = media_provider.make();

    for (guint i = 0; i < 3; i++)
        media_log_connect(&logs[i]);
    refuse_join(room, fresh, &how, MCP_ERROR_STATE);
    refuse_join(room, logs[0].leg, &(McpRoomMember){.role = MCP_ROLE_COACH}, MCP_ERROR_INVALID);
    room_join(room, logs[0].leg, &how);
    refuse_join(room, logs[0].leg, &how, MCP_ERROR_STATE);
    g_assert_true(mcp_leg_bridge(logs[1].leg, logs[2].leg, NULL));
    refuse_join(room, logs[1].leg, &how, MCP_ERROR_STATE);
    g_assert_false(mcp_leg_bridge(logs[0].leg, logs[1].leg, NULL));
    mcp_leg_leave(logs[1].leg);
    room_join(room, logs[1].leg, &how);
    refuse_join(room, logs[2].leg, &how, MCP_ERROR_LIMIT);
    mcp_leg_leave(logs[0].leg);
    room_join(room, logs[2].leg, &how);
    for (guint i = 0; i < 3; i++)
        media_log_drop(&logs[i]);
    media_provider.drop(fresh);
    g_assert_finalize_object(room);
}

/* "its leg hears MCP_LEG_LEFT and goes on alone" */
static void
test_remove(void)
{
    MediaLog log;
    McpRoom *room = room_open(&(McpRoomParams){0});
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;

    media_log_connect(&log);
    name = g_strdup(media_provider.call_id(log.leg));
    room_join(room, log.leg, &(McpRoomMember){0});
    g_assert_true(mcp_room_remove_member(room, name, &error));
    wait_count(&log.left, 1, "MCP_LEG_LEFT");
    g_assert_false(mcp_room_remove_member(room, name, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    g_clear_error(&error);
    /* "MCP_ERROR_NOT_FOUND when there is no member of that name" */
    g_assert_false(mcp_room_change_member(room, name, &(McpRoomMember){0}, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    media_provider.press(log.leg, '3');
    wait_count(&log.digits, 1, "a digit");
    room_join(room, log.leg, &(McpRoomMember){0});
    settle(40);
    g_assert_cmpuint(log.left, ==, 1);
    media_log_drop(&log);
    g_assert_finalize_object(room);
}

static void
expect_ended(RoomLog *log, guint index, guint64 generation, McpStopReason stop)
{
    wait_count(&log->ended, index + 1, "PLAYBACK_ENDED");
    g_assert_cmpuint(log->generations[index], ==, generation);
    g_assert_cmpint(log->stops[index], ==, stop);
}

/* "what this handle played is stopped first"; "for each exactly once" */
static void
test_play(void)
{
    g_autoptr(McpAudio) audio = media_provider.audio(5);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    RoomLog room_log;
    MediaLog log;
    McpRoom *room = room_open(&(McpRoomParams){0});
    guint64 first = 0;
    guint64 second = 0;

    room_listen(room, &room_log);
    media_log_connect(&log);
    room_join(room, log.leg, &(McpRoomMember){0});
    media_provider.hears(log.leg);
    first = mcp_room_play(room, &item, 1);
    g_assert_cmpuint(first, >, 0);
    second = mcp_room_play(room, &item, 1);
    g_assert_cmpuint(second, >, first);
    expect_ended(&room_log, 0, first, MCP_STOP_COMMAND);
    /* "a stale generation is ignored" */
    mcp_room_stop(room, first);
    expect_ended(&room_log, 1, second, MCP_STOP_COMPLETED);
    settle(60);
    /* "all members hear @items" */
    g_assert_true(media_provider.hears(log.leg));
    first = mcp_room_play(room, &item, 1);
    mcp_room_stop(room, first);
    expect_ended(&room_log, 2, first, MCP_STOP_COMMAND);
    settle(60);
    g_assert_cmpuint(room_log.ended, ==, 3);
    media_log_drop(&log);
    g_assert_finalize_object(room);
}

/* "begun in an empty one, it waits for somebody"; "ends when nobody is left in the room" */
static void
test_play_alone(void)
{
    const McpPlayItem item = {.kind = MCP_PLAY_SILENCE, .duration = 200000};
    const McpPlayItem lasting = {.kind = MCP_PLAY_SILENCE, .duration = 60 * G_USEC_PER_SEC};
    RoomLog room_log;
    MediaLog log;
    McpRoom *room = room_open(&(McpRoomParams){0});
    guint64 generation = 0;

    room_listen(room, &room_log);
    media_log_connect(&log);
    generation = mcp_room_play(room, &item, 1);
    settle(500);
    g_assert_cmpuint(room_log.ended, ==, 0);
    room_join(room, log.leg, &(McpRoomMember){0});
    expect_ended(&room_log, 0, generation, MCP_STOP_COMPLETED);
    generation = mcp_room_play(room, &lasting, 1);
    settle(60);
    mcp_leg_leave(log.leg);
    expect_ended(&room_log, 1, generation, MCP_STOP_CLOSED);
    media_log_drop(&log);
    g_assert_finalize_object(room);
}

/* "one recording a room"; "RECORDING_ENDED follows at the handle that began it" */
static void
test_record(void)
{
    g_autoptr(McpStoreStream) stream = media_provider.stream();
    g_autoptr(McpStoreStream) second = media_provider.stream();
    McpRecordParams params = {.stream = stream, .no_input = -1};
    RoomLog room_log;
    RoomLog other_log;
    McpRoom *room = room_open(&(McpRoomParams){0});
    McpRoom *other = room_open(NULL);
    g_autoptr(GError) error = NULL;

    room_listen(room, &room_log);
    room_listen(other, &other_log);
    g_assert_true(mcp_room_record(room, &params, &error));
    g_assert_no_error(error);
    params.stream = second;
    g_assert_false(mcp_room_record(other, &params, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    settle(100);
    mcp_room_stop_recording(other);
    wait_count(&room_log.recordings, 1, "RECORDING_ENDED");
    g_assert_true(media_provider.committed(stream));
    mcp_room_stop_recording(room);
    settle(60);
    g_assert_cmpuint(room_log.recordings, ==, 1);
    g_assert_cmpuint(other_log.recordings, ==, 0);
    g_assert_finalize_object(other);
    g_assert_finalize_object(room);
}

/* "adds members about the room, with its "members""; "an array "rooms" with one object a room" */
static void
test_describe(void)
{
    MediaLog log;
    McpRoom *room = room_open(&(McpRoomParams){.rate = 16000});
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    media_log_connect(&log);
    room_join(room, log.leg, &(McpRoomMember){.muted = TRUE});
    mcp_json_begin_object(json, NULL);
    mcp_room_describe(room, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_nonnull(strstr(text, "\"members\":["));
    g_assert_nonnull(strstr(text, media_provider.call_id(log.leg)));
    g_assert_cmpint(room_count_of(media, "rate", 16000), ==, 1);
    media_log_drop(&log);
    g_assert_finalize_object(room);
    g_assert_cmpint(room_count_of(media, "rate", 16000), ==, 0);
}

/* Without rooms: what the core says. */
static void
test_none(void)
{
    room_refuse_open("den", &(McpRoomParams){0}, MCP_ERROR_UNSUPPORTED);
    g_assert_cmpint(room_count_of(media, "rate", 8000), ==, 0);
}

gint
room_count_of(McpMedia *of, const char *member, gint value)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    g_autofree char *wanted = g_strdup_printf("\"%s\":%d,", member, value);
    gint n = 0;

    mcp_json_begin_object(json, NULL);
    mcp_media_list_rooms(of, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_true(g_str_has_prefix(text, "{\"rooms\":["));
    for (const char *at = text; (at = strstr(at, wanted)) != NULL; at++)
        n++;
    return n;
}

void
media_room_add(McpMedia *tested)
{
    media = tested;
    if (MCP_MEDIA_GET_IFACE(media)->open_room == NULL) {
        g_test_add_func("/media/room/none", test_none);
        return;
    }
    g_test_add_func("/media/room/open", test_open);
    g_test_add_func("/media/room/lifetime", test_lifetime);
    g_test_add_func("/media/room/params", test_params);
    g_test_add_func("/media/room/members", test_members);
    g_test_add_func("/media/room/refusals", test_refusals);
    g_test_add_func("/media/room/remove", test_remove);
    g_test_add_func("/media/room/play", test_play);
    g_test_add_func("/media/room/play-alone", test_play_alone);
    g_test_add_func("/media/room/record", test_record);
    g_test_add_func("/media/room/describe", test_describe);
    media_role_add();
}
