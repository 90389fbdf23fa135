/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../worker/mailbox.h"
#include "../worker/pipe.h"
#include "tap_track.h"
#include <mcp/contract/tap.h>
#include <speex/speex_resampler.h>

G_BEGIN_DECLS

typedef struct _McpMediaTapFeed McpMediaTapFeed;

/**
 * McpMediaTapFeed: the worker's side of a tap: both directions into frames, frames into the ring
 * that its consumer empties, or onto the wire. Counted by reference; the last one goes off the
 * workers.
 */
struct _McpMediaTapFeed {
    gint refs;             /* atomic */
    McpMediaTapFeed *next; /* of the stream's list */
    McpTapParams params;   /* complete; without addresses */
    guint rate_in;         /* Hz of what is heard */
    guint channels;
    guint frame_in;  /* samples a channel */
    guint frame_out; /* samples a channel */

    /* Media worker. */
    McpMediaTapTrack *heard;        /* nullable */
    McpMediaTapTrack *sent;         /* nullable */
    SpeexResamplerState *resampler; /* nullable */
    gint16 *out;                    /* interleaved; what fills no frame yet */
    guint n_out;
    gint64 began;
    guint64 position;
    guint64 dropped_before;
    int socket; /* -1: none */
    guint16 sequence;
    guint32 timestamp, ssrc;

    /* Between both. */
    McpMediaPipe *pipe; /* nullable: on the wire */
    gint wanted;        /* atomic: the consumer waits for a word */
    gint ended;         /* atomic */
    _Atomic guint64 frames, dropped;

    gpointer tap; /* nullable; the leg's context */
};

/** mcp_media_tap_feed_new: (transfer full): MCP_ERROR_INVALID names what is out of range. */
McpMediaTapFeed *mcp_media_tap_feed_new(const McpTapParams *params, guint rate, GError **error);
/** mcp_media_tap_feed_ref: (transfer full). Any thread. */
McpMediaTapFeed *mcp_media_tap_feed_ref(McpMediaTapFeed *feed);
/** mcp_media_tap_feed_unref: (nullable); any thread but a media worker. */
void mcp_media_tap_feed_unref(McpMediaTapFeed *feed);

/** mcp_media_tap_feed_begin: time runs from @now. Media worker. */
void mcp_media_tap_feed_begin(McpMediaTapFeed *feed, gint64 now);
/**
 * mcp_media_tap_feed_tick: makes frames of what there is. Media worker.
 * Returns: TRUE when the consumer waits to hear that there are some.
 */
gboolean mcp_media_tap_feed_tick(McpMediaTapFeed *feed, gint64 now);
/** mcp_media_tap_feed_read: see mcp_tap_read(). The consumer. */
gboolean mcp_media_tap_feed_read(McpMediaTapFeed *feed, McpTapFrame *out_frame);

G_END_DECLS
