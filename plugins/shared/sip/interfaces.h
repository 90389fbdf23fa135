/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_sip_interface_addresses: (transfer full): literals (char *) of the machine's addresses of one
 * family, of interfaces that are up; link-local ones are left out. Any thread.
 */
GPtrArray *mcp_sip_interface_addresses(gboolean ipv6);

G_END_DECLS
