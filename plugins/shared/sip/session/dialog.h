/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/* A session as server: requests of the other side, and the core's answers to them. SIP context. */

/** mcp_sip_dialog_request: a request within the dialog (nta_request_f). */
int mcp_sip_dialog_request(McpSipSession *session, nta_leg_t *leg, nta_incoming_t *incoming,
                           const sip_t *sip);
/** mcp_sip_dialog_ack_cancel: ACK, CANCEL or none in time (nta_ack_cancel_f). */
int mcp_sip_dialog_ack_cancel(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip);

/** mcp_sip_dialog_progress: see mcp_session_progress(). */
void mcp_sip_dialog_progress(McpSipSession *session, guint status, McpSdp *sdp);
/** mcp_sip_dialog_answer: see mcp_session_answer(); waits for a PRACK that is due. */
void mcp_sip_dialog_answer(McpSipSession *session, McpSdp *sdp, const GPtrArray *headers);
/** mcp_sip_dialog_pracked: the PRACK is here: an answer that waited for it goes out. */
void mcp_sip_dialog_pracked(McpSipSession *session);
/** mcp_sip_dialog_reject: see mcp_session_reject(). */
void mcp_sip_dialog_reject(McpSipSession *session, const McpReject *reject);
/** mcp_sip_dialog_fail: the dialog cannot go on: BYE, and the core is told. */
void mcp_sip_dialog_fail(McpSipSession *session, guint status, const char *reason);
/** mcp_sip_dialog_note_request: counts a request of the other side; into the ladder. */
void mcp_sip_dialog_note_request(McpSipSession *session, const sip_t *sip);

G_END_DECLS
