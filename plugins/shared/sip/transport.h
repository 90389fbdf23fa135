/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "sofia.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_sip_transport_bind: opens the sockets of @config. Returns: FALSE with a message that names
 * address and cause.
 */
gboolean mcp_sip_transport_bind(nta_agent_t *agent, const McpSipTransportConfig *config,
                                const McpSipConfig *all, GError **error);

/**
 * mcp_sip_transport_primary: (transfer none): the socket that @message came in on, or whose
 * connection it came over.
 */
tport_t *mcp_sip_transport_primary(nta_agent_t *agent, msg_t *message);

/**
 * mcp_sip_transport_for_url: (transfer none) (nullable): the socket for a request to @url, by its
 * protocol and address family; @preferred (nullable) when it fits.
 */
tport_t *mcp_sip_transport_for_url(nta_agent_t *agent, const url_t *url, tport_t *preferred);
/** mcp_sip_transport_for_leg: (transfer none) (nullable): the same for a request within @leg. */
tport_t *mcp_sip_transport_for_leg(nta_agent_t *agent, nta_leg_t *leg, tport_t *preferred);

/** mcp_sip_transport_local: (transfer full): "HOST:PORT" as bound. */
char *mcp_sip_transport_local(const tport_t *primary);
/** mcp_sip_transport_host: (transfer none): advertised or bound host, IPv6 in brackets. */
const char *mcp_sip_transport_host(const tport_t *primary);
/** mcp_sip_transport_contact: (transfer full): value of our Contact header. */
char *mcp_sip_transport_contact(const McpSipConfig *config, const tport_t *primary);

G_END_DECLS
