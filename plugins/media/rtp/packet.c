/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RTP header (RFC 3550 §5.1), read from hostile datagrams and written. Pure functions.
 */
#include "packet.h"

#include <string.h>

#define RTP_VERSION 2

static guint16
read16(const guint8 *data)
{
    return (guint16)(data[0] << 8 | data[1]);
}

static guint32
read32(const guint8 *data)
{
    return (guint32)read16(data) << 16 | read16(data + 2);
}

gboolean
mcp_media_rtp_parse(const guint8 *data, gsize length, McpMediaRtpPacket *out_packet)
{
    gsize header = MCP_MEDIA_RTP_HEADER;
    gsize padding = 0;

    if (length < header || data[0] >> 6 != RTP_VERSION)
        return FALSE;
    header += (gsize)(data[0] & 0x0f) * 4;
    if ((data[0] & 0x10) != 0) {
        if (length < header + 4)
            return FALSE;
        header += 4 + (gsize)read16(data + header + 2) * 4;
    }
    if (length < header)
        return FALSE;
    if ((data[0] & 0x20) != 0) {
        padding = data[length - 1];
        if (padding == 0 || padding > length - header)
            return FALSE;
    }
    out_packet->marker = (data[1] & 0x80) != 0;
    out_packet->payload_type = data[1] & 0x7f;
    out_packet->sequence = read16(data + 2);
    out_packet->timestamp = read32(data + 4);
    out_packet->ssrc = read32(data + 8);
    out_packet->payload = data + header;
    out_packet->length = length - header - padding;
    return TRUE;
}

gboolean
mcp_media_rtp_is_rtcp(const guint8 *data, gsize length)
{
    return length >= 2 && data[0] >> 6 == RTP_VERSION && data[1] >= 192 && data[1] <= 223;
}

void
mcp_media_rtp_write(guint8 *out, const McpMediaRtpPacket *packet)
{
    const guint16 sequence = GUINT16_TO_BE(packet->sequence);
    const guint32 timestamp = GUINT32_TO_BE(packet->timestamp);
    const guint32 ssrc = GUINT32_TO_BE(packet->ssrc);

    out[0] = RTP_VERSION << 6;
    out[1] = (guint8)((packet->marker ? 0x80 : 0) | packet->payload_type);
    memcpy(out + 2, &sequence, 2);
    memcpy(out + 4, &timestamp, 4);
    memcpy(out + 8, &ssrc, 4);
}
