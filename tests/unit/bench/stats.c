/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bench's arithmetic: percentiles, deviation, packets due, and the receiver that feeds them.
 */
#include "../../bench/rtp_receive.h"
#include "../../bench/speech.h"

#include <string.h>

#define PERIOD MCP_BENCH_PERIOD_NS

static GArray *
values_new(const gint64 *values, guint n)
{
    GArray *array = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_vals(array, values, n);
    mcp_bench_sort(array);
    return array;
}

static void
test_percentile(void)
{
    gint64 numbers[100];
    for (guint i = 0; i < 100; i++)
        numbers[i] = 100 - i;
    g_autoptr(GArray) array = values_new(numbers, 100);
    g_autoptr(GArray) none = values_new(numbers, 0);
    g_assert_cmpint(mcp_bench_percentile(array, 0), ==, 1);
    g_assert_cmpint(mcp_bench_percentile(array, 50), ==, 50);
    g_assert_cmpint(mcp_bench_percentile(array, 99), ==, 99);
    g_assert_cmpint(mcp_bench_percentile(array, 99.9), ==, 100);
    g_assert_cmpint(mcp_bench_percentile(array, 100), ==, 100);
    g_assert_cmpint(mcp_bench_percentile(none, 50), ==, 0);
    g_assert_cmpfloat(mcp_bench_share_over(array, 95), ==, 0.05);
    g_assert_cmpfloat(mcp_bench_share_over(array, 100), ==, 0.0);
    g_assert_cmpfloat(mcp_bench_share_over(array, 0), ==, 1.0);
    g_assert_cmpfloat(mcp_bench_share_over(none, 0), ==, 0.0);
    g_assert_cmpfloat(mcp_bench_mean(array), ==, 50.5);
}

/* A steady stream deviates by nothing, wherever it starts and whatever was lost of it. */
static void
test_steady_stream(void)
{
    McpBenchArrival arrivals[50];
    g_autoptr(GArray) out = values_new(NULL, 0);
    for (guint i = 0; i < G_N_ELEMENTS(arrivals); i++) {
        gint64 index = i < 20 ? i : i + 3;
        arrivals[i] = (McpBenchArrival){.time_ns = 7777 + index * PERIOD, .index = 1000 + index};
    }
    mcp_bench_deviation(arrivals, G_N_ELEMENTS(arrivals), PERIOD, out);
    mcp_bench_sort(out);
    g_assert_cmpuint(out->len, ==, 50);
    g_assert_cmpint(mcp_bench_percentile(out, 100), ==, 0);
}

/* One late packet of n: the fit takes 1/n of its delay, the packet keeps the rest. */
static void
test_late_packet(void)
{
    McpBenchArrival arrivals[10];
    g_autoptr(GArray) out = values_new(NULL, 0);
    for (gint i = 0; i < 10; i++)
        arrivals[i] = (McpBenchArrival){.time_ns = i * PERIOD, .index = i};
    arrivals[4].time_ns += 10000000;
    mcp_bench_deviation(arrivals, 10, PERIOD, out);
    g_assert_cmpint(g_array_index(out, gint64, 4), ==, 9000000);
    g_assert_cmpint(g_array_index(out, gint64, 5), ==, 1000000);
    mcp_bench_sort(out);
    g_assert_cmpfloat(mcp_bench_share_over(out, 5000000), ==, 0.1);
}

static void
test_packets_due(void)
{
    gint64 second = 50 * (gint64)PERIOD;
    g_assert_cmpuint(mcp_bench_packets_due(100, 100, 0, 200, PERIOD), ==, 1);
    g_assert_cmpuint(mcp_bench_packets_due(1000, 49 * (gint64)PERIOD + 1000, 0, second, PERIOD), ==,
                     50);
    /* jitter of the first and the last packet */
    g_assert_cmpuint(mcp_bench_packets_due(8000000, 49 * (gint64)PERIOD, 0, second, PERIOD), ==,
                     50);
    /* silence for the last half of the window, and for the first */
    g_assert_cmpuint(mcp_bench_packets_due(0, 24 * (gint64)PERIOD, 0, second, PERIOD), ==, 50);
    g_assert_cmpuint(
        mcp_bench_packets_due(25 * (gint64)PERIOD, 49 * (gint64)PERIOD, 0, second, PERIOD), ==, 50);
}

static void
feed(McpBenchRtpReceive *receive, guint16 sequence, guint32 timestamp, gint64 at_packet)
{
    guint8 packet[MCP_BENCH_RTP_HEADER + MCP_BENCH_FRAME];
    mcp_bench_rtp_header(packet, FALSE, 0, sequence, timestamp, 42);
    memset(packet + MCP_BENCH_RTP_HEADER, (at_packet & 1) != 0 ? 0x20 : 0xff, MCP_BENCH_FRAME);
    mcp_bench_rtp_receive_packet(receive, packet, sizeof packet, at_packet * PERIOD);
}

