/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin interface type. Its members are called by core/server alone, on the control context.
 */
#include <mcp/plugin.h>

G_DEFINE_INTERFACE(McpPlugin, mcp_plugin, G_TYPE_OBJECT)

static void
mcp_plugin_default_init(McpPluginInterface *iface)
{
}
