/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cost and pacing of the plain path alone: N legs play a prompt in a loop while a forked generator
 * sends 50 packets a second to each. Prints one JSON line; no pass or fail.
 *
 *   bench-legs [LEGS] [SECONDS]
 */
#include "fixture.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PHASES 4
#define PACKET_US 20000
#define BATCH 64
#define SAMPLES_MAX 4096
#define LATE_US 5000

typedef struct {
    guint first_set;
    guint16 first_sequence;
    gint64 first_time;
    guint32 first_timestamp, last_timestamp;
    guint n;
    gint32 deviation[SAMPLES_MAX];
} Stream;

typedef struct {
    guint64 due, received, late;
} Outcome;

static gint64
monotonic(void)
{
    return g_get_monotonic_time();
}

/* --- the generator, a process of its own --- */

static void
send_phase(int fd, const guint16 *ports, guint n, guint phase, guint64 turn)
{
    guint8 packet[172] = {0x80, 0};

    memset(packet + 12, 0xd5, 160);
    for (guint i = phase; i < n; i += PHASES) {
        struct sockaddr_in to = {
            .sin_family = AF_INET,
            .sin_port = htons(ports[i]),
            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        const McpMediaRtpPacket header = {
            .sequence = (guint16)turn,
            .timestamp = (guint32)turn * 160,
            .ssrc = i + 1,
        };

        mcp_media_rtp_write(packet, &header);
        sendto(fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
    }
}

static void
note(Stream *stream, const guint8 *data, gint64 stamp)
{
    guint16 sequence = (guint16)(data[2] << 8 | data[3]);
    guint32 timestamp =
        (guint32)data[4] << 24 | (guint32)data[5] << 16 | (guint32)data[6] << 8 | data[7];

    if (!stream->first_set) {
        stream->first_set = TRUE;
        stream->first_sequence = sequence;
        stream->first_time = stamp;
        stream->first_timestamp = timestamp;
    }
    stream->last_timestamp = timestamp;
    if (stream->n < SAMPLES_MAX)
        stream->deviation[stream->n++] =
            (gint32)(stamp - stream->first_time -
                     (gint64)(guint16)(sequence - stream->first_sequence) * PACKET_US);
}

static void
drain(int fd, Stream **by_port)
{
    static guint8 data[BATCH][256];
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
        n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++) {
            struct cmsghdr *part = CMSG_FIRSTHDR(&messages[i].msg_hdr);
            Stream *stream = by_port[ntohs(from[i].sin_port)];
            struct timespec stamp;

            if (part == NULL || stream == NULL || messages[i].msg_len != 172)
                continue;
            memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
            note(stream, data[i], (gint64)stamp.tv_sec * 1000000 + stamp.tv_nsec / 1000);
        }
    } while (n == BATCH);
}

static int
compare(gconstpointer a, gconstpointer b)
{
    gint32 x = *(const gint32 *)a;
    gint32 y = *(const gint32 *)b;

    return (x > y) - (x < y);
}

static void
evaluate(Stream *streams, guint n, Outcome *outcome)
{
    for (guint i = 0; i < n; i++) {
        Stream *stream = &streams[i];
        gint32 fit = 0;

        qsort(stream->deviation, stream->n, sizeof(gint32), compare);
        fit = stream->n > 0 ? stream->deviation[stream->n / 2] : 0;
        outcome->received += stream->n;
        for (guint k = 0; k < stream->n; k++)
            outcome->late += ABS(stream->deviation[k] - fit) > LATE_US;
        /* The RTP clock goes on when a packet time is left out. */
        if (stream->n > 0)
            outcome->due += (stream->last_timestamp - stream->first_timestamp) / 160 + 1;
    }
}

