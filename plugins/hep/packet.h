/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/trace.h>

G_BEGIN_DECLS

/** McpHepType: what a packet captures (chunk 0x000b). */
typedef enum {
    MCP_HEP_TYPE_SIP = 1,
    MCP_HEP_TYPE_RTCP = 5, /* as JSON */
    MCP_HEP_TYPE_LOG = 100,
} McpHepType;

/** MCP_HEP_PACKET_MAX: length of the longest packet, whose length has 16 bits. */
#define MCP_HEP_PACKET_MAX 65535
/** MCP_HEP_DATAGRAM_MAX: of the longest one in a UDP datagram over IPv4. */
#define MCP_HEP_DATAGRAM_MAX 65507
/** MCP_HEP_TEXT_MAX: bytes of a correlation id or a key; what is longer is cut. */
#define MCP_HEP_TEXT_MAX 512

/** McpHepPacket: one packet to be written. */
typedef struct {
    McpHepType type;
    const McpTraceEnd *from;
    const McpTraceEnd *to;
    gboolean stream; /* what was captured went over TCP or TLS, else UDP */
    gint64 wall;     /* µs since 1970 */
    guint32 agent;
    const char *key;         /* nullable: secret that the server asks for */
    const char *correlation; /* nullable */
    const char *payload;
    gsize length;
} McpHepPacket;

/**
 * mcp_hep_packet_write: appends @packet to @out.
 * @most: bytes that it may have, MCP_HEP_PACKET_MAX at most
 *
 * Returns: FALSE when the payload had to be cut. Any thread.
 */
gboolean mcp_hep_packet_write(const McpHepPacket *packet, gsize most, GByteArray *out);

G_END_DECLS
