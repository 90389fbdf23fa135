/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stack.h"

G_BEGIN_DECLS

/** mcp_sip_server_receive: a message outside of any transaction and dialog (nta_message_f). */
int mcp_sip_server_receive(McpSipStack *stack, nta_agent_t *agent, msg_t *message, sip_t *sip);

G_END_DECLS
