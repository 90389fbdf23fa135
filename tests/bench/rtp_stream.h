/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The callers' RTP: sockets, the 1 ms tick that sends each stream's packet in its own twentieth of
 * the 20 ms, and the sorting of what comes back. Streams share one socket a source address and are
 * told apart by the server's address and port, or have a socket each. One loop, one thread.
 */
#pragma once

#include "datagram.h"
#include "event_loop.h"
#include "material.h"
#include "rtp_receive.h"

G_BEGIN_DECLS

typedef struct _McpLoadMedia McpLoadMedia;

typedef struct {
    guint at_packet; /* packets of 20 ms after the stream's start */
    guint8 event;    /* RFC 4733 §3.2 */
} McpLoadDigit;

typedef struct _McpLoadStream McpLoadStream;

/* A packet is about to leave: number @packet of the stream; @event: the first one of a digit. */
typedef void (*McpLoadSentFunc)(McpLoadStream *stream, guint packet, gboolean event,
                                gpointer user_data);

struct _McpLoadStream {
    McpLoadMedia *media;
    guint shared; /* which shared socket */
    int fd;
    gboolean own_socket;
    struct sockaddr_in local;
    struct sockaddr_in remote;
    guint64 remote_key; /* 0 while not registered */

    guint slot;
    guint place;                /* in the slot's list + 1, 0 while not sending */
    const McpBenchPiece *piece; /* what is said, round and round */
    guint first;                /* frame of @piece that the first packet carries */
    guint16 sequence;
    guint32 timestamp;
    guint32 ssrc;
    guint sent;
    int event_type; /* payload type of telephone-event */
    GArray *digits; /* McpLoadDigit by time, NULL: none */
    guint next_digit;

    McpLoadSentFunc on_sent; /* NULL: nobody wants to know */
    gpointer on_sent_data;

    McpBenchRtpReceive receive;
};

typedef struct {
    guint64 sent;
    guint64 send_errors;
    guint64 foreign; /* datagrams that belong to no stream that is up */
    guint64 dropped; /* by the kernel, at a full socket of ours */
    guint64 ticks;
    guint64 late_ticks; /* more than 5 ms */
    guint64 skipped;    /* packets not sent because the tick came more than 20 ms late */
} McpLoadMediaCounts;

/* @material outlives the media. Returns: (nullable) */
McpLoadMedia *mcp_load_media_new(McpBenchLoop *loop, const McpBenchMaterial *material,
                                 GError **error);
void mcp_load_media_free(McpLoadMedia *media);

/* Adds a shared socket pair (RTP even, RTCP next) at @address. */
gboolean mcp_load_media_add_socket(McpLoadMedia *media, const struct sockaddr_in *address,
                                   GError **error);
/* The RTCP port of shared socket @shared: bound, and never read. */
guint16 mcp_load_media_rtcp_port(McpLoadMedia *media, guint shared);

const McpBenchCodec *mcp_load_media_codec(McpLoadMedia *media);

void mcp_load_media_start(McpLoadMedia *media);
McpLoadMediaCounts mcp_load_media_counts(McpLoadMedia *media);

/* Makes @stream ready to be offered; @number spreads slots and material over the streams. */
gboolean mcp_load_stream_open(McpLoadMedia *media, McpLoadStream *stream, guint number,
                              guint shared, gboolean own_socket, GError **error);
/* Begins to send to @remote and to receive from it. */
void mcp_load_stream_start(McpLoadStream *stream, const struct sockaddr_in *remote);
/* Ends sending and receiving; what was received stays readable. */
void mcp_load_stream_stop(McpLoadStream *stream);
void mcp_load_stream_clear(McpLoadStream *stream);
/* Sends silence from now on. */
void mcp_load_stream_be_silent(McpLoadStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpLoadMedia, mcp_load_media_free)

G_END_DECLS
