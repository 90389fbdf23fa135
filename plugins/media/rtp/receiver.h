/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "bursts.h"
#include "packet.h"

G_BEGIN_DECLS

/** McpMediaArrival: what a packet is to the sequence that it belongs to. */
typedef enum {
    MCP_MEDIA_ARRIVAL_NEW,       /* next, or ahead with a gap */
    MCP_MEDIA_ARRIVAL_LATE,      /* reordered: fills a gap */
    MCP_MEDIA_ARRIVAL_DUPLICATE, /* seen already */
    MCP_MEDIA_ARRIVAL_RESTART,   /* new SSRC or a confirmed jump: all before it is over */
    MCP_MEDIA_ARRIVAL_INVALID,   /* far off the sequence */
} McpMediaArrival;

/** McpMediaReceiver: the receiving side of one RTP stream (RFC 3550 §6.4, A.1, A.3, A.8). */
typedef struct {
    gboolean started;
    guint32 ssrc;
    guint32 base;    /* extended sequence of the first packet */
    guint32 highest; /* extended sequence */
    guint64 window;  /* bit n: @highest - n was received */
    guint16 bad;     /* sequence that would confirm a jump */
    gboolean bad_set;
    gint64 timestamp; /* extended, of the newest packet */
    gint64 first_timestamp;
    guint64 received;                       /* since @base, duplicates not counted */
    guint64 lost_before;                    /* of sequences that are over */
    guint32 expected_prior, received_prior; /* for the fraction of the next report */
    guint64 duplicates, late, invalid;
    gboolean transit_set;
    gint64 transit; /* clock units */
    double jitter;  /* clock units */
    double jitter_max;
    McpMediaBursts bursts;
} McpMediaReceiver;

/**
 * mcp_media_receiver_take: accounts for @packet.
 * @out_sequence: extended sequence number
 * @out_timestamp: extended timestamp
 */
McpMediaArrival mcp_media_receiver_take(McpMediaReceiver *receiver, const McpMediaRtpPacket *packet,
                                        guint32 *out_sequence, gint64 *out_timestamp);
/**
 * mcp_media_receiver_note_transit: for jitter (A.8): once a packet that carries audio.
 * @arrival: in units of the RTP clock
 */
void mcp_media_receiver_note_transit(McpMediaReceiver *receiver, gint64 arrival, gint64 timestamp);
/** mcp_media_receiver_get_lost: packets that did not come, 0 or more. */
guint64 mcp_media_receiver_get_lost(const McpMediaReceiver *receiver);
/** mcp_media_receiver_take_fraction: lost since the last call, in 1/256 (A.3). */
guint8 mcp_media_receiver_take_fraction(McpMediaReceiver *receiver);

G_END_DECLS
