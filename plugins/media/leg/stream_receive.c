/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stream receives: datagrams from anybody, judged by shape, payload type, source and
 * sequence before they count as media. Media worker.
 */
#include "stream_live.h"
#include "stream_private.h"

#include "../codec/comfort_noise.h"
#include "../protection/demultiplex.h"
#include <string.h>
#include <time.h>

/* RFC 3389: where it was not agreed upon, comfort noise is a sign of life and nothing else. */
#define TYPE_COMFORT_NOISE 13
/* Datagrams that are no media of the other side, read before the others get their turn. */
#define STRANGE_MAX 16
/* A kernel stamp that is further off is that of a clock that was set meanwhile. */
#define STAMP_MAX_AGE G_USEC_PER_SEC

/* Monotonic µs at which the kernel had the datagram. */
static gint64
arrival_of(McpMediaStream *self, struct msghdr *message, gint64 now)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
         part = CMSG_NXTHDR(message, part)) {
        struct timespec stamp;
        gint64 arrival = 0;

        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        arrival = (gint64)stamp.tv_sec * G_USEC_PER_SEC + stamp.tv_nsec / 1000 -
                  mcp_media_worker_wall_offset(self->worker);
        if (arrival <= now + STAMP_MAX_AGE && now - arrival < STAMP_MAX_AGE)
            return arrival;
    }
    return now;
}

static void
update_counters(McpMediaStream *self)
{
    McpMediaCounters *counters = &self->counters;
    double unit = (double)G_USEC_PER_SEC / self->agreement.codec->clock_rate;

    atomic_store_explicit(&counters->lost, mcp_media_receiver_get_lost(&self->receiver),
                          memory_order_relaxed);
    atomic_store_explicit(&counters->late, self->receiver.late, memory_order_relaxed);
    atomic_store_explicit(&counters->duplicate, self->receiver.duplicates, memory_order_relaxed);
    atomic_store_explicit(&counters->jitter_us, (guint64)(self->receiver.jitter * unit),
                          memory_order_relaxed);
    atomic_store_explicit(&counters->jitter_max_us, (guint64)(self->receiver.jitter_max * unit),
                          memory_order_relaxed);
}

/* A packet that is there, and carries nothing to be heard. */
static void
take_nothing(McpMediaStream *self, guint32 sequence, gint64 timestamp, gint64 arrival)
{
    if (self->ear != NULL)
        mcp_media_ear_take(self->ear, sequence, timestamp, NULL, 0, 0, arrival);
    if (self->live_ear != NULL)
        mcp_media_ear_take(self->live_ear, sequence, timestamp, NULL, 0, 0, arrival);
}

/* FALSE: it says nothing that can be used. */
static gboolean
take_noise(McpMediaStream *self, const McpMediaRtpPacket *packet, guint32 sequence,
           gint64 timestamp, gint64 arrival)
{
    McpMediaSid sid;

    if (!mcp_media_stream_is_noise(self, packet)) {
        take_nothing(self, sequence, timestamp, arrival);
        return FALSE;
    }
    if (!mcp_media_sid_read(&sid, packet->payload, packet->length)) {
        mcp_media_counter_add(&self->counters.invalid, 1);
        take_nothing(self, sequence, timestamp, arrival);
        return FALSE;
    }
    if (self->ear != NULL)
        mcp_media_ear_take_noise(self->ear, sequence, timestamp, packet->payload, packet->length,
                                 arrival);
    if (self->live_ear != NULL)
        mcp_media_ear_take_noise(self->live_ear, sequence, timestamp, packet->payload,
                                 packet->length, arrival);
    return TRUE;
}

static void
take_events(McpMediaStream *self, const McpMediaRtpPacket *packet, guint32 sequence,
            gint64 timestamp, gint64 arrival)
{
    McpMediaHeardDigit heard[4];
    guint rate = self->agreement.codec->clock_rate;
    guint n =
        mcp_media_event_receiver_take(&self->digits_in, packet, rate, heard, G_N_ELEMENTS(heard));

    take_nothing(self, sequence, timestamp, arrival);
    for (guint i = 0; i < n; i++) {
        gint64 since = timestamp + (gint32)(heard[i].timestamp - packet->timestamp) -
                       self->receiver.first_timestamp;
        const McpDigit digit = {
            .digit = heard[i].digit,
            .source = MCP_DIGIT_RTP_EVENT,
            .start = arrival,
            .duration_ms = heard[i].duration * 1000 / rate,
            .media_time = (guint64)MAX(since, 0),
        };

        mcp_media_stream_digit(self, &digit, arrival);
    }
}

