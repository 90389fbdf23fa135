/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comfort noise against real sockets: what a peer describes is in the recording, in time; what we
 * say at the end of a prompt; and what bridges make of it.
 */
#include "fixture.h"

#include "leg/leg_private.h"
#include "player/container.h"
#include <math.h>
#include <mcp/error.h>
#include <string.h>

#define NOISE 13
#define RATE 8000

typedef struct {
    Platform platform;
    Peer peer;
    Seen seen;
    McpLeg *leg;
    gint64 due; /* µs at which the peer's next packet leaves */
} Case;

static void
case_open(Case *test, const char *formats)
{
    memset(test, 0, sizeof *test);
    platform_open(&test->platform);
    peer_open(&test->peer);
    test->leg = peer_connect(&test->peer, &test->platform, formats, "a=ptime:20\r\n");
    mcp_leg_set_handler(test->leg, seen_handler, &test->seen);
}

static void
case_close(Case *test)
{
    close_leg(&test->platform, test->leg);
    peer_close(&test->peer);
    platform_close(&test->platform);
    seen_clear(&test->seen);
}

static void
wait_due(Case *test)
{
    while (g_get_monotonic_time() < test->due) {
        g_main_context_iteration(NULL, FALSE);
        g_poll(NULL, 0, 1);
    }
}

/* A square wave, a packet every 20 ms. */
static void
speak(Case *test, guint packets)
{
    guint8 payload[160];

    for (guint k = 0; k < sizeof payload; k++)
        payload[k] = k / 10 % 2 == 0 ? 0x90 : 0x10;
    for (guint i = 0; i < packets; i++, test->due += 20000, test->peer.timestamp += 160) {
        wait_due(test);
        peer_send(&test->peer, 0, i == 0, test->peer.timestamp, payload, sizeof payload);
    }
}

static void
keep_silent(Case *test, guint packets)
{
    test->due += (gint64)packets * 20000;
    test->peer.timestamp += packets * 160;
    wait_due(test);
}

static double
level_of(const gint16 *samples, guint from_ms, guint to_ms)
{
    guint n = (to_ms - from_ms) * RATE / 1000;
    double sum = 0;

    for (guint i = 0; i < n; i++) {
        gint16 sample = GINT16_FROM_LE(samples[from_ms * RATE / 1000 + i]);

        sum += (double)sample * sample;
    }
    return 10 * log10(MAX(sum / n, 1e-9) / (32768.0 * 32768.0));
}

/* The first ms from @from_ms on in which it is loud, or is not. */
static guint
find(const gint16 *samples, guint from_ms, gboolean loud)
{
    while ((level_of(samples, from_ms, from_ms + 1) > -25) != loud)
        from_ms++;
    return from_ms;
}

static void
check_recording(const TestStream *stream, double wanted)
{
    McpMediaContent content;
    g_autoptr(GError) error = NULL;
    const gint16 *samples = NULL;
    guint end = 0;
    guint again = 0;

    g_assert_true(
        mcp_media_container_parse(stream->bytes->data, stream->bytes->len, NULL, &content, &error));
    g_assert_no_error(error);
    samples = (const gint16 *)(gconstpointer)content.data;
    g_assert_cmpuint(content.length, >=, (gsize)2750 * 16);
    /* Where they stand hangs on when the recording began; how far apart they are does not. */
    end = find(samples, 400, FALSE);
    again = find(samples, end, TRUE);
    g_test_message("voice %.1f dBov up to %u ms, gap %.1f, voice again after %u ms at %.1f",
                   level_of(samples, 200, end - 20), end, level_of(samples, end + 40, again - 20),
                   again, level_of(samples, again + 20, again + 500));
    g_assert_cmpfloat(level_of(samples, 200, end - 20), >, -20);
    g_assert_cmpuint(end, <=, 1010);
    g_assert_cmpint(ABS((gint)(again - end) - 1000), <=, 5);
    if (wanted < 0)
        g_assert_cmpfloat(fabs(level_of(samples, end + 40, again - 20) - wanted), <, 1.5);
    else
        g_assert_cmpfloat(level_of(samples, end + 40, again - 20), <, -100);
    g_assert_cmpfloat(level_of(samples, again + 20, again + 500), >, -20);
}

/* Voice, noise for a second, voice; @formats may leave it out. */
static void
record(const char *formats, const guint8 *payload, gsize length, double wanted)
{
    g_autoptr(GError) error = NULL;
    Case test;
    TestStream *stream = test_stream_new();
    McpLegStatistics statistics;
    gint64 deadline = 0;
    McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};

    case_open(&test, formats);
    params.stream = MCP_STORE_STREAM(stream);
    g_assert_true(mcp_leg_record(test.leg, &params, &error));
    test.due = g_get_monotonic_time();
    speak(&test, 50);
    peer_send(&test.peer, NOISE, FALSE, test.peer.timestamp, payload, length);
    keep_silent(&test, 50);
    speak(&test, 45);
    mcp_leg_stop_recording(test.leg);
    wait_until(&test.seen.recordings, 1, 5);
    check_recording(stream, wanted);
    /* Statistics are published by the worker, a slot later. */
    deadline = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    do {
        g_main_context_iteration(NULL, FALSE);
        mcp_leg_get_statistics(test.leg, &statistics);
    } while (statistics.packets_received < 96 && g_get_monotonic_time() < deadline);
    g_assert_cmpuint(statistics.packets_lost, ==, 0);
    g_assert_cmpuint(statistics.packets_received, ==, 96);
    g_assert_cmpuint(
        atomic_load(&mcp_media_stream_get_counters(MCP_MEDIA_LEG(test.leg)->stream)->concealed), ==,
        0);
    g_assert_cmpuint(
        atomic_load(&mcp_media_stream_get_counters(MCP_MEDIA_LEG(test.leg)->stream)->invalid), ==,
        length == 0 || (payload[0] & 0x80) != 0);
    case_close(&test);
    g_assert_finalize_object(stream);
}

