/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTCP as JSON, under the names that the servers' charts look for. What the other side sent is not
 * trusted: lengths are checked against the packet they stand in. Pure functions.
 */
#include "rtcp_report.h"

#include <mcp/json.h>
#include <string.h>

#define HEAD 4
#define SENDER_INFORMATION 20
#define BLOCK 24
#define VOIP_METRICS 36
#define VOIP_METRICS_TYPE 7
#define SDES_CNAME 1
/* Seconds from 1900 to 1970. */
#define NTP_OFFSET G_GUINT64_CONSTANT(2208988800)

enum {
    TYPE_SR = 200,
    TYPE_RR = 201,
    TYPE_SDES = 202,
    TYPE_XR = 207,
};

/* One packet of the compound: its body, behind the common head. */
typedef struct {
    guint count; /* 5 bits: of blocks, chunks */
    guint type;
    const guint8 *body;
    gsize length;
} Packet;

static guint32
read16(const guint8 *data)
{
    return (guint32)data[0] << 8 | data[1];
}

static guint32
read32(const guint8 *data)
{
    return read16(data) << 16 | read16(data + 2);
}

/* FALSE: there is no further one that is whole. */
static gboolean
next_packet(const guint8 **data, gsize *length, Packet *out_packet)
{
    gsize size = 0;

    if (*length < HEAD || (*data)[0] >> 6 != 2)
        return FALSE;
    size = ((gsize)read16(*data + 2) + 1) * 4;
    if (size > *length)
        return FALSE;
    *out_packet = (Packet){
        .count = (*data)[0] & 0x1f,
        .type = (*data)[1],
        .body = *data + HEAD,
        .length = size - HEAD,
    };
    *data += size;
    *length -= size;
    return TRUE;
}

static void
write_sender(McpJson *json, const guint8 *data)
{
    guint64 seconds = read32(data);

    mcp_json_begin_object(json, "sender_information");
    mcp_json_int(json, "ntp_timestamp_sec",
                 seconds >= NTP_OFFSET ? (gint64)(seconds - NTP_OFFSET) : 0);
    mcp_json_int(json, "ntp_timestamp_usec",
                 (gint64)(((guint64)read32(data + 4) * G_USEC_PER_SEC) >> 32));
    mcp_json_int(json, "rtp_timestamp", read32(data + 8));
    mcp_json_int(json, "packets", read32(data + 12));
    mcp_json_int(json, "octets", read32(data + 16));
    mcp_json_end_object(json);
}

static void
write_block(McpJson *json, const guint8 *data)
{
    gint32 lost = (gint32)(read32(data + 4) & 0xffffff);

    /* 24 bits with a sign: of duplicates there may be more than of losses. */
    if (lost >= 1 << 23)
        lost -= 1 << 24;
    mcp_json_begin_object(json, NULL);
    mcp_json_int(json, "source_ssrc", read32(data));
    mcp_json_int(json, "fraction_lost", data[4]);
    mcp_json_int(json, "packets_lost", lost);
    mcp_json_int(json, "highest_seq_no", read32(data + 8));
    mcp_json_int(json, "ia_jitter", read32(data + 12));
    mcp_json_int(json, "lsr", read32(data + 16));
    mcp_json_int(json, "dlsr", read32(data + 20));
    mcp_json_end_object(json);
}

/* SR or RR. */
static gboolean
write_report(McpJson *json, const Packet *packet)
{
    gboolean sender = packet->type == TYPE_SR;
    gsize at = HEAD + (sender ? SENDER_INFORMATION : 0);

    if (packet->length < at + (gsize)packet->count * BLOCK)
        return FALSE;
    mcp_json_int(json, "type", packet->type);
    mcp_json_int(json, "ssrc", read32(packet->body));
    if (sender)
        write_sender(json, packet->body + HEAD);
    mcp_json_int(json, "report_count", packet->count);
    mcp_json_begin_array(json, "report_blocks");
    for (guint i = 0; i < packet->count; i++)
        write_block(json, packet->body + at + (gsize)i * BLOCK);
    mcp_json_end_array(json);
    return TRUE;
}

/* The first chunk's CNAME; the other items are about people. */
static void
write_sdes(McpJson *json, const Packet *packet)
{
    const guint8 *item = packet->body + HEAD;
    gsize left = packet->length > HEAD ? packet->length - HEAD : 0;

    if (packet->count == 0 || left == 0)
        return;
    while (left >= 2 && item[0] != 0 && left >= 2 + (gsize)item[1]) {
        if (item[0] == SDES_CNAME) {
            g_autofree char *name = g_strndup((const char *)item + 2, item[1]);

            mcp_json_int(json, "sdes_ssrc", read32(packet->body));
            mcp_json_string(json, "sdes_cname", name);
            return;
        }
        left -= 2 + (gsize)item[1];
        item += 2 + item[1];
    }
}

static void
write_voip(McpJson *json, const guint8 *data)
{
    mcp_json_begin_object(json, "report_blocks_xr");
    mcp_json_int(json, "type", VOIP_METRICS_TYPE);
    mcp_json_int(json, "id", read32(data + 4));
    mcp_json_int(json, "fraction_lost", data[8]);
    mcp_json_int(json, "fraction_discard", data[9]);
    mcp_json_int(json, "burst_density", data[10]);
    mcp_json_int(json, "gap_density", data[11]);
    mcp_json_int(json, "burst_duration", read16(data + 12));
    mcp_json_int(json, "gap_duration", read16(data + 14));
    mcp_json_int(json, "round_trip_delay", read16(data + 16));
    mcp_json_int(json, "end_system_delay", read16(data + 18));
    mcp_json_int(json, "r_factor", data[24]);
    mcp_json_int(json, "mos_lq", data[26]);
    mcp_json_int(json, "mos_cq", data[27]);
    mcp_json_end_object(json);
}

static void
write_xr(McpJson *json, const Packet *packet)
{
    const guint8 *block = packet->body + HEAD;
    gsize left = packet->length > HEAD ? packet->length - HEAD : 0;

    while (left >= HEAD) {
        gsize size = ((gsize)read16(block + 2) + 1) * 4;

        if (size > left)
            return;
        if (block[0] == VOIP_METRICS_TYPE && size >= VOIP_METRICS) {
            write_voip(json, block);
            return;
        }
        block += size;
        left -= size;
    }
}

/* RFC 5506: a reduced one need not begin with a report; it has none then. */
static gboolean
write_packets(McpJson *json, const guint8 *data, gsize length)
{
    gboolean has_report = FALSE;
    gboolean has_sdes = FALSE;
    gboolean has_xr = FALSE;
    Packet packet;

    while (next_packet(&data, &length, &packet)) {
        if (!has_report && (packet.type == TYPE_SR || packet.type == TYPE_RR)) {
            has_report = TRUE;
            if (!write_report(json, &packet))
                return FALSE;
        } else if (!has_sdes && packet.type == TYPE_SDES) {
            has_sdes = TRUE;
            write_sdes(json, &packet);
        } else if (!has_xr && packet.type == TYPE_XR) {
            has_xr = TRUE;
            write_xr(json, &packet);
        }
    }
    return has_report && length == 0;
}

char *
mcp_hep_rtcp_report(const guint8 *data, gsize length)
{
    g_autoptr(McpJson) json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    if (!write_packets(json, data, length))
        return NULL;
    mcp_json_end_object(json);
    return mcp_json_finish(g_steal_pointer(&json));
}
