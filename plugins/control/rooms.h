/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

#include "answer.h"

G_BEGIN_DECLS

/**
 * McpControlRooms: what operators do to conference rooms. It holds a room while it plays or is
 * recorded on their behalf. Counted by reference; control context.
 */
typedef struct _McpControlRooms McpControlRooms;

/** mcp_control_rooms_new: (transfer full). */
McpControlRooms *mcp_control_rooms_new(McpHost *host);
/** mcp_control_rooms_unref: (nullable): what plays goes on until its end. */
void mcp_control_rooms_unref(McpControlRooms *rooms);

/** mcp_control_rooms_list: adds an array "rooms". */
void mcp_control_rooms_list(McpHost *host, McpJson *json);
/** mcp_control_rooms_show: adds members about the room @name to an open object. */
gboolean mcp_control_rooms_show(McpControlRooms *rooms, const char *name, McpJson *json,
                                GError **error);
/** mcp_control_rooms_change: what @body says of @member is so from now on, the rest stays. */
gboolean mcp_control_rooms_change(McpControlRooms *rooms, const char *name, const char *member,
                                  GBytes *body, GError **error);
/** mcp_control_rooms_remove: the dialog of @member hears of it. */
gboolean mcp_control_rooms_remove(McpControlRooms *rooms, const char *name, const char *member,
                                  GError **error);
/** mcp_control_rooms_play: the audio that @body names; answers once it plays, or why it cannot. */
void mcp_control_rooms_play(McpControlRooms *rooms, const char *name, GBytes *body,
                            McpControlAnswer func, gpointer user_data);
/** mcp_control_rooms_stop: what mcp_control_rooms_play() began. */
gboolean mcp_control_rooms_stop(McpControlRooms *rooms, const char *name, GError **error);
/** mcp_control_rooms_record: into the object that @body names. */
gboolean mcp_control_rooms_record(McpControlRooms *rooms, const char *name, GBytes *body,
                                  GError **error);
/** mcp_control_rooms_stop_recording: what mcp_control_rooms_record() began. */
gboolean mcp_control_rooms_stop_recording(McpControlRooms *rooms, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpControlRooms, mcp_control_rooms_unref)

G_END_DECLS
