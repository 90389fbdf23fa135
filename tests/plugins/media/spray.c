/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strangers that spray the whole range of media ports while calls run: audio, keys, RTCP, checks of
 * ICE and greetings of DTLS, from other addresses. Nothing of it is recorded, but for a few packets
 * of a call whose source has to be learned, and nothing of ours goes to them that they did not pay
 * for.
 */
#include "fixture.h"

#include "player/container.h"
#include "rtp/rtcp.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLS 20
#define FIRST_PORT 20000 /* that of the fixture */
#define LAST_PORT 27999
#define STRANGERS 3
#define SECONDS 5
#define TICK_MS 20
#define QUIET_TICKS 200
#define FRAME 160
/* Concealment fades to silence and keeps the sign: what is of the other one was not in the call. */
#define OURS 0x91
#define THEIRS 0x2a
#define LEARNED_MAX 5 /* packets */

typedef struct {
    int fd;
    guint32 ssrc;
    guint32 number;
    guint port; /* the next one */
    guint64 bytes_out;
    guint64 bytes_in;
    guint rtp_in; /* packets that are media of ours */
} Stranger;

typedef struct {
    Peer peer;   /* of the description */
    Peer nat;    /* where packets come from, if another */
    Peer *voice; /* one of them, NULL: a leg of ours speaks */
    McpLeg *leg;
    McpLeg *other; /* nullable: speaks */
    Seen seen;
    Seen other_seen;
    TestStream *stream;
} Call;

/* --- whose port it is --- */

/* Ports of this process: others of this machine may have some of the range, and answer. */
static gboolean own_ports[G_MAXUINT16 + 1];

static void
find_own_ports(void)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name = NULL;

    g_assert_nonnull(folder);
    memset(own_ports, 0, sizeof own_ports);
    while ((name = g_dir_read_name(folder)) != NULL) {
        struct sockaddr_in address = {0};
        socklen_t length = sizeof address;

        if (getsockname(atoi(name), (struct sockaddr *)&address, &length) == 0 &&
            address.sin_family == AF_INET)
            own_ports[ntohs(address.sin_port)] = TRUE;
    }
}

/* --- strangers --- */

static void
stranger_open(Stranger *stranger, guint index)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + index),
    };

    memset(stranger, 0, sizeof *stranger);
    stranger->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    stranger->ssrc = 0xbad00000 + index;
    stranger->port = FIRST_PORT;
    g_assert_cmpint(bind(stranger->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
}

static gsize
make_rtp(Stranger *self, guint type, gconstpointer payload, gsize length, guint8 *out)
{
    const McpMediaRtpPacket packet = {
        .payload_type = (guint8)type,
        .sequence = (guint16)self->number,
        .timestamp = self->number * FRAME,
        .ssrc = self->ssrc,
    };

    mcp_media_rtp_write(out, &packet);
    memcpy(out + MCP_MEDIA_RTP_HEADER, payload, length);
    return MCP_MEDIA_RTP_HEADER + length;
}

static gsize
make_rtcp(Stranger *self, gboolean bye, guint8 *out)
{
    const McpMediaRtcpSender sender = {
        .ssrc = self->ssrc, .cname = "stranger", .is_sender = TRUE, .bye = bye};

    return mcp_media_rtcp_write(&sender, out);
}

/* A check of ICE without its credentials. */
static gsize
make_stun(guint8 *out)
{
    static const guint8 head[] = {0x00, 0x01, 0x00, 0x0c, 0x21, 0x12, 0xa4, 0x42};
    static const guint8 user[] = {0x00, 0x06, 0x00, 0x05, 'a', 'b', ':', 'c', 'd', 0, 0, 0};

    memcpy(out, head, sizeof head);
    memset(out + 8, 7, 12);
    memcpy(out + 20, user, sizeof user);
    return 20 + sizeof user;
}

/* RFC 6347 §4.2.2: a ClientHello without a cookie. */
static gsize
make_hello(guint8 *out)
{
    static const guint8 head[] = {22, 254, 255, 0,  0, 0, 0, 0, 0, 0, 0, 0, 54,
                                  1,  0,   0,   42, 0, 0, 0, 0, 0, 0, 0, 42};
    static const guint8 tail[] = {0, 0, 0, 2, 0xc0, 0x2b, 1, 0};

    memcpy(out, head, sizeof head);
    out[sizeof head] = 254;
    out[sizeof head + 1] = 253;
    memset(out + sizeof head + 2, 9, 32);
    memcpy(out + sizeof head + 34, tail, sizeof tail);
    return sizeof head + 34 + sizeof tail;
}

static gsize
make_datagram(Stranger *self, guint8 *out)
{
    static const guint8 key[] = {9, 0x8a, 3, 0x20};
    guint8 audio[FRAME];

    memset(audio, THEIRS, sizeof audio);
    switch (self->number % 8) {
    case 0:
        return make_rtcp(self, FALSE, out);
    case 1:
        return make_rtcp(self, TRUE, out);
    case 2:
        return make_stun(out);
    case 3:
        return make_hello(out);
    case 4:
        return make_rtp(self, 101, key, sizeof key, out);
    default:
        return make_rtp(self, 0, audio, sizeof audio, out);
    }
}

static void
stranger_listen(Stranger *stranger)
{
    guint8 data[2048];
    struct sockaddr_in from = {0};
    socklen_t size = sizeof from;
    gssize length = 0;

    while ((length = recvfrom(stranger->fd, data, sizeof data, 0, (struct sockaddr *)&from,
                              &size)) >= 0) {
        if (!own_ports[ntohs(from.sin_port)])
            continue;
        stranger->bytes_in += (guint64)length;
        stranger->rtp_in += data[0] >> 6 == 2;
    }
}

/* A part of the range; the round starts anew with another kind at each port. */
static void
stranger_spray(Stranger *stranger, guint n)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    guint8 data[2048];

    for (guint i = 0; i < n; i++) {
        gsize length = make_datagram(stranger, data);

        to.sin_port = htons((guint16)stranger->port);
        if (sendto(stranger->fd, data, length, 0, (struct sockaddr *)&to, sizeof to) > 0)
            stranger->bytes_out += length;
        stranger->number++;
        if (++stranger->port > LAST_PORT) {
            stranger->port = FIRST_PORT;
            stranger->number += 1 + stranger->number % 3;
        }
    }
    stranger_listen(stranger);
}

