/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/dialog.h>
#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * McpControlScripts: the dialog provider "script": runs the steps of a placed call.
 */
#define MCP_TYPE_CONTROL_SCRIPTS (mcp_control_scripts_get_type())
G_DECLARE_FINAL_TYPE(McpControlScripts, mcp_control_scripts, MCP, CONTROL_SCRIPTS, GObject)

/** mcp_control_scripts_new: (transfer full). */
McpControlScripts *mcp_control_scripts_new(McpHost *host);

G_END_DECLS
