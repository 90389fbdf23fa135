/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a member of a room does by its keys, to itself and, as its moderator, to others. On the
 * call's shard.
 */
#include "member_private.h"

#include <mcp/log.h>

#include "callee/tone.h"

#define STEP 3.0 /* dB that a key changes the volume by */
#define HIGH_TONE 880
#define LOW_TONE 440
#define TONE_MS 120

gboolean
mcp_conference_member_get(McpConferenceMember *member, McpRoomMember *out_how, char **out_partner)
{
    if (!mcp_room_get_member(member->room, mcp_call_get_id(member->frame.call), out_how))
        return FALSE;
    /* It lives until the next change only. */
    *out_partner = g_strdup(out_how->partner);
    out_how->partner = *out_partner;
    return TRUE;
}

void
mcp_conference_member_change(McpConferenceMember *member, const char *name,
                             const McpRoomMember *how)
{
    g_autoptr(GError) error = NULL;

    /* Who went in the meantime is not there any more: nothing is to be done then. */
    if (!mcp_room_change_member(member->room, name, how, &error))
        mcp_log_debug("room-change", mcp_call_get_id(member->frame.call), "%s", error->message);
}

/* Heard by the member alone. */
static void
confirm(McpConferenceMember *self, guint pitch)
{
    g_autoptr(McpAudio) tone = NULL;
    McpPlayItem item = {.kind = MCP_PLAY_AUDIO};

    if (!self->params->of_room.tones)
        return;
    tone = mcp_tone_new(pitch, TONE_MS);
    item.audio = tone;
    mcp_leg_play(self->frame.leg, &item, 1);
}

static void
toggle_own_mute(McpConferenceMember *self, McpRoomMember *how)
{
    how->muted = !how->muted;
    mcp_conference_member_change(self, mcp_call_get_id(self->frame.call), how);
    mcp_call_note(self->frame.call, "room", how->muted ? "muted by itself" : "unmuted by itself");
    confirm(self, how->muted ? LOW_TONE : HIGH_TONE);
}

static void
mute_one(McpConferenceMember *self, const char *name, gboolean muted)
{
    McpRoomMember how;
    g_autofree char *partner = NULL;

    if (!mcp_room_get_member(self->room, name, &how) || how.role == MCP_ROLE_MODERATOR)
        return;
    partner = g_strdup(how.partner);
    how.partner = partner;
    how.muted = muted;
    mcp_conference_member_change(self, name, &how);
}

static void
toggle_all_muted(McpConferenceMember *self, const McpRoomMember *how)
{
    g_auto(GStrv) others = NULL;
    gboolean muted = FALSE;

    if (how->role != MCP_ROLE_MODERATOR)
        return;
    muted = mcp_seat_toggle_all_muted(self->seat);
    others = mcp_seat_list_others(self->seat);
    for (guint i = 0; others[i] != NULL; i++)
        mute_one(self, others[i], muted);
    mcp_call_note(self->frame.call, "room", muted ? "mutes all others" : "unmutes all others");
    mcp_log_info("room-muted", mcp_call_get_id(self->frame.call),
                 "moderator %s all others in room %s", muted ? "mutes" : "unmutes",
                 self->room_name);
    confirm(self, muted ? LOW_TONE : HIGH_TONE);
}

static void
change_volume(McpConferenceMember *self, McpRoomMember *how, double step)
{
    how->volume = CLAMP(how->volume + step, -MCP_ROOM_GAIN_MAX, MCP_ROOM_GAIN_MAX);
    mcp_conference_member_change(self, mcp_call_get_id(self->frame.call), how);
    mcp_call_note(self->frame.call, "room", "volume %+.0f dB", how->volume);
}

static void
obey(McpConferenceMember *self, McpConferenceCommand command)
{
    g_autofree char *partner = NULL;
    McpRoomMember how;

    if (command == MCP_CONFERENCE_NOTHING || self->held ||
        !mcp_conference_member_get(self, &how, &partner))
        return;
    if (command == MCP_CONFERENCE_MUTE)
        toggle_own_mute(self, &how);
    else if (command == MCP_CONFERENCE_MUTE_ALL)
        toggle_all_muted(self, &how);
    else
        change_volume(self, &how, command == MCP_CONFERENCE_LOUDER ? STEP : -STEP);
}

void
mcp_conference_member_take_digits(McpConferenceMember *member)
{
    McpDigit digit;

    while (member->frame.leg != NULL && mcp_leg_take_digit(member->frame.leg, &digit)) {
        if (member->params->commands)
            obey(member, mcp_conference_keys_take(&member->keys, digit.digit, digit.start));
    }
}
