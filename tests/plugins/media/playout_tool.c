/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests/plugins/media/playout_quality.py needs of the platform: packets of a sound, the sound
 * of all of them, and receivers in real time: our own chain (receiver, ear, playout buffer, taken
 * from every 20 ms), or a recorder of samples that another program sends. One thread.
 *
 * usage: playout_tool pack CODEC RAW PACKETS
 *        playout_tool unpack CODEC PACKETS RAW
 *        playout_tool receive SECONDS (CODEC|raw8000|raw16000):PORT:RAW…
 *
 * CODEC: PCMU (8 kHz) or opus (16 kHz). PACKETS: length (16 bits, big-endian) and payload of each.
 * "receive" prints "ready", and at its end a line for each receiver: RAW, µs (monotonic) of its
 * first sample, figures.
 */
#include "ear/ear.h"
#include "rtp/receiver.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TAKE_MS 20
#define RECEIVERS_MAX 64
#define DATAGRAM_MAX 65536
#define CORRECTION_LOSS 10

typedef struct {
    int fd;
    gboolean recorder;
    guint rate;
    guint clock_rate;
    char *path;
    GByteArray *samples;
    GArray *starts; /* recorder: of each datagram, arrival less its place among the samples */
    gint64 start;
    McpMediaReceiver receiver;
    McpMediaEar *ear;
    McpMediaPlayout *playout;
} Chain;

static McpMediaBlockPool pool;

static McpMediaFormat
format_of(const char *name)
{
    const McpMediaCodecOptions options = {
        .opus_rate = 16000, .opus_bitrate = 24000, .opus_complexity = 5, .opus_fec = TRUE};
    McpMediaFormat format;

    mcp_media_format_init(&format,
                          mcp_media_codec_get(strcmp(name, "opus") == 0 ? MCP_MEDIA_CODEC_OPUS
                                                                        : MCP_MEDIA_CODEC_PCMU),
                          &options);
    mcp_media_format_read(&format, "useinbandfec=1");
    return format;
}

static gboolean
pack(const char *codec, const char *from, const char *to)
{
    const McpMediaFormat format = format_of(codec);
    g_autoptr(McpMediaEncoder) encoder = mcp_media_encoder_new(&format);
    g_autoptr(GByteArray) packets = g_byte_array_new();
    g_autofree char *content = NULL;
    guint n = format.rate * TAKE_MS / 1000;
    gsize length = 0;

    if (!g_file_get_contents(from, &content, &length, NULL))
        return FALSE;
    for (gsize at = 0; at + 2 * n <= length; at += 2 * n) {
        guint8 payload[2 + MCP_MEDIA_CODED_MAX];
        gsize bytes = mcp_media_encoder_take(encoder, (const gint16 *)(content + at), n,
                                             payload + 2, MCP_MEDIA_CODED_MAX);

        payload[0] = (guint8)(bytes >> 8);
        payload[1] = (guint8)bytes;
        g_byte_array_append(packets, payload, 2 + (guint)bytes);
    }
    return g_file_set_contents(to, (const char *)packets->data, packets->len, NULL);
}

static gboolean
unpack(const char *codec, const char *from, const char *to)
{
    const McpMediaFormat format = format_of(codec);
    g_autoptr(McpMediaDecoder) decoder = mcp_media_decoder_new(&format, format.rate);
    g_autoptr(GByteArray) sound = g_byte_array_new();
    g_autofree char *content = NULL;
    gsize length = 0;

    if (!g_file_get_contents(from, &content, &length, NULL))
        return FALSE;
    for (gsize at = 0; at + 2 <= length;) {
        const guint8 *packet = (const guint8 *)content + at;
        gint16 samples[MCP_MEDIA_SAMPLES_MAX];
        gsize bytes = (gsize)packet[0] << 8 | packet[1];
        guint n = mcp_media_decoder_take(decoder, packet + 2, bytes, samples);

        g_byte_array_append(sound, (const guint8 *)samples, n * 2);
        at += 2 + bytes;
    }
    return g_file_set_contents(to, (const char *)sound->data, sound->len, NULL);
}

/* --- receiving --- */

static int
listen_on(guint port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((guint16)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int on = 1;
    int size = 1 << 20;

    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    perror("bind");
    exit(EXIT_FAILURE);
}

static void
chain_open(Chain *self, const char *what)
{
    g_auto(GStrv) words = g_strsplit(what, ":", 3);
    McpMediaFormat format;

    if (g_strv_length(words) != 3)
        exit(EXIT_FAILURE);
    self->fd = listen_on((guint)atoi(words[1]));
    self->path = g_strdup(words[2]);
    self->samples = g_byte_array_new();
    self->starts = g_array_new(FALSE, FALSE, sizeof(gint64));
    self->recorder = g_str_has_prefix(words[0], "raw");
    if (self->recorder) {
        self->rate = (guint)atoi(words[0] + 3);
        return;
    }
    format = format_of(words[0]);
    self->rate = format.rate;
    self->clock_rate = format.codec->clock_rate;
    self->playout = mcp_media_playout_new(self->rate, 0);
    self->ear = mcp_media_ear_new(&format);
    mcp_media_ear_open(self->ear, &pool);
    mcp_media_ear_set_playout(self->ear, self->playout, g_get_monotonic_time());
}

/* Monotonic µs at which the kernel had the datagram. */
static gint64
arrival_of(struct msghdr *message)
{
    gint64 offset = g_get_real_time() - g_get_monotonic_time();

    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
         part = CMSG_NXTHDR(message, part)) {
        struct timespec stamp;

        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        return (gint64)stamp.tv_sec * G_USEC_PER_SEC + stamp.tv_nsec / 1000 - offset;
    }
    return g_get_monotonic_time();
}

