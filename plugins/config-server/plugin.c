/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "config-server", which is the service of the config-source contract itself: settings
 * are wanted before anything is started. Control context.
 */
#include <mcp/host.h>
#include <mcp/plugin.h>

#include "source.h"

#define MCP_TYPE_CONFIG_SERVER_PLUGIN (mcp_config_server_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpConfigServerPlugin, mcp_config_server_plugin, MCP, CONFIG_SERVER_PLUGIN,
                     GObject)

struct _McpConfigServerPlugin {
    GObject parent_instance;
    McpHost *host;                 /* outlives the plugin */
    McpConfigServerSource *source; /* NULL until settings are read */
};

static void plugin_iface_init(McpPluginInterface *iface);
static void source_iface_init(McpConfigSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpConfigServerPlugin, mcp_config_server_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_CONFIG_SOURCE, source_iface_init))

static const McpMetricDef metrics_table[] = {
    [MCP_CONFIG_SERVER_METRIC_LOOKS] = {"mcp_config_server_looks_total", MCP_METRIC_COUNTER,
                                        "looks", "Looks for new settings by what they led to.",
                                        "outcome", MCP_CONFIG_SERVER_OUTCOMES, NULL, 1},
    [MCP_CONFIG_SERVER_METRIC_EXPIRY] = {"mcp_config_server_certificates_expiry_seconds",
                                         MCP_METRIC_GAUGE, "seconds",
                                         "End of the first certificate for recordings, in seconds "
                                         "since 1970; 0: there is none.",
                                         NULL, NULL, NULL, 2},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_CONFIG_SOURCE, MCP_CONTRACT_CONFIG_SOURCE_MAJOR, MCP_CONTRACT_CONFIG_SOURCE_MINOR,
     "config-server", 0},
    {NULL},
};

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpConfigServerConfig) config = mcp_config_server_config_new(settings, error);

    return config != NULL;
}

static GPtrArray *
source_read(McpConfigSource *source, McpHost *host, McpSettings *settings, GError **error)
{
    McpConfigServerPlugin *self = MCP_CONFIG_SERVER_PLUGIN(source);
    McpConfigServerConfig *config = mcp_config_server_config_new(settings, error);

    if (config == NULL)
        return NULL;
    self->host = host;
    self->source = mcp_config_server_source_new(host, config);
    return mcp_config_server_source_read(self->source, error);
}

static GPtrArray *
source_fall_back(McpConfigSource *source)
{
    McpConfigServerPlugin *self = MCP_CONFIG_SERVER_PLUGIN(source);

    return self->source != NULL ? mcp_config_server_source_fall_back(self->source) : NULL;
}

static GPtrArray *
source_get(McpConfigSource *source)
{
    McpConfigServerPlugin *self = MCP_CONFIG_SERVER_PLUGIN(source);

    return self->source != NULL ? mcp_config_server_source_get(self->source) : NULL;
}

static McpCertificates *
source_get_certificates(McpConfigSource *source, const char *name, GError **error)
{
    McpConfigServerPlugin *self = MCP_CONFIG_SERVER_PLUGIN(source);

    return mcp_config_server_source_get_certificates(self->source, name, error);
}

static void
source_iface_init(McpConfigSourceInterface *iface)
{
    iface->read = source_read;
    iface->fall_back = source_fall_back;
    iface->get = source_get;
    iface->get_certificates = source_get_certificates;
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpConfigServerPlugin *self = MCP_CONFIG_SERVER_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    GError *error = NULL;

    g_task_set_source_tag(task, plugin_start_async);
    if (!mcp_config_server_source_start(self->source, &error)) {
        g_task_return_error(task, error);
        return;
    }
    mcp_host_publish(host, MCP_CONTRACT_CONFIG_SOURCE, "config-server", G_OBJECT(self));
    g_task_return_boolean(task, TRUE);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    mcp_config_server_source_settled(MCP_CONFIG_SERVER_PLUGIN(plugin)->source);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpConfigServerPlugin *self = MCP_CONFIG_SERVER_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    mcp_host_withdraw(self->host, MCP_CONTRACT_CONFIG_SOURCE, "config-server");
    mcp_config_server_source_stop(self->source);
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = plugin_configure;
    iface->start_async = plugin_start_async;
    iface->start_finish = plugin_finish;
    iface->reconfigure = plugin_reconfigure;
    iface->stop_async = plugin_stop_async;
    iface->stop_finish = plugin_finish;
}

static void
mcp_config_server_plugin_finalize(GObject *object)
{
    g_clear_pointer(&MCP_CONFIG_SERVER_PLUGIN(object)->source, mcp_config_server_source_free);
    G_OBJECT_CLASS(mcp_config_server_plugin_parent_class)->finalize(object);
}

static void
mcp_config_server_plugin_init(McpConfigServerPlugin *self)
{
}

static void
mcp_config_server_plugin_class_init(McpConfigServerPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_config_server_plugin_finalize;
}

MCP_PLUGIN_NOTE("config-server", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "config-server",
    .version = MCP_VERSION,
    .summary = "Settings and certificates from a configuration server over HTTP",
    .provides = provides_table,
    .settings = mcp_config_server_setting_defs,
    .metrics = metrics_table,
    .get_type = mcp_config_server_plugin_get_type,
    .oid = 23,
};
