/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** McpGoogleServiceAccount: what a credentials file says. Immutable; any thread. */
typedef struct _McpGoogleServiceAccount McpGoogleServiceAccount;

/**
 * mcp_google_service_account_load: (transfer full): reads @path, which is small, and tries its key.
 * @token_uri: (nullable): counts instead of the file's
 *
 * Returns: NULL with MCP_ERROR_INVALID; the message names the file and tells nothing of the key.
 */
McpGoogleServiceAccount *mcp_google_service_account_load(const char *path, const char *token_uri,
                                                         GError **error);
/** mcp_google_service_account_parse: (transfer full): as above, of @length bytes of text. */
McpGoogleServiceAccount *mcp_google_service_account_parse(const char *text, gsize length,
                                                          const char *token_uri, GError **error);
/** mcp_google_service_account_free: wipes the key. */
void mcp_google_service_account_free(McpGoogleServiceAccount *account);
/** mcp_google_service_account_get_token_uri: where tokens are asked for. */
const char *mcp_google_service_account_get_token_uri(const McpGoogleServiceAccount *account);
/** mcp_google_service_account_get_email: who it is. */
const char *mcp_google_service_account_get_email(const McpGoogleServiceAccount *account);
/**
 * mcp_google_service_account_assert: (transfer full): a signed token (RFC 7519) that asks for
 * access to the speech services; valid for an hour from @now (seconds since 1970).
 */
char *mcp_google_service_account_assert(const McpGoogleServiceAccount *account, gint64 now,
                                        GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleServiceAccount, mcp_google_service_account_free)

G_END_DECLS
