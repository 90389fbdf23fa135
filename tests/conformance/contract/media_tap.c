/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The taps of the media contract (mcp/contract/tap.h, mcp_leg_tap): frames, slow consumers, and the
 * end.
 */
#include "contract.h"
#include "media_log.h"

#include <mcp/error.h>
#include <string.h>

#define FRAME_SAMPLES 160
#define LOUD 1000
/* More than a leg may have. */
#define MANY 32

typedef struct {
    McpTap *tap;
    guint ready;
    gboolean takes; /* reads when told */
    guint frames, channels;
    guint64 dropped, next_position;
    gint64 last_time;
    gboolean loud[2]; /* a channel */
} Consumer;

static void
check_silent_tap(McpLeg *leg)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpTap) tap = mcp_leg_tap(leg, &(McpTapParams){0}, &error);
    McpTapFrame frame;

    g_assert_no_error(error);
    /* What can be read, if anything, is silence. */
    while (mcp_tap_read(tap, &frame))
        for (gsize i = 0; i < frame.length; i++)
            g_assert_cmpuint(frame.data[i], ==, 0);
    g_assert_false(mcp_tap_has_ended(tap));
    mcp_tap_close(tap);
    g_assert_true(mcp_tap_has_ended(tap));
}

/* FALSE: the leg has no taps, and the core says so; or no audio comes that they could have. */
static gboolean
connect_leg(MediaLog *log)
{
    g_autoptr(GError) error = NULL;

    media_log_connect(log);
    if (MCP_LEG_GET_IFACE(log->leg)->tap != NULL) {
        if (media_provider.say == NULL)
            check_silent_tap(log->leg);
        return media_provider.say != NULL;
    }
    g_assert_null(mcp_leg_tap(log->leg, &(McpTapParams){0}, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    return FALSE;
}

static void
note_levels(Consumer *self, const McpTapFrame *frame)
{
    const gint16 *samples = (const gint16 *)(gconstpointer)frame->data;

    for (guint i = 0; i < FRAME_SAMPLES * self->channels; i++)
        if (ABS(samples[i]) > LOUD)
            self->loud[i % self->channels] = TRUE;
}

/* "samples of a channel since the tap was opened"; "frames that were dropped just before it" */
static void
take_all(Consumer *self)
{
    McpTapFrame frame;

    while (mcp_tap_read(self->tap, &frame)) {
        g_assert_cmpuint(frame.length, ==, FRAME_SAMPLES * 2 * self->channels);
        g_assert_cmpuint(frame.position, ==, self->next_position + frame.dropped * FRAME_SAMPLES);
        g_assert_cmpint(frame.time, >, self->last_time);
        note_levels(self, &frame);
        self->next_position = frame.position + FRAME_SAMPLES;
        self->last_time = frame.time;
        self->dropped += frame.dropped;
        self->frames++;
    }
}

static void
on_ready(McpTap *tap, gpointer user_data)
{
    Consumer *self = user_data;

    g_assert_true(tap == self->tap);
    self->ready++;
    if (self->takes)
        take_all(self);
}

static void
open_tap(Consumer *self, McpLeg *leg, McpTapSource source)
{
    g_autoptr(GError) error = NULL;

    *self = (Consumer){.takes = TRUE, .channels = source == MCP_TAP_STEREO ? 2 : 1};
    self->tap = mcp_leg_tap(leg, &(McpTapParams){.source = source, .buffer_ms = 200}, &error);
    g_assert_no_error(error);
    mcp_tap_set_ready(self->tap, on_ready, self);
    take_all(self);
}

static gboolean
has_ended(gpointer user_data)
{
    return mcp_tap_has_ended(user_data);
}

static void
refuse(McpLeg *leg, const McpTapParams *params, gint code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_leg_tap(leg, params, &error));
    g_assert_error(error, MCP_ERROR, code);
}

/* "what the other side says"; "called once there is something to read after … found nothing" */
static void
test_heard(void)
{
    MediaLog log;
    Consumer consumer;

    if (connect_leg(&log)) {
        open_tap(&consumer, log.leg, MCP_TAP_HEARD);
        wait_count(&consumer.frames, 5, "frames of silence");
        g_assert_false(consumer.loud[0]);
        for (guint i = 0; i < 500 && !consumer.loud[0]; i++) {
            media_provider.say(log.leg);
            settle(20);
        }
        g_assert_true(consumer.loud[0]);
        g_assert_cmpuint(consumer.ready, >, 0);
        g_object_unref(consumer.tap);
    }
    media_log_drop(&log);
}

/* "what we send to it"; "heard left, sent right"; "both added up" */
static void
test_sources(void)
{
    for (McpTapSource source = MCP_TAP_HEARD; source <= MCP_TAP_STEREO; source++) {
        g_autoptr(McpAudio) audio = media_provider.audio(7);
        const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
        MediaLog log;
        Consumer consumer;

        if (connect_leg(&log)) {
            open_tap(&consumer, log.leg, source);
            mcp_leg_play(log.leg, &item, 1);
            wait_count(&log.ended, 1, "PLAYBACK_ENDED");
            settle(400);
            g_assert_cmpint(consumer.loud[0], ==,
                            source == MCP_TAP_SENT || source == MCP_TAP_MIXED);
            g_assert_cmpint(consumer.loud[1], ==, source == MCP_TAP_STEREO);
            g_object_unref(consumer.tap);
        }
        media_log_drop(&log);
    }
}

/* "what the consumer does not take in time is dropped and counted" */
static void
test_slow(void)
{
    MediaLog log;
    Consumer consumer;
    McpTapFigures figures;

    if (connect_leg(&log)) {
        open_tap(&consumer, log.leg, MCP_TAP_HEARD);
        consumer.takes = FALSE;
        settle(1500);
        g_assert_cmpuint(consumer.ready, ==, 1);
        mcp_tap_get_figures(consumer.tap, &figures);
        g_assert_cmpuint(figures.dropped, >, 10);
        g_assert_cmpuint(figures.frames, >=, 10);
        /* "frames that were dropped just before it" */
        consumer.takes = TRUE;
        take_all(&consumer);
        wait_count(&consumer.frames, consumer.frames + 5, "frames once more");
        g_assert_cmpuint(consumer.dropped, >=, figures.dropped);
        g_object_unref(consumer.tap);
    }
    media_log_drop(&log);
}

/* "it ends with the leg"; "frames may still wait" */
static void
test_leg_ends(void)
{
    MediaLog log;
    Consumer consumer;
    McpTapFrame frame;
    guint ready = 0;

    if (!connect_leg(&log)) {
        media_log_drop(&log);
        return;
    }
    open_tap(&consumer, log.leg, MCP_TAP_HEARD);
    consumer.takes = FALSE;
    wait_count(&consumer.ready, 1, "a frame");
    settle(60);
    g_assert_false(mcp_tap_has_ended(consumer.tap));
    ready = consumer.ready;
    media_log_drop(&log);
    wait_for(has_ended, consumer.tap, "the end of a tap");
    wait_count(&consumer.ready, ready + 1, "the word of its end");
    g_assert_true(mcp_tap_read(consumer.tap, &frame));
    mcp_tap_close(consumer.tap);
    g_assert_finalize_object(consumer.tap);
}

/* "ends it; so does dropping the last reference" */
static void
test_close(void)
{
    MediaLog log;
    Consumer consumer;
    guint frames = 0;

    if (connect_leg(&log)) {
        open_tap(&consumer, log.leg, MCP_TAP_MIXED);
        wait_count(&consumer.frames, 3, "frames");
        mcp_tap_close(consumer.tap);
        mcp_tap_close(consumer.tap);
        wait_for(has_ended, consumer.tap, "the end of a tap");
        settle(60);
        frames = consumer.frames;
        settle(100);
        g_assert_cmpuint(consumer.frames, ==, frames);
        g_assert_finalize_object(consumer.tap);
    }
    media_log_drop(&log);
}

/* "MCP_ERROR_STATE: no codec is agreed upon; …: @params are out of range" */
static void
test_refusals(void)
{
    MediaLog log;

    if (connect_leg(&log)) {
        McpLeg *fresh = media_provider.make();

        refuse(fresh, &(McpTapParams){0}, MCP_ERROR_STATE);
        media_provider.drop(fresh);
        refuse(log.leg, &(McpTapParams){.rate = 11025}, MCP_ERROR_INVALID);
        refuse(log.leg, &(McpTapParams){.frame_ms = 9}, MCP_ERROR_INVALID);
        refuse(log.leg, &(McpTapParams){.frame_ms = 101}, MCP_ERROR_INVALID);
        refuse(log.leg, &(McpTapParams){.buffer_ms = 99}, MCP_ERROR_INVALID);
        refuse(log.leg, &(McpTapParams){.buffer_ms = 60001}, MCP_ERROR_INVALID);
    }
    media_log_drop(&log);
}

/* "MCP_ERROR_LIMIT: the leg has as many taps as it can" */
static void
test_limit(void)
{
    MediaLog log;

    if (connect_leg(&log)) {
        g_autoptr(GPtrArray) taps = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GError) error = NULL;
        McpTap *tap = NULL;

        while (taps->len < MANY && (tap = mcp_leg_tap(log.leg, &(McpTapParams){0}, &error)))
            g_ptr_array_add(taps, tap);
        g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
        g_assert_cmpuint(taps->len, >, 0);
        g_ptr_array_remove_index(taps, 0);
        tap = mcp_leg_tap(log.leg, &(McpTapParams){0}, NULL);
        g_assert_nonnull(tap);
        g_ptr_array_add(taps, tap);
    }
    media_log_drop(&log);
}

