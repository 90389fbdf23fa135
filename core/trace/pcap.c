/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpPcap: file header and packets in the byte order of this machine, as the format allows; network
 * headers in network order. Pure but for the sequence numbers.
 */
#include "trace/pcap.h"

#include <netinet/in.h>
#include <string.h>

#define MAGIC_MICROSECONDS 0xa1b2c3d4u
#define LINK_RAW_IP 101
#define SNAPLEN 262144
#define MAX_FLOWS 16384
/* Payload of one packet: what an IPv4 packet can hold besides the longest headers here. */
#define MAX_PAYLOAD (65535 - 60)
#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER 8
#define TCP_HEADER 20
#define TTL 64
#define TCP_PSH_ACK 0x18

/* Both directions of one connection: the number of the next byte. */
typedef struct {
    guint32 next_sent;
    guint32 next_received;
} Flow;

struct _McpPcap {
    GHashTable *flows; /* GBytes: both ends → Flow */
    guint16 ip_id;
};

typedef struct {
    const McpTraceEnd *from;
    const McpTraceEnd *to;
    guint8 protocol;
    guint32 sequence;
    guint32 acknowledged;
} Packet;

McpPcap *
mcp_pcap_new(void)
{
    McpPcap *pcap = g_new0(McpPcap, 1);

    pcap->flows =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, g_free);
    return pcap;
}

void
mcp_pcap_free(McpPcap *pcap)
{
    g_hash_table_unref(pcap->flows);
    g_free(pcap);
}

static void
add_native32(GByteArray *out, guint32 value)
{
    g_byte_array_append(out, (const guint8 *)&value, sizeof value);
}

static void
add_native16(GByteArray *out, guint16 value)
{
    g_byte_array_append(out, (const guint8 *)&value, sizeof value);
}

static void
add8(GByteArray *out, guint value)
{
    guint8 byte = (guint8)value;

    g_byte_array_append(out, &byte, 1);
}

static void
add16(GByteArray *out, guint value)
{
    add_native16(out, GUINT16_TO_BE((guint16)value));
}

static void
add32(GByteArray *out, guint32 value)
{
    add_native32(out, GUINT32_TO_BE(value));
}

void
mcp_pcap_add_head(GByteArray *out)
{
    add_native32(out, MAGIC_MICROSECONDS);
    add_native16(out, 2);
    add_native16(out, 4);
    add_native32(out, 0);
    add_native32(out, 0);
    add_native32(out, SNAPLEN);
    add_native32(out, LINK_RAW_IP);
}

/* RFC 1071, not yet folded. */
static guint32
sum(guint32 so_far, const guint8 *data, gsize length)
{
    for (gsize i = 0; i + 1 < length; i += 2)
        so_far += (guint32)data[i] << 8 | data[i + 1];
    if (length % 2 != 0)
        so_far += (guint32)data[length - 1] << 8;
    return so_far;
}

static guint16
fold(guint32 value)
{
    while (value >> 16 != 0)
        value = (value & 0xffff) + (value >> 16);
    return (guint16)~value;
}

static void
set16(GByteArray *out, gsize at, guint16 value)
{
    out->data[at] = (guint8)(value >> 8);
    out->data[at + 1] = (guint8)value;
}

static gsize
address_length(const McpTraceEnd *end)
{
    return end->ipv6 ? 16 : 4;
}

static void
add_ipv4(McpPcap *pcap, GByteArray *out, const Packet *packet, gsize payload)
{
    gsize at = out->len;

    add16(out, 0x4500);
    add16(out, (guint)(IPV4_HEADER + payload));
    add16(out, pcap->ip_id++);
    add16(out, 0);
    add8(out, TTL);
    add8(out, packet->protocol);
    add16(out, 0);
    g_byte_array_append(out, packet->from->address, 4);
    g_byte_array_append(out, packet->to->address, 4);
    set16(out, at + 10, fold(sum(0, out->data + at, IPV4_HEADER)));
}

static void
add_ipv6(GByteArray *out, const Packet *packet, gsize payload)
{
    add32(out, 0x60000000u);
    add16(out, (guint)payload);
    add8(out, packet->protocol);
    add8(out, TTL);
    g_byte_array_append(out, packet->from->address, 16);
    g_byte_array_append(out, packet->to->address, 16);
}

