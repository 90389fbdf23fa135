/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tools read: files and web servers through the platform's own fetcher, on the main
 * context. The caller waits; one thread.
 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/fetcher.h>
#include <mcp/pool.h>

G_BEGIN_DECLS

/** McpVxmlLoader: a fetcher with what it works with. */
typedef struct _McpVxmlLoader McpVxmlLoader;

/** mcp_vxml_loader_new: (transfer full): reads all files; private addresses are allowed. */
McpVxmlLoader *mcp_vxml_loader_new(void);
void mcp_vxml_loader_free(McpVxmlLoader *loader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlLoader, mcp_vxml_loader_free)

/** mcp_vxml_loader_get_fetcher: (transfer none). */
McpFetcher *mcp_vxml_loader_get_fetcher(McpVxmlLoader *loader);
/** mcp_vxml_loader_get_clock: (transfer none): the real one. */
McpClock *mcp_vxml_loader_get_clock(McpVxmlLoader *loader);
/** mcp_vxml_loader_get_compute: (transfer none): the pool for heavy work. */
McpPool *mcp_vxml_loader_get_compute(McpVxmlLoader *loader);

/**
 * mcp_vxml_loader_get: (transfer full) (nullable): waits for a resource; a status above 299 is an
 * MCP_ERROR_NOT_FOUND.
 */
McpFetchResponse *mcp_vxml_loader_get(McpVxmlLoader *loader, const char *url, GError **error);

/** mcp_vxml_loader_to_url: (transfer full): @argument, which may be a path, as a URL. */
char *mcp_vxml_loader_to_url(const char *argument);

G_END_DECLS
