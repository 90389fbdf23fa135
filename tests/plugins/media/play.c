/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Playing to a real peer: payload, sequence, timestamps, marks, positions, barge-in, no-input.
 */
#include "fixture.h"

#include <string.h>

#define FORMATS "0 101"
#define LINES "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"

static void
test_payload(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(McpAudio) audio = raw_mulaw(1650, 3);
    const guint8 *wanted = g_bytes_get_data(mcp_audio_get_bytes(audio), NULL);
    const McpPlayItem items[] = {
        {.kind = MCP_PLAY_MARK, .mark = "begin"},
        {.kind = MCP_PLAY_AUDIO, .audio = audio},
        {.kind = MCP_PLAY_MARK, .mark = "end"},
    };
    McpLeg *leg = NULL;
    guint8 data[2048];
    guint8 got[1760];
    McpMediaRtpPacket packet;
    McpMediaRtpPacket first = {0};
    guint64 generation = 0;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    mcp_leg_set_handler(leg, seen_handler, &seen);
    generation = mcp_leg_play(leg, items, G_N_ELEMENTS(items));
    for (guint i = 0; i < 11; i++) {
        g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
        if (i == 0)
            first = packet;
        g_assert_cmpuint(packet.payload_type, ==, 0);
        g_assert_cmpuint(packet.length, ==, 160);
        g_assert_cmpint(packet.marker, ==, i == 0);
        g_assert_cmpuint((guint16)(packet.sequence - first.sequence), ==, i);
        g_assert_cmpuint(packet.timestamp - first.timestamp, ==, i * 160);
        g_assert_cmpuint(packet.ssrc, ==, first.ssrc);
        memcpy(got + 160 * i, packet.payload, 160);
    }
    g_assert_cmpmem(got, 1650, wanted, 1650);
    for (guint i = 1650; i < 1760; i++)
        g_assert_cmpuint(got[i], ==, 0xff);
    wait_until(&seen.ended, 1, 2);
    g_assert_cmpuint(seen.generation, ==, generation);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_COMPLETED);
    g_assert_cmpint(seen.position, ==, 1650 * 125);
    g_assert_cmpuint(seen.marks, ==, 2);
    /* Nothing is played: nothing is sent. */
    g_assert_false(peer_receive(&peer, 100, &packet, data, sizeof data));
    /* The next talk spurt goes on in sequence, with a marker, and time has passed. */
    mcp_leg_play(leg, items, G_N_ELEMENTS(items));
    g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
    g_assert_true(packet.marker);
    g_assert_cmpuint((guint16)(packet.sequence - first.sequence), ==, 11);
    g_assert_cmpuint(packet.timestamp - first.timestamp, >=, 10 * 160 + 800);
    /* It does not wait for the ticks of the first one. */
    g_assert_cmpuint((packet.timestamp - first.timestamp) % 40, ==, 0);
    close_leg(&platform, leg);
    g_assert_cmpuint(seen.ended, ==, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_CLOSED);
    peer_close(&peer);
    platform_close(&platform);
}

static void
test_lists(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 1);
    const guint8 *wanted = g_bytes_get_data(mcp_audio_get_bytes(audio), NULL);
    const McpPlayItem items[] = {
        {.kind = MCP_PLAY_AUDIO, .audio = audio, .offset = 100000, .duration = 50000},
        {.kind = MCP_PLAY_SILENCE, .duration = 30000},
        {.kind = MCP_PLAY_AUDIO, .audio = audio, .offset = 980000},
    };
    McpLeg *leg = NULL;
    guint8 data[2048];
    guint8 got[800];
    McpMediaRtpPacket packet;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    mcp_leg_set_handler(leg, seen_handler, &seen);
    mcp_leg_play(leg, items, G_N_ELEMENTS(items));
    for (guint i = 0; i < 5; i++) {
        g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
        memcpy(got + 160 * i, packet.payload, 160);
    }
    g_assert_cmpmem(got, 400, wanted + 800, 400);
    for (guint i = 400; i < 640; i++)
        g_assert_cmpuint(got[i], ==, 0xff);
    g_assert_cmpmem(got + 640, 160, wanted + 7840, 160);
    wait_until(&seen.ended, 1, 2);
    g_assert_cmpint(seen.position, ==, 100000);
    /* An empty list ends by itself; one that is replaced ends by command. */
    mcp_leg_play(leg, NULL, 0);
    wait_until(&seen.ended, 2, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_COMPLETED);
    mcp_leg_play(leg, items, 1);
    mcp_leg_play(leg, items, 1);
    wait_until(&seen.ended, 3, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_COMMAND);
    g_assert_cmpuint(seen.generation, ==, 3);
    /* A stale stop is ignored, the right one is not. */
    mcp_leg_stop(leg, 3);
    mcp_leg_stop(leg, 4);
    wait_until(&seen.ended, 4, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_COMMAND);
    close_leg(&platform, leg);
    g_assert_cmpuint(seen.ended, ==, 4);
    peer_close(&peer);
    platform_close(&platform);
}