static void
add_transport(GByteArray *out, const Packet *packet, const char *data, gsize length)
{
    gboolean tcp = packet->protocol == IPPROTO_TCP;
    gsize at = out->len;
    gsize total = (tcp ? TCP_HEADER : UDP_HEADER) + length;
    guint32 check = packet->protocol + (guint32)total;
    guint16 folded = 0;

    add16(out, packet->from->port);
    add16(out, packet->to->port);
    if (tcp) {
        add32(out, packet->sequence);
        add32(out, packet->acknowledged);
        add16(out, (TCP_HEADER / 4) << 12 | TCP_PSH_ACK);
        add16(out, 65535);
        add32(out, 0);
    } else {
        add16(out, (guint)total);
        add16(out, 0);
    }
    g_byte_array_append(out, (const guint8 *)data, (guint)length);
    check = sum(check, packet->from->address, address_length(packet->from));
    check = sum(check, packet->to->address, address_length(packet->to));
    folded = fold(sum(check, out->data + at, total));
    /* RFC 768: a sum of 0 says that there is none. */
    set16(out, at + (tcp ? 16 : 6), folded == 0 && !tcp ? 0xffff : folded);
}

static void
add_packet(McpPcap *pcap, GByteArray *out, gint64 wall, const Packet *packet, const char *data,
           gsize length)
{
    gsize transport = (packet->protocol == IPPROTO_TCP ? TCP_HEADER : UDP_HEADER) + length;
    gsize total = transport + (packet->from->ipv6 ? IPV6_HEADER : IPV4_HEADER);

    add_native32(out, (guint32)(wall / G_USEC_PER_SEC));
    add_native32(out, (guint32)(wall % G_USEC_PER_SEC));
    add_native32(out, (guint32)total);
    add_native32(out, (guint32)total);
    if (packet->from->ipv6)
        add_ipv6(out, packet, transport);
    else
        add_ipv4(pcap, out, packet, transport);
    add_transport(out, packet, data, length);
}

/* (nullable) (transfer none): the connection between both ends; NULL when there are too many. */
static Flow *
find_flow(McpPcap *pcap, const McpTraceMessage *message)
{
    g_autoptr(GByteArray) key = g_byte_array_sized_new(40);
    g_autoptr(GBytes) bytes = NULL;
    Flow *flow = NULL;

    g_byte_array_append(key, message->local.address, (guint)address_length(&message->local));
    add16(key, message->local.port);
    g_byte_array_append(key, message->remote.address, (guint)address_length(&message->remote));
    add16(key, message->remote.port);
    bytes = g_byte_array_free_to_bytes(g_steal_pointer(&key));
    flow = g_hash_table_lookup(pcap->flows, bytes);
    if (flow != NULL || g_hash_table_size(pcap->flows) >= MAX_FLOWS)
        return flow;
    flow = g_new0(Flow, 1);
    flow->next_sent = 1;
    flow->next_received = 1;
    g_hash_table_insert(pcap->flows, g_steal_pointer(&bytes), flow);
    return flow;
}

gboolean
mcp_pcap_add(McpPcap *pcap, const McpTraceMessage *message, GByteArray *out)
{
    gboolean sent = message->sent;
    Packet packet = {.from = sent ? &message->local : &message->remote,
                     .to = sent ? &message->remote : &message->local,
                     .protocol = message->stream ? IPPROTO_TCP : IPPROTO_UDP};
    Flow *flow = message->stream ? find_flow(pcap, message) : NULL;
    gsize done = 0;

    if (message->local.ipv6 != message->remote.ipv6 || (message->stream && flow == NULL))
        return FALSE;
    do {
        gsize length = MIN(message->length - done, MAX_PAYLOAD);

        if (flow != NULL) {
            packet.sequence = sent ? flow->next_sent : flow->next_received;
            packet.acknowledged = sent ? flow->next_received : flow->next_sent;
            *(sent ? &flow->next_sent : &flow->next_received) += (guint32)length;
        }
        add_packet(pcap, out, message->wall, &packet, message->data + done, length);
        done += length;
    } while (done < message->length);
    return TRUE;
}
