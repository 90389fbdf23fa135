/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

G_BEGIN_DECLS

/* Each sets *handle to NULL and does nothing when it is NULL already. SIP context only. */
void mcp_sip_leg_clear(nta_leg_t **leg);
void mcp_sip_incoming_clear(nta_incoming_t **incoming);
void mcp_sip_outgoing_clear(nta_outgoing_t **outgoing);
void mcp_sip_agent_clear(nta_agent_t **agent);
void mcp_sip_root_clear(su_root_t **root);
void mcp_sip_home_clear(su_home_t **home);

G_END_DECLS
