/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens at the wire around the audio: sources, RTCP, hold, a change of codec, silence of the
 * other side, hostile datagrams.
 */
#include "legs.h"

#include "rtp/rtcp.h"
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define FORMATS "0 101"
#define LINES "a=rtpmap:101 telephone-event/8000\r\n"

static void
re_offer(Case *test, const char *formats, const char *lines)
{
    g_autoptr(McpSdp) offer = peer_offer(&test->peer, formats, lines);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) answer = mcp_leg_answer(test->leg, offer, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(mcp_sdp_get_media(answer, 0)->port, ==, test->peer.leg_port);
}

static McpLegStatistics
statistics_of(Case *test)
{
    McpLegStatistics statistics;

    mcp_leg_get_statistics(test->leg, &statistics);
    return statistics;
}

/* Runs until @field of the statistics is at least @wanted. */
#define WAIT_STATISTICS(test, field, wanted)                                              \
    do {                                                                                  \
        gint64 deadline = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;                    \
        while (statistics_of(test).field < (wanted) && g_get_monotonic_time() < deadline) \
            g_main_context_iteration(NULL, FALSE);                                        \
        g_assert_cmpuint(statistics_of(test).field, ==, wanted);                          \
    } while (0)

static void
test_foreign(void)
{
    Case test;
    Peer stranger;
    const guint8 payload[160] = {0};

    case_open(&test, FORMATS, LINES);
    peer_open(&stranger);
    stranger.leg_port = test.peer.leg_port;
    peer_send(&test.peer, 0, FALSE, 0, payload, sizeof payload);
    WAIT_STATISTICS(&test, packets_received, 1);
    for (guint i = 0; i < 10; i++)
        peer_send(&stranger, 0, FALSE, i * 160, payload, sizeof payload);
    peer_send_digit(&stranger, 101, '9', 6, 0);
    WAIT_STATISTICS(&test, packets_foreign, 16);
    peer_send(&test.peer, 55, FALSE, 0, payload, sizeof payload);
    WAIT_STATISTICS(&test, packets_invalid, 1);
    g_assert_cmpuint(test.seen.started, ==, 1);
    g_assert_cmpuint(test.seen.digits, ==, 0);
    g_assert_cmpuint(statistics_of(&test).packets_received, ==, 1);
    peer_close(&stranger);
    case_close(&test);
}

/* Behind a NAT the packets come from elsewhere; after a few of them we send there. */
static void
test_symmetric(void)
{
    Case test;
    Peer nat;
    const guint8 payload[160] = {0};
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 1);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpMediaRtpPacket packet;
    guint8 data[2048];

    case_open(&test, FORMATS, LINES);
    peer_open(&nat);
    nat.leg_port = test.peer.leg_port;
    for (guint i = 0; i < 5; i++)
        peer_send(&nat, 0, FALSE, i * 160, payload, sizeof payload);
    WAIT_STATISTICS(&test, packets_received, 5);
    mcp_leg_play(test.leg, &item, 1);
    g_assert_true(peer_receive(&nat, 2000, &packet, data, sizeof data));
    g_assert_false(peer_receive(&test.peer, 50, &packet, data, sizeof data));
    peer_close(&nat);
    case_close(&test);
}

static gssize
receive_rtcp(Case *test, guint8 *data, gsize size)
{
    gint64 deadline = g_get_monotonic_time() + 8 * G_USEC_PER_SEC;
    gssize length = -1;

    while (length < 0 && g_get_monotonic_time() < deadline) {
        g_main_context_iteration(NULL, FALSE);
        length = recv(test->peer.rtcp, data, size, 0);
    }
    return length;
}

