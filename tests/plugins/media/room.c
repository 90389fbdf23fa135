/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conference rooms: who hears whom, on one worker and on two, in several codecs.
 */
#include "party.h"

#include "leg/leg_private.h"
#include "room/rooms.h"
#include <mcp/contract/room.h>
#include <mcp/error.h>
#include <string.h>

#define LOUD 2000.0
#define QUIET 200.0

static const double pitches[] = {410, 730, 1010, 1330, 1730, 2290};

typedef struct {
    guint joined, left, floor, ended, recorded;
    McpRecordingResult recording;
    char speaker[16];
    McpStopReason stop;
} Heard;

static void
on_room(McpRoom *room, const McpRoomEvent *event, gpointer user_data)
{
    Heard *heard = user_data;

    if (event->type == MCP_ROOM_JOINED)
        heard->joined++;
    else if (event->type == MCP_ROOM_LEFT)
        heard->left++;
    else if (event->type == MCP_ROOM_PLAYBACK_ENDED) {
        heard->ended++;
        heard->stop = event->stop;
    } else if (event->type == MCP_ROOM_RECORDING_ENDED) {
        heard->recorded++;
        heard->recording = *event->recording;
    } else if (event->type == MCP_ROOM_FLOOR) {
        heard->floor++;
        g_strlcpy(heard->speaker, event->member, sizeof heard->speaker);
    }
}

static McpRoom *
open_room(Platform *platform, const McpRoomParams *params)
{
    g_autoptr(GError) error = NULL;
    McpRoom *room = mcp_media_open_room(MCP_MEDIA(platform->service), "den", params, &error);

    g_assert_no_error(error);
    return room;
}

static void
join(McpRoom *room, Party *party, McpRoomRole role, const char *partner)
{
    const McpRoomMember how = {.role = role, .partner = partner};
    g_autoptr(GError) error = NULL;

    mcp_room_join(room, party->leg, &how, &error);
    g_assert_no_error(error);
}

/* The parties from now on have the other worker. */
static void
fill_worker(Party *party, gint n)
{
    mcp_media_worker_place(mcp_media_stream_get_worker(MCP_MEDIA_LEG(party->leg)->stream), n);
}

static void
open_parties(Party *parties, guint n, Platform *platform, gboolean apart)
{
    static const struct {
        const char *formats, *lines;
    } codecs[] = {
        {"0 101", "a=rtpmap:101 telephone-event/8000\r\n"},
        {"8", ""},
        {"9", ""},
        {"97", "a=rtpmap:97 opus/48000/2\r\n"},
    };

    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("party-%u", i);

        if (apart && i == n / 2)
            fill_worker(&parties[0], 600);
        party_open(&parties[i], platform, name, codecs[i % G_N_ELEMENTS(codecs)].formats,
                   codecs[i % G_N_ELEMENTS(codecs)].lines);
        parties[i].pitch = pitches[i % G_N_ELEMENTS(pitches)];
    }
    if (apart)
        fill_worker(&parties[0], -600);
}

static void
check_hears(const Party *party, const Party *other, gboolean hears)
{
    double level = party_level(party, other->pitch, 400);

    g_test_message("%s hears %s at %.0f", party->name, other->name, level);
    if (hears)
        g_assert_cmpfloat(level, >, LOUD);
    else
        g_assert_cmpfloat(level, <, QUIET);
}

static void
close_all(Platform *platform, McpRoom *room, Party *parties, guint n)
{
    for (guint i = 0; i < n; i++)
        party_close(&parties[i], platform);
    g_assert_finalize_object(room);
    g_assert_cmpuint(mcp_media_rooms_count(mcp_media_service_get_rooms(platform->service)), ==, 0);
    platform_close(platform);
}

static void
check_everybody(guint n, guint rate, gboolean apart)
{
    const McpRoomParams params = {.rate = rate};
    g_autofree Party *parties = g_new0(Party, n);
    Heard heard = {0};
    Platform platform;
    McpRoom *room = NULL;

    platform_open(&platform);
    open_parties(parties, n, &platform, apart);
    room = open_room(&platform, &params);
    mcp_room_set_handler(room, on_room, &heard);
    for (guint i = 0; i < n; i++)
        join(room, &parties[i], MCP_ROLE_TALKER, NULL);
    parties_talk(parties, n, 1500);
    g_assert_cmpuint(heard.joined, ==, n);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(parties[i].gaps, ==, 0);
        g_assert_cmpuint(parties[i].breaks, ==, 0);
        for (guint k = 0; k < n; k++)
            check_hears(&parties[i], &parties[k], i != k);
    }
    mcp_leg_leave(parties[0].leg);
    party_forget(&parties[0]);
    parties_talk(parties, n, 800);
    g_assert_cmpuint(heard.left, ==, 1);
    /* Those that were on their way, of 40. */
    g_assert_cmpuint(parties[0].packets, <=, 4);
    check_hears(&parties[1], &parties[0], FALSE);
    close_all(&platform, room, parties, n);
}

