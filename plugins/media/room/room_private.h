/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../leg/stream_live.h"
#include "room.h"
#include <speex/speex_resampler.h>

G_BEGIN_DECLS

/** McpMediaChime: the tone at an entry or exit that is heard now. */
typedef struct {
    guint left; /* samples */
    guint done;
    gboolean rising;
} McpMediaChime;

/** McpMediaRoomEntry: a member as the control side knows it. */
typedef struct {
    McpMediaMember *member;
    McpRoomMember how; /* its partner is owned */
} McpMediaRoomEntry;

struct _McpMediaRoom {
    McpMediaTicked ticked;
    gint refs; /* atomic */

    /* The home worker. */
    gboolean added;
    gboolean closed;
    McpMediaMember *members; /* a list */
    guint n_members;
    guint n_asides;            /* members that have a partner */
    McpMediaSpeaker *speakers; /* the same list */
    McpMediaFloor floor;
    McpMediaChime chime;
    McpMediaPlayer player;
    McpMediaRoomListener *player_owner;   /* nullable */
    SpeexResamplerState *resampler;       /* nullable: of what is played */
    McpMediaRecorder *recorder;           /* nullable */
    McpMediaRoomListener *recorder_owner; /* nullable */
    gboolean records;                     /* it has heard something */
    guint64 recorded_from;                /* slot of the first step that it heard */
    gboolean drains;                      /* what waits is mixed, whatever the clock says */
    McpMediaMix mix;
    McpMediaSharedCoding shared;

    /* Made once. */
    char name[MCP_ROOM_NAME_MAX + 1];
    McpRoomParams params;
    McpMediaWorker *home;
    McpMediaFormat play_format;

    /* The control side. */
    GMutex lock; /* guards what follows; the home worker takes it to tell listeners */
    GPtrArray *entries;
    GPtrArray *listeners;
    guint64 generations;
    gboolean is_recorded;
    char *speaker; /* nullable: name of the member that has the floor */

    /* Figures. */
    _Atomic guint64 steps, skipped;
};

/** mcp_media_room_class: of its ticks. */
extern const McpMediaTickedClass mcp_media_room_class;

/* Home worker. */

/** mcp_media_room_enter: @member is mixed from now on. */
void mcp_media_room_enter(McpMediaRoom *room, McpMediaMember *member,
                          const McpMediaMemberControls *controls, gint64 now);
/** mcp_media_room_exit: not any more. */
void mcp_media_room_exit(McpMediaRoom *room, McpMediaMember *member, gint64 now);
/** mcp_media_room_apply: other controls. */
void mcp_media_room_apply(McpMediaRoom *room, McpMediaMember *member,
                          const McpMediaMemberControls *controls);
/** mcp_media_room_drain: steps until nothing waits that fills one. */
void mcp_media_room_drain(McpMediaRoom *room, gint64 now);
/** mcp_media_room_fit_period: steps are as long as the packets of all members allow. */
void mcp_media_room_fit_period(McpMediaRoom *room);
/** mcp_media_room_end_list: what plays ends for @reason. */
void mcp_media_room_end_list(McpMediaRoom *room, McpStopReason reason, const GError *failure,
                             gint64 now);
/** mcp_media_room_end_recording: for @reason, if there is one. */
void mcp_media_room_end_recording(McpMediaRoom *room, McpStopReason reason, gint64 now);
/** mcp_media_room_tell: all listeners of something about @member (nullable). */
void mcp_media_room_tell(McpMediaRoom *room, McpRoomEventType type, McpMediaMember *member,
                         gint64 now);

G_END_DECLS
