/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stream sends: digits, the play list, or nothing. A leg that plays nothing sends nothing;
 * its RTP clock goes on, and the next talk spurt begins with a marker. Media worker.
 */
#include "stream_send.h"

#include "../codec/comfort_noise.h"

#define SLOTS_A_SECOND (G_USEC_PER_SEC / MCP_MEDIA_SLOT_US)
/* So far may live audio be ahead of the clock: what waited in a room is sent when it ends. */
#define LIVE_AHEAD_MS 300
/* So far may live audio be off the clock before it begins anew. */
#define LIVE_DRIFT_MS 60

guint32
mcp_media_stream_timestamp_at(const McpMediaStream *stream, guint64 slot)
{
    gint64 rate = stream->agreement.codec != NULL ? stream->agreement.codec->clock_rate : 8000;
    /* The base is a tick, which may be still to come. */
    gint64 slots = (gint64)(slot - stream->base_slot);

    return stream->timestamp_base + (guint32)(slots * rate / SLOTS_A_SECOND);
}

guint32
mcp_media_stream_timestamp(const McpMediaStream *stream)
{
    return mcp_media_stream_timestamp_at(stream, stream->ticked.due);
}

void
mcp_media_stream_rebase(McpMediaStream *stream)
{
    stream->timestamp_base = mcp_media_stream_timestamp(stream);
    stream->base_slot = stream->ticked.due;
}

void
mcp_media_stream_send_packet(McpMediaStream *stream, guint8 *datagram, const McpMediaSend *packet)
{
    const struct sockaddr_storage *target = mcp_media_source_lock_target(&stream->lock);
    const McpMediaRtpPacket header = {
        .payload_type = (guint8)packet->type,
        .marker = packet->marker,
        .sequence = packet->sequence,
        .timestamp = packet->timestamp,
        .ssrc = stream->ssrc,
    };
    gsize length = MCP_MEDIA_RTP_HEADER + packet->length;

    mcp_media_rtp_write(datagram, &header);
    if (mcp_media_stream_is_protected(stream) &&
        mcp_media_srtp_protect_rtp(stream->srtp, datagram, &length,
                                   length + MCP_MEDIA_SRTP_TRAILER) != MCP_MEDIA_SRTP_OK)
        return;
    if (sendto(stream->pair.rtp, datagram, length, MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)target, mcp_media_address_length(target)) < 0)
        return;
    mcp_media_counter_add(&stream->counters.packets_sent, 1);
    mcp_media_counter_add(&stream->counters.bytes_sent, packet->length);
}

gboolean
mcp_media_stream_can_send(const McpMediaStream *stream)
{
    const McpMediaAgreement *agreement = &stream->agreement;

    return agreement->active && agreement->has_remote &&
           (agreement->direction & MCP_SDP_SENDONLY) != 0 &&
           (agreement->protection == 0 || stream->keyed) &&
           mcp_media_source_lock_target(&stream->lock) != NULL;
}

gboolean
mcp_media_stream_is_within_sent(const McpMediaStream *stream, guint32 timestamp)
{
    gint64 within = (gint32)(stream->sent_until - timestamp);
    guint rate = stream->agreement.codec != NULL ? stream->agreement.codec->clock_rate : 8000;

    return within > 0 && within <= (gint64)LIVE_AHEAD_MS * rate / 1000;
}

gboolean
mcp_media_stream_is_near(const McpMediaStream *stream, guint32 timestamp, guint32 expected)
{
    gint64 apart = (gint32)(timestamp - expected);
    gint64 most = (gint64)LIVE_DRIFT_MS * stream->agreement.codec->clock_rate / 1000;

    return ABS(apart) <= most;
}

guint32
mcp_media_stream_follow_sent(const McpMediaStream *stream, guint32 timestamp)
{
    if (mcp_media_stream_is_within_sent(stream, timestamp) ||
        (stream->live_sent && mcp_media_stream_is_near(stream, stream->sent_until, timestamp)))
        return stream->sent_until;
    return timestamp;
}

guint
mcp_media_stream_packet_ticks(const McpMediaStream *stream)
{
    return stream->ticked.period * stream->agreement.codec->clock_rate / SLOTS_A_SECOND;
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
        &self->digits_out, mcp_media_stream_timestamp(self), mcp_media_stream_packet_ticks(self),
        datagram + MCP_MEDIA_RTP_HEADER, &timestamp, &marker);

    if (action == MCP_MEDIA_EVENT_PACKET && self->agreement.send_event_type >= 0)
        mcp_media_stream_send_packet(self, datagram,
                                     &(McpMediaSend){.length = MCP_MEDIA_EVENT_BYTES,
                                                     .type = (guint)self->agreement.send_event_type,
                                                     .marker = marker,
                                                     .timestamp = timestamp,
                                                     .sequence = self->sequence++});
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