static void
take_audio(McpMediaStream *self, const McpMediaRtpPacket *packet, guint32 sequence,
           gint64 timestamp, gint64 arrival)
{
    guint rate = self->agreement.codec->clock_rate;
    gint64 jitter = 0;

    mcp_media_receiver_note_transit(&self->receiver, arrival * rate / G_USEC_PER_SEC, timestamp);
    jitter = (gint64)(self->receiver.jitter * G_USEC_PER_SEC / rate);
    if (self->ear != NULL)
        mcp_media_ear_take(self->ear, sequence, timestamp, packet->payload, packet->length, jitter,
                           arrival);
    if (self->live_ear != NULL)
        mcp_media_ear_take(self->live_ear, sequence, timestamp, packet->payload, packet->length,
                           jitter, arrival);
}

/* The first packet of all, or the first one from where the leg is locked to. */
static void
note_source(McpMediaStream *self, McpMediaSourceVerdict verdict,
            const struct sockaddr_storage *from, gint64 arrival)
{
    McpMediaEvent *event = NULL;
    gboolean first = atomic_load_explicit(&self->counters.first_packet, memory_order_relaxed) == 0;

    self->last_packet = arrival;
    self->silence_reported = FALSE;
    if (!first && verdict != MCP_MEDIA_SOURCE_LOCKED)
        return;
    if (first)
        atomic_store_explicit(&self->counters.first_packet, arrival, memory_order_relaxed);
    event = mcp_media_stream_event(self, MCP_LEG_MEDIA_STARTED, arrival);
    event->remote = *from;
    /* Only the first one is an event; a lock that comes later moves the address shown. */
    if (!first)
        event->kind = MCP_MEDIA_EVENT_SOURCE;
    mcp_media_stream_post(self, event);
}

static void
take_packet(McpMediaStream *self, const McpMediaRtpPacket *packet, gint64 arrival)
{
    guint32 sequence = 0;
    gint64 timestamp = 0;
    McpMediaArrival kind = mcp_media_receiver_take(&self->receiver, packet, &sequence, &timestamp);
    gboolean is_new = kind != MCP_MEDIA_ARRIVAL_INVALID && kind != MCP_MEDIA_ARRIVAL_DUPLICATE;
    gboolean passes = is_new;

    mcp_media_counter_add(&self->counters.packets_received, 1);
    mcp_media_counter_add(&self->counters.bytes_received, packet->length);
    if (kind == MCP_MEDIA_ARRIVAL_RESTART && self->ear != NULL)
        mcp_media_ear_restart(self->ear, arrival);
    if (kind == MCP_MEDIA_ARRIVAL_RESTART && self->live_ear != NULL)
        mcp_media_ear_restart(self->live_ear, arrival);
    if (kind == MCP_MEDIA_ARRIVAL_INVALID)
        mcp_media_counter_add(&self->counters.invalid, 1);
    else if (is_new && packet->payload_type == self->agreement.receive_type)
        take_audio(self, packet, sequence, timestamp, arrival);
    else if (packet->payload_type == self->agreement.receive_event_type)
        take_events(self, packet, sequence, timestamp, arrival);
    else if (is_new)
        passes = take_noise(self, packet, sequence, timestamp, arrival);
    if (self->bridge != NULL && passes)
        mcp_media_stream_relay(self, packet, sequence, timestamp, kind == MCP_MEDIA_ARRIVAL_RESTART,
                               arrival);
    update_counters(self);
}

/* FALSE: not of the other side, or not once; nothing in it is believed. */
static gboolean
unprotect(McpMediaStream *self, McpMediaSrtpResult result)
{
    if (result == MCP_MEDIA_SRTP_REPLAY)
        mcp_media_counter_add(&self->counters.replayed, 1);
    else if (result != MCP_MEDIA_SRTP_OK)
        mcp_media_counter_add(&self->counters.unauthentic, 1);
    return result == MCP_MEDIA_SRTP_OK;
}

/*
 * RFC 8445 §12.2: with ICE the other side may send from any of its candidates, and changes them in
 * a restart before it nominates; who holds the keys is the other side.
 */
static McpMediaSourceVerdict
judge_source(McpMediaStream *self, const struct sockaddr_storage *from,
             const McpMediaRtpPacket *packet)
{
    McpMediaSourceVerdict verdict =
        mcp_media_source_lock_check(&self->lock, from, packet->ssrc, packet->sequence);

    return verdict == MCP_MEDIA_SOURCE_FOREIGN && self->agreement.ice &&
                   mcp_media_stream_is_protected(self)
               ? MCP_MEDIA_SOURCE_ACCEPT
               : verdict;
}

