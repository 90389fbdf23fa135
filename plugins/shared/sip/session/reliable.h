/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/* Reliable provisional responses (RFC 3262) and the early dialogs they make. SIP context. */

/** mcp_sip_early_free: frees it and its leg. */
void mcp_sip_early_free(McpSipEarly *early);

/**
 * mcp_sip_reliable_progress: sends a 1xx reliably when the other side wants or the setting has it
 * so. Returns: FALSE when it is to be sent the plain way.
 */
gboolean mcp_sip_reliable_progress(McpSipSession *session, guint status, McpSdp *sdp);
/**
 * mcp_sip_reliable_receive: a 1xx to our INVITE. Acknowledges a reliable one.
 * Returns: FALSE when it is a repetition, or out of order, and is to be dropped.
 */
gboolean mcp_sip_reliable_receive(McpSipSession *session, const sip_t *sip, gboolean has_sdp);
/** mcp_sip_reliable_answer: the core's answer to an offer in a reliable 1xx goes with the PRACK. */
gboolean mcp_sip_reliable_answer(McpSipSession *session, McpSdp *sdp);
/** mcp_sip_reliable_choose: the dialog with @tag is the session's: a 2xx has come on it. */
void mcp_sip_reliable_choose(McpSipSession *session, const sip_t *sip);
/** mcp_sip_reliable_clear: forgets early dialogs and acknowledgements. */
void mcp_sip_reliable_clear(McpSipSession *session);

G_END_DECLS
