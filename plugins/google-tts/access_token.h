/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "deps.h"

G_BEGIN_DECLS

/**
 * McpGoogleTokens: the service account's access token: one at a time for all calls, renewed ahead
 * of its end. Used on the context it was made on.
 */
typedef struct _McpGoogleTokens McpGoogleTokens;

/** mcp_google_tokens_new: (transfer full): for the account of @config, which has one. */
McpGoogleTokens *mcp_google_tokens_new(const McpGoogleDeps *deps, McpGoogleConfig *config);
/** mcp_google_tokens_unref: who waits is still answered. */
void mcp_google_tokens_unref(McpGoogleTokens *tokens);
/** mcp_google_tokens_get_async: the token in force, or a new one. All who wait share one request. */
void mcp_google_tokens_get_async(McpGoogleTokens *tokens, GAsyncReadyCallback callback,
                                 gpointer user_data);
/**
 * mcp_google_tokens_get_finish: (transfer full): MCP_ERROR_REFUSED when the account gets none,
 * FAILED or TIMEOUT when it could not be asked.
 */
char *mcp_google_tokens_get_finish(GAsyncResult *result, GError **error);
/** mcp_google_tokens_drop: @token was not accepted: not to be given out again. */
void mcp_google_tokens_drop(McpGoogleTokens *tokens, const char *token);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleTokens, mcp_google_tokens_unref)

G_END_DECLS
