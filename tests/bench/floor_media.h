/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packet floor: what receiving and sending 172-byte packets costs when nothing else is done.
 * A socket a call, one thread, recv and sendto for each packet, the calls of one phase at a time.
 */
#pragma once

#include <gio/gio.h>
#include <netinet/in.h>

G_BEGIN_DECLS

typedef struct _McpFloorMedia McpFloorMedia;

typedef struct {
    int fd;
    struct sockaddr_in local;
    struct sockaddr_in remote;
    guint phase;
    guint place; /* in the phase's list + 1, 0 while not playing */
    guint16 sequence;
    guint32 timestamp;
    guint32 ssrc;
    gsize offset;
} McpFloorLeg;

typedef struct {
    double cpu_s; /* of the media thread */
    guint64 sent;
    guint64 received;
    guint64 ticks;
    gint64 latest_us; /* the latest tick's delay */
} McpFloorCounts;

/* Starts the media thread. @phases divides 20. */
McpFloorMedia *mcp_floor_media_new(guint phases, GError **error);
void mcp_floor_media_free(McpFloorMedia *media);

/* Opens a socket at @address for a new leg. Returns: (transfer full) (nullable) */
McpFloorLeg *mcp_floor_leg_new(McpFloorMedia *media, const struct sockaddr_in *address,
                               GError **error);
/* Hand the leg to the media thread, and take it back. Any thread but the media thread. */
void mcp_floor_leg_play(McpFloorMedia *media, McpFloorLeg *leg);
void mcp_floor_leg_stop(McpFloorMedia *media, McpFloorLeg *leg);
/* The leg must be stopped. */
void mcp_floor_leg_free(McpFloorLeg *leg);

/* Ends the thread and says what it did. */
McpFloorCounts mcp_floor_media_finish(McpFloorMedia *media);

G_END_DECLS
