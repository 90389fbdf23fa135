/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bridge's packets: as they are, under the sequence numbers and times of the leg that they leave
 * on, so that what was lost or late before us can be seen behind us. Media worker.
 */
#include "stream_live.h"

#include "stream_private.h"
#include "stream_send.h"
#include <string.h>

/* --- from here to the other end --- */

static void
fill(const McpMediaStream *self, McpMediaRelayed *relayed, const McpMediaRtpPacket *packet)
{
    relayed->is_event = packet->payload_type == self->agreement.receive_event_type;
    relayed->is_noise = mcp_media_stream_is_noise(self, packet);
    relayed->marker = packet->marker;
    relayed->clock_rate = self->agreement.codec->clock_rate;
    relayed->length = packet->length;
    memcpy(relayed->payload, packet->payload, packet->length);
}

void
mcp_media_stream_relay(McpMediaStream *stream, const McpMediaRtpPacket *packet, guint32 sequence,
                       gint64 timestamp, gboolean restart, gint64 now)
{
    _Alignas(8) guint8 memory[sizeof(McpMediaRelayed) + MCP_MEDIA_DATAGRAM_MAX];
    McpMediaBridge *bridge = stream->bridge;
    guint other = 1 - stream->bridge_end;
    gsize size = sizeof(McpMediaRelayed) + packet->length;
    McpMediaRelayed *relayed = (McpMediaRelayed *)memory;

    if (packet->length > MCP_MEDIA_DATAGRAM_MAX ||
        (packet->payload_type != stream->agreement.receive_event_type && !stream->passes_audio))
        return;
    if (bridge->is_remote)
        relayed = mcp_media_pipe_reserve(bridge->pipes[other], size);
    if (relayed == NULL)
        return;
    fill(stream, relayed, packet);
    relayed->sequence = sequence;
    relayed->timestamp = timestamp;
    relayed->restart = restart;
    if (bridge->is_remote)
        mcp_media_pipe_commit(bridge->pipes[other]);
    else if (bridge->ends[other] != NULL)
        mcp_media_stream_take_relayed(bridge->ends[other], relayed, now);
}

/* --- from the other end --- */

/* RTP time that is not before what was sent already. */
static guint32
next_timestamp(const McpMediaStream *self)
{
    guint32 now = mcp_media_stream_timestamp_at(self, mcp_media_worker_get_slot(self->worker));

    return mcp_media_stream_follow_sent(self, now);
}

static void
begin_map(McpMediaStream *self, const McpMediaRelayed *relayed)
{
    McpMediaRelayMap *map = &self->relay;

    map->started = TRUE;
    map->from_sequence = relayed->sequence;
    map->to_sequence = self->sequence;
    map->from_timestamp = relayed->timestamp;
    map->to_timestamp = next_timestamp(self);
}

static void
send_relayed(McpMediaStream *self, const McpMediaRelayed *relayed, const McpMediaSend *packet,
             gint64 now)
{
    _Alignas(8)
        guint8 datagram[MCP_MEDIA_DATAGRAM_MAX + MCP_MEDIA_RTP_HEADER + MCP_MEDIA_SRTP_TRAILER];

    memcpy(datagram + MCP_MEDIA_RTP_HEADER, relayed->payload, relayed->length);
    if (!relayed->is_event && !relayed->is_noise)
        mcp_media_stream_note_sent(self, relayed->payload, relayed->length, packet->timestamp, now);
    mcp_media_stream_send_packet(self, datagram, packet);
}

static guint
type_of(const McpMediaStream *self, const McpMediaRelayed *relayed)
{
    if (relayed->is_noise)
        return (guint)self->agreement.send_noise_type;
    return relayed->is_event ? (guint)self->agreement.send_event_type : self->agreement.send_type;
}

static void
pass(McpMediaStream *self, const McpMediaRelayed *relayed, gint64 now)
{
    McpMediaRelayMap *map = &self->relay;
    gboolean begins = !map->started || relayed->restart;
    McpMediaSend packet = {.length = relayed->length};

    if (begins)
        begin_map(self, relayed);
    /* From before the bridge, or before a prompt that was heard instead. */
    if (relayed->sequence < map->from_sequence)
        return;
    /* Who does not know it is not told of a packet that would be missing. */
    if (relayed->is_noise && self->agreement.send_noise_type < 0) {
        map->from_sequence++;
        return;
    }
    packet.type = type_of(self, relayed);
    packet.marker = relayed->marker || (begins && !relayed->is_noise);
    packet.sequence = (guint16)(map->to_sequence + (relayed->sequence - map->from_sequence));
    packet.timestamp = map->to_timestamp + (guint32)(relayed->timestamp - map->from_timestamp);
    if ((gint16)(packet.sequence + 1 - self->sequence) > 0)
        self->sequence = (guint16)(packet.sequence + 1);
    if (!relayed->is_event && !relayed->is_noise &&
        (gint32)(packet.timestamp - self->sent_until) >= 0)
        self->sent_until = packet.timestamp + mcp_media_stream_packet_ticks(self);
    /* Its silences are told by the other end. */
    self->silence_due = FALSE;
    self->live_sent = TRUE;
    send_relayed(self, relayed, &packet, now);
}

/* An event beside audio that a room makes: in our own count, its duration in our clock. */
static void
pass_event(McpMediaStream *self, const McpMediaRelayed *relayed, gint64 now)
{
    _Alignas(8) guint8 memory[sizeof(McpMediaRelayed) + MCP_MEDIA_EVENT_BYTES];
    McpMediaRelayed *scaled = (McpMediaRelayed *)memory;
    McpMediaRelayMap *map = &self->relay;
    gboolean begins = !map->in_event || relayed->restart || relayed->timestamp != map->event_from;
    guint duration = 0;

    if (relayed->length < MCP_MEDIA_EVENT_BYTES)
        return;
    if (begins) {
        map->in_event = TRUE;
        map->event_from = relayed->timestamp;
        map->event_to =
            mcp_media_stream_timestamp_at(self, mcp_media_worker_get_slot(self->worker));
    }
    *scaled = *relayed;
    scaled->length = MCP_MEDIA_EVENT_BYTES;
    memcpy(scaled->payload, relayed->payload, MCP_MEDIA_EVENT_BYTES);
    duration = (guint)relayed->payload[2] << 8 | relayed->payload[3];
    duration = MIN(duration * self->agreement.codec->clock_rate / MAX(relayed->clock_rate, 1),
                   G_MAXUINT16);
    scaled->payload[2] = (guint8)(duration >> 8);
    scaled->payload[3] = (guint8)duration;
    send_relayed(self, scaled,
                 &(McpMediaSend){.length = MCP_MEDIA_EVENT_BYTES,
                                 .type = (guint)self->agreement.send_event_type,
                                 .marker = begins,
                                 .timestamp = map->event_to,
                                 .sequence = self->sequence++},
                 now);
}

void
mcp_media_stream_take_relayed(McpMediaStream *stream, const McpMediaRelayed *relayed, gint64 now)
{
    if (!mcp_media_stream_can_send(stream) || stream->sending_digits ||
        stream->player.list != NULL) {
        stream->relay.started = FALSE;
        return;
    }
    if (relayed->is_event && stream->agreement.send_event_type < 0)
        return;
    if (stream->passes_audio)
        pass(stream, relayed, now);
    else if (relayed->is_event)
        pass_event(stream, relayed, now);
}
