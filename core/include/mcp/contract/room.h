/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/leg.h>

G_BEGIN_DECLS

/**
 * Rooms of the media contract: legs that hear each other, each all others but itself. A room lives
 * while it has members or a holder. McpRoom is a holder's handle: it belongs to the context that
 * was thread-default when it was opened, is used there and hears its events there; members may be
 * legs of any context.
 */

/** McpRoomRole: what a member hears and who hears it. */
typedef enum {
    MCP_ROLE_TALKER,    /* hears all, is heard by all */
    MCP_ROLE_LISTENER,  /* hears all, is heard by none */
    MCP_ROLE_COACH,     /* hears all, is heard by its partner alone */
    MCP_ROLE_WHISPERER, /* hears its partner alone, is heard by its partner alone */
    MCP_ROLE_MODERATOR, /* as a talker, and always among the loudest */
    MCP_N_ROLES,
} McpRoomRole;

/** MCP_ROOM_NAME_MAX: bytes of the name of a room, a member or a partner at most. */
#define MCP_ROOM_NAME_MAX 95
/** MCP_ROOM_GAIN_MAX: dB, up or down. */
#define MCP_ROOM_GAIN_MAX 40.0

/** McpRoomMember: how a leg is in a room. */
typedef struct {
    McpRoomRole role;
    const char *partner; /* COACH, WHISPERER: name (call id) of the member that hears it */
    gboolean muted;      /* nobody hears it */
    gboolean deaf;       /* it hears nothing */
    double gain;         /* dB, of what it says */
    double volume;       /* dB, of what it hears */
} McpRoomMember;

/** McpRoomParams: how a room is made; of one that exists already they change nothing. */
typedef struct {
    guint rate;            /* Hz of the mix: 8000, 16000 or 48000; 0: 8000 */
    guint loudest;         /* so many of those who talk are heard; 0: all */
    guint max_members;     /* 0: no limit */
    gboolean tones;        /* a short tone when somebody enters or leaves */
    gboolean clamp_digits; /* digits that members press are not heard by others */
} McpRoomParams;

/** McpRoomEventType: what a room reports. */
typedef enum {
    MCP_ROOM_JOINED, /* @member came */
    MCP_ROOM_LEFT,   /* @member went */
    MCP_ROOM_FLOOR,  /* @member speaks now, louder than all others; "": nobody */
    MCP_ROOM_PLAYBACK_ENDED,
    MCP_ROOM_RECORDING_ENDED,
} McpRoomEventType;

/** McpRoomEvent: valid during the callback. */
typedef struct {
    McpRoomEventType type;
    const char *member;
    guint members;      /* JOINED, LEFT: that are in it then */
    guint64 generation; /* PLAYBACK_ENDED */
    McpStopReason stop;
    const McpRecordingResult *recording;
    const GError *error;
} McpRoomEvent;

#define MCP_TYPE_ROOM (mcp_room_get_type())
G_DECLARE_INTERFACE(McpRoom, mcp_room, MCP, ROOM, GObject)

/** McpRoomFunc: on the handle's context. */
typedef void (*McpRoomFunc)(McpRoom *room, const McpRoomEvent *event, gpointer user_data);

/** McpRoomInterface: members as the functions of the same names. */
struct _McpRoomInterface {
    GTypeInterface parent_iface;
    const char *(*get_name)(McpRoom *self);
    void (*set_handler)(McpRoom *self, McpRoomFunc func, gpointer user_data);
    gboolean (*join)(McpRoom *self, McpLeg *leg, const McpRoomMember *member, GError **error);
    gboolean (*change_member)(McpRoom *self, const char *name, const McpRoomMember *member,
                              GError **error);
    gboolean (*get_member)(McpRoom *self, const char *name, McpRoomMember *out_member);
    gboolean (*remove_member)(McpRoom *self, const char *name, GError **error);
    guint64 (*play)(McpRoom *self, const McpPlayItem *items, guint n_items);
    void (*stop)(McpRoom *self, guint64 generation);
    gboolean (*record)(McpRoom *self, const McpRecordParams *params, GError **error);
    void (*stop_recording)(McpRoom *self);
    void (*describe)(McpRoom *self, McpJson *json);
};

/** mcp_room_get_name: (transfer none). */
const char *mcp_room_get_name(McpRoom *room);
/** mcp_room_set_handler: one handler a handle; NULL for none. */
void mcp_room_set_handler(McpRoom *room, McpRoomFunc func, gpointer user_data);
/**
 * mcp_room_join: @leg is a member from now on, under the id of its call, until mcp_leg_leave(), its
 * end or mcp_room_remove_member(). While it plays a prompt it hears that instead. On @leg's
 * context, which is the handle's. MCP_ERROR_STATE: it is in a room or bridge already, or has no
 * codec yet; MCP_ERROR_LIMIT: the room is full; MCP_ERROR_INVALID: the partner's name is missing.
 */
gboolean mcp_room_join(McpRoom *room, McpLeg *leg, const McpRoomMember *member, GError **error);
/** mcp_room_change_member: MCP_ERROR_NOT_FOUND when there is no member of that name. */
gboolean mcp_room_change_member(McpRoom *room, const char *name, const McpRoomMember *member,
                                GError **error);
/** mcp_room_get_member: how @name is in the room; its partner lives until the next change. */
gboolean mcp_room_get_member(McpRoom *room, const char *name, McpRoomMember *out_member);
/** mcp_room_remove_member: its leg hears MCP_LEG_LEFT and goes on alone. */
gboolean mcp_room_remove_member(McpRoom *room, const char *name, GError **error);
/**
 * mcp_room_play: all members hear @items beside each other; what this handle played is stopped
 * first. It ends when nobody is left in the room; begun in an empty one, it waits for somebody.
 * Returns: generation, > 0; PLAYBACK_ENDED follows for each exactly once.
 */
guint64 mcp_room_play(McpRoom *room, const McpPlayItem *items, guint n_items);
/** mcp_room_stop: a stale generation is ignored. */
void mcp_room_stop(McpRoom *room, guint64 generation);
/** mcp_room_record: the whole mix; one recording a room. */
gboolean mcp_room_record(McpRoom *room, const McpRecordParams *params, GError **error);
/** mcp_room_stop_recording: RECORDING_ENDED follows at the handle that began it. */
void mcp_room_stop_recording(McpRoom *room);
/** mcp_room_describe: adds members about the room, with its "members", to an open object. */
void mcp_room_describe(McpRoom *room, McpJson *json);

/** mcp_room_role_name: "talker" …; any thread. */
const char *mcp_room_role_name(McpRoomRole role);
/** mcp_room_role_parse: FALSE when @name is no role. Any thread. */
gboolean mcp_room_role_parse(const char *name, McpRoomRole *out_role);

G_END_DECLS
