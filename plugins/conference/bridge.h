/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/dialog.h>

#include "services.h"

G_BEGIN_DECLS

/** McpBridge: the dialog "bridge": a caller and a party that is called for it. On the shard. */
#define MCP_TYPE_BRIDGE (mcp_bridge_get_type())
G_DECLARE_FINAL_TYPE(McpBridge, mcp_bridge, MCP, BRIDGE, GObject)

/**
 * mcp_bridge_new: (transfer full): NULL with (transfer full) @out_reject when the caller's request
 * makes no target (404), or it may not dial it (403).
 * @services: (transfer full)
 * @params: (transfer full)
 */
McpBridge *mcp_bridge_new(McpConferenceServices *services, McpCall *call, McpBridgeParams *params,
                          McpReject **out_reject);

G_END_DECLS