static void
test_everybody(void)
{
    check_everybody(4, 8000, FALSE);
}

static void
test_wide(void)
{
    check_everybody(4, 16000, FALSE);
}

static void
test_full(void)
{
    check_everybody(4, 48000, FALSE);
}

static void
test_workers(void)
{
    check_everybody(4, 16000, TRUE);
}

static void
test_roles(void)
{
    enum { CUSTOMER, AGENT, COACH, LISTENER, N };
    Party parties[N];
    Platform platform;
    McpRoom *room = NULL;

    platform_open(&platform);
    open_parties(parties, N, &platform, FALSE);
    room = open_room(&platform, &(McpRoomParams){0});
    join(room, &parties[CUSTOMER], MCP_ROLE_TALKER, NULL);
    join(room, &parties[COACH], MCP_ROLE_COACH, parties[AGENT].name);
    join(room, &parties[LISTENER], MCP_ROLE_LISTENER, NULL);
    join(room, &parties[AGENT], MCP_ROLE_MODERATOR, NULL);
    parties_talk(parties, N, 1200);
    for (guint i = 0; i < N; i++) {
        check_hears(&parties[i], &parties[CUSTOMER], i != CUSTOMER);
        check_hears(&parties[i], &parties[AGENT], i != AGENT);
        check_hears(&parties[i], &parties[COACH], i == AGENT);
        check_hears(&parties[i], &parties[LISTENER], FALSE);
    }
    close_all(&platform, room, parties, N);
}

