/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "locate.h"
#include "socket_choice.h"
#include "sofia.h"
#include "tls_front.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/** McpSipRoute: tags of a request: TPTAG_IDENT() and NTATAG_TPORT(). */
typedef struct {
    const char *ident;
    tport_t *connection; /* nullable: the library finds it */
} McpSipRoute;

/** MCP_SIP_ROUTE: the tags of a McpSipRoute. */
#define MCP_SIP_ROUTE(route) TPTAG_IDENT((route).ident), NTATAG_TPORT((route).connection)

/**
 * mcp_sip_transport_bind: opens the socket of @config. Returns: FALSE with a message that names
 * address and cause.
 */
gboolean mcp_sip_transport_bind(McpSipStack *stack, const McpSipTransportConfig *config,
                                GError **error);

/**
 * mcp_sip_transport_primary: (transfer none): the socket that @message came in on, or whose
 * connection it came over.
 */
tport_t *mcp_sip_transport_primary(nta_agent_t *agent, msg_t *message);

/**
 * mcp_sip_transport_reach: (transfer none) (nullable): the socket for a request to @destination;
 * NULL with MCP_ERROR_NOT_FOUND or MCP_ERROR_LIMIT.
 * @out_flow: (transfer full) (nullable): its TLS connection
 */
tport_t *mcp_sip_transport_reach(McpSipStack *stack, const McpSipDestination *destination,
                                 McpSipFlow **out_flow, GError **error);
/** mcp_sip_transport_has: whether there is a socket of @protocol. */
gboolean mcp_sip_transport_has(const char *protocol, gpointer stack);

/**
 * mcp_sip_transport_route: how the next request within @leg goes, which began on @transport: left
 * to itself, the library takes the first socket, whatever the address family of the target.
 * @flow: (inout) (nullable): its TLS connection; replaced when it is gone
 */
McpSipRoute mcp_sip_transport_route(McpSipStack *stack, nta_leg_t *leg, tport_t *transport,
                                    McpSipFlow **flow);

/**
 * mcp_sip_transport_follow: a peer whose connection @flow is gone goes on over that of @incoming:
 * so do we.
 * @flow: (inout) (nullable)
 */
void mcp_sip_transport_follow(McpSipStack *stack, nta_incoming_t *incoming, McpSipFlow **flow);

/** mcp_sip_transport_local: (transfer full): "HOST:PORT" as bound. */
char *mcp_sip_transport_local(const McpSipConfig *config, const tport_t *primary);
/**
 * mcp_sip_transport_contact: (transfer full): value of our Contact header; @sips in a dialog that
 * began with a sips: URI (RFC 3261 §8.1.1.8, §12.1.1).
 */
char *mcp_sip_transport_contact(const McpSipConfig *config, const tport_t *primary, gboolean sips);

G_END_DECLS
