/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taps: what a leg hears and sends, for others; consumers that are slow or gone.
 */
#include "party.h"

#include <math.h>
#include <mcp/contract/tap.h>
#include <mcp/error.h>
#include <sound/g711.h>
#include <string.h>
#include <sys/socket.h>

#define EVENTS "a=rtpmap:101 telephone-event/8000\r\n"

typedef struct {
    guint ready;
    gboolean takes; /* reads when told */
    guint frames;
    guint64 dropped;
    guint64 next_position;
    guint broken; /* frames whose position does not follow */
    GArray *samples;
    guint frame_samples;
} Consumer;

static void
take_all(McpTap *tap, Consumer *consumer)
{
    McpTapFrame frame;

    while (mcp_tap_read(tap, &frame)) {
        consumer->frames++;
        consumer->dropped += frame.dropped;
        consumer->broken +=
            frame.position != consumer->next_position + frame.dropped * consumer->frame_samples;
        consumer->next_position = frame.position + consumer->frame_samples;
        g_array_append_vals(consumer->samples, frame.data, (guint)(frame.length / 2));
    }
}

static void
on_ready(McpTap *tap, gpointer user_data)
{
    Consumer *consumer = user_data;

    consumer->ready++;
    if (consumer->takes)
        take_all(tap, consumer);
}

static void
consumer_init(Consumer *consumer, guint frame_samples)
{
    memset(consumer, 0, sizeof *consumer);
    consumer->takes = TRUE;
    consumer->frame_samples = frame_samples;
    consumer->samples = g_array_new(FALSE, FALSE, sizeof(gint16));
}

/* Amplitude of @pitch in channel @at of the last @ms. */
static double
level(const Consumer *consumer, guint rate, guint channels, guint at, double pitch, guint ms)
{
    guint n = MIN(rate * ms / 1000, consumer->samples->len / channels);
    const gint16 *samples =
        (const gint16 *)consumer->samples->data + consumer->samples->len - n * channels;
    double re = 0;
    double im = 0;

    for (guint i = 0; i < n; i++) {
        double window = 1 - cos(2 * G_PI * i / n);

        re += window * samples[i * channels + at] * cos(2 * G_PI * pitch * i / rate);
        im += window * samples[i * channels + at] * sin(2 * G_PI * pitch * i / rate);
    }
    return n > 0 ? 2 * sqrt(re * re + im * im) / n : 0;
}

typedef struct {
    Platform platform;
    Party parties[2];
} Pair;

/* Two who are bridged: each leg hears one tone and sends the other. */
static void
open_pair(Pair *pair, const char *second)
{
    g_autoptr(GError) error = NULL;

    platform_open(&pair->platform);
    party_open(&pair->parties[0], &pair->platform, "a", "0 101", EVENTS);
    party_open(&pair->parties[1], &pair->platform, "b", second, EVENTS);
    pair->parties[0].pitch = 500;
    pair->parties[1].pitch = 1200;
    mcp_leg_bridge(pair->parties[0].leg, pair->parties[1].leg, &error);
    g_assert_no_error(error);
}

static void
close_pair(Pair *pair)
{
    party_close(&pair->parties[0], &pair->platform);
    party_close(&pair->parties[1], &pair->platform);
    platform_close(&pair->platform);
}

static McpTap *
open_tap(Pair *pair, const McpTapParams *params)
{
    g_autoptr(GError) error = NULL;
    McpTap *tap = mcp_leg_tap(pair->parties[0].leg, params, &error);

    g_assert_no_error(error);
    return tap;
}

static void
check_level(double level, gboolean wanted)
{
    if (wanted)
        g_assert_cmpfloat(level, >, 2500);
    else
        g_assert_cmpfloat(level, <, 200);
}

