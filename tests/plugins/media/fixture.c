/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the media plugin share: the service on loopback, a peer with real sockets, a
 * store in memory. Everything runs on the default context of the test.
 */
#include "fixture.h"

#include "player/container.h"
#include <glib/gstdio.h>
#include <sound/g711.h>

#include "codec/offered.h"
#include "leg/leg.h"
#include "rtp/telephone_event.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_G729
#include <g729/codec.h>
#endif

#define FIRST_PORT 20000
#define LAST_PORT 27999

void
platform_open(Platform *platform)
{
    platform_open_with(platform, 0);
}

static void open_platform(Platform *platform, gint64 no_media,
                          void (*change)(McpMediaConfig *config));

void
platform_open_with(Platform *platform, gint64 no_media)
{
    open_platform(platform, no_media, NULL);
}

void
platform_open_changed(Platform *platform, void (*change)(McpMediaConfig *config))
{
    open_platform(platform, 0, change);
}

/* Where its library is there. */
static void
offer_g729(void)
{
#ifdef HAVE_G729
    g_autoptr(McpG729Codec) codec = mcp_g729_codec_new();

    mcp_media_offered_set(mcp_media_codec_get(MCP_MEDIA_CODEC_G729), MCP_CODEC(codec));
#endif
}

static void
open_platform(Platform *platform, gint64 no_media, void (*change)(McpMediaConfig *config))
{
    McpMediaConfig *config = g_new0(McpMediaConfig, 1);
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_graph_setup(&error));
    config->first_port = FIRST_PORT;
    config->last_port = LAST_PORT;
    config->workers = 2;
    config->ptime = 20;
    config->events = TRUE;
    config->info_dtmf = TRUE;
    config->inband_dtmf = MCP_MEDIA_INBAND_FALLBACK;
    config->protection = MCP_MEDIA_PROTECTION_OPTIONAL;
    config->sdes_without_tls = TRUE;
    config->dtls_srtp = TRUE;
    for (guint i = MCP_MEDIA_SUITE_NONE + 1; i < MCP_MEDIA_N_SUITES; i++)
        config->suites.suites[config->suites.n++] = (McpMediaSuite)i;
    config->options.opus_rate = 16000;
    config->options.opus_bitrate = 24000;
    config->options.opus_complexity = 5;
    config->options.opus_fec = TRUE;
    config->no_media_timeout = no_media;
    config->symmetric = TRUE;
    config->max_legs = 2000;
    config->prompt_cache = 16 << 20;
    config->interfaces = g_new0(McpMediaHostInterface, 1);
    offer_g729();
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        if (mcp_media_codec_is_usable(mcp_media_codec_get((McpMediaCodecId)i)))
            config->codecs[config->n_codecs++] = mcp_media_codec_get((McpMediaCodecId)i);
    if (change != NULL)
        change(config);
    platform->pool = mcp_pool_new("compute", 2, 100);
    platform->clock = mcp_clock_new();
    platform->service =
        mcp_media_service_new(config, platform->pool, platform->clock, NULL, &error);
    g_assert_no_error(error);
}

void
platform_close(Platform *platform)
{
    mcp_media_service_stop(platform->service);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_finalize_object(platform->service);
    g_object_unref(platform->pool);
    g_object_unref(platform->clock);
}

static void
note_verdict(Seen *seen, const McpProgressReport *report)
{
    char *before = seen->verdicts;

    seen->verdicts = g_strconcat(before != NULL ? before : "", report->verdict, " ", NULL);
    g_free(before);
}

