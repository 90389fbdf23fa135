/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"
#include <mcp/metrics.h>

G_BEGIN_DECLS

/**
 * McpMediaRooms: the rooms that have a name. A room is there while it is held: by its handles and
 * its members. Any thread but a media worker.
 */
typedef struct _McpMediaRooms McpMediaRooms;

/** mcp_media_rooms_new: (transfer full): @metrics: (nullable). */
McpMediaRooms *mcp_media_rooms_new(McpMetrics *metrics);
/** mcp_media_rooms_free: when nobody holds a room any more. */
void mcp_media_rooms_free(McpMediaRooms *rooms);
/** mcp_media_rooms_find: (transfer full) (nullable): held; given back with ..._drop(). */
McpMediaRoom *mcp_media_rooms_find(McpMediaRooms *rooms, const char *name);
/**
 * mcp_media_rooms_open: (transfer full): the room of that name, held; made at @home with @params if
 * there is none.
 */
McpMediaRoom *mcp_media_rooms_open(McpMediaRooms *rooms, const char *name,
                                   const McpRoomParams *params, McpMediaWorker *home,
                                   GError **error);
/** mcp_media_rooms_hold: (transfer full): one more that holds it. */
McpMediaRoom *mcp_media_rooms_hold(McpMediaRooms *rooms, McpMediaRoom *room);
/** mcp_media_rooms_drop: (transfer full) @room: the last one closes it. */
void mcp_media_rooms_drop(McpMediaRooms *rooms, McpMediaRoom *room);
/** mcp_media_rooms_list: adds an array "rooms". */
void mcp_media_rooms_list(McpMediaRooms *rooms, McpJson *json);
/** mcp_media_rooms_count: how many there are. */
guint mcp_media_rooms_count(McpMediaRooms *rooms);

G_END_DECLS
