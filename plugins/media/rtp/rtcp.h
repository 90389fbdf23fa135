/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "bursts.h"
#include <glib.h>

G_BEGIN_DECLS

/** McpMediaRtcpReport: what a compound packet told (RFC 3550 §6). */
typedef struct {
    guint32 ssrc;           /* of the sender of the packet */
    gboolean has_sender;    /* an SR: @ntp_middle */
    guint32 ntp_middle;     /* middle 32 bits of its NTP time */
    guint32 packets;        /* of an SR: that it has sent so far */
    gboolean has_block;     /* a report about the stream asked for */
    guint8 fraction_lost;   /* 1/256 */
    guint32 highest;        /* extended sequence number */
    guint32 jitter;         /* RTP clock units */
    guint32 last_sr;        /* LSR */
    guint32 delay_since_sr; /* DLSR, 1/65536 s */
    gboolean bye;
    gboolean has_voip; /* VoIP metrics about the stream asked for (RFC 3611 §4.7) */
    guint8 voip_r;     /* R factor, 127: not told */
    guint8 voip_mos;   /* MOS-CQ in tenths, 127: not told */
} McpMediaRtcpReport;

/**
 * mcp_media_rtcp_parse: reads a compound packet from the wire.
 * @about: SSRC whose reception report is looked for
 * @reduced: a packet need not begin with a report (RFC 5506)
 *
 * Returns: FALSE when it is not well-formed (RFC 3550 A.2). Any thread.
 */
gboolean mcp_media_rtcp_parse(const guint8 *data, gsize length, guint32 about, gboolean reduced,
                              McpMediaRtcpReport *out_report);

/** McpMediaVoipMetrics: the block of RFC 3611 §4.7 as far as we know its values. */
typedef struct {
    guint8 loss_rate, discard_rate; /* 1/256 */
    McpMediaBurstReport bursts;
    guint16 round_trip_ms, end_system_ms;
    guint8 r;              /* 0…100 */
    guint8 mos_lq, mos_cq; /* tenths */
    guint16 jitter_nominal_ms, jitter_max_ms, jitter_limit_ms;
} McpMediaVoipMetrics;

/** McpMediaRtcpSender: what we tell. */
typedef struct {
    guint32 ssrc;
    const char *cname;
    gboolean is_sender; /* SR, else RR */
    gint64 wall;        /* µs since 1970 */
    guint32 timestamp;  /* RTP time of @wall */
    guint32 packets;
    guint32 octets;
    gboolean has_block;
    guint32 source; /* SSRC that the block is about */
    guint8 fraction_lost;
    guint32 lost;
    guint32 highest;
    guint32 jitter;
    guint32 last_sr;
    guint32 delay_since_sr;
    const McpMediaVoipMetrics *voip; /* nullable: about @source */
    gboolean bye;
} McpMediaRtcpSender;

/** MCP_MEDIA_RTCP_MAX: the longest compound packet that mcp_media_rtcp_write() makes. */
#define MCP_MEDIA_RTCP_MAX 208

/** mcp_media_rtcp_write: SR or RR, SDES with CNAME, XR, BYE. Returns: bytes written to @out. */
gsize mcp_media_rtcp_write(const McpMediaRtcpSender *sender, guint8 out[MCP_MEDIA_RTCP_MAX]);

/** mcp_media_rtcp_ntp_middle: middle 32 bits of the NTP time of @wall, µs since 1970. */
guint32 mcp_media_rtcp_ntp_middle(gint64 wall);

G_END_DECLS
