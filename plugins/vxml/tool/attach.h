/* SPDX-License-Identifier: Apache-2.0 */
/* mcpctl vxml debug --attach: an editor and mcpd, which speaks DAP itself. One thread. */
#pragma once
#include "tool.h"

G_BEGIN_DECLS

/** MCP_VXML_DEBUG_SOCKET: where it is looked for. */
#define MCP_VXML_DEBUG_SOCKET "/run/mcp/vxml-debug.sock"

/**
 * mcp_vxml_attach: carries messages between stdio and the socket at @path until one side has gone.
 * A request "attach" that names no call gets @call.
 */
McpVxmlToolExit mcp_vxml_attach(const char *path, const char *call);

G_END_DECLS
