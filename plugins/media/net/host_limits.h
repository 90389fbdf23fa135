/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_media_host_raise_files: raises RLIMIT_NOFILE so that @legs legs fit beside the rest of the
 * process; MCP_ERROR_LIMIT names the number needed when the hard limit forbids it.
 */
gboolean mcp_media_host_raise_files(guint legs, GError **error);

/**
 * mcp_media_host_check_ports: (nullable) (transfer full): a warning with the sysctl line to set
 * when the RTP range meets the ports that the kernel gives to outgoing connections; else NULL.
 * @local_range: text of net.ipv4.ip_local_port_range
 * @reserved: text of net.ipv4.ip_local_reserved_ports
 */
char *mcp_media_host_check_ports(guint first, guint last, const char *local_range,
                                 const char *reserved);

/**
 * mcp_media_host_default_address: (transfer full): address that packets to other hosts would leave
 * from; the loopback address when there is none.
 */
char *mcp_media_host_default_address(gboolean ipv6);

G_END_DECLS
