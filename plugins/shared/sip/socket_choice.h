/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <mcp/call.h>

G_BEGIN_DECLS

/** mcp_sip_url_protocol: (nullable): "udp", "tcp" or "tls", where @url says so; sips is TLS. */
const char *mcp_sip_url_protocol(const url_t *url);
/**
 * mcp_sip_transport_for_url: (transfer none) (nullable): the socket for a request to @url, by its
 * protocol and address family; @preferred (nullable) when it fits.
 */
tport_t *mcp_sip_transport_for_url(nta_agent_t *agent, const url_t *url, tport_t *preferred);

/** mcp_sip_transport_is_tls: whether @transport is a TLS socket or a connection of one. */
gboolean mcp_sip_transport_is_tls(const tport_t *transport);
/** mcp_sip_transport_protocol: "udp", "tcp" or "tls". */
const char *mcp_sip_transport_protocol(const tport_t *transport);
/** mcp_sip_transport_host: (transfer none): advertised or bound host, IPv6 in brackets. */
const char *mcp_sip_transport_host(const tport_t *primary);

/**
 * mcp_sip_transport_for_peer: (transfer none) (nullable): the socket for a session to @url: one of
 * the section that the peer at that address names, if one fits; else mcp_sip_transport_for_url().
 */
tport_t *mcp_sip_transport_for_peer(nta_agent_t *agent, McpCalls *calls, const url_t *url);

G_END_DECLS
