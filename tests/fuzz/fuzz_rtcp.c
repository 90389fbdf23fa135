/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of RTCP: a byte of flags, four of the SSRC that is asked about, a compound packet.
 * What was read is told again with all that we can tell, and read again.
 */
#include "rtp/rtcp.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 5

static guint32
read_u32(const uint8_t *data)
{
    return (guint32)data[0] << 24 | (guint32)data[1] << 16 | (guint32)data[2] << 8 | data[3];
}

static void
check_again(const McpMediaRtcpReport *report, guint32 about, const uint8_t *flags)
{
    const McpMediaVoipMetrics voip = {
        .loss_rate = report->fraction_lost,
        .r = report->voip_r,
        .mos_lq = 10,
        .mos_cq = report->voip_mos,
        .round_trip_ms = (guint16)report->jitter,
    };
    const McpMediaRtcpSender sender = {
        .ssrc = report->ssrc,
        .cname = (*flags & 2) != 0 ? "a-rather-long-name-of-a-peer@mcp.example" : "x",
        .is_sender = report->has_sender,
        .wall = (gint64)report->ntp_middle * 1000,
        .has_block = report->has_block,
        .source = about,
        .fraction_lost = report->fraction_lost,
        .jitter = report->jitter,
        .last_sr = report->last_sr,
        .delay_since_sr = report->delay_since_sr,
        .voip = (*flags & 4) != 0 ? &voip : NULL,
        .bye = report->bye,
    };
    guint8 out[MCP_MEDIA_RTCP_MAX];
    McpMediaRtcpReport again;
    gsize length = mcp_media_rtcp_write(&sender, out);

    if (length > sizeof out || !mcp_media_rtcp_parse(out, length, about, FALSE, &again) ||
        again.ssrc != report->ssrc || again.bye != report->bye ||
        again.has_sender != report->has_sender || again.has_block != report->has_block ||
        again.has_voip != (sender.voip != NULL && sender.has_block))
        __builtin_trap();
    if (again.has_block &&
        (again.fraction_lost != report->fraction_lost || again.jitter != report->jitter ||
         again.last_sr != report->last_sr || again.delay_since_sr != report->delay_since_sr))
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    McpMediaRtcpReport report;
    McpMediaRtcpReport strict;
    guint32 about = 0;

    if (size < HEAD)
        return 0;
    about = read_u32(data + 1);
    /* What is well-formed without the reduced form is so with it, and says the same. */
    if (mcp_media_rtcp_parse(data + HEAD, size - HEAD, about, FALSE, &strict) &&
        (!mcp_media_rtcp_parse(data + HEAD, size - HEAD, about, TRUE, &report) ||
         strict.ssrc != report.ssrc || strict.has_block != report.has_block ||
         strict.has_voip != report.has_voip || strict.bye != report.bye))
        __builtin_trap();
    if (mcp_media_rtcp_parse(data + HEAD, size - HEAD, about, (data[0] & 1) != 0, &report))
        check_again(&report, about, data);
    return 0;
}