/* One prompt after the other, each in place of the one before: none is sent ahead of its time. */
static void
test_replaced(void)
{
    Platform platform;
    Peer peer;
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 1);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpLeg *leg = NULL;
    guint8 data[2048];
    McpMediaRtpPacket packet;
    gint64 begin = 0;
    guint32 first = 0;
    guint32 last = 0;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    begin = g_get_monotonic_time();
    for (guint i = 0; i < 25; i++) {
        mcp_leg_play(leg, &item, 1);
        g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
        if (i == 0)
            first = packet.timestamp;
        else
            g_assert_cmpuint(packet.timestamp - last, >=, 160);
        last = packet.timestamp;
    }
    g_assert_cmpint((last - first) * 125, <=, g_get_monotonic_time() - begin);
    close_leg(&platform, leg);
    peer_close(&peer);
    platform_close(&platform);
}

static void
test_undecodable(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(GBytes) bytes = g_bytes_new_static("no audio", 8);
    g_autoptr(McpAudio) audio = mcp_audio_new(bytes, "text/plain", NULL);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpLeg *leg = NULL;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    mcp_leg_set_handler(leg, seen_handler, &seen);
    mcp_leg_play(leg, &item, 1);
    wait_until(&seen.ended, 1, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_FAILED);
    g_assert_nonnull(seen.error);
    close_leg(&platform, leg);
    peer_close(&peer);
    platform_close(&platform);
    seen_clear(&seen);
}

static void
test_barge_in(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(McpAudio) audio = raw_mulaw(80000, 1);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpArm arm = {.barge_in = MCP_BARGE_IN_DTMF, .digits = 1 << 5, .no_input = -1};
    McpLeg *leg = NULL;
    McpMediaRtpPacket packet;
    guint8 data[2048];
    McpDigit digit;
    guint after = 0;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    mcp_leg_set_handler(leg, seen_handler, &seen);
    arm.generation = mcp_leg_play(leg, &item, 1);
    mcp_leg_arm(leg, &arm);
    g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
    /* A digit outside of the mask enters the queue and stops nothing. */
    peer_send_digit(&peer, 101, '4', 6, 0);
    wait_until(&seen.digits, 1, 2);
    g_assert_cmpuint(seen.ended, ==, 0);
    peer_send_digit(&peer, 101, '5', 6, 0);
    wait_until(&seen.ended, 1, 2);
    wait_until(&seen.digits, 2, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_DIGIT);
    g_assert_cmpint(seen.ended_at, ==, seen.last_digit_at);
    while (peer_receive(&peer, 60, &packet, data, sizeof data))
        after++;
    g_assert_cmpuint(after, <, 10);
    g_assert_cmpint(seen.position, >, 0);
    g_assert_cmpint(seen.position, <, 9000000);
    g_assert_cmpstr(seen.digit_text, ==, "45");
    /* Digits that wait count at once for the next arming. */
    arm.generation = mcp_leg_play(leg, &item, 1);
    mcp_leg_arm(leg, &arm);
    wait_until(&seen.ended, 2, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_DIGIT);
    g_assert_true(mcp_leg_take_digit(leg, &digit));
    g_assert_cmpint(digit.digit, ==, '4');
    g_assert_true(mcp_leg_take_digit(leg, &digit));
    g_assert_cmpint(digit.digit, ==, '5');
    g_assert_cmpint(digit.source, ==, MCP_DIGIT_RTP_EVENT);
    g_assert_false(mcp_leg_take_digit(leg, &digit));
    close_leg(&platform, leg);
    peer_close(&peer);
    platform_close(&platform);
}

