/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/call.h>

G_BEGIN_DECLS

/** McpControlPlace: the body of POST /calls, checked. */
typedef struct {
    char *target;
    char *from;   /* nullable */
    char *uui;    /* nullable */
    char *dialog; /* "script" unless said */
    GHashTable *parameters;
    gint64 deadline; /* µs to an answer; 0: default */
} McpControlPlace;

/** mcp_control_place_parse: (transfer full): NULL with MCP_ERROR_INVALID naming the member. */
McpControlPlace *mcp_control_place_parse(GBytes *body, GError **error);
/** mcp_control_place_free: frees it. */
void mcp_control_place_free(McpControlPlace *place);

/** mcp_control_parse_member: (transfer full) (nullable): string member @name of a JSON body. */
char *mcp_control_parse_member(GBytes *body, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpControlPlace, mcp_control_place_free)

G_END_DECLS
