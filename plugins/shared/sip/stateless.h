/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stack.h"

G_BEGIN_DECLS

/* Responses without a transaction, so that strangers cost no memory. SIP context. */

/**
 * mcp_sip_stateless_warning: (transfer full) (nullable): RFC 3261 §21.4.26: a 488 says in a Warning
 * what is wrong with the description; @transport (nullable) is the socket that it came to.
 */
char *mcp_sip_stateless_warning(const tport_t *transport, guint status, const char *reason);
/**
 * mcp_sip_stateless_reply: answers @message (transfer full); @reason becomes the text of its Reason
 * header; @retry_after in seconds, 0 for none; @lines (nullable) are further headers.
 */
void mcp_sip_stateless_reply(McpSipStack *stack, msg_t *message, guint status, const char *reason,
                             guint retry_after, const char *lines);
/** mcp_sip_stateless_options: 200, or @status when new calls are not taken, to OPTIONS. */
void mcp_sip_stateless_options(McpSipStack *stack, msg_t *message, guint status, guint retry_after);

/* Headers by status; NULL: none is needed. */

/** mcp_sip_stateless_allow: (transfer none) (nullable): RFC 3261 §20.5. */
sip_allow_t *mcp_sip_stateless_allow(const McpSipStack *stack, guint status);
/** mcp_sip_stateless_accept: (transfer none) (nullable): RFC 3261 §20.2. */
sip_accept_t *mcp_sip_stateless_accept(const McpSipStack *stack, guint status);
/** mcp_sip_stateless_min_se: (transfer full) (nullable): what a 422 must name (RFC 4028 §9). */
char *mcp_sip_stateless_min_se(const McpSipStack *stack, guint status);
/** mcp_sip_stateless_retry_after: (transfer full) (nullable). */
char *mcp_sip_stateless_retry_after(guint retry_after);
/**
 * mcp_sip_stateless_unsupported: (nullable): the extensions that @sip requires and that are not
 * supported here; lives on @home.
 */
sip_unsupported_t *mcp_sip_stateless_unsupported(const McpSipStack *stack, su_home_t *home,
                                                 const sip_t *sip);
/** mcp_sip_stateless_is_unsupported: whether there are any. */
gboolean mcp_sip_stateless_is_unsupported(McpSipStack *stack, const sip_t *sip);

G_END_DECLS
