/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/clock.h>

G_BEGIN_DECLS

/**
 * McpResolver: names to addresses with at most four threads whatever hangs, a deadline of two
 * seconds, answers kept for a while, and refusal when too many wait. Any thread.
 */
#define MCP_TYPE_RESOLVER (mcp_resolver_get_type())
G_DECLARE_FINAL_TYPE(McpResolver, mcp_resolver, MCP, RESOLVER, GResolver)

/** MCP_RESOLVER_THREADS: the most threads it uses. */
#define MCP_RESOLVER_THREADS 4

/** McpResolverQuery: the blocking look-up: (transfer full) list of GInetAddress, or @error. */
typedef GList *(*McpResolverQuery)(const char *name, GResolverNameLookupFlags flags,
                                   GError **error);

/** mcp_resolver_new: (transfer full): asks the system (getaddrinfo). */
GResolver *mcp_resolver_new(McpClock *clock);
/** mcp_resolver_new_with_query: (transfer full): asks @query instead, on its threads. */
GResolver *mcp_resolver_new_with_query(McpClock *clock, McpResolverQuery query);

G_END_DECLS
