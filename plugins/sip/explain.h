/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stack.h"

#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/** mcp_sip_explain: @task (transfer full) returns the JSON text or an error. Any thread. */
void mcp_sip_explain(McpSipStack *stack, const McpExplainParams *params, GTask *task);

G_END_DECLS