/* The next packet of the list, which the player still has; FALSE: nothing was sent. */
static gboolean
send_from_list(McpMediaStream *self, gint64 now)
{
    _Alignas(8) guint8 datagram[MCP_MEDIA_DATAGRAM_MAX + MCP_MEDIA_SRTP_TRAILER];
    guint ticks = mcp_media_stream_packet_ticks(self);
    guint32 timestamp = mcp_media_stream_timestamp(self);
    guint pace = mcp_media_player_get_pace(&self->player);
    McpMediaFill fill;

    mcp_media_player_fill(&self->player, &self->agreement.format, datagram + MCP_MEDIA_RTP_HEADER,
                          ticks, &fill);
    if (fill.length > 0) {
        mcp_media_stream_note_sent(self, datagram + MCP_MEDIA_RTP_HEADER, fill.length, timestamp,
                                   now);
        mcp_media_stream_send_packet(self, datagram,
                                     &(McpMediaSend){.length = fill.length,
                                                     .type = self->agreement.send_type,
                                                     .marker = !self->talking,
                                                     .timestamp = timestamp,
                                                     .sequence = self->sequence++});
        self->sent_until = timestamp + ticks;
        self->live_sent = FALSE;
        self->silence_due = TRUE;
    }
    /* Who sends as it comes may be late: that is no silence, and nobody hears it. */
    self->talking = fill.length > 0 || (fill.waiting && pace > 0);
    if (fill.waiting && fill.ticks < ticks && self->player.sent > 0 && pace == 0)
        mcp_media_counter_add(&self->counters.underruns, 1);
    post_marks(self, &fill, now);
    if (fill.ended)
        mcp_media_stream_end_list(self, MCP_STOP_COMPLETED, NULL, now);
    else if (fill.failure != NULL)
        mcp_media_stream_end_list(self, MCP_STOP_FAILED, fill.failure, now);
    return fill.length > 0;
}

static void
send_list(McpMediaStream *self, gint64 now)
{
    guint pace = mcp_media_player_get_pace(&self->player);

    /* The tick after live audio may lie within its last packet. */
    if (self->live_sent && mcp_media_stream_is_within_sent(self, mcp_media_stream_timestamp(self)))
        return;
    if (pace == 0) {
        send_from_list(self, now);
        return;
    }
    for (guint i = 0; i < pace && self->player.list != NULL; i++) {
        /* The RTP clock follows such audio, whenever it comes: it has no holes. */
        if (self->player.done > 0)
            self->timestamp_base += self->sent_until - mcp_media_stream_timestamp(self);
        if (!send_from_list(self, now))
            break;
    }
}

/*
 * RFC 3389 §4, §5: nothing more is sent: one packet says so, from the end of the audio on, without
 * marker. Live audio may be on its way for one more packet time.
 */
static void
tell_silence(McpMediaStream *self)
{
    _Alignas(8) guint8 datagram[MCP_MEDIA_RTP_HEADER + 1 + MCP_MEDIA_SRTP_TRAILER];
    guint32 now = mcp_media_stream_timestamp(self);
    guint32 timestamp = self->sent_until;
    gint64 since = (gint32)(now - timestamp);
    gint64 packet = mcp_media_stream_packet_ticks(self);

    if (!self->silence_due || since < (self->live_sent ? 2 * packet : 0))
        return;
    self->silence_due = FALSE;
    if (self->agreement.send_noise_type < 0)
        return;
    /* Digits took their time from then on. */
    if (since > 3 * packet)
        timestamp = now;
    datagram[MCP_MEDIA_RTP_HEADER] = MCP_MEDIA_SID_SILENT;
    mcp_media_stream_send_packet(self, datagram,
                                 &(McpMediaSend){.length = 1,
                                                 .type = (guint)self->agreement.send_noise_type,
                                                 .timestamp = timestamp,
                                                 .sequence = self->sequence++});
    self->relay.started = FALSE;
    self->live_talking = FALSE;
}

void
mcp_media_stream_send(McpMediaStream *stream, gint64 now)
{
    if (!mcp_media_stream_can_send(stream)) {
        stream->talking = FALSE;
        stream->silence_due = FALSE;
        return;
    }
    if (stream->sending_digits && send_digits(stream, now))
        return;
    if (stream->player.list != NULL)
        send_list(stream, now);
    else
        stream->talking = FALSE;
    /* A prompt that has to wait within is no silence. */
    if (!stream->talking && (stream->player.list == NULL || stream->player.sent == 0))
        tell_silence(stream);
}
