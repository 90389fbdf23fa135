/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

#include "metrics_page.h"

G_BEGIN_DECLS

/** McpMetricsMount: a page of metrics at a path of a listener. */
typedef struct _McpMetricsMount McpMetricsMount;

/** McpMetricsWrite: writes a whole page; a client waits for it. Control context. */
typedef void (*McpMetricsWrite)(McpMetricsPage *page, gpointer user_data);

/**
 * MCP_METRICS_MOUNT_SETTINGS: rows of [@section] for mcp_metrics_mount_new().
 * @name: default of the listener's name
 * @where: default of the address that is opened when no such listener is configured
 */
#define MCP_METRICS_MOUNT_SETTINGS(section, name, where)                                          \
    {section,                                                                                     \
     "listener",                                                                                  \
     MCP_SETTING_STRING,                                                                          \
     name,                                                                                        \
     NULL,                                                                                        \
     MCP_SETTING_NONE,                                                                            \
     "0.2",                                                                                       \
     "Name of the [web.listener] that the page is mounted on."},                                  \
        {section,                                                                                 \
         "address",                                                                               \
         MCP_SETTING_ADDRESS,                                                                     \
         where,                                                                                   \
         NULL,                                                                                    \
         MCP_SETTING_NONE,                                                                        \
         "0.2",                                                                                   \
         "Address and port that are opened for plain HTTP when no such listener is configured."}, \
    {                                                                                             \
        section, "path", MCP_SETTING_STRING, "/metrics", NULL, MCP_SETTING_NONE, "0.2",           \
            "Path of the page; begins with a slash."                                              \
    }

/** mcp_metrics_mount_check: whether the path that [@section] names is one. */
gboolean mcp_metrics_mount_check(McpSettings *settings, const char *section, GError **error);
/**
 * mcp_metrics_mount_new: (transfer full) (nullable): mounts the page as [@section] says; NULL with
 * @error. Control context, as all of it.
 */
McpMetricsMount *mcp_metrics_mount_new(McpHost *host, const char *section, McpMetricsWrite write,
                                       gpointer user_data, GError **error);
/** mcp_metrics_mount_free: no page is written any more. */
void mcp_metrics_mount_free(McpMetricsMount *mount);

G_END_DECLS
