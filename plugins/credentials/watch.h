/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/credentials.h>

G_BEGIN_DECLS

/** McpCredentialWatch: somebody who is told of changes of one set. Any thread. */
typedef struct _McpCredentialWatch McpCredentialWatch;

/** mcp_credential_watch_new: (transfer full): as mcp_credentials_watch(). */
McpCredentialWatch *mcp_credential_watch_new(guint id, const char *name, GMainContext *context,
                                             McpCredentialsFunc func, gpointer user_data,
                                             GDestroyNotify destroy);
/** mcp_credential_watch_end: no call any more; drops the reference. */
void mcp_credential_watch_end(McpCredentialWatch *watch);
/** mcp_credential_watch_get_id: as given. */
guint mcp_credential_watch_get_id(const McpCredentialWatch *watch);
/** mcp_credential_watch_tell: calls its function on its context if the set is its one. */
void mcp_credential_watch_tell(McpCredentialWatch *watch, McpCredentialSet *set);

G_END_DECLS
