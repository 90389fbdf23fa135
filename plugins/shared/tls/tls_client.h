/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "tls_context.h"

#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * mcp_tls_client_context: (transfer full): for connections to a server of one's own.
 * @credentials: (nullable): set of [credentials]; NULL: the system's trust anchors, and no
 *   certificate
 *
 * Returns: NULL with a message that names set and cause. Any thread.
 */
McpTlsContext *mcp_tls_client_context(McpHost *host, const char *credentials, GError **error);

G_END_DECLS
