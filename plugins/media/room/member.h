/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/live_encoder.h"
#include "../detect/dtmf_tones.h"
#include "../ear/ear.h"
#include "../ear/playout.h"
#include "../leg/stream.h"
#include "../worker/pipe.h"
#include "floor.h"
#include "mix.h"
#include <mcp/contract/room.h>

G_BEGIN_DECLS

typedef struct _McpMediaRoom McpMediaRoom;
typedef struct _McpMediaMember McpMediaMember;

/** McpMediaMemberControls: how a member is in its room; travels by value. */
typedef struct {
    McpRoomRole role;
    char partner[MCP_ROOM_NAME_MAX + 1];
    gboolean muted;
    gboolean deaf;
    gint32 gain;
    gint32 volume;
} McpMediaMemberControls;

/**
 * McpMediaMember: a leg in a room. Its samples go from the worker of its stream to the room's home
 * worker and back: directly where both are one, else through pipes. Counted by reference; the last
 * one goes off the workers.
 */
struct _McpMediaMember {
    gint refs; /* atomic */
    McpMediaRoom *room;
    char name[MCP_ROOM_NAME_MAX + 1];
    gboolean remote;        /* the stream's worker is not the room's home */
    McpMediaWorker *worker; /* of the stream */

    /* The room's home worker. */
    McpMediaMember *next;
    McpMediaSpeaker speaker;
    McpMediaMemberControls controls;
    McpMediaMember *partner; /* nullable */
    McpMediaPlayout *playout;
    gboolean heard;   /* was in the mix in the step before */
    gboolean speaks;  /* is in the mix in this step */
    gboolean present; /* the room has it */
    guint until_look; /* steps until its figures are looked at again */
    gint16 own[MCP_MEDIA_MIX_MAX];

    /* The stream's worker. */
    McpMediaStream *stream;   /* nullable */
    McpMediaDtmfTones *tones; /* nullable: digits are clamped */
    gboolean tone_lasts;
    gint64 tones_base; /* position of the first sample that the detector had */
    gboolean tones_begun;

    McpMediaPipe *to_room;   /* nullable: only if remote */
    McpMediaPipe *to_stream; /* nullable: only if remote */

    /* Figures; any thread. */
    _Atomic guint loudness;
    _Atomic guint delay_us;
    _Atomic guint ptime;         /* ms of its packets; control side writes */
    _Atomic guint64 late;        /* steps in which its samples came too late */
    _Atomic guint64 lost_frames; /* for which the other worker had no room */
};

/** mcp_media_member_controls: FALSE: @member is malformed. */
gboolean mcp_media_member_controls(const McpRoomMember *member, McpMediaMemberControls *out,
                                   GError **error);
/**
 * mcp_media_member_new: (transfer full): on the leg's context.
 * @worker: of the leg's stream
 */
McpMediaMember *mcp_media_member_new(McpMediaRoom *room, const char *name, McpMediaWorker *worker);
/** mcp_media_member_ref: (transfer full). Any thread. */
McpMediaMember *mcp_media_member_ref(McpMediaMember *member);
/** mcp_media_member_unref: any thread but a media worker. */
void mcp_media_member_unref(McpMediaMember *member);

/** mcp_media_member_hear: an McpMediaHearFunc. The stream's worker. */
void mcp_media_member_hear(gpointer member, const McpMediaHeard *heard, gint64 now);
/** mcp_media_member_take: the next @n samples of what it says, into its @own. Home worker. */
void mcp_media_member_take(McpMediaMember *member, guint n, gint64 now);
/** mcp_media_member_drain: what waits of what it said, at once; silence behind it. Home worker. */
void mcp_media_member_drain(McpMediaMember *member, guint n);
/** mcp_media_member_waits: something of what it said waits. Home worker. */
gboolean mcp_media_member_waits(McpMediaMember *member, gint64 now);
/** mcp_media_member_give: @n samples for its other side to hear. Home worker. */
void mcp_media_member_give(McpMediaMember *member, const gint16 *samples, guint n, gint64 now);

G_END_DECLS
