/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stream sends: digits, the play list, or nothing. A leg that plays nothing sends nothing;
 * its RTP clock goes on, and the next talk spurt begins with a marker. Media worker.
 */
#include "stream_private.h"

#define SLOTS_A_SECOND (G_USEC_PER_SEC / MCP_MEDIA_SLOT_US)

guint32
mcp_media_stream_timestamp(const McpMediaStream *stream)
{
    guint rate = stream->agreement.codec != NULL ? stream->agreement.codec->clock_rate : 8000;
    guint64 slots = stream->ticked.due - stream->base_slot;

    return stream->timestamp_base + (guint32)(slots * rate / SLOTS_A_SECOND);
}

void
mcp_media_stream_rebase(McpMediaStream *stream)
{
    stream->timestamp_base = mcp_media_stream_timestamp(stream);
    stream->base_slot = stream->ticked.due;
}

/*
 * The payload stands behind room for the header in @datagram already, which has room for
 * MCP_MEDIA_SRTP_TRAILER behind it and is aligned for it.
 */
static void
send_packet(McpMediaStream *self, guint8 *datagram, gsize payload, guint type, gboolean marker,
            guint32 timestamp)
{
    const struct sockaddr_storage *target = mcp_media_source_lock_target(&self->lock);
    const McpMediaRtpPacket packet = {
        .payload_type = (guint8)type,
        .marker = marker,
        .sequence = self->sequence++,
        .timestamp = timestamp,
        .ssrc = self->ssrc,
    };

    gsize length = MCP_MEDIA_RTP_HEADER + payload;

    mcp_media_rtp_write(datagram, &packet);
    if (mcp_media_stream_is_protected(self) &&
        mcp_media_srtp_protect_rtp(self->srtp, datagram, &length,
                                   length + MCP_MEDIA_SRTP_TRAILER) != MCP_MEDIA_SRTP_OK)
        return;
    if (sendto(self->pair.rtp, datagram, length, MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)target, mcp_media_address_length(target)) < 0)
        return;
    mcp_media_counter_add(&self->counters.packets_sent, 1);
    mcp_media_counter_add(&self->counters.bytes_sent, payload);
}

static gboolean
can_send(const McpMediaStream *self)
{
    const McpMediaAgreement *agreement = &self->agreement;

    return agreement->active && agreement->has_remote &&
           (agreement->direction & MCP_SDP_SENDONLY) != 0 &&
           (agreement->protection == 0 || self->keyed) &&
           mcp_media_source_lock_target(&self->lock) != NULL;
}

static guint
packet_ticks(const McpMediaStream *self)
{
    return self->ticked.period * self->agreement.codec->clock_rate / SLOTS_A_SECOND;
}

/* TRUE: digits take this packet time, audio waits. */
static gboolean
send_digits(McpMediaStream *self, gint64 now)
{
    _Alignas(8)
        guint8 datagram[MCP_MEDIA_RTP_HEADER + MCP_MEDIA_EVENT_BYTES + MCP_MEDIA_SRTP_TRAILER];
    guint32 timestamp = 0;
    gboolean marker = FALSE;
    McpMediaEventAction action = mcp_media_event_sender_next(
        &self->digits_out, mcp_media_stream_timestamp(self), packet_ticks(self),
        datagram + MCP_MEDIA_RTP_HEADER, &timestamp, &marker);

    if (action == MCP_MEDIA_EVENT_PACKET && self->agreement.send_event_type >= 0)
        send_packet(self, datagram, MCP_MEDIA_EVENT_BYTES, (guint)self->agreement.send_event_type,
                    marker, timestamp);
    if (action == MCP_MEDIA_EVENT_DONE) {
        self->sending_digits = FALSE;
        mcp_media_stream_post(self, mcp_media_stream_event(self, MCP_LEG_DIGITS_SENT, now));
    }
    self->talking = FALSE;
    return action == MCP_MEDIA_EVENT_PACKET || action == MCP_MEDIA_EVENT_SILENT;
}

void
mcp_media_stream_end_list(McpMediaStream *stream, McpStopReason reason, const GError *failure,
                          gint64 now)
{
    McpMediaPlayList *list = stream->player.list;
    McpMediaEvent *event = NULL;
    guint64 generation = 0;

    if (list == NULL)
        return;
    generation = list->generation;
    event = mcp_media_stream_event(stream, MCP_LEG_PLAYBACK_ENDED, now);
    event->generation = generation;
    event->stop = reason;
    event->failure = failure;
    event->list = list;
    if (stream->agreement.codec != NULL)
        event->position = mcp_media_player_get_position(&stream->player, stream->agreement.codec);
    /* Tones of our own have no generation: nobody waits for their end. */
    if (generation == 0)
        event->kind = MCP_MEDIA_EVENT_OLD_LIST;
    stream->player.list = NULL;
    /* The list belongs to the shard once it is posted. */
    mcp_media_stream_post(stream, event);
    if (generation != 0)
        mcp_media_stream_list_ended(stream, generation, now);
}

static void
post_marks(McpMediaStream *self, const McpMediaFill *fill, gint64 now)
{
    for (guint i = 0; i < fill->n_marks; i++) {
        McpMediaEvent *event = mcp_media_stream_event(self, MCP_LEG_MARK, now);

        event->generation = self->player.list->generation;
        event->mark = fill->marks[i];
        event->position = fill->positions[i];
        mcp_media_stream_post(self, event);
    }
}

static void
send_list(McpMediaStream *self, gint64 now)
{
    _Alignas(8) guint8 datagram[MCP_MEDIA_DATAGRAM_MAX + MCP_MEDIA_SRTP_TRAILER];
    guint ticks = packet_ticks(self);
    McpMediaFill fill;

    mcp_media_player_fill(&self->player, &self->agreement.format, datagram + MCP_MEDIA_RTP_HEADER,
                          ticks, &fill);
    if (fill.length > 0)
        mcp_media_stream_note_sent(self, datagram + MCP_MEDIA_RTP_HEADER, fill.length,
                                   mcp_media_stream_timestamp(self), now);
    if (fill.length > 0)
        send_packet(self, datagram, fill.length, self->agreement.send_type, !self->talking,
                    mcp_media_stream_timestamp(self));
    self->talking = fill.length > 0;
    if (fill.waiting && fill.ticks < ticks && self->player.sent > 0)
        mcp_media_counter_add(&self->counters.underruns, 1);
    post_marks(self, &fill, now);
    if (fill.ended)
        mcp_media_stream_end_list(self, MCP_STOP_COMPLETED, NULL, now);
    else if (fill.failure != NULL)
        mcp_media_stream_end_list(self, MCP_STOP_FAILED, fill.failure, now);
}

void
mcp_media_stream_send(McpMediaStream *stream, gint64 now)
{
    if (!can_send(stream)) {
        stream->talking = FALSE;
        return;
    }
    if (stream->sending_digits && send_digits(stream, now))
        return;
    if (stream->player.list != NULL)
        send_list(stream, now);
    else
        stream->talking = FALSE;
}
