/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HEP version 3: "HEP3", the length of all in 16 bits, chunks of {vendor, type, length with this
 * head, data} in network order. Vendor 0 is the protocol's own. Pure functions.
 */
#include "packet.h"

#include <netinet/in.h>
#include <string.h>

#define HEAD 6 /* of the packet, and of a chunk */

enum {
    CHUNK_FAMILY = 0x0001,
    CHUNK_PROTOCOL = 0x0002,
    CHUNK_IPV4_SOURCE = 0x0003,
    CHUNK_IPV4_DESTINATION = 0x0004,
    CHUNK_IPV6_SOURCE = 0x0005,
    CHUNK_IPV6_DESTINATION = 0x0006,
    CHUNK_SOURCE_PORT = 0x0007,
    CHUNK_DESTINATION_PORT = 0x0008,
    CHUNK_SECONDS = 0x0009,
    CHUNK_MICROSECONDS = 0x000a,
    CHUNK_TYPE = 0x000b,
    CHUNK_AGENT = 0x000c,
    CHUNK_KEY = 0x000e,
    CHUNK_PAYLOAD = 0x000f,
    CHUNK_CORRELATION = 0x0011,
};

/* Linux's values, as the protocol has them. */
#define FAMILY_IPV4 2
#define FAMILY_IPV6 10

static void
add16(GByteArray *out, guint value)
{
    const guint8 bytes[] = {(guint8)(value >> 8), (guint8)value};

    g_byte_array_append(out, bytes, sizeof bytes);
}

static void
add_chunk(GByteArray *out, guint type, gconstpointer data, gsize length)
{
    add16(out, 0);
    add16(out, type);
    add16(out, (guint)(HEAD + length));
    g_byte_array_append(out, data, (guint)length);
}

static void
add_chunk8(GByteArray *out, guint type, guint value)
{
    const guint8 byte = (guint8)value;

    add_chunk(out, type, &byte, 1);
}

static void
add_chunk16(GByteArray *out, guint type, guint value)
{
    const guint16 number = GUINT16_TO_BE((guint16)value);

    add_chunk(out, type, &number, sizeof number);
}

static void
add_chunk32(GByteArray *out, guint type, guint32 value)
{
    const guint32 number = GUINT32_TO_BE(value);

    add_chunk(out, type, &number, sizeof number);
}

static void
add_text(GByteArray *out, guint type, const char *text)
{
    if (text != NULL && *text != '\0')
        add_chunk(out, type, text, MIN(strlen(text), MCP_HEP_TEXT_MAX));
}

/* Both ends have one family; where ours is not known it is all zeros. */
static void
add_addresses(GByteArray *out, const McpHepPacket *packet)
{
    gboolean ipv6 = packet->from->ipv6 || packet->to->ipv6;
    static const guint8 unknown[16] = {0};
    const guint8 *from = packet->from->ipv6 == ipv6 ? packet->from->address : unknown;
    const guint8 *to = packet->to->ipv6 == ipv6 ? packet->to->address : unknown;

    add_chunk8(out, CHUNK_FAMILY, ipv6 ? FAMILY_IPV6 : FAMILY_IPV4);
    add_chunk8(out, CHUNK_PROTOCOL, packet->stream ? IPPROTO_TCP : IPPROTO_UDP);
    add_chunk(out, ipv6 ? CHUNK_IPV6_SOURCE : CHUNK_IPV4_SOURCE, from, ipv6 ? 16 : 4);
    add_chunk(out, ipv6 ? CHUNK_IPV6_DESTINATION : CHUNK_IPV4_DESTINATION, to, ipv6 ? 16 : 4);
    add_chunk16(out, CHUNK_SOURCE_PORT, packet->from->port);
    add_chunk16(out, CHUNK_DESTINATION_PORT, packet->to->port);
}

gboolean
mcp_hep_packet_write(const McpHepPacket *packet, gsize most, GByteArray *out)
{
    gsize begin = out->len;
    gsize room = 0;
    gsize length = 0;

    g_byte_array_append(out, (const guint8 *)"HEP3", 4);
    add16(out, 0);
    add_addresses(out, packet);
    add_chunk32(out, CHUNK_SECONDS, (guint32)(packet->wall / G_USEC_PER_SEC));
    add_chunk32(out, CHUNK_MICROSECONDS, (guint32)(packet->wall % G_USEC_PER_SEC));
    add_chunk8(out, CHUNK_TYPE, packet->type);
    add_chunk32(out, CHUNK_AGENT, packet->agent);
    add_text(out, CHUNK_KEY, packet->key);
    add_text(out, CHUNK_CORRELATION, packet->correlation);
    room = MIN(most, MCP_HEP_PACKET_MAX) - (out->len - begin) - HEAD;
    length = MIN(packet->length, room);
    add_chunk(out, CHUNK_PAYLOAD, packet->payload, length);
    out->data[begin + 4] = (guint8)((out->len - begin) >> 8);
    out->data[begin + 5] = (guint8)(out->len - begin);
    return length == packet->length;
}
