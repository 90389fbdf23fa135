/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "fetcher.h"

G_BEGIN_DECLS

/**
 * mcp_http_fetch_start: one fetch as the fetcher contract says; finishes the GTask with a
 * McpFetchResponse on the caller's context.
 */
void mcp_http_fetch_start(McpHttpFetcher *fetcher, const McpFetchRequest *request,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);

G_END_DECLS