void
seen_handler(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    Seen *seen = user_data;
    gsize length = strlen(seen->digit_text);

    switch (event->type) {
    case MCP_LEG_PLAYBACK_ENDED:
        seen->ended++;
        seen->generation = event->generation;
        seen->stop = event->stop;
        seen->position = event->position;
        seen->ended_at = event->time;
        break;
    case MCP_LEG_MARK:
        seen->marks++;
        break;
    case MCP_LEG_DIGIT:
        seen->digits++;
        seen->last_digit_at = event->time;
        seen->digit_source = event->digit.source;
        if (length + 1 < sizeof seen->digit_text)
            seen->digit_text[length] = event->digit.digit;
        break;
    case MCP_LEG_NO_INPUT:
        seen->no_input++;
        break;
    case MCP_LEG_RECORDING_ENDED:
        seen->recordings++;
        seen->recording = *event->recording;
        break;
    case MCP_LEG_DIGITS_SENT:
        seen->digits_sent++;
        break;
    case MCP_LEG_NO_MEDIA:
        seen->no_media++;
        break;
    case MCP_LEG_MEDIA_STARTED:
        seen->started++;
        break;
    case MCP_LEG_SPEECH_STARTED:
        seen->speech_started++;
        seen->speech_at = event->time;
        break;
    case MCP_LEG_SPEECH_ENDED:
        seen->speech_ended++;
        break;
    case MCP_LEG_PROGRESS:
        seen->progress++;
        note_verdict(seen, event->progress);
        break;
    case MCP_LEG_ONE_WAY:
        seen->one_way++;
        break;
    case MCP_LEG_LEFT:
        seen->left++;
        break;
    default:
        g_assert_not_reached();
    }
    if (event->error != NULL) {
        g_free(seen->error);
        seen->error = g_strdup(event->error->message);
    }
}

void
seen_clear(Seen *seen)
{
    g_free(seen->error);
    g_free(seen->verdicts);
    memset(seen, 0, sizeof *seen);
}

/* --- the peer --- */

