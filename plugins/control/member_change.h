/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/room.h>

G_BEGIN_DECLS

/**
 * mcp_control_member_change: writes what the JSON object @body says into @how, whose partner stays
 * or becomes @out_partner (transfer full); MCP_ERROR_INVALID names the property. Pure function.
 */
gboolean mcp_control_member_change(GBytes *body, McpRoomMember *how, char **out_partner,
                                   GError **error);

G_END_DECLS
