/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTP headers, sequence and jitter, RTCP, source lock.
 */
#include "rtp/packet.h"
#include "rtp/receiver.h"
#include "rtp/rtcp.h"
#include "rtp/source_lock.h"

#include <math.h>
#include <string.h>

static void
test_packet(void)
{
    const McpMediaRtpPacket sent = {
        .payload_type = 101, .marker = TRUE, .sequence = 65535, .timestamp = 7, .ssrc = 0xdeadbeef};
    guint8 data[64] = {0};
    McpMediaRtpPacket got;

    mcp_media_rtp_write(data, &sent);
    g_assert_true(mcp_media_rtp_parse(data, 16, &got));
    g_assert_cmpuint(got.payload_type, ==, 101);
    g_assert_true(got.marker);
    g_assert_cmpuint(got.sequence, ==, 65535);
    g_assert_cmpuint(got.ssrc, ==, 0xdeadbeef);
    g_assert_cmpuint(got.length, ==, 4);
    g_assert_false(mcp_media_rtp_parse(data, 11, &got));
    /* Two CSRC and an extension of one word. */
    data[0] = 0x92;
    data[22] = 0;
    data[23] = 1;
    g_assert_false(mcp_media_rtp_parse(data, 20, &got));
    g_assert_false(mcp_media_rtp_parse(data, 27, &got));
    g_assert_true(mcp_media_rtp_parse(data, 30, &got));
    g_assert_cmpuint(got.length, ==, 2);
    /* Padding longer than the payload. */
    data[0] = 0xa0;
    data[15] = 5;
    g_assert_false(mcp_media_rtp_parse(data, 16, &got));
    data[15] = 4;
    g_assert_true(mcp_media_rtp_parse(data, 16, &got));
    g_assert_cmpuint(got.length, ==, 0);
    data[0] = 0x40;
    g_assert_false(mcp_media_rtp_parse(data, 16, &got));
}

static McpMediaArrival
feed(McpMediaReceiver *receiver, guint16 sequence, guint32 timestamp, guint32 ssrc)
{
    const McpMediaRtpPacket packet = {.sequence = sequence, .timestamp = timestamp, .ssrc = ssrc};
    guint32 extended = 0;
    gint64 time = 0;

    return mcp_media_receiver_take(receiver, &packet, &extended, &time);
}

static void
test_receiver(void)
{
    McpMediaReceiver receiver = {0};

    g_assert_cmpint(feed(&receiver, 65534, 0xffffff00u, 1), ==, MCP_MEDIA_ARRIVAL_RESTART);
    g_assert_cmpint(feed(&receiver, 65535, 0xffffffa0u, 1), ==, MCP_MEDIA_ARRIVAL_NEW);
    g_assert_cmpint(feed(&receiver, 1, 0xe0u, 1), ==, MCP_MEDIA_ARRIVAL_NEW);
    g_assert_cmpuint(mcp_media_receiver_get_lost(&receiver), ==, 1);
    g_assert_cmpint(receiver.timestamp - receiver.first_timestamp, ==, 480);
    g_assert_cmpint(feed(&receiver, 0, 0x40u, 1), ==, MCP_MEDIA_ARRIVAL_LATE);
    g_assert_cmpint(feed(&receiver, 0, 0x40u, 1), ==, MCP_MEDIA_ARRIVAL_DUPLICATE);
    g_assert_cmpint(feed(&receiver, 1, 0xe0u, 1), ==, MCP_MEDIA_ARRIVAL_DUPLICATE);
    g_assert_cmpuint(mcp_media_receiver_get_lost(&receiver), ==, 0);
    /* A jump is believed when its next packet comes. */
    g_assert_cmpint(feed(&receiver, 20000, 5, 1), ==, MCP_MEDIA_ARRIVAL_INVALID);
    g_assert_cmpint(feed(&receiver, 2, 0x180u, 1), ==, MCP_MEDIA_ARRIVAL_NEW);
    g_assert_cmpint(feed(&receiver, 20000, 5, 1), ==, MCP_MEDIA_ARRIVAL_INVALID);
    g_assert_cmpint(feed(&receiver, 20001, 165, 1), ==, MCP_MEDIA_ARRIVAL_RESTART);
    g_assert_cmpint(feed(&receiver, 20003, 485, 1), ==, MCP_MEDIA_ARRIVAL_NEW);
    g_assert_cmpint(feed(&receiver, 7, 0, 2), ==, MCP_MEDIA_ARRIVAL_RESTART);
    /* What was lost before stays lost. */
    g_assert_cmpuint(mcp_media_receiver_get_lost(&receiver), ==, 1);
}

