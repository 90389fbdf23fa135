/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bridges of two legs: packets as they are, or transcoded; on one worker and on two.
 */
#include "party.h"

#include "leg/leg_private.h"
#include "leg/stream_private.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

#define EVENTS "a=rtpmap:101 telephone-event/8000\r\n"

typedef struct {
    Platform platform;
    Party parties[2];
} Bridge;

static void
fill_worker(Party *party, gint n)
{
    mcp_media_worker_place(mcp_media_stream_get_worker(MCP_MEDIA_LEG(party->leg)->stream), n);
}

static void
open_bridge(Bridge *bridge, const char *second, const char *lines, gboolean apart)
{
    g_autoptr(GError) error = NULL;

    platform_open(&bridge->platform);
    party_open(&bridge->parties[0], &bridge->platform, "a", "0 101", EVENTS);
    if (apart)
        fill_worker(&bridge->parties[0], 600);
    party_open(&bridge->parties[1], &bridge->platform, "b", second, lines);
    if (apart)
        fill_worker(&bridge->parties[0], -600);
    bridge->parties[0].pitch = 500;
    bridge->parties[1].pitch = 1100;
    g_assert_true(mcp_leg_bridge(bridge->parties[0].leg, bridge->parties[1].leg, &error));
    g_assert_no_error(error);
}

static void
close_bridge(Bridge *bridge)
{
    party_close(&bridge->parties[0], &bridge->platform);
    party_close(&bridge->parties[1], &bridge->platform);
    platform_close(&bridge->platform);
}

static void
check_both_ways(Bridge *bridge)
{
    Party *a = &bridge->parties[0];
    Party *b = &bridge->parties[1];

    parties_talk(bridge->parties, 2, 1200);
    g_test_message("a hears %.0f (own %.0f), b %.0f (own %.0f); %u and %u packets",
                   party_level(a, b->pitch, 400), party_level(a, a->pitch, 400),
                   party_level(b, a->pitch, 400), party_level(b, b->pitch, 400), a->packets,
                   b->packets);
    g_assert_cmpfloat(party_level(a, b->pitch, 400), >, 3000);
    g_assert_cmpfloat(party_level(b, a->pitch, 400), >, 3000);
    g_assert_cmpfloat(party_level(a, a->pitch, 400), <, 100);
    g_assert_cmpfloat(party_level(b, b->pitch, 400), <, 100);
    g_assert_cmpuint(a->gaps + b->gaps, ==, 0);
    g_assert_cmpuint(a->breaks + b->breaks, ==, 0);
}

/* What was lost before us is missing behind us, what came twice comes once, nothing is changed. */
static void
check_untouched(Bridge *bridge)
{
    Party *a = &bridge->parties[0];
    Party *b = &bridge->parties[1];
    guint8 payload[160];
    guint8 datagram[2048];
    McpMediaRtpPacket packet;
    guint16 last = b->next_sequence;

    for (guint i = 0; i < 4; i++) {
        for (guint k = 0; k < sizeof payload; k++)
            payload[k] = (guint8)(k * 7 + i);
        if (i == 2)
            a->peer.sequence += 3;
        peer_send(&a->peer, 0, FALSE, a->peer.timestamp + 160 * i, payload, sizeof payload);
        g_assert_true(peer_receive(&b->peer, 2000, &packet, datagram, sizeof datagram));
        g_assert_cmpmem(packet.payload, packet.length, payload, sizeof payload);
        g_assert_cmpuint((guint16)(packet.sequence - last), ==, i + (i >= 2 ? 3 : 0));
    }
    a->peer.timestamp += 4 * 160;
}

static void
test_relay(void)
{
    Bridge bridge;

    open_bridge(&bridge, "0 101", EVENTS, FALSE);
    check_both_ways(&bridge);
    check_untouched(&bridge);
    close_bridge(&bridge);
}

static void
test_relay_workers(void)
{
    Bridge bridge;

    open_bridge(&bridge, "0 101", EVENTS, TRUE);
    check_both_ways(&bridge);
    check_untouched(&bridge);
    close_bridge(&bridge);
}

static void
test_transcode(void)
{
    static const struct {
        const char *formats, *lines;
    } others[] = {
        {"8", ""},
        {"9", ""},
        {"97", "a=rtpmap:97 opus/48000/2\r\n"},
        {"3", ""},
    };

    for (guint i = 0; i < 2 * G_N_ELEMENTS(others); i++) {
        Bridge bridge;

        open_bridge(&bridge, others[i / 2].formats, others[i / 2].lines, i % 2 == 1);
        check_both_ways(&bridge);
        close_bridge(&bridge);
    }
}

static void
test_digits(void)
{
    static const char *const seconds[] = {"0 101", "8 101"};

    for (guint i = 0; i < G_N_ELEMENTS(seconds); i++) {
        Bridge bridge;

        open_bridge(&bridge, seconds[i], EVENTS, i == 1);
        parties_talk(bridge.parties, 2, 300);
        peer_send_digit(&bridge.parties[0].peer, 101, '7', 8, 0);
        parties_talk(bridge.parties, 2, 400);
        g_assert_cmpstr(bridge.parties[0].seen.digit_text, ==, "7");
        g_assert_cmpuint(bridge.parties[1].events, ==, 8);
        g_assert_cmpuint(bridge.parties[1].seen.digits, ==, 0);
        close_bridge(&bridge);
    }
}

