/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encrypted audio between two legs: keys by a=crypto and by DTLS, what a stranger sends into it,
 * and a re-offer in the middle.
 */
#include "legs.h"

#include "player/container.h"
#include <mcp/error.h>
#include <mcp/json.h>
#include <string.h>
#include <sys/socket.h>

static void
require_sdes(McpMediaConfig *config)
{
    config->protection = MCP_MEDIA_PROTECTION_REQUIRED;
}

static void
require_dtls(McpMediaConfig *config)
{
    config->protection = MCP_MEDIA_PROTECTION_REQUIRED;
    config->sdes_without_tls = FALSE;
}

static void
pair_open(Pair *pair, void (*change)(McpMediaConfig *config))
{
    platform_open_changed(&pair->platform, change);
    pair_connect(pair, "127.0.0.1");
}

static void
pair_close(Pair *pair)
{
    pair_disconnect(pair);
    platform_close(&pair->platform);
}

static char *
describe(McpLeg *leg)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_leg_describe(leg, json);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

static void
wait_for_suite(McpLeg *leg, const char *suite)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    g_autofree char *text = NULL;

    do {
        g_main_context_iteration(NULL, FALSE);
        g_free(text);
        text = describe(leg);
    } while (strstr(text, suite) == NULL && g_get_monotonic_time() < end);
    if (strstr(text, suite) == NULL)
        g_error("no %s in %s", suite, text);
    /* Keys are nobody's business. */
    g_assert_null(strstr(text, "inline"));
}

/* Blocks of the audio that was heard which are part of what was played. A packet that comes late on
 * a busy machine is left out or filled in, and what follows it is heard a little elsewhere. */
static guint
count_blocks(GByteArray *played, GByteArray *heard)
{
    const guint length = 80;
    guint count = 0;

    for (guint at = 0; at + length <= heard->len; at += length)
        count += memmem(played->data, played->len, heard->data + at, length) != NULL;
    return count;
}

/* G.711 has two zeros, of which a decoder makes one. */
static GByteArray *
one_zero(const guint8 *data, gsize length)
{
    GByteArray *array = g_byte_array_new();

    g_byte_array_append(array, data, length);
    for (gsize i = 0; i < length; i++)
        array->data[i] = data[i] == 0x7f ? 0xff : data[i];
    return array;
}

/* Digits both ways and audio one way, bit by bit. */
static void
check_media(Pair *pair)
{
    TestStream *stream = test_stream_new();
    const McpRecordParams params = {
        .stream = MCP_STORE_STREAM(stream), .format = MCP_RECORD_WAV_MULAW, .no_input = -1};
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 9);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    guint ended = pair->caller_seen.ended;
    guint digits = pair->callee_seen.digits;
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) played = NULL;
    g_autoptr(GByteArray) heard = NULL;
    McpMediaContent content;

    g_assert_true(mcp_leg_record(pair->callee, &params, &error));
    mcp_leg_play(pair->caller, &item, 1);
    wait_until(&pair->caller_seen.ended, ended + 1, 5);
    mcp_leg_stop_recording(pair->callee);
    wait_until(&pair->callee_seen.recordings, 1, 5);
    pair->callee_seen.recordings = 0;
    g_assert_true(
        mcp_media_container_parse(stream->bytes->data, stream->bytes->len, NULL, &content, &error));
    played = one_zero(g_bytes_get_data(mcp_audio_get_bytes(audio), NULL), 8000);
    heard = one_zero(content.data, content.length);
    g_assert_cmpuint(count_blocks(played, heard), >=, 80);
    g_assert_true(mcp_leg_send_digits(pair->caller, "7", 80, 60, &error));
    wait_until(&pair->callee_seen.digits, digits + 1, 5);
    g_assert_finalize_object(stream);
}

