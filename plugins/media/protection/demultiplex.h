/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMediaDatagramKind: what a datagram on a media port is (RFC 7983 §7, RFC 5761 §4). */
typedef enum {
    MCP_MEDIA_DATAGRAM_UNKNOWN, /* empty, ZRTP, TURN channels, QUIC: dropped */
    MCP_MEDIA_DATAGRAM_STUN,
    MCP_MEDIA_DATAGRAM_DTLS,
    MCP_MEDIA_DATAGRAM_RTP,
    MCP_MEDIA_DATAGRAM_RTCP,
} McpMediaDatagramKind;

/** mcp_media_demultiplex: by the first bytes alone; nothing is said of the rest. Any thread. */
McpMediaDatagramKind mcp_media_demultiplex(const guint8 *data, gsize length);

G_END_DECLS
