/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_RTP_HEADER: bytes of the header that we send (no CSRC, no extension). */
#define MCP_MEDIA_RTP_HEADER 12

/** McpMediaRtpPacket: one packet (RFC 3550 §5.1); @payload points into the datagram. */
typedef struct {
    guint8 payload_type;
    gboolean marker;
    guint16 sequence;
    guint32 timestamp;
    guint32 ssrc;
    const guint8 *payload;
    gsize length; /* of @payload, without padding */
} McpMediaRtpPacket;

/** mcp_media_rtp_parse: FALSE when @data is no well-formed RTP packet. Any thread. */
gboolean mcp_media_rtp_parse(const guint8 *data, gsize length, McpMediaRtpPacket *out_packet);

/** mcp_media_rtp_is_rtcp: whether a datagram on a shared port is RTCP (RFC 5761 §4). */
gboolean mcp_media_rtp_is_rtcp(const guint8 *data, gsize length);

/** mcp_media_rtp_write: writes the header of @packet to @out, MCP_MEDIA_RTP_HEADER bytes. */
void mcp_media_rtp_write(guint8 *out, const McpMediaRtpPacket *packet);

G_END_DECLS
