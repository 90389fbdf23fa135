/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stream_private.h"

G_BEGIN_DECLS

/* What a stream sends. Media worker. */

/** mcp_media_stream_send: what is due in this packet time: digits, prompt or nothing. */
void mcp_media_stream_send(McpMediaStream *stream, gint64 now);
/** mcp_media_stream_end_list: the list ends for @reason; @failure nullable. */
void mcp_media_stream_end_list(McpMediaStream *stream, McpStopReason reason, const GError *failure,
                               gint64 now);
/** mcp_media_stream_rebase: the RTP clock gets another rate now, without a jump in time. */
void mcp_media_stream_rebase(McpMediaStream *stream);
/** mcp_media_stream_timestamp: RTP time of the present tick. */
guint32 mcp_media_stream_timestamp(const McpMediaStream *stream);
/** mcp_media_stream_timestamp_at: RTP time of slot @slot of the worker. */
guint32 mcp_media_stream_timestamp_at(const McpMediaStream *stream, guint64 slot);
/** mcp_media_stream_can_send: somebody is there to be sent to, and may be. */
gboolean mcp_media_stream_can_send(const McpMediaStream *stream);
/** mcp_media_stream_packet_ticks: of the RTP clock a packet time. */
guint mcp_media_stream_packet_ticks(const McpMediaStream *stream);
/**
 * mcp_media_stream_is_within_sent: @timestamp lies within audio that was sent, and not so far that
 * another clock than ours must have made it.
 */
gboolean mcp_media_stream_is_within_sent(const McpMediaStream *stream, guint32 timestamp);
/** mcp_media_stream_is_near: @timestamp is not so far off @expected that audio begins anew. */
gboolean mcp_media_stream_is_near(const McpMediaStream *stream, guint32 timestamp,
                                  guint32 expected);
/**
 * mcp_media_stream_follow_sent: the RTP time of live audio that begins at @timestamp: where what
 * was sent ends, if that is there already, or was live audio that ended just now.
 */
guint32 mcp_media_stream_follow_sent(const McpMediaStream *stream, guint32 timestamp);
/** McpMediaSend: a packet, but for what the stream knows. */
typedef struct {
    gsize length; /* of the payload */
    guint type;
    gboolean marker;
    guint32 timestamp;
    guint16 sequence;
} McpMediaSend;
/**
 * mcp_media_stream_send_packet: the payload stands behind room for the header in @datagram already,
 * which has room for MCP_MEDIA_SRTP_TRAILER behind it and is aligned for it.
 */
void mcp_media_stream_send_packet(McpMediaStream *stream, guint8 *datagram,
                                  const McpMediaSend *packet);

G_END_DECLS
