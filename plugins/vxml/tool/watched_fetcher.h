/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fetcher in front of another one that knows what is on its way: virtual time stands still until
 * the real world has answered. Main context.
 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/fetcher.h>

G_BEGIN_DECLS

#define MCP_TYPE_VXML_WATCHED_FETCHER (mcp_vxml_watched_fetcher_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlWatchedFetcher, mcp_vxml_watched_fetcher, MCP, VXML_WATCHED_FETCHER,
                     GObject)

/** McpVxmlFetchedFunc: a fetch has ended after @duration µs; @outcome: "200 OK", or the error. */
typedef void (*McpVxmlFetchedFunc)(const char *url, const char *outcome, gint64 duration,
                                   gpointer user_data);

/** mcp_vxml_watched_fetcher_new: (transfer full): @clock is the real one. */
McpVxmlWatchedFetcher *mcp_vxml_watched_fetcher_new(McpFetcher *inner, McpClock *clock,
                                                    McpVxmlFetchedFunc func, gpointer user_data);
/** mcp_vxml_watched_fetcher_get_pending: how many fetches are on their way. */
guint mcp_vxml_watched_fetcher_get_pending(McpVxmlWatchedFetcher *self);
/** mcp_vxml_watched_fetcher_find_url: (nullable): where content of this identity came from. */
const char *mcp_vxml_watched_fetcher_find_url(McpVxmlWatchedFetcher *self, const char *content_id);

G_END_DECLS
