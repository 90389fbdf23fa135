/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_sip_interface_addresses: (transfer full): literals (char *) of the machine's addresses of one
 * family, of interfaces that are up; link-local ones are left out. Any thread.
 */
GPtrArray *mcp_sip_interface_addresses(gboolean ipv6);

/**
 * mcp_sip_interface_towards: (transfer full) (nullable): literal of the local address that the
 * kernel would send from; asks its routing table, sends nothing. Any thread.
 */
char *mcp_sip_interface_towards(GInetAddress *remote);

/** mcp_sip_strip_brackets: (transfer full): "::1" for "[::1]", others as they are. */
char *mcp_sip_strip_brackets(const char *host);
/** mcp_sip_add_brackets: (transfer full): "[::1]" for "::1", others as they are. */
char *mcp_sip_add_brackets(const char *host);

/** mcp_sip_format_address: (transfer full): "192.0.2.1:5060" or "[2001:db8::1]:5060". */
char *mcp_sip_format_address(GInetAddress *address, guint port);

G_END_DECLS
