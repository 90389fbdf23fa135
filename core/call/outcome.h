/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/call.h>

/** McpOutcome: who asked for something that ends on a shard, and where to tell how it went. */
typedef struct _McpOutcome McpOutcome;

/** mcp_outcome_new: (transfer full): @func is to run on the present thread-default context. */
McpOutcome *mcp_outcome_new(McpTransferFunc func, gpointer user_data);
/** mcp_outcome_tell: takes @outcome: its function runs once on its context. Any thread. */
void mcp_outcome_tell(McpOutcome *outcome, guint status, const char *reason);
