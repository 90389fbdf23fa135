/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/dialog.h>

#include "services.h"

G_BEGIN_DECLS

/** McpConferenceMember: the dialog "conference": a caller in a room. On the call's shard. */
#define MCP_TYPE_CONFERENCE_MEMBER (mcp_conference_member_get_type())
G_DECLARE_FINAL_TYPE(McpConferenceMember, mcp_conference_member, MCP, CONFERENCE_MEMBER, GObject)

/**
 * mcp_conference_member_new: (transfer full): with a seat in its room; NULL with (transfer full)
 * @out_reject when it is full (486) or has no name (404).
 * @services: (transfer full)
 * @params: (transfer full)
 */
McpConferenceMember *mcp_conference_member_new(McpConferenceServices *services, McpCall *call,
                                               McpConferenceParams *params, McpReject **out_reject);

G_END_DECLS
