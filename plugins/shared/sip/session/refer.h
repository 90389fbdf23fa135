/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/* REFER and its progress within a session, both roles. SIP context. */

/** mcp_sip_refer_receive: a REFER; Returns: its status, or 0 when the core will answer it. */
int mcp_sip_refer_receive(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip);
/** mcp_sip_refer_notified: a NOTIFY of the progress of our REFER; Returns: its status. */
int mcp_sip_refer_notified(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip);
/** mcp_sip_refer_answer: see mcp_session_answer_refer(). */
void mcp_sip_refer_answer(McpSipSession *session, guint status, const char *reason);
/** mcp_sip_refer_notify: see mcp_session_notify_refer(). */
void mcp_sip_refer_notify(McpSipSession *session, guint status);
/** mcp_sip_refer_send: see mcp_session_refer(). */
void mcp_sip_refer_send(McpSipSession *session, const McpRefer *refer);
/** mcp_sip_refer_send_session: see mcp_session_refer_session(). */
void mcp_sip_refer_send_session(McpSipSession *session, McpSipSession *other,
                                const char *referred_by);
/** mcp_sip_refer_clear: forgets what is outstanding; the session is over. */
void mcp_sip_refer_clear(McpSipSession *session);

G_END_DECLS
