/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/spool.h>

#include <openwire/link.h>

G_BEGIN_DECLS

/** McpActivemqFlight: a record on its way, or to be sent, and not acknowledged in order yet. */
typedef struct {
    McpSpoolRecord *record;
    gint32 command; /* 0: to be sent (again) */
    gboolean done;
    gboolean sent_before;
    guint refusals;
    guint64 taken_at_refusal; /* how many records the broker had taken then */
    gint64 sent;              /* clock µs */
} McpActivemqFlight;

/** McpActivemqLane: one spool on its way to the broker. Control context. */
typedef struct _McpActivemqLane McpActivemqLane;

/** McpActivemqLaneFunc: there is more to send. */
typedef void (*McpActivemqLaneFunc)(gpointer user_data);

/** mcp_activemq_lane_new: (transfer full): @func when a read brought something. */
McpActivemqLane *mcp_activemq_lane_new(McpSpool *spool, McpActivemqLaneFunc func,
                                       gpointer user_data);
/** mcp_activemq_lane_free: a read that is under way ends without effect. */
void mcp_activemq_lane_free(McpActivemqLane *lane);
/** mcp_activemq_lane_get_spool: (transfer none). */
McpSpool *mcp_activemq_lane_get_spool(const McpActivemqLane *lane);
/** mcp_activemq_lane_wake: the spool has something to read. */
void mcp_activemq_lane_wake(McpActivemqLane *lane);
/**
 * mcp_activemq_lane_next: (transfer none) (nullable): the next one to be sent: those that were sent
 * before come first. Reads on in time.
 */
McpActivemqFlight *mcp_activemq_lane_next(McpActivemqLane *lane);
/** mcp_activemq_lane_find: (transfer none) (nullable): that which was sent as @command. */
McpActivemqFlight *mcp_activemq_lane_find(McpActivemqLane *lane, gint32 command);
/** mcp_activemq_lane_sent: @flight is on its way as @command. */
void mcp_activemq_lane_sent(McpActivemqLane *lane, McpActivemqFlight *flight, gint32 command,
                            gint64 now);
/** mcp_activemq_lane_done: the broker has @flight, or it was put aside; it is gone now. */
void mcp_activemq_lane_done(McpActivemqLane *lane, McpActivemqFlight *flight);
/** mcp_activemq_lane_again: @flight is to be sent once more. */
void mcp_activemq_lane_again(McpActivemqLane *lane, McpActivemqFlight *flight);
/** mcp_activemq_lane_all_again: all that was not acknowledged is. */
void mcp_activemq_lane_all_again(McpActivemqLane *lane);
/** mcp_activemq_lane_get_oldest: clock µs at which the oldest on its way was sent; 0: none is. */
gint64 mcp_activemq_lane_get_oldest(const McpActivemqLane *lane);
/** mcp_activemq_lane_count: those on their way. */
guint mcp_activemq_lane_count(const McpActivemqLane *lane);

G_END_DECLS
