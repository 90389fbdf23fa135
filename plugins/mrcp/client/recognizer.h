/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "server_pool.h"
#include <mcp/contract/recognizer.h>

G_BEGIN_DECLS

/** McpMrcpRecognizer: the recognizer contract over the servers of a pool. */
#define MCP_TYPE_MRCP_RECOGNIZER (mcp_mrcp_recognizer_get_type())
G_DECLARE_FINAL_TYPE(McpMrcpRecognizer, mcp_mrcp_recognizer, MCP, MRCP_RECOGNIZER, GObject)

/** mcp_mrcp_recognizer_new: (transfer full): @rate: Hz of what the servers hear at most. */
McpMrcpRecognizer *mcp_mrcp_recognizer_new(const McpMrcpServices *services, McpMrcpPool *pool,
                                           guint rate);

G_END_DECLS