static void
test_receive_counts(void)
{
    McpBenchRtpReceive receive;
    mcp_bench_rtp_receive_init(&receive, mcp_bench_codec_get(MCP_BENCH_PCMU));
    mcp_bench_rtp_receive_measure(&receive, 0, G_MAXINT64);
    for (guint i = 0; i < 100; i++) {
        guint16 sequence = (guint16)(65500 + i); /* over the wrap */
        if (i == 50)
            continue; /* lost */
        if (i == 60) {
            feed(&receive, sequence + 1, 161 * 160 + 1, 60); /* out of order */
            feed(&receive, sequence, 160 * 160 + 1, 61);
            i++;
            continue;
        }
        feed(&receive, sequence, (i + 100) * 160 + 1, i);
        if (i == 70)
            feed(&receive, sequence, (i + 100) * 160 + 1, i); /* doubled */
    }
    g_assert_cmpuint(receive.packets, ==, 99);
    g_assert_cmpuint(receive.lost, ==, 1);
    g_assert_cmpuint(receive.duplicates, ==, 1);
    g_assert_cmpuint(receive.reordered, ==, 1);
    g_assert_cmpuint(receive.pauses, ==, 0);
    g_assert_cmpuint(receive.restarts, ==, 0);
    g_assert_cmpint(receive.index, ==, 99);
    g_assert_cmpuint(receive.arrivals->len, ==, 99);
    g_assert_cmpuint(receive.audio, ==, 99);
    g_assert_cmpuint(receive.sound, ==, 50);
    mcp_bench_rtp_receive_clear(&receive);
}

/* A sender that says by its timestamps that it was silent is not late after its pause. */
static void
test_receive_pause(void)
{
    McpBenchRtpReceive receive;
    g_autoptr(GArray) out = values_new(NULL, 0);
    mcp_bench_rtp_receive_init(&receive, mcp_bench_codec_get(MCP_BENCH_PCMU));
    mcp_bench_rtp_receive_measure(&receive, 0, G_MAXINT64);
    mcp_bench_rtp_receive_record(&receive);
    for (guint i = 0; i < 20; i++)
        feed(&receive, (guint16)i, i * 160, i);
    for (guint i = 30; i < 50; i++)
        feed(&receive, (guint16)(i - 10), i * 160, i);
    g_assert_cmpuint(receive.pauses, ==, 1);
    g_assert_cmpuint(receive.lost, ==, 0);
    g_assert_cmpint(receive.index, ==, 49);
    g_assert_cmpuint(receive.recording->len, ==, 50 * MCP_BENCH_FRAME);
    g_assert_cmpint(g_array_index(receive.recording, gint16, 25 * MCP_BENCH_FRAME), ==, 0);
    mcp_bench_deviation((McpBenchArrival *)(void *)receive.arrivals->data, receive.arrivals->len,
                        PERIOD, out);
    mcp_bench_sort(out);
    g_assert_cmpint(mcp_bench_percentile(out, 100), ==, 0);
    mcp_bench_rtp_receive_clear(&receive);
}

static void
test_receive_hostile(void)
{
    McpBenchRtpReceive receive;
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    guint8 bytes[64];
    mcp_bench_rtp_receive_init(&receive, mcp_bench_codec_get(MCP_BENCH_PCMU));
    mcp_bench_rtp_receive_measure(&receive, 0, G_MAXINT64);
    mcp_bench_rtp_receive_record(&receive);
    for (guint i = 0; i < 20000; i++) {
        gsize length = (gsize)g_rand_int_range(rand, 0, sizeof bytes + 1);
        for (gsize at = 0; at < length; at++)
            bytes[at] = (guint8)g_rand_int(rand);
        if (length > 0 && i % 2 == 0)
            bytes[0] = 0x80 | (bytes[0] & 0x1f);
        mcp_bench_rtp_receive_packet(&receive, bytes, length, i * 1000);
    }
    g_assert_cmpuint(receive.malformed, >, 0);
    g_assert_cmpuint(receive.packets, >, 0);
    mcp_bench_rtp_receive_clear(&receive);
}

static void
test_mulaw(void)
{
    for (guint i = 0; i < 256; i++) {
        gint16 sample = mcp_bench_mulaw_decode((guint8)i);
        if (i != 0x7f) /* minus zero */
            g_assert_cmpuint(mcp_bench_mulaw_encode(sample), ==, i);
    }
    g_assert_cmpint(mcp_bench_mulaw_decode(0xff), ==, 0);
    g_assert_cmpint(mcp_bench_mulaw_decode(0x80), ==, 32124);
    g_assert_cmpint(mcp_bench_mulaw_decode(mcp_bench_mulaw_encode(G_MININT16)), ==, -32124);
}

/* Each second of the material is heard as speech by our own measure. */
static void
test_material(void)
{
    g_autoptr(GBytes) material = mcp_bench_speech_new(1000, 20);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(material, &size);
    g_assert_cmpuint(size, ==, 160000);
    for (guint second = 0; second < 20; second++) {
        guint sound = 0;
        for (guint frame = 0; frame < 50; frame++) {
            const guint8 *at = data + ((gsize)second * 50 + frame) * MCP_BENCH_FRAME;
            sound += mcp_bench_mulaw_level(at, MCP_BENCH_FRAME) >= MCP_BENCH_SOUND_LEVEL;
        }
        g_assert_cmpuint(sound, >, 25);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bench/stats/percentile", test_percentile);
    g_test_add_func("/bench/stats/steady-stream", test_steady_stream);
    g_test_add_func("/bench/stats/late-packet", test_late_packet);
    g_test_add_func("/bench/stats/packets-due", test_packets_due);
    g_test_add_func("/bench/receive/counts", test_receive_counts);
    g_test_add_func("/bench/receive/pause", test_receive_pause);
    g_test_add_func("/bench/receive/hostile", test_receive_hostile);
    g_test_add_func("/bench/speech/mulaw", test_mulaw);
    g_test_add_func("/bench/speech/material", test_material);
    return g_test_run();
}
