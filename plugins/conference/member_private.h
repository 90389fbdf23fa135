/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "commands.h"
#include "frame.h"
#include "member.h"

G_BEGIN_DECLS

/* A member as the files of this folder see it. On the call's shard. */

struct _McpConferenceMember {
    GObject parent_instance;
    McpDialogFrame frame;
    McpConferenceParams *params;
    char *room_name;
    McpSeat *seat;
    McpAudio *hold_audio; /* nullable */
    McpRoom *room;        /* while it runs */
    gboolean held;        /* mute and deaf until a moderator is there */
    guint64 hold_list;    /* generation that plays, 0: none */
    gint64 joined;
    McpConferenceKeys keys;
};

/**
 * mcp_conference_member_get: how it is in its room; FALSE when it is not any more. @out_partner
 * (transfer full) is what @out_how names.
 */
gboolean mcp_conference_member_get(McpConferenceMember *member, McpRoomMember *out_how,
                                   char **out_partner);
/** mcp_conference_member_change: how @name is in the room, while it is. */
void mcp_conference_member_change(McpConferenceMember *member, const char *name,
                                  const McpRoomMember *how);
/** mcp_conference_member_take_digits: does what its keys say. */
void mcp_conference_member_take_digits(McpConferenceMember *member);

G_END_DECLS
