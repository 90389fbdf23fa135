/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpHttpAddressPolicy: which addresses a fetch may connect to. Immutable but for its picture of
 * the ports that this process listens on; shared by reference between threads.
 */
typedef struct _McpHttpAddressPolicy McpHttpAddressPolicy;

/**
 * mcp_http_address_policy_new: (transfer full):
 * @allow: masks ("127.0.0.0/8", "::1") that open loopback and private ranges
 * @deny: masks that are refused whatever @allow says
 *
 * Returns: NULL with MCP_ERROR_INVALID naming the mask that is none.
 */
McpHttpAddressPolicy *mcp_http_address_policy_new(const char *const *allow, const char *const *deny,
                                                  GError **error);
/** mcp_http_address_policy_ref: (transfer full). Any thread. */
McpHttpAddressPolicy *mcp_http_address_policy_ref(McpHttpAddressPolicy *policy);
/** mcp_http_address_policy_unref: Any thread. */
void mcp_http_address_policy_unref(McpHttpAddressPolicy *policy);

/**
 * mcp_http_address_policy_check:
 * @now: monotonic µs; the picture of own ports is renewed when it is older than ten seconds
 *
 * Returns: NULL when a connection may be opened, else a static word for what refuses it:
 * "link-local", "loopback", "private", "reserved", "metadata", "denied", "own-port" ….
 * Never allowed, whatever the settings say: link-local, multicast, unspecified, reserved and cloud
 * metadata addresses, in IPv6 disguise too, and ports of this process. Any thread.
 */
const char *mcp_http_address_policy_check(McpHttpAddressPolicy *policy, GInetAddress *address,
                                          guint16 port, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpAddressPolicy, mcp_http_address_policy_unref)

G_END_DECLS
