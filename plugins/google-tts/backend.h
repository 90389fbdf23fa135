/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "deps.h"

#include <mcp/breaker.h>
#include <rpc_call.h>

G_BEGIN_DECLS

/**
 * McpGoogleBackend: the service as one configuration knows it: the channel, the access token, the
 * list of voices, how many requests run and wait, and whether it is worth asking. Used on the
 * context it was made on; shared by reference.
 */
typedef struct _McpGoogleBackend McpGoogleBackend;

/** mcp_google_backend_new: (transfer full): begins to ask for the voices. */
McpGoogleBackend *mcp_google_backend_new(const McpGoogleDeps *deps, McpGoogleConfig *config,
                                         GError **error);
McpGoogleBackend *mcp_google_backend_ref(McpGoogleBackend *backend);
void mcp_google_backend_unref(McpGoogleBackend *backend);
/** mcp_google_backend_close: (transfer full): ends what it does on its own. */
void mcp_google_backend_close(McpGoogleBackend *backend);

McpGoogleConfig *mcp_google_backend_get_config(McpGoogleBackend *backend);
const McpGoogleDeps *mcp_google_backend_get_deps(McpGoogleBackend *backend);
McpRpcChannel *mcp_google_backend_get_channel(McpGoogleBackend *backend);

/** McpGoogleSlotFunc: a slot is free, and taken. */
typedef void (*McpGoogleSlotFunc)(gpointer user_data);
/**
 * mcp_google_backend_enter: @func is called when the request may run, now or later. Returns: FALSE
 * with MCP_ERROR_LIMIT when too many wait; @func is not called.
 */
gboolean mcp_google_backend_enter(McpGoogleBackend *backend, McpGoogleSlotFunc func,
                                  gpointer user_data, GError **error);
/** mcp_google_backend_leave: who entered with @user_data has ended, running or waiting. */
void mcp_google_backend_leave(McpGoogleBackend *backend, gpointer user_data);

/**
 * mcp_google_backend_authorize_async: what must stand in a call's metadata; finishes at once when
 * nothing is to be fetched.
 */
void mcp_google_backend_authorize_async(McpGoogleBackend *backend, GAsyncReadyCallback callback,
                                        gpointer user_data);
/** mcp_google_backend_authorize_finish: (transfer full): names and values for McpRpcRequest. */
char **mcp_google_backend_authorize_finish(GAsyncResult *result, GError **error);
/**
 * mcp_google_backend_unauthorize: the service did not take @metadata. Returns: whether asking anew
 * may bring something else.
 */
gboolean mcp_google_backend_unauthorize(McpGoogleBackend *backend, char **metadata);

/**
 * mcp_google_backend_list_voices_async: the list that is known, else waits until it has come or
 * cannot be had.
 */
void mcp_google_backend_list_voices_async(McpGoogleBackend *backend, GAsyncReadyCallback callback,
                                          gpointer user_data);
/**
 * mcp_google_backend_list_voices_finish: (transfer full) (nullable) (element-type
 * McpGoogleListedVoice): NULL when the service does not tell.
 */
GPtrArray *mcp_google_backend_list_voices_finish(GAsyncResult *result);

/** mcp_google_backend_allows: whether it is worth asking; the end of each try must be told. */
gboolean mcp_google_backend_allows(McpGoogleBackend *backend, GError **error);
/** mcp_google_backend_tell: a try ended with @error (MCP_RPC_ERROR, or NULL for success). */
void mcp_google_backend_tell(McpGoogleBackend *backend, const GError *error);
/** mcp_google_backend_tell_unknown: a try was given up. */
void mcp_google_backend_tell_unknown(McpGoogleBackend *backend);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleBackend, mcp_google_backend_unref)

G_END_DECLS
