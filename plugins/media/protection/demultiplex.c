/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells what shares a media port apart by the first byte (RFC 7983). Pure function, any thread.
 */
#include "demultiplex.h"

#include "../rtp/packet.h"

McpMediaDatagramKind
mcp_media_demultiplex(const guint8 *data, gsize length)
{
    if (length == 0)
        return MCP_MEDIA_DATAGRAM_UNKNOWN;
    if (data[0] <= 3)
        return MCP_MEDIA_DATAGRAM_STUN;
    if (data[0] >= 20 && data[0] <= 63)
        return MCP_MEDIA_DATAGRAM_DTLS;
    if (data[0] >= 128 && data[0] <= 191)
        return mcp_media_rtp_is_rtcp(data, length) ? MCP_MEDIA_DATAGRAM_RTCP
                                                   : MCP_MEDIA_DATAGRAM_RTP;
    return MCP_MEDIA_DATAGRAM_UNKNOWN;
}