static void
generate(int fd, const guint16 *ports, guint n, guint seconds, int report)
{
    Stream *streams = g_new0(Stream, n);
    Stream **by_port = g_new0(Stream *, 65536);
    gint64 start = monotonic();
    Outcome outcome = {0};

    for (guint i = 0; i < n; i++)
        by_port[ports[i]] = &streams[i];
    for (guint64 slot = 0; slot < (guint64)(seconds + 2) * 200; slot++) {
        gint64 left = start + (gint64)slot * 5000 - monotonic();
        struct timespec pause = {0, left > 0 ? left * 1000 : 0};

        nanosleep(&pause, NULL);
        send_phase(fd, ports, n, slot % PHASES, slot / PHASES);
        drain(fd, by_port);
        /* The first two seconds settle. */
        if (slot == 400)
            memset(streams, 0, n * sizeof(Stream));
    }
    evaluate(streams, n, &outcome);
    if (write(report, &outcome, sizeof outcome) != sizeof outcome)
        exit(1);
    exit(0);
}

/* --- the legs --- */

static double
cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
           (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

static glong
resident_kb(void)
{
    g_autofree char *text = NULL;
    glong pages = 0;

    g_file_get_contents("/proc/self/statm", &text, NULL, NULL);
    if (text != NULL)
        sscanf(text, "%*d %ld", &pages);
    return pages * 4;
}

static gboolean
stop_loop(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

static void
run_for(guint seconds)
{
    gboolean over = FALSE;

    g_timeout_add_seconds(seconds, stop_loop, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

int
main(int argc, char **argv)
{
    guint n = argc > 1 ? (guint)atoi(argv[1]) : 500;
    guint seconds = argc > 2 ? (guint)atoi(argv[2]) : 10;
    g_autofree McpLeg **legs = g_new0(McpLeg *, n);
    g_autofree guint16 *ports = g_new0(guint16, n);
    g_autoptr(McpAudio) audio = raw_mulaw(160000, 1);
    g_autofree McpPlayItem *items = g_new0(McpPlayItem, 16);
    const int on = 1;
    const int size = 4 << 20;
    Platform platform;
    Peer peer;
    Outcome outcome = {0};
    int pipe_fds[2];
    glong before = 0;
    glong after = 0;
    double cpu = 0;
    pid_t child = 0;

    for (guint i = 0; i < 16; i++)
        items[i] = (McpPlayItem){.kind = MCP_PLAY_AUDIO, .audio = audio};
    platform_open(&platform);
    peer_open(&peer);
    setsockopt(peer.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(peer.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    before = resident_kb();
    for (guint i = 0; i < n; i++) {
        legs[i] = peer_connect(&peer, &platform, "0 101", "a=rtpmap:101 telephone-event/8000\r\n");
        ports[i] = (guint16)peer.leg_port;
        mcp_leg_play(legs[i], items, 16);
    }
    after = resident_kb();
    if (pipe(pipe_fds) != 0)
        return 1;
    child = fork();
    if (child == 0)
        generate(peer.fd, ports, n, seconds, pipe_fds[1]);
    run_for(2);
    cpu = cpu_seconds();
    run_for(seconds);
    cpu = cpu_seconds() - cpu;
    if (read(pipe_fds[0], &outcome, sizeof outcome) != sizeof outcome)
        return 1;
    waitpid(child, NULL, 0);
    printf("{\"legs\":%u,\"cpu_s_per_call_min\":%.4f,\"kb_per_leg\":%.1f,\"due\":%" G_GUINT64_FORMAT
           ",\"received\":%" G_GUINT64_FORMAT ",\"late_over_5ms\":%" G_GUINT64_FORMAT "}\n",
           n, cpu / n / seconds * 60, (double)(after - before) / n, outcome.due, outcome.received,
           outcome.late);
    for (guint i = 0; i < n; i++)
        mcp_leg_close(legs[i]);
    run_for(1);
    for (guint i = 0; i < n; i++)
        g_object_unref(legs[i]);
    peer_close(&peer);
    platform_close(&platform);
    return 0;
}
