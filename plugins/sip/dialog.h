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
/** mcp_sip_dialog_answer: see mcp_session_answer(). */
void mcp_sip_dialog_answer(McpSipSession *session, McpSdp *sdp, const GPtrArray *headers);
/** mcp_sip_dialog_reject: see mcp_session_reject(). */
void mcp_sip_dialog_reject(McpSipSession *session, const McpReject *reject);
/** mcp_sip_dialog_answer_offer: see mcp_session_answer_offer(). */
void mcp_sip_dialog_answer_offer(McpSipSession *session, McpSdp *sdp);
/** mcp_sip_dialog_reject_offer: see mcp_session_reject_offer(). */
void mcp_sip_dialog_reject_offer(McpSipSession *session, const McpReject *reject);

G_END_DECLS
