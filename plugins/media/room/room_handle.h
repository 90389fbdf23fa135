/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../service.h"
#include "room.h"

G_BEGIN_DECLS

/** McpMediaRoomHandle: an McpRoom: one holder of a room. */
#define MCP_TYPE_MEDIA_ROOM_HANDLE (mcp_media_room_handle_get_type())
G_DECLARE_FINAL_TYPE(McpMediaRoomHandle, mcp_media_room_handle, MCP, MEDIA_ROOM_HANDLE, GObject)

/** mcp_media_room_handle_new: (transfer full): @room: (transfer full): held. */
McpMediaRoomHandle *mcp_media_room_handle_new(McpMediaService *service, McpMediaRoom *room,
                                              McpMediaMailbox *mailbox);
/** mcp_media_room_handle_deliver: an event of kind MCP_MEDIA_EVENT_ROOM; it is freed. */
void mcp_media_room_handle_deliver(McpMediaEvent *event);

G_END_DECLS
