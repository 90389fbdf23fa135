/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending and receiving of all callers' RTP on one loop. Received packets wait in the kernel until
 * the next tick: their times are the kernel's, and a wake-up a packet would cost more than the
 * packet.
 */
#include "rtp_stream.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 20
#define TICK_US 1000
#define LATE_US 5000
#define RTP_BUFFER (32 * 1024 * 1024)
#define OWN_BUFFER (256 * 1024)
#define LARGEST_PACKET 1600
#define EVENT_PACKETS 5     /* 100 ms of tone … */
#define EVENT_END_PACKETS 3 /* … and its end three times, RFC 4733 §2.5.1.4 */
#define PORT_TRIES 200

typedef struct {
    int rtp;
    int rtcp;
    struct sockaddr_in local;
} SharedSocket;

typedef struct {
    McpLoadStream *stream; /* of a socket of its own; NULL for a shared one */
    guint shared;
    int fd;
} Reader;

struct _McpLoadMedia {
    McpBenchLoop *loop;
    const McpBenchMaterial *material;
    const McpBenchCodec *codec;
    int epoll_fd;
    GArray *shared;      /* SharedSocket */
    GHashTable *readers; /* fd -> Reader */
    GHashTable *remotes; /* key of socket, address and port -> stream */
    GPtrArray *slots[SLOTS];
    McpBenchInbox *inbox;
    McpBenchTimer tick;
    gint64 tick_number;
    gint64 started_us;
    McpLoadMediaCounts counts;

    /* The batch being filled. */
    int batch_fd;
    guint batch_length;
    struct mmsghdr batch[MCP_BENCH_BATCH];
    struct iovec vectors[MCP_BENCH_BATCH][2];
    guint8 headers[MCP_BENCH_BATCH][MCP_BENCH_RTP_HEADER + 4];
};

static void
reader_free(gpointer data)
{
    Reader *reader = data;
    close(reader->fd);
    g_free(reader);
}

static gboolean
add_reader(McpLoadMedia *media, int fd, guint shared, McpLoadStream *stream, GError **error)
{
    Reader *reader = g_new0(Reader, 1);
    reader->stream = stream;
    reader->shared = shared;
    reader->fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = reader};
    if (epoll_ctl(media->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot watch RTP: %s",
                    g_strerror(errno));
        reader_free(reader);
        return FALSE;
    }
    g_hash_table_insert(media->readers, GINT_TO_POINTER(fd), reader);
    return TRUE;
}

static guint64
remote_key(guint shared, const struct sockaddr_in *address)
{
    return (guint64)shared << 48 | (guint64)ntohl(address->sin_addr.s_addr) << 16 |
           ntohs(address->sin_port);
}

static void
sort_out(McpLoadMedia *media, const Reader *reader, const McpBenchDatagram *datagram)
{
    McpLoadStream *stream = reader->stream;
    if (stream == NULL) {
        guint64 key = remote_key(reader->shared, &datagram->from);
        stream = g_hash_table_lookup(media->remotes, &key);
    } else if (stream->remote_key == 0) {
        stream = NULL;
    }
    if (stream == NULL)
        media->counts.foreign++;
    else
        mcp_bench_rtp_receive_packet(&stream->receive, (const guint8 *)datagram->data,
                                     datagram->length, datagram->time_ns);
}

static void
drain_reader(McpLoadMedia *media, const Reader *reader)
{
    guint n = 0;
    do {
        n = mcp_bench_inbox_receive(media->inbox, reader->fd);
        for (guint i = 0; i < n; i++)
            sort_out(media, reader, mcp_bench_inbox_at(media->inbox, i));
    } while (n == MCP_BENCH_BATCH);
}

static void
drain(McpLoadMedia *media)
{
    struct epoll_event events[MCP_BENCH_BATCH];
    int n = 0;
    do {
        n = epoll_wait(media->epoll_fd, events, MCP_BENCH_BATCH, 0);
        for (int i = 0; i < n; i++)
            drain_reader(media, events[i].data.ptr);
    } while (n == MCP_BENCH_BATCH);
}

static void
flush(McpLoadMedia *media)
{
    guint done = 0;
    while (done < media->batch_length) {
        int n = sendmmsg(media->batch_fd, media->batch + done, media->batch_length - done,
                         MSG_DONTWAIT);
        if (n <= 0) { /* the first of them failed: leave it out */
            media->counts.send_errors++;
            n = 1;
        } else {
            media->counts.sent += (guint)n;
        }
        done += (guint)n;
    }
    media->batch_length = 0;
}

