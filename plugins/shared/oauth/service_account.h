/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpOauthAccount: what the credentials file of a service account says. Immutable, shared by
 * reference; any thread.
 */
typedef struct _McpOauthAccount McpOauthAccount;

/**
 * mcp_oauth_account_load: (transfer full): reads @path, which is small, and tries its key.
 * @token_uri: (nullable): counts instead of the file's
 * @scope: what access is asked for
 *
 * Returns: NULL with MCP_ERROR_INVALID; the message names the file and tells nothing of the key.
 */
McpOauthAccount *mcp_oauth_account_load(const char *path, const char *token_uri, const char *scope,
                                        GError **error);
/** mcp_oauth_account_parse: (transfer full): as above, of @length bytes of text. */
McpOauthAccount *mcp_oauth_account_parse(const char *text, gsize length, const char *token_uri,
                                         const char *scope, GError **error);
/** mcp_oauth_account_ref: (transfer full). */
McpOauthAccount *mcp_oauth_account_ref(McpOauthAccount *account);
/** mcp_oauth_account_unref: the last one wipes the key. */
void mcp_oauth_account_unref(McpOauthAccount *account);
/** mcp_oauth_account_get_token_uri: where tokens are asked for. */
const char *mcp_oauth_account_get_token_uri(const McpOauthAccount *account);
/** mcp_oauth_account_get_email: who it is. */
const char *mcp_oauth_account_get_email(const McpOauthAccount *account);
/**
 * mcp_oauth_account_assert: (transfer full): a signed token (RFC 7519) that asks for
 * access; valid for an hour from @now (seconds since 1970).
 */
char *mcp_oauth_account_assert(const McpOauthAccount *account, gint64 now, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpOauthAccount, mcp_oauth_account_unref)

G_END_DECLS
