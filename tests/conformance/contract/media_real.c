/* SPDX-License-Identifier: Apache-2.0 */
/* The media plugin's service with a peer on real sockets, as a provider of the media suite. */
#include "fixture.h"
#include "media_suite.h"

#define EVENT_TYPE 101
#define EVENT_LINES "a=rtpmap:101 telephone-event/8000\r\n"
#define MS 8 /* samples */

static Platform platform;
static GHashTable *peers; /* McpLeg → Peer */

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
    if (peer != NULL)
        peer_close(peer);
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
};