/* --- calls --- */

static void
start_recording(Call *call)
{
    McpRecordParams params = {.format = MCP_RECORD_WAV_MULAW, .no_input = -1};
    g_autoptr(GError) error = NULL;

    call->stream = test_stream_new();
    params.stream = MCP_STORE_STREAM(call->stream);
    mcp_leg_set_handler(call->leg, seen_handler, &call->seen);
    g_assert_true(mcp_leg_record(call->leg, &params, &error));
    g_assert_no_error(error);
}

/* @nat: packets come from a port that nobody told. */
static void
open_clear(Call *call, Platform *platform, gboolean nat)
{
    memset(call, 0, sizeof *call);
    peer_open(&call->peer);
    call->leg =
        peer_connect(&call->peer, platform, "0 101", "a=rtpmap:101 telephone-event/8000\r\n");
    call->voice = &call->peer;
    if (nat) {
        peer_open(&call->nat);
        call->nat.leg_port = call->peer.leg_port;
        call->voice = &call->nat;
    }
    start_recording(call);
}

static McpAudio *
our_audio(void)
{
    gsize length = 8000 * (SECONDS + 5);
    guint8 *data = g_malloc(length);
    g_autoptr(GBytes) bytes = NULL;

    memset(data, OURS, length);
    bytes = g_bytes_new_take(data, length);
    return mcp_audio_new(bytes, "audio/basic", NULL);
}

static void
open_secure(Call *call, Platform *platform)
{
    const McpLegParams params = {.call_id = "secure", .local_address = "127.0.0.1"};
    g_autoptr(McpAudio) audio = our_audio();
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = NULL;
    g_autoptr(McpSdp) answer = NULL;

    memset(call, 0, sizeof *call);
    call->leg = mcp_media_create_leg(MCP_MEDIA(platform->service), &params, &error);
    call->other = mcp_media_create_leg(MCP_MEDIA(platform->service), &params, &error);
    g_assert_no_error(error);
    mcp_leg_set_handler(call->other, seen_handler, &call->other_seen);
    offer = mcp_leg_create_offer(call->other, &error);
    answer = mcp_leg_answer(call->leg, offer, &error);
    g_assert_no_error(error);
    g_assert_true(mcp_leg_apply_answer(call->other, answer, &error));
    mcp_leg_start(call->other);
    mcp_leg_start(call->leg);
    start_recording(call);
    mcp_leg_play(call->other, &item, 1);
}

static void
speak(Call *call)
{
    guint8 audio[FRAME];

    if (call->voice == NULL)
        return;
    memset(audio, OURS, sizeof audio);
    peer_send(call->voice, 0, FALSE, call->voice->timestamp, audio, sizeof audio);
    call->voice->timestamp += FRAME;
}

/* Bytes of the recording that are the strangers'; *out_ours: those that are the call's. */
static guint
count_theirs(Call *call, guint *out_ours)
{
    g_autoptr(GError) error = NULL;
    McpMediaContent content;
    guint theirs = 0;

    mcp_leg_stop_recording(call->leg);
    wait_until(&call->seen.recordings, 1, 10);
    g_assert_true(mcp_media_container_parse(call->stream->bytes->data, call->stream->bytes->len,
                                            NULL, &content, &error));
    *out_ours = 0;
    for (gsize i = 0; i < content.length; i++) {
        theirs += content.data[i] == THEIRS;
        *out_ours += content.data[i] == OURS;
    }
    return theirs;
}