static void
check_source(const char *second, McpTapSource source, guint rate)
{
    guint channels = source == MCP_TAP_STEREO ? 2 : 1;
    gboolean heard = source != MCP_TAP_SENT;
    gboolean sent = source != MCP_TAP_HEARD;
    Consumer consumer;
    Pair pair;
    McpTap *tap = NULL;

    consumer_init(&consumer, rate / 50);
    open_pair(&pair, second);
    parties_talk(pair.parties, 2, 300);
    tap = open_tap(&pair, &(McpTapParams){.source = source, .rate = rate});
    mcp_tap_set_ready(tap, on_ready, &consumer);
    parties_talk(pair.parties, 2, 1500);
    g_test_message("source %d at %u Hz: %u frames, heard %.0f, sent %.0f", source, rate,
                   consumer.frames, level(&consumer, rate, channels, 0, 500, 50),
                   level(&consumer, rate, channels, channels - 1, 1200, 50));
    g_assert_cmpuint(consumer.frames, >=, 1500 / 20 - 12);
    g_assert_cmpuint(consumer.frames, <=, 1500 / 20 + 1);
    g_assert_cmpuint(consumer.dropped + consumer.broken, ==, 0);
    check_level(level(&consumer, rate, channels, 0, 500, 50), heard);
    check_level(level(&consumer, rate, channels, channels - 1, 1200, 50), sent);
    if (channels == 2) {
        check_level(level(&consumer, rate, channels, 1, 500, 50), FALSE);
        check_level(level(&consumer, rate, channels, 0, 1200, 50), FALSE);
    }
    close_pair(&pair);
    g_assert_true(mcp_tap_has_ended(tap));
    g_assert_cmpuint(consumer.ready, >, 0);
    g_assert_finalize_object(tap);
    g_array_unref(consumer.samples);
}

static void
test_sources(void)
{
    for (McpTapSource source = MCP_TAP_HEARD; source <= MCP_TAP_STEREO; source++) {
        check_source("0 101", source, 8000);
        check_source("8 101", source, 16000);
    }
    check_source("0 101", MCP_TAP_HEARD, 48000);
}

/* A consumer that takes nothing loses frames, which are counted; the call notices nothing. */
static void
test_stalled(void)
{
    Consumer stalled;
    Consumer good;
    Pair pair;
    McpTap *slow = NULL;
    McpTap *quick = NULL;
    McpTapFigures figures;

    consumer_init(&stalled, 160);
    consumer_init(&good, 160);
    stalled.takes = FALSE;
    open_pair(&pair, "0 101");
    slow = open_tap(&pair, &(McpTapParams){.source = MCP_TAP_MIXED, .buffer_ms = 200});
    quick = open_tap(&pair, &(McpTapParams){.source = MCP_TAP_MIXED});
    mcp_tap_set_ready(slow, on_ready, &stalled);
    mcp_tap_set_ready(quick, on_ready, &good);
    parties_talk(pair.parties, 2, 2000);
    mcp_tap_get_figures(slow, &figures);
    g_assert_cmpuint(figures.dropped, >, 60);
    g_assert_cmpuint(figures.frames, >=, 10);
    g_assert_cmpuint(stalled.ready, ==, 1);
    g_assert_cmpuint(good.dropped + good.broken, ==, 0);
    g_assert_cmpuint(good.frames, >, 80);
    g_assert_cmpuint(pair.parties[1].gaps, ==, 0);
    g_assert_cmpuint(pair.parties[1].packets, >=, 95);
    /* It may come back: what is missing is told. */
    stalled.takes = TRUE;
    take_all(slow, &stalled);
    parties_talk(pair.parties, 2, 400);
    g_assert_cmpuint(stalled.dropped, >, 60);
    g_assert_cmpuint(stalled.broken, ==, 0);
    mcp_tap_close(slow);
    g_assert_finalize_object(slow);
    close_pair(&pair);
    g_assert_finalize_object(quick);
    g_array_unref(stalled.samples);
    g_array_unref(good.samples);
}

static void
drop_when_ended(McpTap *tap, gpointer user_data)
{
    McpTap **own = user_data;

    if (mcp_tap_has_ended(tap) && *own != NULL)
        g_clear_object(own);
}