static void
test_loss_fraction(void)
{
    McpMediaReceiver receiver = {0};

    for (guint i = 0; i < 1000; i++)
        if (i % 4 != 1)
            feed(&receiver, (guint16)(i + 65000), i * 160, 9);
    g_assert_cmpuint(mcp_media_receiver_get_lost(&receiver), ==, 250);
    g_assert_cmpuint(mcp_media_receiver_take_fraction(&receiver), ==, 64);
    for (guint i = 1000; i < 1100; i++)
        feed(&receiver, (guint16)(i + 65000), i * 160, 9);
    g_assert_cmpuint(mcp_media_receiver_take_fraction(&receiver), ==, 0);
}

static void
test_jitter(void)
{
    McpMediaReceiver receiver = {0};

    for (guint i = 0; i < 1000; i++)
        mcp_media_receiver_note_transit(&receiver, i * 160, i * 160);
    g_assert_cmpfloat(receiver.jitter, ==, 0);
    for (guint i = 0; i < 1000; i++)
        mcp_media_receiver_note_transit(&receiver, i * 160 + (i % 2) * 80, i * 160);
    /* A deviation of 80 units each time: that is what the estimate comes to. */
    g_assert_cmpfloat_with_epsilon(receiver.jitter, 80, 0.5);
}

static void
test_rtcp(void)
{
    const McpMediaRtcpSender sender = {.ssrc = 11,
                                       .cname = "abc@mcp",
                                       .is_sender = TRUE,
                                       .wall = 1700000000500000,
                                       .timestamp = 4,
                                       .packets = 5,
                                       .octets = 6,
                                       .has_block = TRUE,
                                       .source = 22,
                                       .fraction_lost = 64,
                                       .lost = 7,
                                       .highest = 8,
                                       .jitter = 9,
                                       .last_sr = 10,
                                       .delay_since_sr = 65536,
                                       .bye = TRUE};
    guint8 data[MCP_MEDIA_RTCP_MAX];
    gsize length = mcp_media_rtcp_write(&sender, data);
    McpMediaRtcpReport report;

    g_assert_cmpuint(length % 4, ==, 0);
    g_assert_true(mcp_media_rtp_is_rtcp(data, length));
    g_assert_true(mcp_media_rtcp_parse(data, length, 22, FALSE, &report));
    g_assert_cmpuint(report.ssrc, ==, 11);
    g_assert_true(report.has_sender);
    g_assert_cmpuint(report.ntp_middle, ==, mcp_media_rtcp_ntp_middle(sender.wall));
    g_assert_true(report.has_block);
    g_assert_cmpuint(report.fraction_lost, ==, 64);
    g_assert_cmpuint(report.jitter, ==, 9);
    g_assert_cmpuint(report.last_sr, ==, 10);
    g_assert_cmpuint(report.delay_since_sr, ==, 65536);
    g_assert_true(report.bye);
    g_assert_true(mcp_media_rtcp_parse(data, length, 23, FALSE, &report));
    g_assert_false(report.has_block);
    for (gsize cut = 0; cut < length; cut++)
        if (cut < 8 || cut % 4 != 0)
            g_assert_false(mcp_media_rtcp_parse(data, cut, 22, FALSE, &report));
    for (guint i = 0; i < 20000; i++) {
        guint8 mutated[MCP_MEDIA_RTCP_MAX];

        memcpy(mutated, data, length);
        for (guint k = 0; k < 3; k++)
            mutated[g_random_int_range(0, (gint32)length)] = (guint8)g_random_int();
        mcp_media_rtcp_parse(mutated, length, 22, TRUE, &report);
    }
}