static void
close_call(Call *call, Platform *platform)
{
    close_leg(platform, call->leg);
    if (call->other != NULL)
        close_leg(platform, call->other);
    if (call->peer.port != 0)
        peer_close(&call->peer);
    if (call->nat.port != 0)
        peer_close(&call->nat);
    seen_clear(&call->seen);
    seen_clear(&call->other_seen);
    g_assert_finalize_object(call->stream);
}

/* --- the test --- */

static gboolean
count_tick(gpointer data)
{
    (*(guint *)data)++;
    return G_SOURCE_CONTINUE;
}

/* Every port is hit some fifteen times by each stranger, @quiet_ticks long by nobody else. */
static void
run_calls(Call *calls, Stranger *strangers, guint quiet_ticks)
{
    guint ticks = 0;
    guint timer = g_timeout_add(TICK_MS, count_tick, &ticks);

    while (ticks < quiet_ticks + SECONDS * 1000 / TICK_MS) {
        guint before = ticks;

        for (guint i = 0; i < CALLS && ticks >= quiet_ticks; i++)
            speak(&calls[i]);
        for (guint i = 0; i < STRANGERS; i++)
            stranger_spray(&strangers[i], 250 * (i + 1));
        while (ticks == before)
            g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
}

static void
check_strangers(Stranger *strangers, gboolean *out_answered)
{
    *out_answered = FALSE;
    for (guint i = 0; i < STRANGERS; i++) {
        stranger_listen(&strangers[i]);
        g_test_message("stranger %u: %" G_GUINT64_FORMAT " bytes out, %" G_GUINT64_FORMAT
                       " bytes in",
                       i, strangers[i].bytes_out, strangers[i].bytes_in);
        g_assert_cmpuint(strangers[i].bytes_out, >, 1000000);
        g_assert_cmpuint(strangers[i].bytes_in, <=, strangers[i].bytes_out);
        g_assert_cmpuint(strangers[i].rtp_in, ==, 0);
        *out_answered |= strangers[i].bytes_in > 0;
        close(strangers[i].fd);
    }
}

static void
check_call(Call *call, guint learned)
{
    McpLegStatistics statistics;
    guint ours = 0;
    guint theirs = count_theirs(call, &ours);

    mcp_leg_get_statistics(call->leg, &statistics);
    g_assert_cmpuint(theirs + call->seen.digits * FRAME, <=, learned * FRAME);
    /* How much of it was in time is a matter of the machine; that it came is not. */
    g_assert_cmpuint(statistics.packets_received, >, (SECONDS - 2) * 50);
    g_assert_cmpuint(ours, >, 10 * FRAME);
    g_assert_cmpuint(statistics.packets_foreign + statistics.packets_unauthentic +
                         statistics.packets_invalid,
                     >, 20);
}

typedef enum { KNOWN, LEARNING, SECURE } Kind;

static void
run_kind(Platform *platform, Kind kind)
{
    g_autofree Call *calls = g_new0(Call, CALLS);
    Stranger strangers[STRANGERS];
    gboolean answered = FALSE;

    for (guint i = 0; i < STRANGERS; i++)
        stranger_open(&strangers[i], i);
    for (guint i = 0; i < CALLS; i++)
        if (kind == SECURE)
            open_secure(&calls[i], platform);
        else
            open_clear(&calls[i], platform, kind == LEARNING);
    find_own_ports();
    /* Where the source has to be learned, strangers are the first to come. */
    run_calls(calls, strangers, kind == LEARNING ? QUIET_TICKS : 0);
    check_strangers(strangers, &answered);
    /* Nobody speaks DTLS on a call in the clear; on the others a cookie is all there is to get. */
    if (kind != SECURE)
        g_assert_false(answered);
    for (guint i = 0; i < CALLS; i++)
        check_call(&calls[i], kind == LEARNING ? LEARNED_MAX : 0);
    for (guint i = 0; i < CALLS; i++)
        close_call(&calls[i], platform);
    platform_close(platform);
}

static void
require_sdes(McpMediaConfig *config)
{
    config->protection = MCP_MEDIA_PROTECTION_REQUIRED;
}

static void
require_dtls(McpMediaConfig *config)
{
    config->protection = MCP_MEDIA_PROTECTION_REQUIRED;
    config->sdes_without_tls = FALSE;
}

static void
test_known(void)
{
    Platform platform;

    platform_open(&platform);
    run_kind(&platform, KNOWN);
}

static void
test_learning(void)
{
    Platform platform;

    platform_open(&platform);
    run_kind(&platform, LEARNING);
}

static void
test_sdes(void)
{
    Platform platform;

    platform_open_changed(&platform, require_sdes);
    run_kind(&platform, SECURE);
}

static void
test_dtls(void)
{
    Platform platform;

    platform_open_changed(&platform, require_dtls);
    run_kind(&platform, SECURE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/spray/known", test_known);
    g_test_add_func("/media/spray/learning", test_learning);
    g_test_add_func("/media/spray/sdes", test_sdes);
    g_test_add_func("/media/spray/dtls", test_dtls);
    return g_test_run();
}
