/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/room.h>
#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpConferenceLookup: (nullable) (transfer none): parameter @name of a service. */
typedef const char *(*McpConferenceLookup)(const char *name, gconstpointer data);

/** McpConferenceParams: the parameters of a service with dialog = conference. */
typedef struct {
    char *room; /* nullable: the user part of the request-URI */
    McpRoomParams of_room;
    McpRoomRole role;
    char *partner; /* nullable: call id or user part of the member that it speaks to */
    gboolean muted;
    double gain;   /* dB */
    double volume; /* dB */
    gboolean commands;
    gboolean end_with_moderator;
    gboolean wait_for_moderator;
    char *hold_audio; /* nullable: URL */
} McpConferenceParams;

/** McpBridgeParams: the parameters of a service with dialog = bridge. */
typedef struct {
    char *target;        /* sip:, sips: or tel: URI; "{user}" stands for the caller's request-URI */
    char *gateway;       /* nullable: HOST[:PORT] that tel: numbers are called at */
    char *from;          /* nullable: who calls, as the callee sees it */
    gint64 ring_timeout; /* µs */
    char **codecs;       /* nullable: all */
} McpBridgeParams;

/** mcp_conference_params_parse: (transfer full): MCP_ERROR_INVALID names parameter and value. */
McpConferenceParams *mcp_conference_params_parse(McpConferenceLookup lookup, gconstpointer data,
                                                 GError **error);
/** mcp_conference_params_free: frees it. */
void mcp_conference_params_free(McpConferenceParams *params);

/** mcp_bridge_params_parse: (transfer full): MCP_ERROR_INVALID names parameter and value. */
McpBridgeParams *mcp_bridge_params_parse(McpConferenceLookup lookup, gconstpointer data,
                                         GError **error);
/** mcp_bridge_params_free: frees it. */
void mcp_bridge_params_free(McpBridgeParams *params);
/**
 * mcp_bridge_params_get_target: (transfer full): the URI that is dialled for a caller who asked for
 * @user; MCP_ERROR_INVALID when @user makes no number.
 */
char *mcp_bridge_params_get_target(const McpBridgeParams *params, const char *user, GError **error);

/** mcp_conference_check_settings: all services of both dialogs; the error names the service. */
gboolean mcp_conference_check_settings(McpSettings *settings, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpConferenceParams, mcp_conference_params_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBridgeParams, mcp_bridge_params_free)

G_END_DECLS
