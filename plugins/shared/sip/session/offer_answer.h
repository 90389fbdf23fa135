/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/*
 * Offers and answers after the first ones (RFC 3264, RFC 3311, RFC 6337), by re-INVITE, UPDATE or
 * PRACK: one outstanding at a time, in either direction. SIP context.
 */

/**
 * mcp_sip_offer_receive: a re-INVITE, UPDATE or PRACK of the other side.
 * Returns: its status when it was answered at once, 0 when the core will answer it.
 */
int mcp_sip_offer_receive(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip);
/** mcp_sip_offer_acked: the ACK to our 2xx to a re-INVITE. */
void mcp_sip_offer_acked(McpSipSession *session, const sip_t *sip);
/** mcp_sip_offer_answer: see mcp_session_answer_offer(). */
void mcp_sip_offer_answer(McpSipSession *session, McpSdp *sdp);
/** mcp_sip_offer_abandon: the session ends: a 2xx that waits for our answer gets its bare ACK. */
void mcp_sip_offer_abandon(McpSipSession *session);
/** mcp_sip_offer_reject: see mcp_session_reject_offer(). */
void mcp_sip_offer_reject(McpSipSession *session, const McpReject *reject);
/** mcp_sip_offer_send: see mcp_session_offer(). */
void mcp_sip_offer_send(McpSipSession *session, McpSdp *sdp);
/** mcp_sip_offer_refresh: a re-INVITE with the description in force, for the session timer. */
void mcp_sip_offer_refresh(McpSipSession *session);
/** mcp_sip_offer_back_off: a refresh met with 491: it is sent again after the back-off. */
void mcp_sip_offer_back_off(McpSipSession *session);
/** mcp_sip_offer_agree: @local and @remote (nullable: as before) are in force from now on. */
void mcp_sip_offer_agree(McpSipSession *session, McpSdp *local, McpSdp *remote);
/** mcp_sip_offer_clear: forgets what is outstanding; the session is over. */
void mcp_sip_offer_clear(McpSipSession *session);

G_END_DECLS