static void
test_sdes(void)
{
    Pair pair;
    McpLegStatistics statistics;

    pair_open(&pair, require_sdes);
    wait_for_suite(pair.caller, "AEAD_AES_128_GCM");
    check_media(&pair);
    /* Again, and all goes on under the same keys. */
    pair_negotiate(&pair);
    check_media(&pair);
    mcp_leg_get_statistics(pair.callee, &statistics);
    g_assert_cmpuint(statistics.packets_unauthentic + statistics.packets_replayed, ==, 0);
    g_assert_cmpuint(statistics.packets_lost, ==, 0);
    pair_close(&pair);
}

static void
test_dtls(void)
{
    Pair pair;

    pair_open(&pair, require_dtls);
    wait_for_suite(pair.caller, "AEAD_AES_128_GCM");
    wait_for_suite(pair.callee, "AEAD_AES_128_GCM");
    check_media(&pair);
    pair_negotiate(&pair);
    check_media(&pair);
    pair_close(&pair);
}

/* Before there are keys nothing is sent: rather silence than audio in the clear. */
static void
test_nothing_in_the_clear(void)
{
    static const char offer_text[] =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio %u UDP/TLS/RTP/SAVP 0\r\na=setup:active\r\na=rtcp-mux\r\n"
        "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";
    const McpLegParams params = {.call_id = "clear", .local_address = "127.0.0.1"};
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 9);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = NULL;
    g_autoptr(McpSdp) answer = NULL;
    g_autofree char *text = NULL;
    Platform platform;
    Peer peer;
    Seen seen = {0};
    McpLeg *leg = NULL;
    McpMediaRtpPacket packet;
    guint8 data[2048];

    platform_open(&platform);
    peer_open(&peer);
    text = g_strdup_printf(offer_text, peer.port);
    offer = mcp_sdp_parse(text, strlen(text), &error);
    leg = mcp_media_create_leg(MCP_MEDIA(platform.service), &params, &error);
    answer = mcp_leg_answer(leg, offer, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(mcp_sdp_media_get_attribute(mcp_sdp_get_media(answer, 0), "setup"), ==,
                    "passive");
    mcp_leg_set_handler(leg, seen_handler, &seen);
    mcp_leg_start(leg);
    mcp_leg_play(leg, &item, 1);
    g_assert_false(peer_receive(&peer, 500, &packet, data, sizeof data));
    close_leg(&platform, leg);
    peer_close(&peer);
    platform_close(&platform);
    seen_clear(&seen);
}

/* Plain packets, and garbage of all kinds, from the other side's host: nothing of it is heard. */
static void
test_injection(void)
{
    Pair pair;
    Peer stranger;
    McpLegStatistics statistics;
    guint8 payload[160];
    const guint8 kinds[] = {0x00, 0x01, 0x14, 0x16, 0x17, 0x40, 0x80, 0x90};

    pair_open(&pair, require_dtls);
    wait_for_suite(pair.callee, "AEAD_AES_128_GCM");
    peer_open(&stranger);
    stranger.leg_port = pair.callee_port;
    memset(payload, 0x55, sizeof payload);
    for (guint i = 0; i < 200; i++) {
        peer_send(&stranger, 0, i == 0, i * 160, payload, sizeof payload);
        if (i % 10 == 0)
            peer_send_digit(&stranger, 101, '9', 4, 0);
    }
    for (guint i = 0; i < 400; i++) {
        guint8 datagram[64];

        for (guint k = 0; k < sizeof datagram; k++)
            datagram[k] = (guint8)g_random_int();
        datagram[0] = kinds[i % G_N_ELEMENTS(kinds)];
        peer_send_raw(&stranger, datagram, 1 + i % sizeof datagram);
    }
    do {
        g_main_context_iteration(NULL, FALSE);
        mcp_leg_get_statistics(pair.callee, &statistics);
    } while (statistics.packets_unauthentic < 200);
    check_media(&pair);
    g_assert_cmpstr(pair.callee_seen.digit_text, ==, "7");
    peer_close(&stranger);
    pair_close(&pair);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/secure/sdes", test_sdes);
    g_test_add_func("/media/secure/dtls", test_dtls);
    g_test_add_func("/media/secure/nothing-in-the-clear", test_nothing_in_the_clear);
    g_test_add_func("/media/secure/injection", test_injection);
    return g_test_run();
}
