/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

G_BEGIN_DECLS

/**
 * McpSipRegistrations: the identities of trunks, kept registered (RFC 3261 §10): one REGISTER a
 * trunk under way, renewed before its time is over, tried again with growing pauses when it failed,
 * taken back at the end. SIP context.
 */
typedef struct _McpSipRegistrations McpSipRegistrations;

/** McpSipRegisterOutcome: what became of a REGISTER. */
typedef enum {
    MCP_SIP_REGISTER_ACCEPTED,
    MCP_SIP_REGISTER_REFUSED,
    MCP_SIP_REGISTER_UNREACHABLE,
} McpSipRegisterOutcome;

/** mcp_sip_registrations_new: (transfer full): begins at once; the sockets are open. */
McpSipRegistrations *mcp_sip_registrations_new(McpSipStack *stack);
/** mcp_sip_registrations_stop: takes back what is registered; later nothing is. */
void mcp_sip_registrations_stop(McpSipRegistrations *registrations);
/** mcp_sip_registrations_is_idle: whether no REGISTER is under way. */
gboolean mcp_sip_registrations_is_idle(const McpSipRegistrations *registrations);
/** mcp_sip_registrations_free: whatever is under way. */
void mcp_sip_registrations_free(McpSipRegistrations *registrations);

G_END_DECLS