/* A prompt is heard by its own side alone, and the other one again after it. */
static void
test_prompt(void)
{
    static const char *const seconds[] = {"0 101", "8 101"};
    const McpPlayItem item = {.kind = MCP_PLAY_SILENCE, .duration = 500000};

    for (guint i = 0; i < G_N_ELEMENTS(seconds); i++) {
        Bridge bridge;

        open_bridge(&bridge, seconds[i], EVENTS, FALSE);
        parties_talk(bridge.parties, 2, 500);
        for (guint k = 0; k < 3; k++)
            mcp_leg_play(bridge.parties[0].leg, &item, 1);
        parties_talk(bridge.parties, 2, 400);
        g_assert_cmpfloat(party_level(&bridge.parties[0], 1100, 200), <, 100);
        g_assert_cmpfloat(party_level(&bridge.parties[1], 500, 200), >, 3000);
        parties_talk(bridge.parties, 2, 900);
        g_assert_cmpuint(bridge.parties[0].seen.ended, ==, 3);
        g_assert_cmpfloat(party_level(&bridge.parties[0], 1100, 400), >, 3000);
        g_assert_cmpuint(bridge.parties[0].gaps, ==, 0);
        g_assert_cmpuint(bridge.parties[0].breaks, ==, 0);
        close_bridge(&bridge);
    }
}

/* Another codec in the middle, there and back. */
static void
test_codec_change(void)
{
    Bridge bridge;
    Party *b = &bridge.parties[1];
    const McpMediaFormat *format = NULL;

    open_bridge(&bridge, "0 101", EVENTS, FALSE);
    check_both_ways(&bridge);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(McpSdp) offer = peer_offer(&b->peer, i == 0 ? "8 101" : "0 101", EVENTS);
        g_autoptr(GError) error = NULL;
        g_autoptr(McpSdp) answer = mcp_leg_answer(b->leg, offer, &error);

        g_assert_no_error(error);
        format = mcp_media_leg_get_format(MCP_MEDIA_LEG(b->leg));
        mcp_media_encoder_free(b->encoder);
        mcp_media_decoder_free(b->decoder);
        b->encoder = mcp_media_encoder_new(format);
        b->decoder = mcp_media_decoder_new(format, 8000);
        b->type = i == 0 ? 8 : 0;
        party_forget(b);
        party_forget(&bridge.parties[0]);
        parties_talk(bridge.parties, 2, 300);
        party_forget(b);
        party_forget(&bridge.parties[0]);
        check_both_ways(&bridge);
    }
    close_bridge(&bridge);
}

static void
test_ends(void)
{
    Bridge bridge;
    g_autoptr(GError) error = NULL;

    open_bridge(&bridge, "8 101", EVENTS, TRUE);
    g_assert_false(mcp_leg_bridge(bridge.parties[0].leg, bridge.parties[1].leg, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    g_clear_error(&error);
    g_assert_false(mcp_leg_bridge(bridge.parties[0].leg, bridge.parties[0].leg, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    parties_talk(bridge.parties, 2, 200);
    mcp_leg_leave(bridge.parties[0].leg);
    wait_until(&bridge.parties[1].seen.left, 1, 5);
    g_assert_cmpuint(bridge.parties[0].seen.left, ==, 0);
    g_assert_true(mcp_leg_bridge(bridge.parties[0].leg, bridge.parties[1].leg, NULL));
    parties_talk(bridge.parties, 2, 200);
    mcp_leg_close(bridge.parties[1].leg);
    wait_until(&bridge.parties[0].seen.left, 1, 5);
    close_bridge(&bridge);
}

static void
count_live(const char *type, int live, gpointer user_data)
{
    if (g_str_has_prefix(type, "McpMediaBridge") || g_str_has_prefix(type, "McpMediaRoom") ||
        g_str_has_prefix(type, "McpMediaMember"))
        *(gint *)user_data += live;
}

/* The legs are closed, and nothing else happens: the room that transcoded is gone all the same. */
static void
test_nothing_left(void)
{
    for (guint i = 0; i < 20; i++) {
        Bridge bridge;
        gint live = 0;

        open_bridge(&bridge, "8 101", EVENTS, i % 2 == 1);
        parties_talk(bridge.parties, 2, 100);
        party_close(&bridge.parties[0], &bridge.platform);
        party_close(&bridge.parties[1], &bridge.platform);
        mcp_ledger_foreach(count_live, &live);
        g_assert_cmpint(live, ==, 0);
        platform_close(&bridge.platform);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/bridge/relay", test_relay);
    g_test_add_func("/media/bridge/relay-workers", test_relay_workers);
    g_test_add_func("/media/bridge/transcode", test_transcode);
    g_test_add_func("/media/bridge/digits", test_digits);
    g_test_add_func("/media/bridge/prompt", test_prompt);
    g_test_add_func("/media/bridge/codec-change", test_codec_change);
    g_test_add_func("/media/bridge/ends", test_ends);
    g_test_add_func("/media/bridge/nothing-left", test_nothing_left);
    return g_test_run();
}
