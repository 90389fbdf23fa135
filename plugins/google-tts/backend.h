/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "deps.h"

#include <google_api/service.h>
#include <rpc_call.h>

G_BEGIN_DECLS

/**
 * McpGoogleBackend: the service as one configuration knows it, with its list of voices, and how
 * many requests run and wait. Used on the context it was made on; shared by reference.
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
/** mcp_google_backend_get_service: (transfer none): channel, token and whether to ask at all. */
McpGapiService *mcp_google_backend_get_service(McpGoogleBackend *backend);

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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleBackend, mcp_google_backend_unref)

G_END_DECLS
