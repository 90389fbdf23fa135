/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpLookup: one look-up of a host's addresses with the process' resolver. Everything on the
 * context that was thread-default when it was made; nothing blocks, and there is no deadline.
 */
typedef struct _McpLookup McpLookup;

/**
 * McpLookupFunc: the only call; may free the lookup.
 * @addresses: (element-type GInetAddress) (nullable): as the resolver orders them
 * @error: why there is none
 */
typedef void (*McpLookupFunc)(GList *addresses, const GError *error, gpointer user_data);

/** mcp_lookup_new: (transfer full): @host: a name, or a literal. */
McpLookup *mcp_lookup_new(const char *host, McpLookupFunc func, gpointer user_data);
/** mcp_lookup_free: (nullable): its function is not called any more. */
void mcp_lookup_free(McpLookup *lookup);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpLookup, mcp_lookup_free)

G_END_DECLS
