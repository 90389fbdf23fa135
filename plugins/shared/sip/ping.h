/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stack.h"

G_BEGIN_DECLS

/** McpSipPing: an OPTIONS of ours outside of any dialog (RFC 3261 §11), under way. SIP context. */
typedef struct _McpSipPing McpSipPing;

/**
 * mcp_sip_ping: sends OPTIONS to @target, a SIP URI, as an INVITE to it would go.
 * @deadline: µs to the answer
 * @task: (transfer full): returns the status of the answer as an int, or MCP_ERROR_INVALID (no SIP
 *   URI), MCP_ERROR_FAILED (out of reach), MCP_ERROR_TIMEOUT or MCP_ERROR_CLOSED
 *
 * Any thread.
 */
void mcp_sip_ping(McpSipStack *stack, const char *target, gint64 deadline, GTask *task);

/** mcp_sip_ping_end_all: those under way end with MCP_ERROR_CLOSED. SIP context. */
void mcp_sip_ping_end_all(McpSipStack *stack);

G_END_DECLS
