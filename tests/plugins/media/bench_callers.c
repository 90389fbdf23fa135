/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many callers behind one socket, told apart by the port of their leg. They are connected in the
 * legs' context; after that they belong to the thread that sends.
 */
#include "bench_callers.h"

#include "protection/crypto_attribute.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define DATAGRAM 384
#define SOCKET_BYTES (4 << 20)
#define SLOT_NS 1000000

McpMediaSuite
bench_suite(const char *name)
{
    McpMediaSuite suite = mcp_media_suite_from_name(name, strlen(name));

    if (suite == MCP_MEDIA_SUITE_NONE && !g_str_equal(name, "clear"))
        g_error("no suite \"%s\"", name);
    return suite;
}

gint64
bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

guint
bench_argument(int argc, char **argv, int i, guint otherwise)
{
    guint64 number = argc > i ? g_ascii_strtoull(argv[i], NULL, 10) : otherwise;

    if (number == 0 || number > 1000000)
        g_error("argument %d has to be a number from 1 to 1000000", i);
    return (guint)number;
}

/* --- callers --- */

static void
open_socket(BenchCallers *self)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    const int on = 1;
    const int size = SOCKET_BYTES;

    self->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->fd < 0 || bind(self->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(self->fd, (struct sockaddr *)&address, &length) != 0 ||
        setsockopt(self->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
        g_error("no socket: %s", g_strerror(errno));
    setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    self->port = ntohs(address.sin_port);
}

static void
make_keys(BenchCaller *caller, McpMediaSuite suite)
{
    g_auto(McpMediaCryptoAttribute) crypto = {0};
    g_autoptr(GError) error = NULL;

    caller->srtp = mcp_media_srtp_new();
    if (!mcp_media_crypto_attribute_make(&crypto, 1, suite, &error) ||
        !mcp_media_srtp_set(caller->srtp, MCP_MEDIA_SRTP_OUTBOUND, &crypto.keys, 0, &error))
        g_error("no keys: %s", error->message);
    caller->crypto = mcp_media_crypto_attribute_format(&crypto);
}

BenchCallers *
bench_callers_open(guint n, McpMediaSuite suite)
{
    BenchCallers *self = g_new0(BenchCallers, 1);

    open_socket(self);
    self->n = n;
    self->callers = g_new0(BenchCaller, n);
    for (guint i = 0; i < n; i++) {
        /* RFC 3711 §3.3.1: below 2^15, so that the roll-over counter is not guessed wrongly. */
        self->callers[i].sequence = (guint16)g_random_int_range(0, 16384);
        self->callers[i].timestamp = g_random_int();
        if (suite != MCP_MEDIA_SUITE_NONE)
            make_keys(&self->callers[i], suite);
    }
    return self;
}

void
bench_callers_close(BenchCallers *self)
{
    for (guint i = 0; i < self->n; i++)
        if (self->callers[i].leg != NULL)
            mcp_leg_close(self->callers[i].leg);
}

void
bench_callers_free(BenchCallers *self)
{
    for (guint i = 0; i < self->n; i++) {
        g_clear_object(&self->callers[i].leg);
        mcp_media_srtp_free(self->callers[i].srtp);
        if (self->callers[i].crypto != NULL)
            mcp_media_crypto_text_free(self->callers[i].crypto);
    }
    close(self->fd);
    g_free(self->callers);
    g_free(self);
}

static McpSdp *
make_offer(const BenchCallers *self, const BenchCaller *caller, const char *formats,
           const char *lines)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio %u RTP/%s %s\r\n%s%s%s%s",
        self->port, caller->crypto != NULL ? "SAVP" : "AVP", formats, lines,
        caller->crypto != NULL ? "a=crypto:" : "", caller->crypto != NULL ? caller->crypto : "",
        caller->crypto != NULL ? "\r\n" : "");
    McpSdp *offer = mcp_sdp_parse(text, strlen(text), &error);

    if (offer == NULL)
        g_error("no offer: %s", error->message);
    return offer;
}

void
bench_callers_connect(BenchCallers *self, guint caller, Platform *platform, const char *formats,
                      const char *lines)
{
    g_autofree char *name = g_strdup_printf("bench-%u", caller);
    const McpLegParams params = {.call_id = name, .local_address = "127.0.0.1"};
    BenchCaller *one = &self->callers[caller];
    g_autoptr(McpSdp) offer = make_offer(self, one, formats, lines);
    g_autoptr(McpSdp) answer = NULL;
    g_autoptr(GError) error = NULL;

    one->leg = mcp_media_create_leg(MCP_MEDIA(platform->service), &params, &error);
    if (one->leg == NULL)
        g_error("leg %u: %s", caller, error->message);
    answer = mcp_leg_answer(one->leg, offer, &error);
    if (answer == NULL)
        g_error("leg %u: %s", caller, error->message);
    one->port = mcp_sdp_get_media(answer, 0)->port;
    one->type = (guint)g_ascii_strtoull(formats, NULL, 10);
    self->by_port[one->port & G_MAXUINT16] = caller + 1;
    mcp_leg_start(one->leg);
}