/* A consumer that lets go when it hears of the end: the leg goes in the same turn. */
static void
test_dropped_at_end(void)
{
    for (guint i = 0; i < 10; i++) {
        Pair pair;
        McpTap *tap = NULL;

        open_pair(&pair, "0 101");
        tap = open_tap(&pair, &(McpTapParams){.source = MCP_TAP_STEREO});
        mcp_tap_set_ready(tap, drop_when_ended, &tap);
        parties_talk(pair.parties, 2, 60);
        close_pair(&pair);
        g_assert_null(tap);
    }
}

static void
test_rtp(void)
{
    g_autofree char *to = NULL;
    gint16 samples[160];
    guint8 datagram[2048];
    McpMediaRtpPacket packet;
    Peer peer;
    Pair pair;
    McpTap *tap = NULL;
    McpTapFrame frame;
    guint16 last = 0;
    guint n = 0;
    guint level = 0;

    peer_open(&peer);
    to = g_strdup_printf("127.0.0.1:%u", peer.port);
    open_pair(&pair, "0 101");
    tap = open_tap(
        &pair, &(McpTapParams){
                   .source = MCP_TAP_HEARD, .encoding = MCP_TAP_ALAW, .rtp_to = to, .rtp_type = 8});
    parties_talk(pair.parties, 2, 1000);
    while (peer_receive(&peer, 20, &packet, datagram, sizeof datagram)) {
        g_assert_cmpuint(packet.payload_type, ==, 8);
        g_assert_cmpuint(packet.length, ==, 160);
        if (n > 0)
            g_assert_cmpuint((guint16)(packet.sequence - last), ==, 1);
        last = packet.sequence;
        mcp_sound_alaw_decode(packet.payload, 160, samples);
        for (guint i = 0; i < 160; i++)
            level = MAX(level, (guint)ABS(samples[i]));
        n++;
    }
    g_assert_cmpuint(n, >=, 40);
    g_assert_cmpuint(level, >, 2000);
    g_assert_false(mcp_tap_read(tap, &frame));
    close_pair(&pair);
    g_assert_finalize_object(tap);
    peer_close(&peer);
}

static void
refuse(Pair *pair, const McpTapParams *params, gint code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_leg_tap(pair->parties[0].leg, params, &error));
    g_assert_error(error, MCP_ERROR, code);
}

static void
test_refusals(void)
{
    McpTap *taps[4];
    Pair pair;

    open_pair(&pair, "0 101");
    refuse(&pair, &(McpTapParams){.rate = 11025}, MCP_ERROR_INVALID);
    refuse(&pair, &(McpTapParams){.frame_ms = 5}, MCP_ERROR_INVALID);
    refuse(&pair, &(McpTapParams){.buffer_ms = 10}, MCP_ERROR_INVALID);
    refuse(&pair, &(McpTapParams){.encoding = MCP_TAP_L16, .rtp_to = "nowhere"}, MCP_ERROR_INVALID);
    refuse(&pair, &(McpTapParams){.encoding = MCP_TAP_S16, .rtp_to = "127.0.0.1:4000"},
           MCP_ERROR_INVALID);
    refuse(&pair,
           &(McpTapParams){.encoding = MCP_TAP_L16, .rate = 48000, .rtp_to = "127.0.0.1:4000"},
           MCP_ERROR_INVALID);
    for (guint i = 0; i < G_N_ELEMENTS(taps); i++)
        taps[i] = open_tap(&pair, &(McpTapParams){0});
    refuse(&pair, &(McpTapParams){0}, MCP_ERROR_LIMIT);
    g_object_unref(taps[0]);
    taps[0] = open_tap(&pair, &(McpTapParams){0});
    close_pair(&pair);
    for (guint i = 0; i < G_N_ELEMENTS(taps); i++)
        g_assert_finalize_object(taps[i]);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/tap/sources", test_sources);
    g_test_add_func("/media/tap/stalled", test_stalled);
    g_test_add_func("/media/tap/dropped-at-end", test_dropped_at_end);
    g_test_add_func("/media/tap/rtp", test_rtp);
    g_test_add_func("/media/tap/refusals", test_refusals);
    return g_test_run();
}
