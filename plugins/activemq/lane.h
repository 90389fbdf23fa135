/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/spool.h>

G_BEGIN_DECLS

/** McpActivemqFlight: a record on its way, or to be sent, and not acknowledged in order yet. */
typedef struct {
    McpSpoolRecord *record;
    gint32 command;     /* 0: to be sent (again) */
    gint32 answer;      /* the command that is answered for it: its own, or a commit */
    gint64 transaction; /* 0: it was sent alone */
    gboolean done;
    gboolean sent_before;
    guint refusals;
    guint losses;             /* connections that ended while it was the first on its way */
    guint64 taken_at_refusal; /* how many records the broker had taken then */
    gint64 sent;              /* clock µs */
} McpActivemqFlight;

/** McpActivemqLane: one spool on its way to the broker. Control context. */
typedef struct _McpActivemqLane McpActivemqLane;

/** McpActivemqLaneFunc: there may be more to send. */
typedef void (*McpActivemqLaneFunc)(gpointer user_data);

/** mcp_activemq_lane_new: (transfer full): @func when a read brought something, or a pause ends. */
McpActivemqLane *mcp_activemq_lane_new(McpSpool *spool, McpClock *clock, McpActivemqLaneFunc func,
                                       gpointer user_data);
/** mcp_activemq_lane_free: a read that is under way ends without effect. */
void mcp_activemq_lane_free(McpActivemqLane *lane);
/** mcp_activemq_lane_get_spool: (transfer none). */
McpSpool *mcp_activemq_lane_get_spool(const McpActivemqLane *lane);
/** mcp_activemq_lane_wake: the spool has something to read. */
void mcp_activemq_lane_wake(McpActivemqLane *lane);
/**
 * mcp_activemq_lane_next: (transfer none) (nullable): the next one to be sent: those that were sent
 * before come first; none amid a pause. Reads on in time.
 */
McpActivemqFlight *mcp_activemq_lane_next(McpActivemqLane *lane);
/**
 * mcp_activemq_lane_may_batch: whether the next two may be sent together; what was refused, alone
 * or with others, goes alone.
 */
gboolean mcp_activemq_lane_may_batch(const McpActivemqLane *lane);
/** mcp_activemq_lane_find: (transfer none) (nullable): the first for which @command is answered. */
McpActivemqFlight *mcp_activemq_lane_find(McpActivemqLane *lane, gint32 command);
/** mcp_activemq_lane_sent: @flight is on its way as @command, in @transaction unless that is 0. */
void mcp_activemq_lane_sent(McpActivemqLane *lane, McpActivemqFlight *flight, gint32 command,
                            gint64 transaction, gint64 now);
/** mcp_activemq_lane_committed: what is in @transaction is answered by @command. */
void mcp_activemq_lane_committed(McpActivemqLane *lane, gint64 transaction, gint32 command);
/** mcp_activemq_lane_break_up: the commit @command was refused: its records go alone. */
void mcp_activemq_lane_break_up(McpActivemqLane *lane, gint32 command);
/** mcp_activemq_lane_done: the broker has @flight, or it was put aside; it is gone now. */
void mcp_activemq_lane_done(McpActivemqLane *lane, McpActivemqFlight *flight);
/** mcp_activemq_lane_again: @flight is to be sent once more. */
void mcp_activemq_lane_again(McpActivemqLane *lane, McpActivemqFlight *flight);
/** mcp_activemq_lane_pause: nothing is sent for a while that grows up to @longest µs. */
void mcp_activemq_lane_pause(McpActivemqLane *lane, gint64 longest);
/** mcp_activemq_lane_is_refused: whether there was a pause, and nothing was taken since. */
gboolean mcp_activemq_lane_is_refused(const McpActivemqLane *lane);
/** mcp_activemq_lane_taken: the broker took one; TRUE when that is news after a pause. */
gboolean mcp_activemq_lane_taken(McpActivemqLane *lane);
/** mcp_activemq_lane_hold_back: @flight is sent once more, but not before the release. */
void mcp_activemq_lane_hold_back(McpActivemqLane *lane, McpActivemqFlight *flight);
/** mcp_activemq_lane_release: TRUE when one was held back, which is sent now. */
gboolean mcp_activemq_lane_release(McpActivemqLane *lane);
/** mcp_activemq_lane_all_again: all that was not acknowledged is; a pause is over. */
void mcp_activemq_lane_all_again(McpActivemqLane *lane);
/** mcp_activemq_lane_get_first: (transfer none) (nullable): on its way, and sent first. */
McpActivemqFlight *mcp_activemq_lane_get_first(const McpActivemqLane *lane);
/** mcp_activemq_lane_count: those on their way. */
guint mcp_activemq_lane_count(const McpActivemqLane *lane);

G_END_DECLS
