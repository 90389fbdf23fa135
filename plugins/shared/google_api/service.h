/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "access.h"

#include <mcp/clock.h>
#include <oauth/access_token.h>
#include <rpc_channel.h>

G_BEGIN_DECLS

/** McpGapiDeps: what a service is asked with; copied, and what it names outlives it. */
typedef struct {
    McpClock *clock;
    McpRpcLoop *loop;
    McpOauthDeps oauth;
    /* Any thread: whether the service is left alone has changed. */
    void (*left_alone)(gboolean is, gpointer user_data);
    gpointer user_data;
} McpGapiDeps;

/** McpGapiOptions: how much of it. */
typedef struct {
    gsize most_answer;   /* bytes of a message */
    guint calls_channel; /* calls at once on a channel; 0: all on one */
} McpGapiOptions;

/**
 * McpGapiService: a service as one configuration knows it: channels, access token, and whether it
 * is worth asking. Shared by reference. Any thread but where it says otherwise.
 */
typedef struct _McpGapiService McpGapiService;

/**
 * mcp_gapi_service_new: (transfer full): of the caller's thread-default context, on which tokens
 * are asked for. Nothing is connected yet. @access is copied.
 */
McpGapiService *mcp_gapi_service_new(const McpGapiDeps *deps, const McpGapiAccess *access,
                                     const McpGapiOptions *options, GError **error);
McpGapiService *mcp_gapi_service_ref(McpGapiService *service);
/** mcp_gapi_service_unref: the last one on the service's context, unless it was closed. */
void mcp_gapi_service_unref(McpGapiService *service);
/** mcp_gapi_service_close: no token is had any more; who waits for one is answered. On the
 * service's context. */
void mcp_gapi_service_close(McpGapiService *service);

/** mcp_gapi_service_get_channel: the first one; where all calls share it. */
McpRpcChannel *mcp_gapi_service_get_channel(McpGapiService *service);
/** mcp_gapi_service_lease: (transfer full): a channel with room for another call. */
McpRpcChannel *mcp_gapi_service_lease(McpGapiService *service);
/** mcp_gapi_service_give_back: (transfer full): the call on @channel is over. */
void mcp_gapi_service_give_back(McpGapiService *service, McpRpcChannel *channel);

/**
 * mcp_gapi_service_authorize_async: what must stand in a call's metadata; finishes at once, on the
 * service's context, when nothing is to be fetched.
 */
void mcp_gapi_service_authorize_async(McpGapiService *service, GAsyncReadyCallback callback,
                                      gpointer user_data);
/**
 * mcp_gapi_service_authorize_finish: (transfer full): names and values for McpRpcRequest, or NULL
 * with the errors of mcp_oauth_tokens_get_finish() or MCP_ERROR_CLOSED.
 */
char **mcp_gapi_service_authorize_finish(GAsyncResult *result, GError **error);
/**
 * mcp_gapi_service_unauthorize: the service did not take @metadata. Returns: whether asking anew
 * may bring something else.
 */
gboolean mcp_gapi_service_unauthorize(McpGapiService *service, char **metadata);

/** mcp_gapi_service_allows: whether it is worth asking; the end of each try must be told. */
gboolean mcp_gapi_service_allows(McpGapiService *service, GError **error);
/** mcp_gapi_service_tell: a try ended with @error (MCP_RPC_ERROR, or NULL for success). */
void mcp_gapi_service_tell(McpGapiService *service, const GError *error);
/** mcp_gapi_service_tell_unknown: a try was given up. */
void mcp_gapi_service_tell_unknown(McpGapiService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGapiService, mcp_gapi_service_unref)

G_END_DECLS
