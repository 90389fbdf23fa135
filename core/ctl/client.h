/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/** McpCtlExit: exit statuses of mcpctl. */
typedef enum {
    MCP_CTL_OK = 0,
    MCP_CTL_FAILED = 1,
    MCP_CTL_USAGE = 2,
    MCP_CTL_NO_CONNECTION = 3,
    MCP_CTL_NOT_FOUND = 4,
} McpCtlExit;

/** McpCtlClient: the control API as mcpctl calls it; blocking, one thread. */
typedef struct _McpCtlClient McpCtlClient;

/** mcp_ctl_client_new: (transfer full): @socket is the path of the Unix socket. */
McpCtlClient *mcp_ctl_client_new(const char *socket);
/** mcp_ctl_client_free: frees it. */
void mcp_ctl_client_free(McpCtlClient *client);

/**
 * mcp_ctl_client_call: one request with a JSON answer.
 * @body: (nullable): JSON
 * @out_root: (transfer full) (nullable): the answer, when MCP_CTL_OK is returned
 *
 * Returns: anything but MCP_CTL_OK was already told on stderr.
 */
McpCtlExit mcp_ctl_client_call(McpCtlClient *client, const char *method, const char *path,
                               const char *body, JsonNode **out_root);
/**
 * mcp_ctl_client_download: writes the answer, which is audio, to @path_out as it is.
 * @body: (nullable): JSON; with it the method is POST
 */
McpCtlExit mcp_ctl_client_download(McpCtlClient *client, const char *path, const char *body,
                                   const char *path_out);

/** McpCtlEventFunc: one event; FALSE ends the stream. @json is its text. */
typedef gboolean (*McpCtlEventFunc)(JsonObject *event, const char *json, gpointer user_data);

/** mcp_ctl_client_stream: calls @func for each event until the stream ends. */
McpCtlExit mcp_ctl_client_stream(McpCtlClient *client, const char *method, const char *path,
                                 const char *body, McpCtlEventFunc func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpCtlClient, mcp_ctl_client_free)

G_END_DECLS
