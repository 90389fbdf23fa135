/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/* The session timer (RFC 4028): refreshes, ours and theirs, and the end. SIP context. */

/** mcp_sip_refresh_receive: agrees on what a request asks for; FALSE: 422 is the answer. */
gboolean mcp_sip_refresh_receive(McpSipSession *session, const sip_t *sip);
/** mcp_sip_refresh_take: agrees on what a 2xx to a request of ours says; the time begins anew. */
void mcp_sip_refresh_take(McpSipSession *session, const sip_t *sip);
/** mcp_sip_refresh_restart: a 2xx of ours has gone out: the time begins anew. */
void mcp_sip_refresh_restart(McpSipSession *session);
/** mcp_sip_refresh_request: (transfer full) (nullable): Session-Expires of a request of ours. */
char *mcp_sip_refresh_request(McpSipSession *session);
/** mcp_sip_refresh_min_se: (transfer full) (nullable): Min-SE of a request, after a 422. */
char *mcp_sip_refresh_min_se(McpSipSession *session);
/** mcp_sip_refresh_send: UPDATE if the other side allows it, else re-INVITE. */
void mcp_sip_refresh_send(McpSipSession *session);
/** mcp_sip_refresh_failed: a refresh was refused; @sip nullable. */
void mcp_sip_refresh_failed(McpSipSession *session, guint status, const sip_t *sip);
/** mcp_sip_refresh_clear: stops the timer; the session is over. */
void mcp_sip_refresh_clear(McpSipSession *session);

G_END_DECLS
