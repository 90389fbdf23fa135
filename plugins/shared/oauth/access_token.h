/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "service_account.h"

#include <mcp/clock.h>
#include <mcp/contract/fetcher.h>

G_BEGIN_DECLS

/** McpOauthDeps: what tokens are asked for with; copied, and what it names outlives them. */
typedef struct {
    McpClock *clock;
    McpFetcher *(*find_fetcher)(gpointer user_data);     /* (transfer full) (nullable) */
    void (*asked)(gboolean granted, gpointer user_data); /* for who counts */
    gpointer user_data;
} McpOauthDeps;

/**
 * McpOauthTokens: an account's access token: one at a time for all calls, renewed ahead of its end.
 * Used on the context it was made on.
 */
typedef struct _McpOauthTokens McpOauthTokens;

/** mcp_oauth_tokens_new: (transfer full): a reference of @account is taken. */
McpOauthTokens *mcp_oauth_tokens_new(const McpOauthDeps *deps, McpOauthAccount *account);
/** mcp_oauth_tokens_unref: who waits is still answered. */
void mcp_oauth_tokens_unref(McpOauthTokens *tokens);
/** mcp_oauth_tokens_get_async: the token in force, or a new one. All who wait share one request. */
void mcp_oauth_tokens_get_async(McpOauthTokens *tokens, GAsyncReadyCallback callback,
                                gpointer user_data);
/**
 * mcp_oauth_tokens_get_finish: (transfer full): MCP_ERROR_REFUSED when the account gets none,
 * FAILED or TIMEOUT when it could not be asked.
 */
char *mcp_oauth_tokens_get_finish(GAsyncResult *result, GError **error);
/** mcp_oauth_tokens_drop: @token was not accepted: not to be given out again. */
void mcp_oauth_tokens_drop(McpOauthTokens *tokens, const char *token);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpOauthTokens, mcp_oauth_tokens_unref)

G_END_DECLS