/* Fills the telephone-event payload of RFC 4733 §2.3. Returns FALSE when no digit is due. */
static gboolean
event_payload(McpLoadStream *stream, guint8 *out, guint *out_step)
{
    if (stream->digits == NULL || stream->next_digit >= stream->digits->len)
        return FALSE;
    const McpLoadDigit *digit = &g_array_index(stream->digits, McpLoadDigit, stream->next_digit);
    if (stream->sent < digit->at_packet)
        return FALSE;
    guint step = stream->sent - digit->at_packet;
    guint duration = MIN(step + 1, EVENT_PACKETS) * stream->media->codec->step;
    out[0] = digit->event;
    out[1] = step >= EVENT_PACKETS ? 0x8a : 0x0a;
    out[2] = (guint8)(duration >> 8);
    out[3] = (guint8)duration;
    if (step + 1 == EVENT_PACKETS + EVENT_END_PACKETS)
        stream->next_digit++;
    *out_step = step;
    return TRUE;
}

static void
queue_packet(McpLoadMedia *media, McpLoadStream *stream)
{
    if (media->batch_length == MCP_BENCH_BATCH || media->batch_fd != stream->fd)
        flush(media);
    guint i = media->batch_length++;
    guint8 *header = media->headers[i];
    guint step = 0;
    gboolean event = event_payload(stream, header + MCP_BENCH_RTP_HEADER, &step);
    McpBenchFrame audio = mcp_bench_piece_at(stream->piece, stream->first + stream->sent);
    gboolean starts = event && step == 0;
    guint32 timestamp = stream->timestamp - step * media->codec->step;
    mcp_bench_rtp_header(header, stream->sent == 0 || starts,
                         event ? (guint8)stream->event_type : media->codec->payload_type,
                         stream->sequence, timestamp, stream->ssrc);
    media->batch_fd = stream->fd;
    media->vectors[i][0].iov_base = header;
    media->vectors[i][0].iov_len = MCP_BENCH_RTP_HEADER + (event ? 4 : 0);
    media->vectors[i][1].iov_base = (guint8 *)audio.data;
    media->vectors[i][1].iov_len = event ? 0 : audio.length;
    media->batch[i].msg_hdr = (struct msghdr){.msg_name = &stream->remote,
                                              .msg_namelen = sizeof stream->remote,
                                              .msg_iov = media->vectors[i],
                                              .msg_iovlen = 2};
    if (stream->on_sent != NULL)
        stream->on_sent(stream, stream->sent, starts, stream->on_sent_data);
    stream->sequence++;
    stream->timestamp += media->codec->step;
    stream->sent++;
}

static void
send_slot(McpLoadMedia *media, guint slot)
{
    GPtrArray *streams = media->slots[slot];
    for (guint i = 0; i < streams->len; i++)
        queue_packet(media, g_ptr_array_index(streams, i));
    flush(media);
}

static void
on_tick(gpointer user_data)
{
    McpLoadMedia *media = user_data;
    gint64 now = mcp_bench_now_us();
    gint64 behind = (now - media->started_us) / TICK_US - media->tick_number;
    media->counts.ticks++;
    media->counts.late_ticks += behind * TICK_US > LATE_US;
    while (behind >= SLOTS) { /* a whole round was missed: it is not sent in a burst */
        media->counts.skipped += media->slots[media->tick_number % SLOTS]->len;
        media->tick_number++;
        behind--;
    }
    for (; behind >= 0; behind--)
        send_slot(media, (guint)(media->tick_number++ % SLOTS));
    drain(media);
    mcp_bench_loop_arm(media->loop, &media->tick, media->started_us + media->tick_number * TICK_US);
}

McpLoadMedia *
mcp_load_media_new(McpBenchLoop *loop, const McpBenchMaterial *material, GError **error)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot create epoll: %s",
                    g_strerror(errno));
        return NULL;
    }
    McpLoadMedia *media = g_new0(McpLoadMedia, 1);
    media->loop = loop;
    media->material = material;
    media->codec = mcp_bench_material_codec(material);
    media->epoll_fd = fd;
    media->batch_fd = -1;
    media->shared = g_array_new(FALSE, FALSE, sizeof(SharedSocket));
    media->readers = g_hash_table_new_full(NULL, NULL, NULL, reader_free);
    media->remotes = g_hash_table_new(g_int64_hash, g_int64_equal);
    media->inbox = mcp_bench_inbox_new(LARGEST_PACKET);
    for (guint i = 0; i < SLOTS; i++)
        media->slots[i] = g_ptr_array_new();
    mcp_bench_timer_init(&media->tick, on_tick, media);
    return media;
}

void
mcp_load_media_free(McpLoadMedia *media)
{
    mcp_bench_loop_disarm(media->loop, &media->tick);
    for (guint i = 0; i < SLOTS; i++)
        g_ptr_array_unref(media->slots[i]);
    for (guint i = 0; i < media->shared->len; i++)
        close(g_array_index(media->shared, SharedSocket, i).rtcp);
    g_array_unref(media->shared);
    g_hash_table_unref(media->readers);
    g_hash_table_unref(media->remotes);
    mcp_bench_inbox_free(media->inbox);
    close(media->epoll_fd);
    g_free(media);
}

