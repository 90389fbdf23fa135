/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../player/player.h"
#include "member.h"

G_BEGIN_DECLS

/**
 * McpMediaRoom: a conference room: members, and the mix that its home worker makes of them every
 * 10 or 20 ms. Counted by reference. What is not said otherwise may be called on any thread but a
 * media worker.
 */

/** McpMediaRoomListener: a holder that hears of the room; counted by reference. */
typedef struct _McpMediaRoomListener {
    gint refs; /* atomic */
    McpMediaMailbox *mailbox;
    gpointer handle; /* nullable; of the holder's context */
} McpMediaRoomListener;

/** mcp_media_room_listener_new: (transfer full): on the holder's context. */
McpMediaRoomListener *mcp_media_room_listener_new(gpointer handle, McpMediaMailbox *mailbox);
/** mcp_media_room_listener_ref: (transfer full). Any thread. */
McpMediaRoomListener *mcp_media_room_listener_ref(McpMediaRoomListener *listener);
/** mcp_media_room_listener_unref: (nullable). */
void mcp_media_room_listener_unref(McpMediaRoomListener *listener);

/** mcp_media_room_check: FALSE: @params cannot be a room's. */
gboolean mcp_media_room_check(const char *name, const McpRoomParams *params, GError **error);
/**
 * mcp_media_room_new: (transfer full): mixes from now on.
 * @name: "" for one that nobody can find
 */
McpMediaRoom *mcp_media_room_new(const char *name, const McpRoomParams *params,
                                 McpMediaWorker *home);
/** mcp_media_room_ref: (transfer full). Any thread. */
McpMediaRoom *mcp_media_room_ref(McpMediaRoom *room);
/** mcp_media_room_unref: (nullable). */
void mcp_media_room_unref(McpMediaRoom *room);
/** mcp_media_room_flush: what members said and waits to be mixed is mixed at once. */
void mcp_media_room_flush(McpMediaRoom *room);
/** mcp_media_room_close: it mixes no more; its list comes back. */
void mcp_media_room_close(McpMediaRoom *room);
/** mcp_media_room_get_name: (transfer none). */
const char *mcp_media_room_get_name(const McpMediaRoom *room);
/** mcp_media_room_get_rate: Hz of its mix. */
guint mcp_media_room_get_rate(const McpMediaRoom *room);
/** mcp_media_room_get_home: (transfer none): the worker that mixes. */
McpMediaWorker *mcp_media_room_get_home(const McpMediaRoom *room);
/** mcp_media_room_clamps_digits: digits in the audio of members are not let through. */
gboolean mcp_media_room_clamps_digits(const McpMediaRoom *room);

/** mcp_media_room_add: MCP_ERROR_LIMIT: it is full; MCP_ERROR_STATE: the name is there already. */
gboolean mcp_media_room_add(McpMediaRoom *room, McpMediaMember *member, const McpRoomMember *how,
                            GError **error);
/** mcp_media_room_remove: without it nothing happens. */
void mcp_media_room_remove(McpMediaRoom *room, McpMediaMember *member);
/** mcp_media_room_find: (transfer full) (nullable). */
McpMediaMember *mcp_media_room_find(McpMediaRoom *room, const char *name);
/** mcp_media_room_change: another role, gain … */
gboolean mcp_media_room_change(McpMediaRoom *room, const char *name, const McpRoomMember *how,
                               GError **error);
/** mcp_media_room_get: how a member is in it; its partner lives until the next change. */
gboolean mcp_media_room_get(McpMediaRoom *room, const char *name, McpRoomMember *out_how);
/** mcp_media_room_set_ptime: packets of @member are @ptime ms long. */
void mcp_media_room_set_ptime(McpMediaRoom *room, McpMediaMember *member, guint ptime);
/** mcp_media_room_add_listener: holders that hear of it. */
void mcp_media_room_add_listener(McpMediaRoom *room, McpMediaRoomListener *listener);
/** mcp_media_room_remove_listener: not any more. */
void mcp_media_room_remove_listener(McpMediaRoom *room, McpMediaRoomListener *listener);
/** mcp_media_room_get_play_codec: what its lists have to be in. */
McpMediaCodecId mcp_media_room_get_play_codec(const McpMediaRoom *room);
/** mcp_media_room_next_generation: for a list. */
guint64 mcp_media_room_next_generation(McpMediaRoom *room);
/** mcp_media_room_play: (transfer full) @list: @listener hears of its end. */
void mcp_media_room_play(McpMediaRoom *room, McpMediaPlayList *list,
                         McpMediaRoomListener *listener);
/** mcp_media_room_stop: stops generation @generation if it still plays. */
void mcp_media_room_stop(McpMediaRoom *room, guint64 generation);
/**
 * mcp_media_room_record: (transfer full) @recorder: @listener gets it back at its end; FALSE: the
 * room is recorded already, it was not taken.
 */
gboolean mcp_media_room_record(McpMediaRoom *room, McpMediaRecorder *recorder,
                               McpMediaRoomListener *listener);
/** mcp_media_room_stop_recording: if there is one. */
void mcp_media_room_stop_recording(McpMediaRoom *room);
/** mcp_media_room_describe: adds members about it to an open object. */
void mcp_media_room_describe(McpMediaRoom *room, McpJson *json);

G_END_DECLS
