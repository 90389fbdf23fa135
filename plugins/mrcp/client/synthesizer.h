/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "server_pool.h"
#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

/** McpMrcpSynthesizer: the synthesizer contract over the servers of a pool. */
#define MCP_TYPE_MRCP_SYNTHESIZER (mcp_mrcp_synthesizer_get_type())
G_DECLARE_FINAL_TYPE(McpMrcpSynthesizer, mcp_mrcp_synthesizer, MCP, MRCP_SYNTHESIZER, GObject)

/**
 * mcp_mrcp_synthesizer_new: (transfer full): what it gives grows as the server speaks.
 * @rate: Hz of it at most
 * @limit: bytes of a prompt at most
 */
McpMrcpSynthesizer *mcp_mrcp_synthesizer_new(const McpMrcpServices *services, McpMrcpPool *pool,
                                             guint rate, gsize limit);

G_END_DECLS
