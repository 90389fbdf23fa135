/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "names.h"

G_BEGIN_DECLS

/**
 * mcp_mrcp_message_translate: turns @message of a channel of @resource into one of version @to:
 * names, values that are written differently, completion causes, media types, and for v1 a list
 * of grammars without weights. What the other version has no word for is left out; what nobody
 * knows stays as it is.
 *
 * Returns: FALSE with MCP_ERROR_UNSUPPORTED, @message as it was: @to does not have the resource,
 * method or event.
 */
gboolean mcp_mrcp_message_translate(McpMrcpMessage *message, McpMrcpVersion to,
                                    McpMrcpResource resource, GError **error);

G_END_DECLS
