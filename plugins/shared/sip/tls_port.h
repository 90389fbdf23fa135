/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "tls_front.h"

G_BEGIN_DECLS

/**
 * McpSipTlsPort: one TLS socket of the front: listening, its credentials, and inner connections in
 * store, which the stack has accepted before somebody needs them. SIP context.
 */
typedef struct _McpSipTlsPort McpSipTlsPort;

/** McpSipTlsAcceptFunc: takes a new connection. */
typedef void (*McpSipTlsAcceptFunc)(McpSipTlsPort *port, GSocket *socket, gpointer user_data);

/** mcp_sip_tls_port_new: (transfer full): listens. */
McpSipTlsPort *mcp_sip_tls_port_new(const McpSipFrontParams *params, nta_agent_t *agent,
                                    const McpSipFrontSocket *socket, McpSipTlsAcceptFunc accept,
                                    gpointer user_data, GError **error);
/** mcp_sip_tls_port_free: closes it. */
void mcp_sip_tls_port_free(McpSipTlsPort *port);
/** mcp_sip_tls_port_start: names it in Via, lays in connections. */
void mcp_sip_tls_port_start(McpSipTlsPort *port);
/** mcp_sip_tls_port_tick: once a second: takes up again what failed. */
void mcp_sip_tls_port_tick(McpSipTlsPort *port);
/** mcp_sip_tls_port_get_ident: of the socket. */
const char *mcp_sip_tls_port_get_ident(const McpSipTlsPort *port);
/** mcp_sip_tls_port_get_inner: (transfer none). */
McpSipInner *mcp_sip_tls_port_get_inner(McpSipTlsPort *port);
/** mcp_sip_tls_port_get_context: (transfer none): present credentials, as server or client. */
McpTlsContext *mcp_sip_tls_port_get_context(McpSipTlsPort *port, gboolean server);
/** mcp_sip_tls_port_is_stocked: whether an inner connection is ready. */
gboolean mcp_sip_tls_port_is_stocked(McpSipTlsPort *port);
/** mcp_sip_tls_port_take: (transfer full) (nullable): one that the stack has accepted. */
GSocket *mcp_sip_tls_port_take(McpSipTlsPort *port, guint *out_inner_port);

G_END_DECLS