static void
test_rtcp(void)
{
    Case test;
    const guint8 payload[160] = {0};
    g_autoptr(McpAudio) audio = raw_mulaw(80000, 1);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpMediaRtcpReport report;
    McpMediaRtcpSender sender = {
        .cname = "peer", .ssrc = 5, .has_block = TRUE, .fraction_lost = 128};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    guint8 data[2048];
    gssize length = 0;

    case_open(&test, FORMATS, LINES);
    mcp_leg_play(test.leg, &item, 1);
    for (guint i = 0; i < 4; i++)
        peer_send(&test.peer, 0, FALSE, i * 160, payload, sizeof payload);
    length = receive_rtcp(&test, data, sizeof data);
    g_assert_cmpint(length, >, 0);
    g_assert_true(mcp_media_rtcp_parse(data, (gsize)length, test.peer.ssrc, FALSE, &report));
    g_assert_true(report.has_sender);
    g_assert_true(report.has_block);
    g_assert_cmpuint(report.fraction_lost, ==, 0);
    /* Our report of its stream gives it the loss and the time that a round takes. */
    sender.source = report.ssrc;
    sender.last_sr = report.ntp_middle;
    length = (gssize)mcp_media_rtcp_write(&sender, data);
    to.sin_port = htons((guint16)(test.peer.leg_port + 1));
    sendto(test.peer.rtcp, data, (gsize)length, 0, (struct sockaddr *)&to, sizeof to);
    while (statistics_of(&test).remote_loss <= 0)
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpfloat(statistics_of(&test).remote_loss, ==, 0.5);
    g_assert_cmpfloat(statistics_of(&test).round_trip_ms, >, 0);
    g_assert_cmpfloat(statistics_of(&test).round_trip_ms, <, 1000);
    close_leg(&test.platform, test.leg);
    length = receive_rtcp(&test, data, sizeof data);
    g_assert_true(mcp_media_rtcp_parse(data, (gsize)length, test.peer.ssrc, FALSE, &report));
    g_assert_true(report.bye);
    peer_close(&test.peer);
    platform_close(&test.platform);
}

/* Its sender reports speak of packets that never came. */
static void
test_one_way(void)
{
    Case test;
    const guint8 payload[160] = {0};
    McpMediaRtcpSender sender = {.cname = "peer", .ssrc = 5, .is_sender = TRUE};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    guint8 data[2048];

    case_open(&test, FORMATS, LINES);
    for (guint i = 0; i < 4; i++)
        peer_send(&test.peer, 0, FALSE, i * 160, payload, sizeof payload);
    wait_until(&test.seen.started, 1, 3);
    to.sin_port = htons((guint16)(test.peer.leg_port + 1));
    for (guint i = 0; i < 4; i++) {
        gsize length = 0;

        sender.packets = 4 + i * 200;
        length = mcp_media_rtcp_write(&sender, data);
        sendto(test.peer.rtcp, data, length, 0, (struct sockaddr *)&to, sizeof to);
    }
    wait_until(&test.seen.one_way, 1, 3);
    g_assert_cmpuint(test.seen.one_way, ==, 1);
    case_close(&test);
}

static void
test_hold(void)
{
    Case test;
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 1);
    const guint8 *wanted = g_bytes_get_data(mcp_audio_get_bytes(audio), NULL);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpMediaRtpPacket packet;
    guint8 data[2048];
    guint n = 0;

    case_open(&test, FORMATS, LINES);
    mcp_leg_play(test.leg, &item, 1);
    for (; n < 10; n++)
        g_assert_true(peer_receive(&test.peer, 2000, &packet, data, sizeof data));
    re_offer(&test, FORMATS, LINES "a=sendonly\r\n");
    while (peer_receive(&test.peer, 80, &packet, data, sizeof data))
        n++;
    g_assert_cmpuint(n, <, 30);
    g_assert_cmpuint(test.seen.ended, ==, 0);
    re_offer(&test, FORMATS, LINES);
    g_assert_true(peer_receive(&test.peer, 2000, &packet, data, sizeof data));
    g_assert_true(packet.marker);
    g_assert_cmpmem(packet.payload, 160, wanted + 160 * n, 160);
    wait_until(&test.seen.ended, 1, 3);
    g_assert_cmpint(test.seen.stop, ==, MCP_STOP_COMPLETED);
    g_assert_cmpint(test.seen.position, ==, 1000000);
    case_close(&test);
}