static void
test_no_input(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(McpAudio) audio = raw_mulaw(1600, 1);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpArm arm = {.barge_in = MCP_BARGE_IN_DTMF, .digits = MCP_DIGITS_ALL, .no_input = 150000};
    McpLeg *leg = NULL;
    gint64 start = 0;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    mcp_leg_set_handler(leg, seen_handler, &seen);
    arm.generation = mcp_leg_play(leg, &item, 1);
    mcp_leg_arm(leg, &arm);
    start = g_get_monotonic_time();
    wait_until(&seen.no_input, 1, 3);
    /* 200 ms of prompt, the last of its packets 180 ms after the first, then 150 ms. */
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 320000);
    g_assert_cmpuint(seen.ended, ==, 1);
    /* The same press by INFO and by RTP is one digit. */
    mcp_leg_put_digit(leg, '7', 100);
    wait_until(&seen.digits, 1, 2);
    peer_send_digit(&peer, 101, '7', 6, 0);
    peer_send_digit(&peer, 101, '8', 6, 0);
    wait_until(&seen.digits, 2, 2);
    g_assert_cmpstr(seen.digit_text, ==, "78");
    close_leg(&platform, leg);
    peer_close(&peer);
    platform_close(&platform);
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    gint64 *duration = user_data;
    g_autoptr(GError) error = NULL;

    if (!mcp_media_prepare_finish(MCP_MEDIA(source), result, duration, &error))
        *duration = -2;
}

static gint64
prepare(Platform *platform, McpLeg *leg, McpAudio *audio)
{
    gint64 duration = -1;

    mcp_media_prepare_async(MCP_MEDIA(platform->service), leg, audio, NULL, on_prepared, &duration);
    while (duration == -1)
        g_main_context_iteration(NULL, TRUE);
    return duration;
}

/* A PCMU file to an L16 leg, and L16 at 16 kHz: through the graph. */
static void
test_transcode(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 1);
    g_autoptr(GBytes) bad_bytes = g_bytes_new_static("RIFF....WAVE", 12);
    g_autoptr(McpAudio) bad = mcp_audio_new(bad_bytes, "audio/x-wav", NULL);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpLeg *leg = NULL;
    McpMediaRtpPacket packet;
    McpMediaRtpPacket first;
    guint8 data[2048];

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, "120 0",
                       "a=rtpmap:120 L16/16000\r\na=rtpmap:0 PCMU/8000\r\na=ptime:30\r\n");
    mcp_leg_set_handler(leg, seen_handler, &seen);
    g_assert_cmpint(ABS(prepare(&platform, leg, audio) - 1000000), <, 5000);
    g_assert_cmpint(prepare(&platform, leg, bad), ==, -2);
    mcp_leg_play(leg, &item, 1);
    g_assert_true(peer_receive(&peer, 2000, &first, data, sizeof data));
    g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
    g_assert_cmpuint(packet.payload_type, ==, 120);
    g_assert_cmpuint(packet.length, ==, 960);
    g_assert_cmpuint(packet.timestamp - first.timestamp, ==, 480);
    wait_until(&seen.ended, 1, 3);
    g_assert_cmpint(ABS(seen.position - 1000000), <, 5000);
    close_leg(&platform, leg);
    peer_close(&peer);
    platform_close(&platform);
}

/* Appends @n bytes of @data after @done ones. */
static gsize
append(McpAudioProducer *producer, const guint8 *data, gsize done, gsize n)
{
    g_assert_true(mcp_audio_producer_append(producer, data + done, n));
    return done + n;
}

