/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_DELAY_BINS: steps of 1 ms that a delay is told by; coarser where more is allowed. */
#define MCP_MEDIA_DELAY_BINS 256

/** McpMediaFloor: the least value of the last seconds, so that drift is followed. */
typedef struct {
    gboolean set;
    gint64 least;    /* of both spans */
    gint64 current;  /* of the span that goes on */
    gint64 previous; /* of the one before */
    gint64 since;    /* µs at which the current span began */
} McpMediaFloor;

/** McpMediaDelayHistogram: values counted with a weight that fades. */
typedef struct {
    gfloat bins[MCP_MEDIA_DELAY_BINS];
    gfloat total;
    gfloat weight; /* of the next value; grows instead of all others getting smaller */
    gfloat growth;
    gfloat share; /* of the values that are to be at or below what is answered */
} McpMediaDelayHistogram;

/**
 * McpMediaPlayoutDelay: how much later than the fastest one packets come, as µs to wait so that
 * nearly all are there. A plain struct, used by the owner of a playout buffer alone.
 */
typedef struct {
    McpMediaFloor fastest; /* µs from a packet's place on the time line to its arrival */
    McpMediaDelayHistogram slow;
    McpMediaDelayHistogram fast;
    gint64 width;     /* of a bin, µs */
    gint64 limit;     /* µs */
    gint64 base;      /* @fastest as of now */
    gint64 jitter;    /* µs */
    gint64 loss_need; /* µs after which packets in place of lost ones could be made */
    gint64 loss_time; /* when the last one was lost */
    guint beyond;     /* packets in a row that came later than the limit */
} McpMediaPlayoutDelay;

/** mcp_media_floor_note: a value at @now. Returns: the least. */
gint64 mcp_media_floor_note(McpMediaFloor *floor, gint64 value, gint64 now);
/** mcp_media_floor_reset: what was before does not count. */
void mcp_media_floor_reset(McpMediaFloor *floor, gint64 value, gint64 now);

/** mcp_media_playout_delay_init: @limit: µs that are waited at most. */
void mcp_media_playout_delay_init(McpMediaPlayoutDelay *delay, gint64 limit);
/** mcp_media_playout_delay_rebase: another time line begins; what is known of jitter stays. */
void mcp_media_playout_delay_rebase(McpMediaPlayoutDelay *delay, gint64 transit, gint64 now);
/**
 * mcp_media_playout_delay_note: a packet.
 * @transit: µs from its place on the time line to its arrival
 * @made_up: it stands for a lost one; @transit is that of the packet after it
 */
void mcp_media_playout_delay_note(McpMediaPlayoutDelay *delay, gint64 transit, gint64 now,
                                  gboolean made_up);
/** mcp_media_playout_delay_target: µs after the fastest packet. */
gint64 mcp_media_playout_delay_target(const McpMediaPlayoutDelay *delay);

G_END_DECLS
