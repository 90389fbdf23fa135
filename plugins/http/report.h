/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/metrics.h>

#include "fetcher.h"

G_BEGIN_DECLS

/** McpHttpCacheUse: what the cache did for a fetch; indices of the metric's label. */
typedef enum {
    MCP_HTTP_CACHE_HIT,
    MCP_HTTP_CACHE_REVALIDATED,
    MCP_HTTP_CACHE_STALE,
    MCP_HTTP_CACHE_MISS,
    MCP_HTTP_CACHE_NONE, /* POST, file: */
} McpHttpCacheUse;

/** McpHttpReport: how a fetch went. */
typedef struct {
    const char *call_id; /* nullable */
    const char *span_id; /* nullable: nobody traces it */
    const char *url;
    guint status; /* 0: none */
    gsize bytes;
    McpHttpCacheUse use;
    gint64 duration;     /* µs */
    const GError *error; /* nullable */
} McpHttpReport;

/** mcp_http_metric_defs: the table of the plugin's metrics. */
extern const McpMetricDef mcp_http_metric_defs[];

/** mcp_http_report_begin: one more fetch runs. Any thread. */
void mcp_http_report_begin(McpHttpFetcher *fetcher);
/** mcp_http_report_end: counts, publishes and logs a fetch that is over. Any thread. */
void mcp_http_report_end(McpHttpFetcher *fetcher, const McpHttpReport *report);
/**
 * mcp_http_display_url: (transfer full): @url for logs and events: the query may hold what a caller
 * entered and is left out, and so is a password.
 */
char *mcp_http_display_url(const char *url);

G_END_DECLS
