/* SPDX-License-Identifier: Apache-2.0 */
/* The media plugin's service with a peer on real sockets, as a provider of the media suite. */
#include "fixture.h"
#include "media_suite.h"
#include <sound/g711.h>

#include <math.h>
#include <sys/socket.h>

#define EVENT_TYPE 101
#define EVENT_LINES "a=rtpmap:101 telephone-event/8000\r\n"
#define MS 8 /* samples */
#define FRAME (20 * MS)
/* Of a sample: a line's noise is below, say() above. */
#define LOUD 1000

static Platform platform;
static GHashTable *peers; /* McpLeg → Peer */
static guint calls;

static McpMedia *
open_media(void)
{
    platform_open(&platform);
    peers = g_hash_table_new(NULL, NULL);
    return MCP_MEDIA(platform.service);
}

static void
close_media(void)
{
    g_assert_cmpuint(g_hash_table_size(peers), ==, 0);
    g_hash_table_unref(peers);
    platform_close(&platform);
}

static McpLeg *
connect_leg(gboolean keys)
{
    Peer *peer = g_new0(Peer, 1);
    McpLeg *leg = NULL;

    peer_open(peer);
    peer->call_id = g_strdup_printf("call-%u", ++calls);
    leg = peer_connect(peer, &platform, keys ? "0 101" : "0", keys ? EVENT_LINES : "");
    g_hash_table_insert(peers, leg, peer);
    return leg;
}

static McpLeg *
make_leg(void)
{
    const McpLegParams params = {.call_id = "test", .local_address = "127.0.0.1"};
    g_autoptr(GError) error = NULL;
    McpLeg *leg = mcp_media_create_leg(MCP_MEDIA(platform.service), &params, &error);

    g_assert_no_error(error);
    return leg;
}

static void
drop_leg(McpLeg *leg)
{
    Peer *peer = g_hash_table_lookup(peers, leg);

    g_hash_table_remove(peers, leg);
    close_leg(&platform, leg);
    if (peer == NULL)
        return;
    peer_close(peer);
    g_free((char *)peer->call_id);
    g_free(peer);
}

static McpAudio *
make_audio(guint number)
{
    return raw_mulaw(200 * MS, number);
}

static void
press(McpLeg *leg, char digit)
{
    peer_send_digit(g_hash_table_lookup(peers, leg), EVENT_TYPE, digit, 6, 0);
}

static void
speak(McpLeg *leg)
{
    Peer *peer = g_hash_table_lookup(peers, leg);
    guint8 payload[20 * MS] = {0};

    for (guint i = 0; i < 15; i++) {
        peer_send(peer, 0, i == 0, peer->timestamp, payload, sizeof payload);
        peer->timestamp += sizeof payload;
    }
}

static McpStoreStream *
make_stream(void)
{
    return MCP_STORE_STREAM(test_stream_new());
}

static gboolean
is_committed(McpStoreStream *stream)
{
    return TEST_STREAM(stream)->committed;
}

static gboolean
is_aborted(McpStoreStream *stream)
{
    return TEST_STREAM(stream)->aborted;
}

static const char *
call_id_of(McpLeg *leg)
{
    return ((Peer *)g_hash_table_lookup(peers, leg))->call_id;
}

/* A square wave of 400 Hz. */
static void
say(McpLeg *leg)
{
    Peer *peer = g_hash_table_lookup(peers, leg);
    gint16 samples[FRAME];
    guint8 payload[FRAME];

    for (guint i = 0; i < FRAME; i++)
        samples[i] = i / 10 % 2 == 0 ? 8000 : -8000;
    mcp_sound_mulaw_encode(samples, FRAME, payload);
    peer_send(peer, 0, FALSE, peer->timestamp, payload, sizeof payload);
    peer->timestamp += FRAME;
}

static gboolean
is_loud(const McpMediaRtpPacket *packet)
{
    gint16 samples[2048];
    guint loud = 0;

    if (packet->payload_type != 0)
        return FALSE;
    mcp_sound_mulaw_decode(packet->payload, (guint)packet->length, samples);
    for (guint i = 0; i < packet->length; i++)
        loud += ABS(samples[i]) > LOUD;
    return loud > packet->length / 2;
}

static gboolean
hears(McpLeg *leg)
{
    Peer *peer = g_hash_table_lookup(peers, leg);
    guint8 datagram[2048];
    gboolean loud = FALSE;
    gssize length = 0;

    while ((length = recv(peer->fd, datagram, sizeof datagram, MSG_DONTWAIT)) > 0) {
        McpMediaRtpPacket packet;

        g_assert_true(mcp_media_rtp_parse(datagram, (gsize)length, &packet));
        loud = is_loud(&packet) || loud;
    }
    return loud;
}

/* Two tones at once, or none, in the noise of a line. */
static void
add_tone(GArray *samples, double one, double two, guint ms)
{
    for (guint i = 0; i < ms * MS; i++) {
        double phase = 2 * G_PI * i / (1000 * MS);
        gint16 sample =
            (gint16)(4000 * (sin(phase * one) + sin(phase * two)) + g_random_int_range(-20, 21));

        g_array_append_val(samples, sample);
    }
}

static void
send_all(McpLeg *leg, const GArray *samples)
{
    peer_send_samples(g_hash_table_lookup(peers, leg), (const gint16 *)(gpointer)samples->data,
                      samples->len);
}

static void
talk(McpLeg *leg)
{
    gsize n = 0;
    g_autofree gint16 *words = flite_samples("I would like to speak to someone please", &n);
    g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(gint16));

    add_tone(samples, 0, 0, 300);
    g_array_append_vals(samples, words, (guint)n);
    add_tone(samples, 0, 0, 1200);
    send_all(leg, samples);
}

static void
busy(McpLeg *leg)
{
    g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(gint16));

    for (guint i = 0; i < 4; i++) {
        add_tone(samples, 480, 620, 500);
        add_tone(samples, 0, 0, 500);
    }
    send_all(leg, samples);
}

const MediaProvider media_provider = {
    .name = "media",
    .open = open_media,
    .close = close_media,
    .connect = connect_leg,
    .make = make_leg,
    .drop = drop_leg,
    .audio = make_audio,
    .press = press,
    .speak = speak,
    .stream = make_stream,
    .committed = is_committed,
    .aborted = is_aborted,
    .call_id = call_id_of,
    .say = say,
    .hears = hears,
    .talk = talk,
    .busy = busy,
};
