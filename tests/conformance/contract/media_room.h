/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "media_log.h"

G_BEGIN_DECLS

/** RoomLog: what one handle reported. */
typedef struct {
    GThread *thread;
    guint joined, left, ended, recordings;
    guint members; /* of the last event */
    char member[MCP_ROOM_NAME_MAX + 1];
    char speaker[MCP_ROOM_NAME_MAX + 1];
    guint64 generations[8];
    McpStopReason stops[8];
} RoomLog;

/** room_open: (transfer full): a handle of the one room of these checks. */
McpRoom *room_open(const McpRoomParams *params);
/** room_refuse_open: fails unless the room cannot be opened, with @code. */
void room_refuse_open(const char *name, const McpRoomParams *params, gint code);
/** room_listen: from now on @log has what @room reports. */
void room_listen(McpRoom *room, RoomLog *log);
/** room_join: must succeed. */
void room_join(McpRoom *room, McpLeg *leg, const McpRoomMember *member);
/** room_count_of: rooms in the list that have @member with @value. */
gint room_count_of(McpMedia *of, const char *member, gint value);
/** media_role_add: adds the checks of who hears whom in a room. */
void media_role_add(void);

G_END_DECLS