void
bench_callers_send(BenchCallers *self, guint caller, guint type, gboolean marker,
                   gconstpointer payload, gsize length)
{
    BenchCaller *one = &self->callers[caller];
    guint32 aligned[DATAGRAM / 4];
    guint8 *data = (guint8 *)aligned;
    gsize size = MCP_MEDIA_RTP_HEADER + length;
    const McpMediaRtpPacket packet = {
        .payload_type = (guint8)type,
        .marker = marker,
        .sequence = one->sequence++,
        .timestamp = one->timestamp,
        .ssrc = caller + 1,
    };
    const struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((guint16)one->port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };

    g_return_if_fail(size + MCP_MEDIA_SRTP_TRAILER <= sizeof aligned);
    mcp_media_rtp_write(data, &packet);
    memcpy(data + MCP_MEDIA_RTP_HEADER, payload, length);
    if (one->srtp != NULL &&
        mcp_media_srtp_protect_rtp(one->srtp, data, &size, sizeof aligned) != MCP_MEDIA_SRTP_OK)
        g_error("a packet could not be protected");
    sendto(self->fd, data, size, MSG_DONTWAIT, (const struct sockaddr *)&to, sizeof to);
}

void
bench_callers_speak(BenchCallers *self, guint caller, const guint8 *payload)
{
    bench_callers_send(self, caller, self->callers[caller].type, FALSE, payload, BENCH_FRAME);
    self->callers[caller].timestamp += BENCH_FRAME;
}

static gint64
stamp_of(struct msghdr *message)
{
    struct cmsghdr *part = CMSG_FIRSTHDR(message);
    struct timespec stamp;

    if (part == NULL || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
        return 0;
    memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return (gint64)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
}

void
bench_callers_hear(BenchCallers *self, BenchHeardFunc heard, gpointer user_data)
{
    static guint8 data[BATCH][DATAGRAM];
    static char control[BATCH][64];
    struct sockaddr_in from[BATCH];
    struct iovec vectors[BATCH];
    struct mmsghdr messages[BATCH];
    int n = 0;

    do {
        memset(messages, 0, sizeof messages);
        for (guint i = 0; i < BATCH; i++) {
            vectors[i] = (struct iovec){data[i], sizeof data[i]};
            messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
                                                  .msg_namelen = sizeof from[i],
                                                  .msg_iov = &vectors[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = control[i],
                                                  .msg_controllen = sizeof control[i]};
        }
        n = recvmmsg(self->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++) {
            const BenchPacket packet = {
                .caller = self->by_port[ntohs(from[i].sin_port)] - 1,
                .time = stamp_of(&messages[i].msg_hdr),
                .data = data[i],
                .length = messages[i].msg_len,
            };

            if (packet.caller < self->n && packet.time != 0 &&
                packet.length >= MCP_MEDIA_RTP_HEADER + BENCH_FRAME)
                heard(&packet, user_data);
        }
    } while (n == BATCH);
}

/* --- traffic --- */

void
bench_traffic_run(BenchTraffic *self)
{
    gint64 start = bench_now();

    for (guint64 slot = 0; !g_atomic_int_get(&self->over); slot++) {
        gint64 left = start + (gint64)slot * SLOT_NS - bench_now();
        const struct timespec pause = {0, CLAMP(left, 0, SLOT_NS)};

        nanosleep(&pause, NULL);
        for (guint i = slot % BENCH_PHASES; i < self->callers->n; i += BENCH_PHASES)
            if (self->callers->callers[i].port != 0)
                self->speak(self->callers, i, self->user_data);
        bench_callers_hear(self->callers, self->heard, self->user_data);
    }
}

static gpointer
run_traffic(gpointer data)
{
    bench_traffic_run(data);
    return NULL;
}

void
bench_traffic_start(BenchTraffic *self)
{
    self->thread = g_thread_new("bench-traffic", run_traffic, self);
}

void
bench_traffic_stop(BenchTraffic *self)
{
    g_atomic_int_set(&self->over, TRUE);
    g_thread_join(g_steal_pointer(&self->thread));
}

static gboolean
end_run(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

void
bench_run_for(guint ms)
{
    GMainContext *context = g_main_context_get_thread_default();
    g_autoptr(GSource) timer = g_timeout_source_new(ms);
    gboolean over = FALSE;

    g_source_set_callback(timer, end_run, &over, NULL);
    g_source_attach(timer, context);
    while (!over)
        g_main_context_iteration(context, TRUE);
}