static McpMediaSourceVerdict
check_numbered(McpMediaSourceLock *lock, guint port, guint16 sequence)
{
    struct sockaddr_storage from;

    mcp_media_address_set(&from, port < 10000 ? "192.0.2.1" : "198.51.100.7", port);
    return mcp_media_source_lock_check(lock, &from, port, sequence);
}

static McpMediaSourceVerdict
check(McpMediaSourceLock *lock, guint port)
{
    static guint16 sequence;

    return check_numbered(lock, port, ++sequence);
}

/* One who comes by now and then, numbered as may be, is not believed; little of it is taken. */
static void
test_source_spray(void)
{
    McpMediaSourceLock lock = {0};
    struct sockaddr_storage signalled;
    guint taken = 0;

    mcp_media_address_set(&signalled, "192.0.2.1", 4000);
    mcp_media_source_lock_set(&lock, &signalled, TRUE);
    for (guint i = 0; i < 1000; i++)
        taken += check_numbered(&lock, 30000, (guint16)(i * 12000)) != MCP_MEDIA_SOURCE_FOREIGN;
    for (guint i = 0; i < 1000; i++)
        taken += check_numbered(&lock, 30000, 7) != MCP_MEDIA_SOURCE_FOREIGN;
    g_assert_false(lock.locked);
    g_assert_cmpuint(taken, <=, 4);
    /* The other side behind its NAT is still found, though packets of it are lost. */
    for (guint i = 0; i < 6; i++)
        check_numbered(&lock, 30001, (guint16)(65533 + 2 * i));
    g_assert_true(lock.locked);
}

static void
test_source_lock(void)
{
    McpMediaSourceLock lock = {0};
    struct sockaddr_storage signalled;
    char text[64];

    mcp_media_address_set(&signalled, "192.0.2.1", 4000);
    mcp_media_source_lock_set(&lock, &signalled, TRUE);
    /* Strangers that take turns are never believed, one that goes on is. */
    for (guint i = 0; i < 20; i++)
        check(&lock, 20000 + i % 2);
    g_assert_false(lock.locked);
    check(&lock, 30000);
    for (guint i = 0; i < 4; i++)
        check(&lock, 30000);
    g_assert_true(lock.locked);
    g_assert_cmpint(check(&lock, 30000), ==, MCP_MEDIA_SOURCE_ACCEPT);
    g_assert_cmpint(check(&lock, 20000), ==, MCP_MEDIA_SOURCE_FOREIGN);
    mcp_media_address_print(mcp_media_source_lock_target(&lock), text, sizeof text);
    g_assert_cmpstr(text, ==, "198.51.100.7:30000");
    /* The address of the SDP wins whenever it shows up, and is never left again. */
    g_assert_cmpint(check(&lock, 4000), ==, MCP_MEDIA_SOURCE_LOCKED);
    for (guint i = 0; i < 10; i++)
        g_assert_cmpint(check(&lock, 30000), ==, MCP_MEDIA_SOURCE_FOREIGN);
    mcp_media_source_lock_set(&lock, &signalled, TRUE);
    g_assert_true(lock.locked);
    mcp_media_address_set(&signalled, "192.0.2.1", 4002);
    mcp_media_source_lock_set(&lock, &signalled, FALSE);
    g_assert_false(lock.locked);
    for (guint i = 0; i < 10; i++)
        g_assert_cmpint(check(&lock, 30000), ==, MCP_MEDIA_SOURCE_FOREIGN);
    g_assert_cmpint(check(&lock, 4002), ==, MCP_MEDIA_SOURCE_LOCKED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/rtp/packet", test_packet);
    g_test_add_func("/media/rtp/receiver", test_receiver);
    g_test_add_func("/media/rtp/loss-fraction", test_loss_fraction);
    g_test_add_func("/media/rtp/jitter", test_jitter);
    g_test_add_func("/media/rtp/rtcp", test_rtcp);
    g_test_add_func("/media/rtp/source-lock", test_source_lock);
    g_test_add_func("/media/rtp/source-spray", test_source_spray);
    return g_test_run();
}
