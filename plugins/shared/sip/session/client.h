/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"
#include "transport.h"

G_BEGIN_DECLS

/* A session as client: requests of ours and the answers to them. SIP context unless said. */

/** mcp_sip_client_place: see mcp_signalling_place(). Any thread. */
McpSession *mcp_sip_client_place(McpSipStack *stack, const McpPlaceParams *params, GError **error);

/** mcp_sip_client_answer: the answer to the offer in the 2xx to our offerless INVITE: ACK. */
void mcp_sip_client_answer(McpSipSession *session, McpSdp *sdp);
/** mcp_sip_client_end: see mcp_session_end(); @farewell (transfer full). */
void mcp_sip_client_end(McpSipSession *session, McpSipFarewell *farewell);
/** mcp_sip_client_bye: sends BYE once; @farewell (transfer full) (nullable). */
void mcp_sip_client_bye(McpSipSession *session, McpSipFarewell *farewell);

/** mcp_sip_client_hang_up: BYE without further words, and the core is told. */
void mcp_sip_client_hang_up(McpSipSession *session, guint status, const char *reason);
/** mcp_sip_client_is_lost: whether @status to a request of ours ended the dialog; does it. */
gboolean mcp_sip_client_is_lost(McpSipSession *session, guint status);
/** mcp_sip_client_ack: ACK to the 2xx to @invite, with @sdp (nullable) as answer. */
void mcp_sip_client_ack(McpSipSession *session, nta_outgoing_t *invite, McpSdp *sdp);
/** mcp_sip_client_read_sdp: description of a response; a faulty or missing one is NULL. */
void mcp_sip_client_read_sdp(const sip_t *sip, McpSdp **out_sdp);
/** mcp_sip_client_route: how the next request of the session goes. */
McpSipRoute mcp_sip_client_route(McpSipSession *session);

/** mcp_sip_client_open: Contact and dialog for the socket that was chosen; FALSE: no memory. */
gboolean mcp_sip_client_open(McpSipSession *session);
/** mcp_sip_client_invite: sends the INVITE of a placed session to where its attempt is. */
void mcp_sip_client_invite(McpSipSession *session);
/** mcp_sip_client_identity: (transfer none) (nullable): URI that a placed session calls from. */
const char *mcp_sip_client_identity(const McpSipSession *session);

/** mcp_sip_placement_free: frees what a placed session was asked for. */
void mcp_sip_placement_free(McpSipPlacement *placement);

G_END_DECLS