static int
open_socket(guint port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((guint16)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

void
peer_open(Peer *peer)
{
    memset(peer, 0, sizeof *peer);
    peer->fd = -1;
    for (guint i = 0; i < 1000 && peer->fd < 0; i++) {
        peer->port = 28000 + 2 * (guint)g_random_int_range(0, 2000);
        peer->fd = open_socket(peer->port);
        if (peer->fd < 0)
            continue;
        peer->rtcp = open_socket(peer->port + 1);
        if (peer->rtcp < 0) {
            close(peer->fd);
            peer->fd = -1;
        }
    }
    g_assert_cmpint(peer->fd, >=, 0);
    peer->ssrc = g_random_int();
    peer->sequence = (guint16)g_random_int();
    peer->timestamp = g_random_int();
}

void
peer_close(Peer *peer)
{
    close(peer->fd);
    close(peer->rtcp);
}

McpSdp *
peer_offer(Peer *peer, const char *formats, const char *lines)
{
    g_autofree char *text =
        g_strdup_printf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                        "m=audio %u RTP/AVP %s\r\n%s",
                        peer->port, formats, lines);
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    return sdp;
}

McpLeg *
peer_connect(Peer *peer, Platform *platform, const char *formats, const char *lines)
{
    const McpLegParams params = {
        .call_id = peer->call_id != NULL ? peer->call_id : "test",
        .local_address = "127.0.0.1",
    };
    g_autoptr(GError) error = NULL;
    McpLeg *leg = mcp_media_create_leg(MCP_MEDIA(platform->service), &params, &error);
    g_autoptr(McpSdp) offer = peer_offer(peer, formats, lines);
    g_autoptr(McpSdp) answer = NULL;

    g_assert_no_error(error);
    answer = mcp_leg_answer(leg, offer, &error);
    g_assert_no_error(error);
    peer->leg_port = mcp_sdp_get_media(answer, 0)->port;
    g_assert_cmpuint(peer->leg_port, !=, 0);
    mcp_leg_start(leg);
    return leg;
}

void
peer_send_raw(Peer *peer, const guint8 *data, gsize length)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((guint16)peer->leg_port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    g_assert_cmpint(sendto(peer->fd, data, length, 0, (const struct sockaddr *)&to, sizeof to), ==,
                    length);
}

void
peer_send(Peer *peer, guint type, gboolean marker, guint32 timestamp, gconstpointer payload,
          gsize length)
{
    guint8 datagram[2048];
    const McpMediaRtpPacket packet = {
        .payload_type = (guint8)type,
        .marker = marker,
        .sequence = peer->sequence++,
        .timestamp = timestamp,
        .ssrc = peer->ssrc,
    };
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((guint16)peer->leg_port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    mcp_media_rtp_write(datagram, &packet);
    if (length > 0)
        memcpy(datagram + MCP_MEDIA_RTP_HEADER, payload, length);
    g_assert_cmpint(sendto(peer->fd, datagram, MCP_MEDIA_RTP_HEADER + length, 0,
                           (struct sockaddr *)&to, sizeof to),
                    >, 0);
}

void
peer_send_digit(Peer *peer, guint type, char digit, guint packets, guint32 lost)
{
    guint32 timestamp = peer->timestamp;

    for (guint i = 0; i < packets; i++) {
        gboolean end = i + 3 >= packets;
        guint duration = 160 * (MIN(i, packets - 3) + 1);
        guint8 payload[4] = {
            (guint8)mcp_media_digit_to_event(digit),
            (guint8)(end ? 0x8a : 0x0a),
            (guint8)(duration >> 8),
            (guint8)duration,
        };

        if ((lost >> i & 1) != 0)
            peer->sequence++;
        else
            peer_send(peer, type, i == 0, timestamp, payload, sizeof payload);
    }
    peer->timestamp += 160 * packets + 800;
}

gboolean
peer_receive(Peer *peer, guint timeout_ms, McpMediaRtpPacket *out_packet, guint8 *out_datagram,
             gsize size)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
    gssize length = -1;

    while (length < 0) {
        struct pollfd fd = {peer->fd, POLLIN, 0};

        while (g_main_context_iteration(NULL, FALSE))
            continue;
        if (g_get_monotonic_time() > deadline)
            return FALSE;
        if (poll(&fd, 1, 5) > 0)
            length = recv(peer->fd, out_datagram, size, 0);
    }
    g_assert_true(mcp_media_rtp_parse(out_datagram, (gsize)length, out_packet));
    return TRUE;
}

static gboolean
too_late(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

void
wait_until(const guint *counter, guint wanted, guint seconds)
{
    gboolean late = FALSE;
    guint id = g_timeout_add_seconds(seconds, too_late, &late);

    while (*counter < wanted && !late)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(*counter, >=, wanted);
    g_source_remove(id);
}

static void
note_gone(gpointer data, GObject *object)
{
    *(guint *)data = 1;
}

void
close_leg(Platform *platform, McpLeg *leg)
{
    guint gone = 0;

    g_object_weak_ref(G_OBJECT(leg), note_gone, &gone);
    mcp_leg_close(leg);
    g_object_unref(leg);
    wait_until(&gone, 1, 5);
}

McpAudio *
raw_mulaw(guint n, guint seed)
{
    guint8 *data = g_malloc(n);
    g_autoptr(GBytes) bytes = NULL;

    for (guint i = 0; i < n; i++)
        data[i] = (guint8)(i * 7 + i / 160 + seed);
    bytes = g_bytes_new_take(data, n);
    return mcp_audio_new(bytes, "audio/basic", NULL);
}

/* --- speech --- */

gint16 *
flite_samples(const char *text, gsize *out_n)
{
    g_autofree char *path = NULL;
    g_autofree char *wave = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("speech-XXXXXX.wav", &path, &error);
    const char *argv[] = {"flite", "-voice", "kal", "-t", text, "-o", path, NULL};
    McpMediaContent content;
    gsize length = 0;
    gint status = 0;

    g_assert_no_error(error);
    close(fd);
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, &error));
    g_assert_cmpint(status, ==, 0);
    g_assert_true(g_file_get_contents(path, &wave, &length, &error));
    g_remove(path);
    g_assert_true(mcp_media_container_parse((const guint8 *)wave, length, NULL, &content, &error));
    g_assert_cmpuint(content.format.rate, ==, 8000);
    *out_n = content.length / 2;
    return g_memdup2(content.data, content.length);
}

static gboolean
count_tick(gpointer data)
{
    (*(guint *)data)++;
    return G_SOURCE_CONTINUE;
}

void
peer_send_samples(Peer *peer, const gint16 *samples, gsize n)
{
    guint ticks = 0;
    guint timer = g_timeout_add(5, count_tick, &ticks);
    gint64 due = g_get_monotonic_time();

    for (gsize at = 0; at + 160 <= n; at += 160) {
        guint8 payload[160];

        mcp_sound_mulaw_encode(samples + at, 160, payload);
        peer_send(peer, 0, FALSE, peer->timestamp, payload, sizeof payload);
        peer->timestamp += 160;
        /* What a busy machine holds up is caught up with: no line becomes longer as it is used. */
        due += 20000;
        while (g_get_monotonic_time() < due)
            g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
}
