/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stack.h"

G_BEGIN_DECLS

/*
 * The gate: who may make the platform do anything. Whatever is refused here is answered without a
 * transaction, or not at all. SIP context.
 */

/** mcp_sip_gate_open: the gate of @stack, before its first socket. */
void mcp_sip_gate_open(McpSipStack *stack);
/** mcp_sip_gate_watch: when all sockets are open: their options, and their connections. */
void mcp_sip_gate_watch(McpSipStack *stack);
/** mcp_sip_gate_close: before the agent goes. */
void mcp_sip_gate_close(McpSipStack *stack);
/** mcp_sip_gate_tend: once a second: connections, what was dropped, how late the loop is. */
void mcp_sip_gate_tend(McpSipStack *stack, gint64 delay);

/**
 * mcp_sip_gate_enter: a request outside of any dialog: FALSE when it is to be dropped: its source
 * is silenced. Costs next to nothing.
 */
gboolean mcp_sip_gate_enter(McpSipStack *stack, msg_t *message);
/**
 * mcp_sip_gate_admit_stranger: whether a request that would get an answer although it starts
 * nothing gets one: not when it comes from a stranger who has had all answers of this second.
 */
gboolean mcp_sip_gate_admit_stranger(McpSipStack *stack, msg_t *message);
/** mcp_sip_gate_refuse: answers @message (transfer full) with @status, logs and counts it. */
void mcp_sip_gate_refuse(McpSipStack *stack, msg_t *message, guint status, McpSipRefusal cause,
                         const char *reason);
/** mcp_sip_gate_take_call: whether the address of @message may make a call now; it counts then. */
gboolean mcp_sip_gate_take_call(McpSipStack *stack, msg_t *message);

G_END_DECLS