static void
chain_take(Chain *self, const guint8 *data, gsize length, gint64 arrival)
{
    McpMediaRtpPacket packet;
    McpMediaArrival kind = MCP_MEDIA_ARRIVAL_NEW;
    guint32 sequence = 0;
    gint64 timestamp = 0;

    if (self->recorder) {
        gint64 start = arrival - (gint64)self->samples->len / 2 * G_USEC_PER_SEC / self->rate;

        g_array_append_val(self->starts, start);
        g_byte_array_append(self->samples, data, (guint)length);
        return;
    }
    if (!mcp_media_rtp_parse(data, length, &packet))
        return;
    kind = mcp_media_receiver_take(&self->receiver, &packet, &sequence, &timestamp);
    if (kind == MCP_MEDIA_ARRIVAL_RESTART)
        mcp_media_ear_restart(self->ear, arrival);
    if (kind == MCP_MEDIA_ARRIVAL_DUPLICATE || kind == MCP_MEDIA_ARRIVAL_INVALID)
        return;
    mcp_media_receiver_note_transit(&self->receiver, arrival * self->clock_rate / G_USEC_PER_SEC,
                                    timestamp);
    mcp_media_ear_take(self->ear, sequence, timestamp, packet.payload, packet.length,
                       (gint64)(self->receiver.jitter * G_USEC_PER_SEC / self->clock_rate),
                       arrival);
}

static void
chain_read(Chain *self)
{
    static guint8 data[DATAGRAM_MAX];
    gssize length = 0;

    do {
        char control[CMSG_SPACE(sizeof(struct timespec))];
        struct iovec vector = {data, sizeof data};
        struct msghdr message = {.msg_iov = &vector,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof control};

        length = recvmsg(self->fd, &message, MSG_DONTWAIT);
        if (length > 0)
            chain_take(self, data, (gsize)length, arrival_of(&message));
    } while (length >= 0);
}

static void
chain_play(Chain *self, gint64 due, gint64 now)
{
    gint16 out[48 * TAKE_MS];
    guint n = self->rate * TAKE_MS / 1000;

    if (self->recorder)
        return;
    if (self->samples->len == 0)
        self->start = due;
    mcp_media_ear_tick(self->ear, now);
    mcp_media_ear_play(self->ear, out, n, now);
    g_byte_array_append(self->samples, (const guint8 *)out, 2 * n);
}

static gint
in_order(gconstpointer a, gconstpointer b)
{
    gint64 first = *(const gint64 *)a;
    gint64 second = *(const gint64 *)b;

    return first < second ? -1 : first > second;
}

static void
chain_close(Chain *self)
{
    McpMediaPlayoutFigures figures = {0};

    if (self->recorder && self->starts->len > 0) {
        g_array_sort(self->starts, in_order);
        self->start = g_array_index(self->starts, gint64, self->starts->len / 2);
    }
    if (!self->recorder) {
        mcp_media_playout_get_figures(self->playout, &figures);
        mcp_media_ear_close(self->ear);
        mcp_media_ear_free(self->ear);
        mcp_media_playout_free(self->playout);
    }
    g_file_set_contents(self->path, (const char *)self->samples->data, self->samples->len, NULL);
    printf("%s %" G_GINT64_FORMAT " target %u underruns %u inserted %" G_GUINT64_FORMAT
           " dropped %" G_GUINT64_FORMAT " late %" G_GUINT64_FORMAT " concealed %" G_GUINT64_FORMAT
           "\n",
           self->path, self->start, figures.target_us, figures.underruns, figures.inserted,
           figures.dropped, figures.late, figures.concealed);
    g_array_unref(self->starts);
    g_byte_array_unref(self->samples);
    g_free(self->path);
    close(self->fd);
}

static void
receive(guint seconds, char **what, guint n)
{
    static Chain chains[RECEIVERS_MAX];
    struct pollfd fds[RECEIVERS_MAX];
    gint64 end = 0;
    gint64 due = 0;

    mcp_media_block_pool_init(&pool, sizeof(McpMediaJitterPacket), 32);
    for (guint i = 0; i < n; i++) {
        chain_open(&chains[i], what[i]);
        fds[i] = (struct pollfd){.fd = chains[i].fd, .events = POLLIN};
    }
    puts("ready");
    fflush(stdout);
    due = g_get_monotonic_time();
    end = due + (gint64)seconds * G_USEC_PER_SEC;
    while (due < end) {
        gint64 now = 0;

        poll(fds, n, (int)MAX((due - g_get_monotonic_time() + 999) / 1000, 0));
        for (guint i = 0; i < n; i++)
            chain_read(&chains[i]);
        for (now = g_get_monotonic_time(); due <= now; due += TAKE_MS * 1000)
            for (guint i = 0; i < n; i++)
                chain_play(&chains[i], due, now);
    }
    for (guint i = 0; i < n; i++)
        chain_close(&chains[i]);
    mcp_media_block_pool_clear(&pool);
}

int
main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "pack") == 0)
        return pack(argv[2], argv[3], argv[4]) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc == 5 && strcmp(argv[1], "unpack") == 0)
        return unpack(argv[2], argv[3], argv[4]) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc > 3 && argc <= 3 + RECEIVERS_MAX && strcmp(argv[1], "receive") == 0) {
        receive((guint)atoi(argv[2]), argv + 3, (guint)argc - 3);
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "usage: playout_tool pack|unpack|receive …\n");
    return EXIT_FAILURE;
}