static void
test_controls(void)
{
    enum { N = 3 };
    const McpRoomMember muted = {.muted = TRUE};
    const McpRoomMember deaf = {.deaf = TRUE};
    const McpRoomMember quiet = {.gain = -12};
    const McpRoomMember whisper = {.role = MCP_ROLE_WHISPERER, .partner = "party-1"};
    const McpRoomMember wrong = {.role = MCP_ROLE_COACH};
    g_autoptr(GError) error = NULL;
    McpRoomMember how;
    Party parties[N];
    Platform platform;
    McpRoom *room = NULL;

    platform_open(&platform);
    open_parties(parties, N, &platform, FALSE);
    room = open_room(&platform, &(McpRoomParams){.max_members = N});
    for (guint i = 0; i < N; i++)
        join(room, &parties[i], MCP_ROLE_TALKER, NULL);
    g_assert_true(mcp_room_change_member(room, "party-0", &muted, &error));
    parties_talk(parties, N, 900);
    check_hears(&parties[1], &parties[0], FALSE);
    check_hears(&parties[0], &parties[1], TRUE);
    g_assert_true(mcp_room_change_member(room, "party-0", &deaf, &error));
    parties_talk(parties, N, 900);
    check_hears(&parties[1], &parties[0], TRUE);
    check_hears(&parties[0], &parties[1], FALSE);
    g_assert_true(mcp_room_change_member(room, "party-0", &quiet, &error));
    parties_talk(parties, N, 900);
    g_assert_cmpfloat(party_level(&parties[1], parties[0].pitch, 400), <, 1300);
    g_assert_cmpfloat(party_level(&parties[1], parties[0].pitch, 400), >, 700);
    g_assert_true(mcp_room_change_member(room, "party-0", &whisper, &error));
    g_assert_true(mcp_room_get_member(room, "party-0", &how));
    g_assert_cmpint(how.role, ==, MCP_ROLE_WHISPERER);
    parties_talk(parties, N, 900);
    check_hears(&parties[1], &parties[0], TRUE);
    check_hears(&parties[2], &parties[0], FALSE);
    check_hears(&parties[0], &parties[1], TRUE);
    check_hears(&parties[0], &parties[2], FALSE);
    g_assert_false(mcp_room_change_member(room, "party-0", &wrong, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(mcp_room_change_member(room, "nobody", &muted, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_true(mcp_room_remove_member(room, "party-2", &error));
    wait_until(&parties[2].seen.left, 1, 5);
    g_assert_false(mcp_room_remove_member(room, "party-2", &error));
    close_all(&platform, room, parties, N);
}

static void
test_loudest(void)
{
    enum { N = 5 };
    Party parties[N];
    Platform platform;
    Heard heard = {0};
    McpRoom *room = NULL;

    platform_open(&platform);
    open_parties(parties, N, &platform, FALSE);
    room = open_room(&platform, &(McpRoomParams){.loudest = 2});
    mcp_room_set_handler(room, on_room, &heard);
    for (guint i = 0; i < N; i++) {
        parties[i].amplitude = (gint16)(i == 3 ? 8000 : i == 1 ? 4000 : 1500);
        join(room, &parties[i], i == 4 ? MCP_ROLE_MODERATOR : MCP_ROLE_TALKER, NULL);
    }
    parties_talk(parties, N, 1200);
    check_hears(&parties[0], &parties[3], TRUE);
    check_hears(&parties[0], &parties[1], TRUE);
    check_hears(&parties[0], &parties[2], FALSE);
    g_assert_cmpfloat(party_level(&parties[0], parties[4].pitch, 400), >, 1000);
    g_assert_cmpstr(heard.speaker, ==, "party-3");
    /* The loudest one falls silent: the next one comes in, and takes the floor. */
    parties[3].pitch = 0;
    parties[2].amplitude = 6000;
    parties_talk(parties, N, 2500);
    check_hears(&parties[0], &parties[2], TRUE);
    g_assert_cmpstr(heard.speaker, ==, "party-2");
    close_all(&platform, room, parties, N);
}

static void
test_announcement(void)
{
    enum { N = 2 };
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 4);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    Party parties[N];
    Platform platform;
    Heard heard = {0};
    McpRoom *room = NULL;
    guint64 first = 0;

    platform_open(&platform);
    open_parties(parties, N, &platform, FALSE);
    parties[0].pitch = parties[1].pitch = 0;
    room = open_room(&platform, &(McpRoomParams){.tones = TRUE});
    mcp_room_set_handler(room, on_room, &heard);
    join(room, &parties[0], MCP_ROLE_TALKER, NULL);
    parties_talk(parties, N, 200);
    party_forget(&parties[0]);
    join(room, &parties[1], MCP_ROLE_TALKER, NULL);
    parties_talk(parties, N, 200);
    /* The tone of the entry. */
    g_assert_cmpfloat(MAX(party_level(&parties[0], 620, 100), party_level(&parties[0], 880, 100)),
                      >, 500);
    first = mcp_room_play(room, &item, 1);
    g_assert_cmpuint(mcp_room_play(room, &item, 1), >, first);
    parties_talk(parties, N, 1500);
    g_assert_cmpuint(heard.ended, ==, 2);
    g_assert_cmpint(heard.stop, ==, MCP_STOP_COMPLETED);
    /* Nobody is left to hear it. */
    mcp_room_play(room, &item, 1);
    mcp_leg_leave(parties[0].leg);
    mcp_leg_leave(parties[1].leg);
    wait_until(&heard.ended, 3, 5);
    g_assert_cmpint(heard.stop, ==, MCP_STOP_CLOSED);
    close_all(&platform, room, parties, N);
}

/* All of a room is in its recording, as long as the time; also while nobody is in it. */
static void
test_record(void)
{
    enum { N = 2 };
    TestStream *stream = test_stream_new();
    const McpRecordParams params = {.stream = MCP_STORE_STREAM(stream), .no_input = -1};
    g_autoptr(GError) error = NULL;
    Party parties[N];
    Platform platform;
    Heard heard = {0};
    McpRoom *room = NULL;
    gint64 began = 0;
    gint64 took = 0;
    Party listener = {0};

    platform_open(&platform);
    open_parties(parties, N, &platform, FALSE);
    room = open_room(&platform, &(McpRoomParams){0});
    mcp_room_set_handler(room, on_room, &heard);
    join(room, &parties[0], MCP_ROLE_TALKER, NULL);
    join(room, &parties[1], MCP_ROLE_TALKER, NULL);
    began = g_get_monotonic_time();
    g_assert_true(mcp_room_record(room, &params, &error));
    g_assert_false(mcp_room_record(room, &params, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    parties_talk(parties, N, 900);
    mcp_leg_leave(parties[0].leg);
    mcp_leg_leave(parties[1].leg);
    parties_talk(parties, N, 600);
    join(room, &parties[1], MCP_ROLE_TALKER, NULL);
    parties_talk(parties, N, 900);
    mcp_room_stop_recording(room);
    took = g_get_monotonic_time() - began;
    wait_until(&heard.recorded, 1, 5);
    g_test_message("%.3f s recorded of %.3f", heard.recording.duration / 1e6, took / 1e6);
    g_assert_cmpint(ABS(heard.recording.duration - took), <, 40000);
    listener.heard = (gint16 *)(stream->bytes->data + 44);
    listener.n_heard = 7000;
    g_assert_cmpfloat(party_level(&listener, parties[0].pitch, 400), >, LOUD);
    g_assert_cmpfloat(party_level(&listener, parties[1].pitch, 400), >, LOUD);
    listener.n_heard = 11500;
    g_assert_cmpfloat(party_level(&listener, parties[0].pitch, 300), <, QUIET);
    listener.n_heard = (guint)(heard.recording.duration * 8 / 1000) - 1000;
    g_assert_cmpfloat(party_level(&listener, parties[0].pitch, 400), <, QUIET);
    g_assert_cmpfloat(party_level(&listener, parties[1].pitch, 400), >, LOUD);
    close_all(&platform, room, parties, N);
    g_assert_finalize_object(stream);
}

/* What members press is not heard by others, but for its beginning. */
static void
test_clamp(void)
{
    enum { N = 2 };
    Party parties[N];
    Platform platform;
    McpRoom *room = NULL;

    platform_open(&platform);
    open_parties(parties, N, &platform, FALSE);
    room = open_room(&platform, &(McpRoomParams){.clamp_digits = TRUE});
    join(room, &parties[0], MCP_ROLE_TALKER, NULL);
    join(room, &parties[1], MCP_ROLE_TALKER, NULL);
    parties[0].pitch = 941;
    parties[0].second_pitch = 1336;
    parties_talk(parties, N, 900);
    g_assert_cmpfloat(party_level(&parties[1], 941, 400), <, QUIET);
    parties[0].pitch = 600;
    parties[0].second_pitch = 0;
    parties_talk(parties, N, 900);
    g_assert_cmpfloat(party_level(&parties[1], 600, 400), >, LOUD);
    close_all(&platform, room, parties, N);
}

static void
test_refusals(void)
{
    const McpRoomMember how = {0};
    g_autoptr(GError) error = NULL;
    Party parties[3];
    Platform platform;
    McpRoom *room = NULL;
    McpRoom *again = NULL;

    platform_open(&platform);
    open_parties(parties, 3, &platform, FALSE);
    g_assert_null(mcp_media_open_room(MCP_MEDIA(platform.service), "den", NULL, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(mcp_media_open_room(MCP_MEDIA(platform.service), "den",
                                      &(McpRoomParams){.rate = 11025}, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    room = open_room(&platform, &(McpRoomParams){.max_members = 2});
    again = mcp_media_open_room(MCP_MEDIA(platform.service), "den", NULL, &error);
    g_assert_no_error(error);
    join(room, &parties[0], MCP_ROLE_TALKER, NULL);
    g_assert_false(mcp_room_join(again, parties[0].leg, &how, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    g_clear_error(&error);
    join(again, &parties[1], MCP_ROLE_TALKER, NULL);
    g_assert_false(mcp_room_join(again, parties[2].leg, &how, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_assert_finalize_object(again);
    close_all(&platform, room, parties, 3);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/room/everybody", test_everybody);
    g_test_add_func("/media/room/wide", test_wide);
    g_test_add_func("/media/room/full", test_full);
    g_test_add_func("/media/room/workers", test_workers);
    g_test_add_func("/media/room/roles", test_roles);
    g_test_add_func("/media/room/controls", test_controls);
    g_test_add_func("/media/room/loudest", test_loudest);
    g_test_add_func("/media/room/announcement", test_announcement);
    g_test_add_func("/media/room/record", test_record);
    g_test_add_func("/media/room/clamp", test_clamp);
    g_test_add_func("/media/room/refusals", test_refusals);
    return g_test_run();
}
