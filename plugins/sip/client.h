/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/* A session as client: requests of ours and the answers to them. SIP context unless said. */

/** mcp_sip_client_place: see mcp_signalling_place(). Any thread. */
McpSession *mcp_sip_client_place(McpSipStack *stack, const McpPlaceParams *params, GError **error);

/** mcp_sip_client_answer: the answer to the offer in the 2xx to our offerless INVITE: ACK. */
void mcp_sip_client_answer(McpSipSession *session, McpSdp *sdp);
/** mcp_sip_client_offer: see mcp_session_offer(). */
void mcp_sip_client_offer(McpSipSession *session, McpSdp *sdp);
/** mcp_sip_client_info: see mcp_session_send_info(); @info (transfer full). */
void mcp_sip_client_info(McpSipSession *session, McpSipFarewell *info);
/** mcp_sip_client_end: see mcp_session_end(); @farewell (transfer full). */
void mcp_sip_client_end(McpSipSession *session, McpSipFarewell *farewell);
/** mcp_sip_client_bye: sends BYE once; @farewell (transfer full) (nullable). */
void mcp_sip_client_bye(McpSipSession *session, McpSipFarewell *farewell);

G_END_DECLS
