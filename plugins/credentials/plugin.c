/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "credentials": its tables, and the life of the service "files". Control context.
 */
#include "credential_file.h"
#include "credential_store.h"

#include <mcp/plugin.h>

#define SERVICE_NAME "files"

#define MCP_TYPE_CREDENTIALS_PLUGIN (mcp_credentials_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpCredentialsPlugin, mcp_credentials_plugin, MCP, CREDENTIALS_PLUGIN, GObject)

struct _McpCredentialsPlugin {
    GObject parent_instance;
    McpHost *host;             /* outlives the plugin */
    McpCredentialStore *store; /* NULL while stopped */
    McpDependency *dependency;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpCredentialsPlugin, mcp_credentials_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_CREDENTIALS, MCP_CONTRACT_CREDENTIALS_MAJOR, MCP_CONTRACT_CREDENTIALS_MINOR,
     SERVICE_NAME, 100},
    {NULL},
};

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    gint64 now = mcp_clock_wall(mcp_host_get_clock(host)) / G_USEC_PER_SEC;

    return mcp_credential_store_check(MCP_CREDENTIALS_PLUGIN(plugin)->store, settings, now, error);
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpCredentialsPlugin *self = MCP_CREDENTIALS_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);

    self->host = host;
    self->store =
        mcp_credential_store_new(mcp_host_get_clock(host), mcp_host_get_pool(host, MCP_POOL_DISK),
                                 mcp_host_get_metrics(host), mcp_host_get_events(host));
    if (self->dependency == NULL)
        self->dependency = mcp_host_add_dependency(host, "credentials", MCP_NEED_OPTIONAL);
    mcp_credential_store_declare(self->store, self->dependency);
    mcp_credential_store_apply(self->store, settings);
    mcp_host_publish(host, MCP_CONTRACT_CREDENTIALS, SERVICE_NAME, G_OBJECT(self->store));
    g_task_return_boolean(task, TRUE);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    mcp_credential_store_apply(MCP_CREDENTIALS_PLUGIN(plugin)->store, settings);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpCredentialsPlugin *self = MCP_CREDENTIALS_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    if (self->store != NULL) {
        mcp_host_withdraw(self->host, MCP_CONTRACT_CREDENTIALS, SERVICE_NAME);
        mcp_credential_store_close(self->store);
        g_clear_object(&self->store);
    }
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_credentials_plugin_finalize(GObject *object)
{
    g_clear_object(&MCP_CREDENTIALS_PLUGIN(object)->store);
    g_clear_pointer(&MCP_CREDENTIALS_PLUGIN(object)->dependency, mcp_dependency_free);
    G_OBJECT_CLASS(mcp_credentials_plugin_parent_class)->finalize(object);
}

static void
mcp_credentials_plugin_init(McpCredentialsPlugin *self)
{
}

static void
mcp_credentials_plugin_class_init(McpCredentialsPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_credentials_plugin_finalize;
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

MCP_PLUGIN_NOTE("credentials", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "credentials",
    .version = MCP_VERSION,
    .summary = "Certificates, keys and trust anchors from files, reloaded when they change",
    .provides = provides_table,
    .settings = mcp_credential_setting_defs,
    .metrics = mcp_credential_metric_defs,
    .get_type = mcp_credentials_plugin_get_type,
    .oid = 13,
};