/* The list goes on at the same place in the other codec, and its clock. */
static void
test_codec_change(void)
{
    Case test;
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 1);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpMediaRtpPacket packet;
    McpMediaRtpPacket last = {0};
    guint8 data[2048];
    guint before = 0;
    guint after = 0;

    case_open(&test, FORMATS, LINES);
    mcp_leg_play(test.leg, &item, 1);
    for (; before < 15; before++)
        g_assert_true(peer_receive(&test.peer, 2000, &last, data, sizeof data));
    re_offer(&test, "99", "a=rtpmap:99 L16/16000\r\n");
    while (test.seen.ended == 0 || after == 0) {
        if (!peer_receive(&test.peer, 100, &packet, data, sizeof data))
            continue;
        before += packet.payload_type == 0;
        after += packet.payload_type == 99;
        g_assert_cmpuint(packet.ssrc, ==, last.ssrc);
        g_assert_cmpuint((guint16)(packet.sequence - last.sequence), ==, 1);
        last = packet;
    }
    g_assert_cmpuint(before + after, >=, 49);
    g_assert_cmpuint(before + after, <=, 51);
    g_assert_cmpint(ABS(test.seen.position - 1000000), <, 20000);
    case_close(&test);
}

static void
test_no_media(void)
{
    Case test;
    const guint8 payload[160] = {0};

    case_open_with(&test, FORMATS, LINES, 200000);
    wait_until(&test.seen.no_media, 1, 3);
    /* Once a silence. */
    peer_send(&test.peer, 0, FALSE, 0, payload, sizeof payload);
    wait_until(&test.seen.started, 1, 3);
    wait_until(&test.seen.no_media, 2, 3);
    g_assert_cmpuint(test.seen.no_media, ==, 2);
    case_close(&test);
}

static void
test_hostile(void)
{
    Case test;
    guint8 data[200];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM,
                                    .no_input = -1,
                                    .stream = MCP_STORE_STREAM(test_stream_new())};
    g_autoptr(GError) error = NULL;

    case_open(&test, FORMATS, LINES);
    g_assert_true(mcp_leg_record(test.leg, &params, &error));
    for (guint i = 0; i < 20000; i++) {
        gboolean rtcp = g_random_int_range(0, 4) == 0;

        for (guint k = 0; k < sizeof data; k += 4)
            *(guint32 *)(gpointer)(data + k) = g_random_int();
        if (g_random_int_range(0, 3) > 0) {
            data[0] = (guint8)(0x80 | g_random_int_range(0, 64));
            data[1] = (guint8)((guint8[]){0, 101, 13, 200, 201}[g_random_int_range(0, 5)]);
        }
        to.sin_port = htons((guint16)(test.peer.leg_port + (rtcp ? 1 : 0)));
        sendto(rtcp ? test.peer.rtcp : test.peer.fd, data,
               (gsize)g_random_int_range(0, sizeof data), 0, (struct sockaddr *)&to, sizeof to);
        if (i % 50 == 0)
            while (g_main_context_iteration(NULL, FALSE))
                continue;
    }
    mcp_leg_stop_recording(test.leg);
    wait_until(&test.seen.recordings, 1, 10);
    case_close(&test);
    g_object_unref(params.stream);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/network/foreign", test_foreign);
    g_test_add_func("/media/network/symmetric", test_symmetric);
    g_test_add_func("/media/network/rtcp", test_rtcp);
    g_test_add_func("/media/network/hold", test_hold);
    g_test_add_func("/media/network/codec-change", test_codec_change);
    g_test_add_func("/media/network/no-media", test_no_media);
    g_test_add_func("/media/network/one-way", test_one_way);
    g_test_add_func("/media/network/hostile", test_hostile);
    return g_test_run();
}
