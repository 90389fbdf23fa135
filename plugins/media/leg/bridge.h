/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../worker/pipe.h"
#include "../worker/worker.h"

G_BEGIN_DECLS

typedef struct _McpMediaStream McpMediaStream;

/**
 * McpMediaBridge: two streams whose packets go to each other as they are; directly where both have
 * one worker, else through pipes. Counted by reference; the last one goes off the workers.
 */
typedef struct {
    gint refs;               /* atomic */
    gboolean is_remote;      /* the streams have two workers */
    McpMediaStream *ends[2]; /* nullable; each belongs to its stream's worker */
    McpMediaPipe *pipes[2];  /* only if remote; [i] leads to end i */
} McpMediaBridge;

/** McpMediaRelayed: a packet on its way from one end to the other. */
typedef struct {
    gboolean is_event;
    gboolean is_noise; /* comfort noise */
    gboolean marker;
    gboolean restart; /* sequence and timestamp say nothing about those before */
    guint clock_rate;
    guint32 sequence; /* extended */
    gint64 timestamp; /* extended */
    gsize length;
    guint8 payload[];
} McpMediaRelayed;

/** McpMediaRelayMap: what the other end's numbers are here. */
typedef struct {
    gboolean started;
    guint32 from_sequence;
    guint16 to_sequence;
    gint64 from_timestamp;
    guint32 to_timestamp;
    gboolean in_event; /* transcoding: an event goes on */
    gint64 event_from;
    guint32 event_to;
} McpMediaRelayMap;

/** mcp_media_bridge_new: (transfer full): on the legs' context; @workers: of end 0 and end 1. */
McpMediaBridge *mcp_media_bridge_new(McpMediaWorker *const workers[2]);
/** mcp_media_bridge_ref: (transfer full). Any thread. */
McpMediaBridge *mcp_media_bridge_ref(McpMediaBridge *bridge);
/** mcp_media_bridge_unref: (nullable); any thread but a media worker. */
void mcp_media_bridge_unref(McpMediaBridge *bridge);

G_END_DECLS