static GSocket *
listening(guint16 *out_port)
{
    g_autoptr(GInetAddress) local = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(local, 0);
    g_autoptr(GSocketAddress) bound = NULL;
    g_autoptr(GError) error = NULL;
    GSocket *self =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error);

    g_assert_no_error(error);
    g_assert_true(g_socket_bind(self, any, FALSE, &error));
    bound = g_socket_get_local_address(self, &error);
    g_assert_no_error(error);
    *out_port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    return self;
}

static gboolean
has_datagram(gpointer user_data)
{
    return (g_socket_condition_check(user_data, G_IO_IN) & G_IO_IN) != 0;
}

/* "frames leave as RTP packets; none can be read"; "payload type of these" */
static void
test_rtp(void)
{
    guint16 port = 0;
    g_autoptr(GSocket) to = listening(&port);
    g_autofree char *where = g_strdup_printf("127.0.0.1:%u", port);
    McpTapFrame frame;
    char packet[400];
    MediaLog log;

    if (connect_leg(&log)) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpTap) tap = mcp_leg_tap(
            log.leg, &(McpTapParams){.encoding = MCP_TAP_MULAW, .rtp_to = where, .rtp_type = 77},
            &error);

        g_assert_no_error(error);
        wait_for(has_datagram, to, "an RTP packet of a tap");
        g_assert_cmpint(g_socket_receive(to, packet, sizeof packet, NULL, &error), ==, 172);
        g_assert_cmpuint((guint8)packet[0], ==, 0x80);
        g_assert_cmpuint((guint8)packet[1] & 0x7f, ==, 77);
        g_assert_false(mcp_tap_read(tap, &frame));
    }
    media_log_drop(&log);
}

void
media_tap_add(void)
{
    g_test_add_func("/media/tap/heard", test_heard);
    g_test_add_func("/media/tap/sources", test_sources);
    g_test_add_func("/media/tap/slow", test_slow);
    g_test_add_func("/media/tap/leg-ends", test_leg_ends);
    g_test_add_func("/media/tap/close", test_close);
    g_test_add_func("/media/tap/refusals", test_refusals);
    g_test_add_func("/media/tap/limit", test_limit);
    g_test_add_func("/media/tap/rtp", test_rtp);
}