/* TRUE: it was media of the other side. */
static gboolean
receive_rtp(McpMediaStream *self, guint8 *data, gsize length, const struct sockaddr_storage *from,
            gint64 arrival)
{
    McpMediaRtpPacket packet;
    McpMediaSourceVerdict verdict = MCP_MEDIA_SOURCE_FOREIGN;

    if (!self->agreement.active || self->agreement.codec == NULL)
        return FALSE;
    if (mcp_media_stream_is_protected(self) &&
        !unprotect(self, mcp_media_srtp_unprotect_rtp(self->srtp, data, &length)))
        return FALSE;
    if (!mcp_media_rtp_parse(data, length, &packet) ||
        (packet.payload_type != self->agreement.receive_type &&
         packet.payload_type != self->agreement.receive_event_type &&
         packet.payload_type != TYPE_COMFORT_NOISE && !mcp_media_stream_is_noise(self, &packet))) {
        mcp_media_counter_add(&self->counters.invalid, 1);
        return FALSE;
    }
    verdict = judge_source(self, from, &packet);
    if (verdict == MCP_MEDIA_SOURCE_FOREIGN) {
        mcp_media_counter_add(&self->counters.foreign, 1);
        return FALSE;
    }
    note_source(self, verdict, from, arrival);
    take_packet(self, &packet, arrival);
    return TRUE;
}

/* TRUE: it is no media; the leg answers it, if it is not swamped. */
static gboolean
hand_over(McpMediaStream *self, const guint8 *data, gsize length,
          const struct sockaddr_storage *from, gint64 arrival)
{
    McpMediaDatagramKind kind = mcp_media_demultiplex(data, length);

    if (kind != MCP_MEDIA_DATAGRAM_STUN && kind != MCP_MEDIA_DATAGRAM_DTLS)
        return FALSE;
    if (!mcp_media_stream_post_datagram(self, MCP_MEDIA_EVENT_DATAGRAM, FALSE, data, length, from,
                                        arrival))
        mcp_media_counter_add(&self->counters.invalid, 1);
    return TRUE;
}

static void
receive_rtcp(McpMediaStream *self, guint8 *data, gsize length, const struct sockaddr_storage *from,
             gint64 arrival)
{
    if (mcp_media_stream_is_protected(self) &&
        !unprotect(self, mcp_media_srtp_unprotect_rtcp(self->srtp, data, &length)))
        return;
    mcp_media_stream_receive_rtcp(self, data, length, from, arrival);
}

/* FALSE: nobody of ours was in need of it, and there may be more. */
static gboolean
receive_one(McpMediaStream *self, McpMediaSocket which, gint64 now)
{
    _Alignas(8) guint8 data[MCP_MEDIA_DATAGRAM_MAX];
    char control[CMSG_SPACE(sizeof(struct timespec))];
    struct sockaddr_storage from;
    struct iovec vector = {data, sizeof data};
    struct msghdr message = {
        .msg_name = &from,
        .msg_namelen = sizeof from,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    int fd = which == MCP_MEDIA_SOCKET_RTP ? self->pair.rtp : self->pair.rtcp;
    gssize length = recvmsg(fd, &message, MSG_DONTWAIT);
    gint64 arrival = 0;

    if (length < 0 || self->removed)
        return TRUE;
    arrival = arrival_of(self, &message, now);
    if (which == MCP_MEDIA_SOCKET_RTP && mcp_media_transport_is_dtls(self->agreement.transport) &&
        hand_over(self, data, (gsize)length, &from, arrival))
        return FALSE;
    if (which == MCP_MEDIA_SOCKET_RTP && !mcp_media_rtp_is_rtcp(data, (gsize)length))
        return receive_rtp(self, data, (gsize)length, &from, arrival);
    receive_rtcp(self, data, (gsize)length, &from, arrival);
    return FALSE;
}

/* What strangers send is read away at once, so that it does not stand before the media. */
void
mcp_media_stream_receive(McpMediaStream *stream, McpMediaSocket which, gint64 now)
{
    for (guint i = 0; i < STRANGE_MAX && !receive_one(stream, which, now); i++)
        continue;
}

void
mcp_media_stream_end_noise(McpMediaStream *stream)
{
    if (stream->ear != NULL)
        mcp_media_ear_end_noise(stream->ear);
    if (stream->live_ear != NULL)
        mcp_media_ear_end_noise(stream->live_ear);
}

void
mcp_media_stream_check_media(McpMediaStream *stream, gint64 now)
{
    McpMediaEvent *event = NULL;

    if (stream->no_media_timeout <= 0 || stream->silence_reported || !stream->agreement.active ||
        (stream->agreement.direction & MCP_SDP_RECVONLY) == 0 ||
        now - stream->last_packet < stream->no_media_timeout)
        return;
    stream->silence_reported = TRUE;
    mcp_media_stream_end_noise(stream);
    event = mcp_media_stream_event(stream, MCP_LEG_NO_MEDIA, now);
    if (mcp_media_source_lock_target(&stream->lock) != NULL)
        event->remote = *mcp_media_source_lock_target(&stream->lock);
    mcp_media_stream_post(stream, event);
}
