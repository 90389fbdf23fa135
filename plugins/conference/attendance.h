/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpAttendance: who is in which room by way of this plugin: seats are limited before a call is
 * answered, and members hear of moderators who come and go. Counted by reference. Any thread unless
 * said otherwise.
 */
typedef struct _McpAttendance McpAttendance;

/** McpSeat: a place in a room that somebody has or is about to take. */
typedef struct _McpSeat McpSeat;

/** McpNoticeType: what happened to others in the room. */
typedef enum {
    MCP_NOTICE_ENTERED,        /* @call_id with the caller @user came in */
    MCP_NOTICE_MODERATOR_CAME, /* the first one */
    MCP_NOTICE_MODERATOR_LEFT, /* the last one; @ends: the others are to go, too */
} McpNoticeType;

/** McpNotice: valid during the callback. */
typedef struct {
    McpNoticeType type;
    const char *call_id;
    const char *user;
    gboolean ends;
} McpNotice;

/** McpSeatFunc: on the context of mcp_seat_enter(). */
typedef void (*McpSeatFunc)(const McpNotice *notice, gpointer user_data);

/** McpSeatParams: who takes a seat. */
typedef struct {
    const char *room;
    const char *call_id;
    const char *user;   /* of the caller's URI */
    guint max_members;  /* of a room that has none yet; 0: no limit */
    gboolean moderator; /* others may wait for it */
    gboolean ends;      /* all others go with the last moderator, who it may be */
} McpSeatParams;

/** mcp_attendance_new: (transfer full). */
McpAttendance *mcp_attendance_new(void);
/** mcp_attendance_ref: (transfer full). */
McpAttendance *mcp_attendance_ref(McpAttendance *attendance);
/** mcp_attendance_unref: (nullable). */
void mcp_attendance_unref(McpAttendance *attendance);

/** mcp_attendance_take_seat: (transfer full): MCP_ERROR_LIMIT: the room is full. */
McpSeat *mcp_attendance_take_seat(McpAttendance *attendance, const McpSeatParams *params,
                                  GError **error);
/**
 * mcp_seat_enter: the member is in; @func hears of others from now on, on the thread-default
 * context. Returns: whether a moderator is there, it itself included.
 */
gboolean mcp_seat_enter(McpSeat *seat, McpSeatFunc func, gpointer user_data);
/** mcp_seat_leave: frees; @func is told nothing more. On the context of mcp_seat_enter(). */
void mcp_seat_leave(McpSeat *seat);
/** mcp_seat_count: members that are in; @out_peak (nullable): most at a time since it took it. */
guint mcp_seat_count(McpSeat *seat, guint *out_peak);
/** mcp_seat_list_others: (transfer full): call ids of the others that are in. */
char **mcp_seat_list_others(McpSeat *seat);
/** mcp_seat_find: (transfer full) (nullable): call id of who is @name by call id or user part. */
char *mcp_seat_find(McpSeat *seat, const char *name);
/** mcp_seat_toggle_all_muted: Returns: whether all but moderators are to be mute from now on. */
gboolean mcp_seat_toggle_all_muted(McpSeat *seat);
/** mcp_seat_is_all_muted: whether who comes in is to be mute. */
gboolean mcp_seat_is_all_muted(McpSeat *seat);

G_END_DECLS
