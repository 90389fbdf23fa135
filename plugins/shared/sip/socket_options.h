/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

G_BEGIN_DECLS

/**
 * mcp_sip_socket_find: the descriptor that the library has bound @primary to, -1 if there is none:
 * it is looked up among all of the process, so do this once a socket.
 */
int mcp_sip_socket_find(const tport_t *primary);

/** mcp_sip_socket_set_dscp: of what is sent from @fd; connections accepted from it inherit it. */
void mcp_sip_socket_set_dscp(int fd, gboolean ipv6, guint dscp);
/**
 * mcp_sip_socket_prepare: what the library has no option for: @dscp for IPv6, and for TCP room for
 * connections that wait to be accepted. Connections accepted from it inherit both.
 */
void mcp_sip_socket_prepare(const tport_t *primary, int fd, guint dscp);

G_END_DECLS
