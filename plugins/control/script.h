/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/dialog.h>
#include <mcp/host.h>

G_BEGIN_DECLS

/** McpControlScript: the dialog of one call. */
#define MCP_TYPE_CONTROL_SCRIPT (mcp_control_script_get_type())
G_DECLARE_FINAL_TYPE(McpControlScript, mcp_control_script, MCP, CONTROL_SCRIPT, GObject)

/**
 * mcp_control_script_new: (transfer full): a dialog for @call, which must outlive it. Parameters of
 * the call: "steps" (JSON array), "record" (object name, nullable), "timeout" (duration).
 */
McpDialog *mcp_control_script_new(McpHost *host, McpCall *call, GError **error);

G_END_DECLS
