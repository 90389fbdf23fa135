/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <mcp/invite.h>

G_BEGIN_DECLS

/* Reading of received messages into the platform's own types. SIP context. */

/** mcp_sip_message_headers: (transfer full): McpHeader, all that the stack does not consume. */
GPtrArray *mcp_sip_message_headers(const sip_t *sip);

/**
 * mcp_sip_message_sdp:
 * @out_sdp: (transfer full) (nullable): the session description, NULL when there is no body
 *
 * The description may be one part of a multipart body.
 * Returns: FALSE with MCP_ERROR_UNSUPPORTED for a body of another type (415), MCP_ERROR_INVALID for
 * a faulty description (488).
 */
gboolean mcp_sip_message_sdp(const sip_t *sip, McpSdp **out_sdp, GError **error);

/** mcp_sip_message_body: (transfer full) (nullable): the body; @out_type nullable. */
GBytes *mcp_sip_message_body(const sip_t *sip, char **out_type);

/** mcp_sip_message_reason: (transfer full) (nullable): text of the Reason header. */
char *mcp_sip_message_reason(const sip_t *sip);

/** mcp_sip_message_url: (transfer full): a URL as text. */
char *mcp_sip_message_url(const url_t *url);

/**
 * mcp_sip_message_invite: (transfer full): what an INVITE says, but offer, peer and addresses;
 * NULL with MCP_ERROR_INVALID when its request-URI cannot be unescaped.
 */
McpInvite *mcp_sip_message_invite(const sip_t *sip, GError **error);

/** mcp_sip_message_source: (transfer full) (nullable): where @message came from. */
GInetAddress *mcp_sip_message_source(msg_t *message, guint *out_port);

/**
 * mcp_sip_message_is_uri: whether @text is a sip: or sips: URI that may stand between < and > in a
 * header.
 */
gboolean mcp_sip_message_is_uri(const char *text);

/**
 * mcp_sip_message_is_sips: whether the Contact that answers an INVITE with a Contact must be a
 * sips: URI (RFC 3261 §12.1.1).
 */
gboolean mcp_sip_message_is_sips(const sip_t *sip);

G_END_DECLS
