/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "service.h"

#include <mcp/contract/health.h>

G_BEGIN_DECLS

/** McpGapiPluginDef: a plugin that publishes a service while its section says whom to ask. Static.
 */
typedef struct {
    const char *section;
    const char *contract;
    const char *name;
    guint tokens;     /* row of the plugin's metrics table, by MCP_GAPI_TOKEN_RESULTS */
    guint left_alone; /* row of a gauge */
    gboolean (*check)(McpSettings *settings, GError **error);
    GObject *(*make)(McpHost *host, const McpGapiDeps *deps, McpSettings *settings, GError **error);
    gboolean (*configure)(GObject *service, McpSettings *settings, GError **error);
    void (*close)(GObject *service);
} McpGapiPluginDef;

/** MCP_GAPI_TOKEN_RESULTS: label values of the tokens. */
#define MCP_GAPI_TOKEN_RESULTS "granted|failed"

/**
 * McpGapiPlugin: the instance of such a plugin, a GObject whose type is the plugin's own: its init
 * function sets @def, its class_init function calls mcp_gapi_plugin_class_init(). Control context.
 */
typedef struct {
    GObject parent_instance;
    const McpGapiPluginDef *def;
    McpHost *host; /* outlives the plugin */
    McpRpcLoop *loop;
    GObject *service;          /* nullable */
    McpDependency *dependency; /* nullable: no service was wanted yet */
} McpGapiPlugin;

/** mcp_gapi_plugin_class_init: of a class whose instance is a McpGapiPlugin. */
void mcp_gapi_plugin_class_init(GObjectClass *klass);
/** mcp_gapi_plugin_iface_init: likewise. */
void mcp_gapi_plugin_iface_init(McpPluginInterface *iface);

G_END_DECLS
