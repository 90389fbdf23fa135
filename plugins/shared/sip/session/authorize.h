/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/* Proofs of a placed session's account (digest), from the first challenge on. SIP context. */

/**
 * mcp_sip_authorize_take: FALSE when a final answer asks for no proof, or for one that was refused
 * or that the trunk does not give; TRUE: send the request again. @sip nullable.
 */
gboolean mcp_sip_authorize_take(McpSipSession *session, guint status, const sip_t *sip);
/**
 * mcp_sip_authorize_lines: (transfer full) (nullable): headers for the next request within the
 * session.
 */
char *mcp_sip_authorize_lines(McpSipSession *session, const char *method);
/** mcp_sip_authorize_early: the same within an early dialog. */
char *mcp_sip_authorize_early(McpSipSession *session, nta_leg_t *leg, const char *method);
/** mcp_sip_authorize_invite: (transfer full) (nullable): the same for an INVITE to @target. */
char *mcp_sip_authorize_invite(McpSipSession *session, const char *target);

/** MCP_SIP_PROOF: their tag. */
#define MCP_SIP_PROOF(lines) TAG_IF((lines) != NULL, SIPTAG_HEADER_STR(lines))

G_END_DECLS