/* RTP on an even port and RTCP on the next (RFC 3550 §11). */
static gboolean
open_pair(const struct sockaddr_in *address, SharedSocket *out, GError **error)
{
    for (guint i = 0; i < PORT_TRIES; i++) {
        struct sockaddr_in local = *address;
        local.sin_port = htons((guint16)(g_random_int_range(5000, 9900) * 2));
        int rtp = mcp_bench_udp_open(&local, RTP_BUFFER, NULL);
        if (rtp < 0)
            continue;
        out->rtp = rtp;
        out->local = local;
        local.sin_port = htons((guint16)(ntohs(local.sin_port) + 1));
        out->rtcp = mcp_bench_udp_open(&local, 0, NULL);
        if (out->rtcp >= 0)
            return TRUE;
        close(rtp);
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "no free pair of UDP ports");
    return FALSE;
}

gboolean
mcp_load_media_add_socket(McpLoadMedia *media, const struct sockaddr_in *address, GError **error)
{
    SharedSocket shared = {0};
    if (!open_pair(address, &shared, error))
        return FALSE;
    guint number = media->shared->len;
    g_array_append_val(media->shared, shared);
    return add_reader(media, shared.rtp, number, NULL, error);
}

guint16
mcp_load_media_rtcp_port(McpLoadMedia *media, guint shared)
{
    return (guint16)(ntohs(g_array_index(media->shared, SharedSocket, shared).local.sin_port) + 1);
}

const McpBenchCodec *
mcp_load_media_codec(McpLoadMedia *media)
{
    return media->codec;
}

void
mcp_load_media_start(McpLoadMedia *media)
{
    media->started_us = mcp_bench_now_us();
    media->tick_number = 0;
    mcp_bench_loop_arm(media->loop, &media->tick, media->started_us);
}

McpLoadMediaCounts
mcp_load_media_counts(McpLoadMedia *media)
{
    media->counts.dropped = mcp_bench_inbox_drops(media->inbox);
    return media->counts;
}

gboolean
mcp_load_stream_open(McpLoadMedia *media, McpLoadStream *stream, guint number, guint shared,
                     gboolean own_socket, GError **error)
{
    const SharedSocket *socket = &g_array_index(media->shared, SharedSocket, shared);
    memset(stream, 0, sizeof *stream);
    stream->media = media;
    stream->shared = shared;
    stream->fd = socket->rtp;
    stream->local = socket->local;
    stream->slot = number * 7 % SLOTS;
    stream->sequence = (guint16)g_random_int();
    stream->timestamp = g_random_int();
    stream->ssrc = g_random_int();
    stream->piece = mcp_bench_material_speech(media->material, number);
    stream->first = (guint)((guint64)number * 7919 % mcp_bench_piece_frames(stream->piece));
    mcp_bench_rtp_receive_init(&stream->receive, media->codec);
    if (!own_socket)
        return TRUE;
    stream->local.sin_port = 0;
    int fd = mcp_bench_udp_open(&stream->local, OWN_BUFFER, error);
    if (fd < 0 || !add_reader(media, fd, shared, stream, error))
        return FALSE;
    stream->fd = fd;
    stream->own_socket = TRUE;
    stream->local = mcp_bench_local_address(fd);
    return TRUE;
}

void
mcp_load_stream_start(McpLoadStream *stream, const struct sockaddr_in *remote)
{
    McpLoadMedia *media = stream->media;
    if (stream->place != 0)
        mcp_load_stream_stop(stream);
    stream->remote = *remote;
    stream->remote_key = remote_key(stream->shared, remote);
    /* A port of a call that just ended may be the server's next: the newest stream owns it. */
    g_hash_table_replace(media->remotes, &stream->remote_key, stream);
    g_ptr_array_add(media->slots[stream->slot], stream);
    stream->place = media->slots[stream->slot]->len;
}

void
mcp_load_stream_stop(McpLoadStream *stream)
{
    McpLoadMedia *media = stream->media;
    if (stream->place == 0)
        return;
    GPtrArray *streams = media->slots[stream->slot];
    McpLoadStream *last = g_ptr_array_index(streams, streams->len - 1);
    g_ptr_array_index(streams, stream->place - 1) = last;
    last->place = stream->place;
    g_ptr_array_set_size(streams, (gint)streams->len - 1);
    stream->place = 0;
    drain(media); /* what came before the stop still counts */
    if (g_hash_table_lookup(media->remotes, &stream->remote_key) == stream)
        g_hash_table_remove(media->remotes, &stream->remote_key);
    stream->remote_key = 0;
}

void
mcp_load_stream_clear(McpLoadStream *stream)
{
    if (stream->media == NULL)
        return;
    mcp_load_stream_stop(stream);
    if (stream->own_socket)
        g_hash_table_remove(stream->media->readers, GINT_TO_POINTER(stream->fd));
    g_clear_pointer(&stream->digits, g_array_unref);
    mcp_bench_rtp_receive_clear(&stream->receive);
    stream->media = NULL;
}

void
mcp_load_stream_be_silent(McpLoadStream *stream)
{
    stream->piece = mcp_bench_material_silence(stream->media->material);
}
