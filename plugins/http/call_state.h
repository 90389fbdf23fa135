/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/call.h>

#include "cookie_jar.h"
#include "fetcher.h"

G_BEGIN_DECLS

/** McpHttpCallState: what fetches of one call leave behind for the next; dies with the call. */
typedef struct {
    McpHttpFetcher *fetcher;
    char *call_id;
    McpHttpCookieJar *jar;
    gboolean has_private; /* the cache holds responses for this call alone */
} McpHttpCallState;

/** mcp_http_call_state_get: (transfer none): made at the first use. On the call's context. */
McpHttpCallState *mcp_http_call_state_get(McpHttpFetcher *fetcher, McpCall *call);

G_END_DECLS
