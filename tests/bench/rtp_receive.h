/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one RTP stream (RFC 3550) looked like at the receiver: counts, sequence gaps, sound, and the
 * arrivals of a measuring window. Belongs to the thread that receives.
 */
#pragma once

#include "codec.h"
#include "stats.h"

G_BEGIN_DECLS

#define MCP_BENCH_PERIOD_NS 20000000
#define MCP_BENCH_RTP_HEADER 12

/* A packet of audio that came in its order, for whoever listens. */
typedef struct {
    gint64 time_ns;
    gint64 index;          /* place on the sender's 20 ms grid */
    const gint16 *samples; /* decoded, at the codec's rate */
    guint n;
} McpBenchHeard;

typedef void (*McpBenchHeardFunc)(const McpBenchHeard *heard, gpointer user_data);

typedef struct {
    const McpBenchCodec *codec;
    McpBenchDecoder *decoder; /* NULL while PCMU's level, by table, is all that is wanted */

    guint64 packets; /* taken as new, audio and events */
    guint64 lost;    /* sequence numbers that never came */
    guint64 duplicates;
    guint64 reordered;
    guint64 pauses;   /* the timestamp ran ahead of the sequence: declared silence */
    guint64 restarts; /* another SSRC, or a jump in sequence */
    guint64 audio;    /* packets of the codec … */
    guint64 sound;    /* … of them with sound in them */
    guint64 malformed;
    gint64 first_ns;
    gint64 last_ns;

    /* Place in the stream. */
    guint32 ssrc;
    guint16 highest;
    guint64 seen; /* bit n: sequence number highest − n has come */
    gint64 index; /* of the packet with the highest sequence number */
    guint16 audio_sequence;
    guint32 audio_timestamp;

    /* Arrivals in [from_ns, until_ns); from_ns 0 and until_ns G_MAXINT64 keep the whole stream. */
    gint64 from_ns;
    gint64 until_ns;
    GArray *arrivals; /* McpBenchArrival, NULL while nothing is measured */

    GArray *recording;       /* gint16 on the sender's time line; NULL: not wanted */
    McpBenchHeardFunc heard; /* NULL: nobody listens */
    gpointer heard_data;
} McpBenchRtpReceive;

/* Clears @receive; it then keeps no arrivals and no audio. */
void mcp_bench_rtp_receive_init(McpBenchRtpReceive *receive, const McpBenchCodec *codec);
void mcp_bench_rtp_receive_clear(McpBenchRtpReceive *receive);

/* Keeps what is heard from now on. */
void mcp_bench_rtp_receive_record(McpBenchRtpReceive *receive);
/* Calls @heard with each packet of audio; NULL: no more. */
void mcp_bench_rtp_receive_listen(McpBenchRtpReceive *receive, McpBenchHeardFunc heard,
                                  gpointer user_data);
/* Keeps arrivals of packets received in [@from_ns, @until_ns). */
void mcp_bench_rtp_receive_measure(McpBenchRtpReceive *receive, gint64 from_ns, gint64 until_ns);

/* Takes one datagram; RTCP and malformed bytes are told apart. */
void mcp_bench_rtp_receive_packet(McpBenchRtpReceive *receive, const guint8 *data, gsize length,
                                  gint64 time_ns);

/* Writes a 12-byte RTP header. */
void mcp_bench_rtp_header(guint8 *out, gboolean marker, guint8 payload_type, guint16 sequence,
                          guint32 timestamp, guint32 ssrc);

G_END_DECLS
