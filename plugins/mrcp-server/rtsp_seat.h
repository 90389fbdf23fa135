/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mrcp/rtsp.h>
#include <mrcp_resources/channels.h>

G_BEGIN_DECLS

/** McpMrcpdSeat: a resource of an RTSP session, set up or not. Control context. */
typedef struct {
    char *uri;                /* nullable: it is not there */
    McpMrcpdChannel *channel; /* nullable */
    GHashTable *asked;        /* request-id → McpMrcpRtsp that waits for its answer */
} McpMrcpdSeat;

/** McpMrcpdSeatWrite: sends a message (transfer full). */
typedef void (*McpMrcpdSeatWrite)(McpMrcpRtsp *rtsp, gpointer user_data);

/** mcp_mrcpd_seat_init: an empty one. */
void mcp_mrcpd_seat_init(McpMrcpdSeat *seat);
/** mcp_mrcpd_seat_clear: empties it; what is asked of it is answered through @write (nullable). */
void mcp_mrcpd_seat_clear(McpMrcpdSeat *seat, McpMrcpdSeatWrite write, gpointer user_data);
/** mcp_mrcpd_seat_free: with what it has, without a word. */
void mcp_mrcpd_seat_free(McpMrcpdSeat *seat);
/**
 * mcp_mrcpd_seat_take: an ANNOUNCE: its message goes to the channel.
 *
 * Returns: (transfer full) (nullable): what is answered at once; NULL: it will be.
 * @error: set with an answer, too, when it was no message
 */
McpMrcpRtsp *mcp_mrcpd_seat_take(McpMrcpdSeat *seat, const McpMrcpRtsp *request,
                                 const McpMrcpLimits *limits, GError **error);
/**
 * mcp_mrcpd_seat_carry: (transfer full) (nullable): how @message of its channel goes over RTSP;
 * NULL: version 1 has nothing of the kind.
 * @session: id of the session
 * @cseq: of the last event, counted on
 */
McpMrcpRtsp *mcp_mrcpd_seat_carry(McpMrcpdSeat *seat, McpMrcpMessage *message, const char *session,
                                  guint32 *cseq);

G_END_DECLS
