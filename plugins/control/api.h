/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/listener.h>
#include <mcp/host.h>

#include "event_stream.h"

G_BEGIN_DECLS

/** McpControlApi: the control API, mounted on a listener. Control context. */
typedef struct _McpControlApi McpControlApi;

/** McpControlRoute: one operation; "{id}" in @path stands for one part. */
typedef struct {
    const char *method;
    const char *path;
} McpControlRoute;

/** mcp_control_api_new: (transfer full): mounts on @listener_name; NULL with @error. */
McpControlApi *mcp_control_api_new(McpHost *host, McpListener *listener, const char *listener_name,
                                   GError **error);
/** mcp_control_api_free: unmounts and ends all streams. */
void mcp_control_api_free(McpControlApi *api);

/** mcp_control_api_get_route: (nullable): row @index of the table of operations. */
const McpControlRoute *mcp_control_api_get_route(guint index);

G_END_DECLS
