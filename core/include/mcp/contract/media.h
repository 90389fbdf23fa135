/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/room.h>

G_BEGIN_DECLS

/**
 * The media contract: makes legs, and brings audio into their wire formats. On the context of the
 * call (its shard); nothing blocks.
 */
#define MCP_CONTRACT_MEDIA "media"
#define MCP_CONTRACT_MEDIA_MAJOR 1
#define MCP_CONTRACT_MEDIA_MINOR 0

/** McpLegParams: how a leg is made. */
typedef struct {
    const char *call_id; /* for log lines */
    const char
        *local_address; /* nullable: address that signalling came in on; selects the interface */
    gboolean ipv6;      /* family, when @local_address is NULL */
    gboolean secure;    /* signalling is encrypted: keys may stand in descriptions */
    const char *const *codecs; /* nullable: names, preferred ones first; none or empty: all */
} McpLegParams;

#define MCP_TYPE_MEDIA (mcp_media_get_type())
G_DECLARE_INTERFACE(McpMedia, mcp_media, MCP, MEDIA, GObject)

/** McpMediaInterface: members as the functions of the same names. */
struct _McpMediaInterface {
    GTypeInterface parent_iface;
    McpLeg *(*create_leg)(McpMedia *self, const McpLegParams *params, GError **error);
    void (*prepare_async)(McpMedia *self, McpLeg *leg, McpAudio *audio, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
    gboolean (*prepare_finish)(McpMedia *self, GAsyncResult *result, gint64 *out_duration,
                               GError **error);
    McpRoom *(*open_room)(McpMedia *self, const char *name, const McpRoomParams *params,
                          GError **error);
    void (*list_rooms)(McpMedia *self, McpJson *json);
};

/** mcp_media_create_leg: (transfer full): MCP_ERROR_LIMIT when no port is free (SIP 503). */
McpLeg *mcp_media_create_leg(McpMedia *media, const McpLegParams *params, GError **error);
/**
 * mcp_media_prepare_async: brings @audio into the wire format of @leg in the prompt cache, so that
 * playing it starts at once; tells formats that cannot be played beforehand. Of audio that still
 * grows so much is waited for that it can begin.
 */
void mcp_media_prepare_async(McpMedia *media, McpLeg *leg, McpAudio *audio,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
/**
 * mcp_media_prepare_finish: @out_duration (nullable) in µs, 0 while it grows; MCP_ERROR_INVALID
 * names what is wrong.
 */
gboolean mcp_media_prepare_finish(McpMedia *media, GAsyncResult *result, gint64 *out_duration,
                                  GError **error);
/**
 * mcp_media_open_room: (transfer full): a handle of the room @name, which is made if there is none
 * yet. The room lives as long as a handle or a member.
 * @params: (nullable): of a new room; NULL: MCP_ERROR_NOT_FOUND when there is none
 */
McpRoom *mcp_media_open_room(McpMedia *media, const char *name, const McpRoomParams *params,
                             GError **error);
/** mcp_media_list_rooms: adds an array "rooms" with one object a room. Any thread. */
void mcp_media_list_rooms(McpMedia *media, McpJson *json);

G_END_DECLS
