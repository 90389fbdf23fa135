/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTCP compound packets (RFC 3550 §6): read from hostile datagrams, and written. Pure functions.
 */
#include "rtcp.h"

#include <string.h>

enum { RTCP_SR = 200, RTCP_RR = 201, RTCP_SDES = 202, RTCP_BYE = 203, RTCP_XR = 207 };

/* Seconds between 1900 and 1970. */
#define NTP_OFFSET G_GUINT64_CONSTANT(2208988800)
#define BLOCK_BYTES 24
#define CNAME_MAX 60
#define XR_VOIP 7
#define XR_VOIP_BYTES 36
#define XR_UNKNOWN 127
/* RX config: standard concealment, an adaptive jitter buffer whose rate is not told. */
#define XR_ADAPTIVE (2 << 6 | 3 << 4)

static guint32
read32(const guint8 *data)
{
    return (guint32)data[0] << 24 | (guint32)data[1] << 16 | (guint32)data[2] << 8 | data[3];
}

static guint8 *
write32(guint8 *out, guint32 value)
{
    value = GUINT32_TO_BE(value);
    memcpy(out, &value, 4);
    return out + 4;
}

static void
read_blocks(const guint8 *data, gsize length, guint count, guint32 about,
            McpMediaRtcpReport *report)
{
    for (guint i = 0; i < count && length >= BLOCK_BYTES; i++) {
        if (read32(data) == about) {
            report->has_block = TRUE;
            report->fraction_lost = data[4];
            report->highest = read32(data + 8);
            report->jitter = read32(data + 12);
            report->last_sr = read32(data + 16);
            report->delay_since_sr = read32(data + 20);
        }
        data += BLOCK_BYTES;
        length -= BLOCK_BYTES;
    }
}

/* RFC 3611 §3: blocks of other kinds are passed over. */
static void
read_extended(const guint8 *data, gsize length, guint32 about, McpMediaRtcpReport *report)
{
    while (length >= 4) {
        gsize size = ((gsize)data[2] << 8 | data[3]) * 4 + 4;

        if (size > length)
            return;
        if (data[0] == XR_VOIP && size == XR_VOIP_BYTES && read32(data + 4) == about) {
            report->has_voip = TRUE;
            report->voip_r = data[24];
            report->voip_mos = data[27];
        }
        data += size;
        length -= size;
    }
}

/* @length includes the 4 bytes of the common header and is a multiple of 4. */
static gboolean
read_packet(const guint8 *data, gsize length, guint32 about, McpMediaRtcpReport *report)
{
    guint count = data[0] & 0x1f;

    switch (data[1]) {
    case RTCP_SR:
        if (length < 28)
            return FALSE;
        report->ssrc = read32(data + 4);
        report->has_sender = TRUE;
        report->ntp_middle = read32(data + 10);
        report->packets = read32(data + 20);
        read_blocks(data + 28, length - 28, count, about, report);
        return TRUE;
    case RTCP_RR:
        if (length < 8)
            return FALSE;
        report->ssrc = read32(data + 4);
        read_blocks(data + 8, length - 8, count, about, report);
        return TRUE;
    case RTCP_BYE:
        report->bye = TRUE;
        return TRUE;
    case RTCP_XR:
        if (length >= 8)
            read_extended(data + 8, length - 8, about, report);
        return TRUE;
    default:
        return TRUE;
    }
}

gboolean
mcp_media_rtcp_parse(const guint8 *data, gsize length, guint32 about, gboolean reduced,
                     McpMediaRtcpReport *out_report)
{
    McpMediaRtcpReport report = {0};
    gsize at = 0;

    /* A.2: a compound packet begins with a report, without padding. */
    if (length < 8 || (data[0] & 0xe0) != 0x80 ||
        (data[1] != RTCP_SR && data[1] != RTCP_RR && !reduced))
        return FALSE;
    while (at < length) {
        gsize size = 0;

        if (length - at < 4 || data[at] >> 6 != 2)
            return FALSE;
        size = ((gsize)data[at + 2] << 8 | data[at + 3]) * 4 + 4;
        if (size > length - at || !read_packet(data + at, size, about, &report))
            return FALSE;
        at += size;
    }
    *out_report = report;
    return TRUE;
}

static void
write_header(guint8 *packet, guint count, guint type, const guint8 *end)
{
    gsize words = (gsize)(end - packet) / 4 - 1;

    packet[0] = (guint8)(0x80 | count);
    packet[1] = (guint8)type;
    packet[2] = (guint8)(words >> 8);
    packet[3] = (guint8)words;
}