/* What still grows begins at once, waits without a sound, and ends where it ends. */
static void
test_growing(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(McpAudio) whole = raw_mulaw(1680, 3);
    const guint8 *wanted = g_bytes_get_data(mcp_audio_get_bytes(whole), NULL);
    McpAudio *audio = NULL;
    McpAudioProducer *producer = mcp_audio_producer_new("audio/basic", NULL, 100000, &audio);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpMediaRtpPacket packet;
    McpLeg *leg = NULL;
    guint8 data[2048];
    guint8 got[1760];
    gsize done = 0;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    mcp_leg_set_handler(leg, seen_handler, &seen);
    mcp_leg_play(leg, &item, 1);
    done = append(producer, wanted, done, 400);
    for (guint i = 0; i < 11; i++) {
        /* Whole packets only: the rest of the first 400 comes with what follows. */
        if (i == 2) {
            g_assert_false(peer_receive(&peer, 100, &packet, data, sizeof data));
            done = append(producer, wanted, done, 1680 - done);
            mcp_audio_producer_finish(producer, NULL);
        }
        g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
        g_assert_cmpint(packet.marker, ==, i == 0 || i == 2);
        memcpy(got + 160 * i, packet.payload, 160);
    }
    g_assert_cmpmem(got, 1680, wanted, 1680);
    wait_until(&seen.ended, 1, 2);
    g_assert_cmpint(seen.stop, ==, MCP_STOP_COMPLETED);
    g_assert_cmpint(seen.position, ==, 1680 * 125);
    close_leg(&platform, leg);
    mcp_audio_producer_free(producer);
    mcp_audio_unref(audio);
    peer_close(&peer);
    platform_close(&platform);
}

/* To a machine that listens: what is there goes at once, and RTP time has no holes. */
static void
test_pace(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    g_autoptr(McpAudio) whole = raw_mulaw(8000, 3);
    const guint8 *wanted = g_bytes_get_data(mcp_audio_get_bytes(whole), NULL);
    McpAudio *audio = NULL;
    McpAudioProducer *producer = mcp_audio_producer_new("audio/basic", NULL, 100000, &audio);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio, .pace = 4};
    McpMediaRtpPacket packet;
    McpMediaRtpPacket first = {0};
    McpLeg *leg = NULL;
    guint8 data[2048];
    guint8 got[8000];
    gint64 began = 0;

    platform_open(&platform);
    peer_open(&peer);
    leg = peer_connect(&peer, &platform, FORMATS, LINES);
    mcp_leg_set_handler(leg, seen_handler, &seen);
    mcp_leg_play(leg, &item, 1);
    append(producer, wanted, 0, 4000);
    began = g_get_monotonic_time();
    for (guint i = 0; i < 50; i++) {
        if (i == 25) {
            g_test_message("500 ms of audio in %d ms",
                           (int)((g_get_monotonic_time() - began) / 1000));
            g_assert_false(peer_receive(&peer, 100, &packet, data, sizeof data));
            append(producer, wanted, 4000, 4000);
            mcp_audio_producer_finish(producer, NULL);
        }
        g_assert_true(peer_receive(&peer, 2000, &packet, data, sizeof data));
        if (i == 0)
            first = packet;
        g_assert_cmpint(packet.marker, ==, i == 0);
        g_assert_cmpuint((guint16)(packet.sequence - first.sequence), ==, i);
        g_assert_cmpuint(packet.timestamp - first.timestamp, ==, i * 160);
        memcpy(got + 160 * i, packet.payload, 160);
    }
    g_assert_cmpmem(got, 8000, wanted, 8000);
    wait_until(&seen.ended, 1, 2);
    g_assert_cmpint(seen.position, ==, G_USEC_PER_SEC);
    close_leg(&platform, leg);
    mcp_audio_producer_free(producer);
    mcp_audio_unref(audio);
    peer_close(&peer);
    platform_close(&platform);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/play/payload", test_payload);
    g_test_add_func("/media/play/lists", test_lists);
    g_test_add_func("/media/play/replaced", test_replaced);
    g_test_add_func("/media/play/undecodable", test_undecodable);
    g_test_add_func("/media/play/barge-in", test_barge_in);
    g_test_add_func("/media/play/no-input", test_no_input);
    g_test_add_func("/media/play/transcode", test_transcode);
    g_test_add_func("/media/play/growing", test_growing);
    g_test_add_func("/media/play/pace", test_pace);
    return g_test_run();
}
