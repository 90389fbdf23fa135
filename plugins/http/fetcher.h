/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/fetcher.h>
#include <mcp/event.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

#include "cache.h"
#include "connections.h"
#include "disk_tier.h"
#include "flight.h"
#include "http_config.h"
#include "wire.h"

G_BEGIN_DECLS

/** McpHttpFetcher: the fetcher service: cache, flights and sessions of the process. */
#define MCP_TYPE_HTTP_FETCHER (mcp_http_fetcher_get_type())
G_DECLARE_FINAL_TYPE(McpHttpFetcher, mcp_http_fetcher, MCP, HTTP_FETCHER, GObject)

/** McpHttpFetcherDeps: what it works with; all referenced. */
typedef struct {
    McpClock *clock;
    McpPool *disk;
    McpEvents *events;   /* nullable */
    McpMetrics *metrics; /* nullable; must outlive the fetcher */
} McpHttpFetcherDeps;

/** mcp_http_fetcher_new: (transfer full). */
McpHttpFetcher *mcp_http_fetcher_new(const McpHttpFetcherDeps *deps, McpHttpConfig *config);
/** mcp_http_fetcher_reconfigure: fetches from now on follow @config. */
void mcp_http_fetcher_reconfigure(McpHttpFetcher *fetcher, McpHttpConfig *config);
/**
 * mcp_http_fetcher_close: refuses new fetches and closes the sessions on their contexts; @done runs
 * once.
 */
void mcp_http_fetcher_close(McpHttpFetcher *fetcher, GSourceFunc done, gpointer user_data);

/* For a fetch on its way (fetch.c); all may be called on any thread. */

/** mcp_http_fetcher_get_deps: (transfer none). */
const McpHttpFetcherDeps *mcp_http_fetcher_get_deps(McpHttpFetcher *fetcher);
/** mcp_http_fetcher_get_cache: (transfer none). */
McpHttpCache *mcp_http_fetcher_get_cache(McpHttpFetcher *fetcher);
/** mcp_http_fetcher_get_disk_tier: (transfer none) (nullable). */
McpHttpDiskTier *mcp_http_fetcher_get_disk_tier(McpHttpFetcher *fetcher);
/** mcp_http_fetcher_get_flights: (transfer none). */
McpHttpFlights *mcp_http_fetcher_get_flights(McpHttpFetcher *fetcher);
/** mcp_http_fetcher_get_connections: (transfer none). */
McpHttpConnections *mcp_http_fetcher_get_connections(McpHttpFetcher *fetcher);
/** mcp_http_fetcher_get_wires: (transfer none). */
McpHttpWires *mcp_http_fetcher_get_wires(McpHttpFetcher *fetcher);
/** mcp_http_fetcher_get_config: (transfer full). */
McpHttpConfig *mcp_http_fetcher_get_config(McpHttpFetcher *fetcher);
/** mcp_http_fetcher_is_closed: whether new fetches are refused. */
gboolean mcp_http_fetcher_is_closed(McpHttpFetcher *fetcher);

G_END_DECLS