static guint64
ntp_of(gint64 wall)
{
    guint64 seconds = (guint64)wall / G_USEC_PER_SEC + NTP_OFFSET;
    guint64 micros = (guint64)wall % G_USEC_PER_SEC;

    return seconds << 32 | (micros << 32) / G_USEC_PER_SEC;
}

guint32
mcp_media_rtcp_ntp_middle(gint64 wall)
{
    return (guint32)(ntp_of(wall) >> 16);
}

static guint8 *
write_report(const McpMediaRtcpSender *sender, guint8 *out)
{
    guint8 *at = write32(out + 4, sender->ssrc);

    if (sender->is_sender) {
        guint64 ntp = ntp_of(sender->wall);

        at = write32(at, (guint32)(ntp >> 32));
        at = write32(at, (guint32)ntp);
        at = write32(at, sender->timestamp);
        at = write32(at, sender->packets);
        at = write32(at, sender->octets);
    }
    if (sender->has_block) {
        at = write32(at, sender->source);
        at = write32(at, (guint32)sender->fraction_lost << 24 | MIN(sender->lost, 0x7fffffu));
        at = write32(at, sender->highest);
        at = write32(at, sender->jitter);
        at = write32(at, sender->last_sr);
        at = write32(at, sender->delay_since_sr);
    }
    write_header(out, sender->has_block ? 1 : 0, sender->is_sender ? RTCP_SR : RTCP_RR, at);
    return at;
}

/* §6.5: one chunk with the CNAME, ended by at least one null byte, padded to 32 bits. */
static guint8 *
write_sdes(const McpMediaRtcpSender *sender, guint8 *out)
{
    gsize length = MIN(strlen(sender->cname), CNAME_MAX);
    guint8 *at = write32(out + 4, sender->ssrc);

    *at++ = 1;
    *at++ = (guint8)length;
    memcpy(at, sender->cname, length);
    at += length;
    do
        *at++ = 0;
    while ((at - out) % 4 != 0);
    write_header(out, 1, RTCP_SDES, at);
    return at;
}

static guint8 *
write16(guint8 *out, guint value)
{
    *out++ = (guint8)(value >> 8);
    *out++ = (guint8)value;
    return out;
}

/* RFC 3611 §4.7; levels and echo are not measured. */
static guint8 *
write_voip(const McpMediaRtcpSender *sender, guint8 *out)
{
    const McpMediaVoipMetrics *voip = sender->voip;
    guint8 *block = write32(out + 4, sender->ssrc);
    guint8 *at = write32(block + 4, sender->source);

    block[0] = XR_VOIP;
    block[1] = 0;
    write16(block + 2, XR_VOIP_BYTES / 4 - 1);
    *at++ = voip->loss_rate;
    *at++ = voip->discard_rate;
    *at++ = voip->bursts.burst_density;
    *at++ = voip->bursts.gap_density;
    at = write16(at, voip->bursts.burst_ms);
    at = write16(at, voip->bursts.gap_ms);
    at = write16(at, voip->round_trip_ms);
    at = write16(at, voip->end_system_ms);
    *at++ = XR_UNKNOWN;
    *at++ = XR_UNKNOWN;
    *at++ = XR_UNKNOWN;
    *at++ = MCP_MEDIA_BURST_GMIN;
    *at++ = voip->r;
    *at++ = XR_UNKNOWN;
    *at++ = voip->mos_lq;
    *at++ = voip->mos_cq;
    *at++ = XR_ADAPTIVE;
    *at++ = 0;
    at = write16(at, voip->jitter_nominal_ms);
    at = write16(at, voip->jitter_max_ms);
    at = write16(at, voip->jitter_limit_ms);
    write_header(out, 0, RTCP_XR, at);
    return at;
}

gsize
mcp_media_rtcp_write(const McpMediaRtcpSender *sender, guint8 out[MCP_MEDIA_RTCP_MAX])
{
    guint8 *at = write_sdes(sender, write_report(sender, out));

    if (sender->voip != NULL && sender->has_block)
        at = write_voip(sender, at);
    if (sender->bye) {
        guint8 *end = write32(at + 4, sender->ssrc);

        write_header(at, 1, RTCP_BYE, end);
        at = end;
    }
    return (gsize)(at - out);
}
