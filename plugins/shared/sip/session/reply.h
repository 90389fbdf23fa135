/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/* Responses within a session: every one is counted, refusals carry a Reason header. SIP context. */

/** mcp_sip_reply: answers a request of a session; @sdp, @headers nullable. */
void mcp_sip_reply(McpSipSession *session, nta_incoming_t *incoming, guint status, McpSdp *sdp,
                   const GPtrArray *headers);

/** mcp_sip_reply_reject: refuses a request of a session. */
void mcp_sip_reply_reject(McpSipSession *session, nta_incoming_t *incoming,
                          const McpReject *reject);

/** mcp_sip_reply_refuse: the same with a text for Reason, and @retry_after in seconds or 0. */
void mcp_sip_reply_refuse(McpSipSession *session, nta_incoming_t *incoming, guint status,
                          const char *reason, guint retry_after);

/** mcp_sip_reply_accepted: 202 to a REFER; @silent: without NOTIFY (RFC 4488). */
void mcp_sip_reply_accepted(McpSipSession *session, nta_incoming_t *incoming, gboolean silent);

/** mcp_sip_reply_bad_extension: 420 with Unsupported (RFC 3261 §8.2.2.3). */
void mcp_sip_reply_bad_extension(McpSipSession *session, nta_incoming_t *incoming,
                                 const sip_t *sip);

G_END_DECLS