static void
test_recorded(void)
{
    static const guint8 shaped[] = {45, 60, 200, 100, 120};

    record("0 13", shaped, 1, -45);
    record("0 13", shaped, sizeof shaped, -45);
}

/* Without an agreement, or malformed, it is no noise, and no loss either. */
static void
test_ignored(void)
{
    static const guint8 reserved[] = {0x80 | 40};

    record("0", (const guint8[]){40}, 1, 0);
    record("0 13", reserved, sizeof reserved, 0);
}

/* --- sent --- */

static guint
count_noise(Peer *peer, guint ms, McpMediaRtpPacket *out_audio, guint *out_audios)
{
    gint64 until = g_get_monotonic_time() + (gint64)ms * 1000;
    guint noises = 0;

    while (g_get_monotonic_time() < until) {
        McpMediaRtpPacket packet;
        guint8 datagram[2048];

        if (!peer_receive(peer, 50, &packet, datagram, sizeof datagram))
            continue;
        if (packet.payload_type != NOISE) {
            *out_audio = packet;
            (*out_audios)++;
            continue;
        }
        noises++;
        /* RFC 3389 §4: from the end of the audio on, no marker. */
        g_assert_false(packet.marker);
        g_assert_cmpuint(packet.length, ==, 1);
        g_assert_cmpuint(packet.payload[0], ==, 127);
        g_assert_cmpuint(packet.timestamp, ==, out_audio->timestamp + 160);
        g_assert_cmpuint(packet.sequence, ==, (guint16)(out_audio->sequence + 1));
    }
    return noises;
}

static void
play(Case *test, guint ms)
{
    g_autoptr(McpAudio) audio = raw_mulaw(ms * RATE / 1000, 7);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};

    g_assert_cmpuint(mcp_leg_play(test->leg, &item, 1), !=, 0);
}

static void
test_sent(void)
{
    static const char *const formats[] = {"0 13", "0"};

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        McpMediaRtpPacket audio = {0};
        guint audios = 0;
        Case test;

        case_open(&test, formats[i]);
        g_assert_cmpuint(count_noise(&test.peer, 200, &audio, &audios), ==, 0);
        for (guint round = 1; round <= 2; round++) {
            play(&test, 400);
            g_assert_cmpuint(count_noise(&test.peer, 1200, &audio, &audios), ==, i == 0);
            g_assert_cmpuint(test.seen.ended, ==, round);
            g_assert_cmpuint(audios, ==, round * 20);
        }
        case_close(&test);
    }
}

/* --- bridged --- */

/* What the second leg's peer gets of voice, noise and voice of the first one's. */
static void
bridge(const char *formats, gboolean passes)
{
    static const guint8 sid[] = {51, 127, 100};
    g_autoptr(GError) error = NULL;
    Case test;
    Peer other;
    McpLeg *leg = NULL;
    McpMediaRtpPacket packet;
    guint8 datagram[2048];
    guint16 first = 0;
    guint32 timestamp = 0;
    guint n = 0;

    case_open(&test, "0 13");
    peer_open(&other);
    leg = peer_connect(&other, &test.platform, formats, "a=ptime:20\r\n");
    g_assert_true(mcp_leg_bridge(test.leg, leg, &error));
    g_assert_no_error(error);
    test.due = g_get_monotonic_time() + 100000;
    speak(&test, 10);
    peer_send(&test.peer, NOISE, FALSE, test.peer.timestamp, sid, sizeof sid);
    peer_send(&test.peer, NOISE, FALSE, test.peer.timestamp, NULL, 0);
    keep_silent(&test, 20);
    speak(&test, 10);
    for (; peer_receive(&other, 300, &packet, datagram, sizeof datagram); n++) {
        if (n == 0) {
            first = packet.sequence;
            timestamp = packet.timestamp;
        }
        if (packet.payload_type != NOISE)
            continue;
        g_assert_true(passes);
        g_assert_cmpuint(n, ==, 10);
        g_assert_false(packet.marker);
        g_assert_cmpmem(packet.payload, packet.length, sid, sizeof sid);
        g_assert_cmpuint(packet.timestamp, ==, timestamp + 1600);
    }
    g_assert_cmpuint(n, ==, passes ? 21 : 20);
    g_test_message("%u packets, numbers %u to %u", n, first, packet.sequence);
    g_assert_cmpuint(packet.timestamp, ==, timestamp + 39 * 160);
    close_leg(&test.platform, leg);
    peer_close(&other);
    case_close(&test);
}

static void
test_bridged(void)
{
    bridge("0 13", TRUE);
    bridge("0", FALSE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/comfort-noise/recorded", test_recorded);
    g_test_add_func("/media/comfort-noise/ignored", test_ignored);
    g_test_add_func("/media/comfort-noise/sent", test_sent);
    g_test_add_func("/media/comfort-noise/bridged", test_bridged);
    return g_test_run();
}
