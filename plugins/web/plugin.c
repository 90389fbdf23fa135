/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "web": provides the listener contract. Lives on the control context.
 */
#include <mcp/contract/listener.h>
#include <mcp/host.h>
#include <mcp/plugin.h>

#include "web_config.h"
#include "web_listener.h"

#define MCP_TYPE_WEB_PLUGIN (mcp_web_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpWebPlugin, mcp_web_plugin, MCP, WEB_PLUGIN, GObject)

struct _McpWebPlugin {
    GObject parent_instance;
    McpHost *host;
    McpWebListener *listener; /* NULL while stopped */
};

static void mcp_web_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpWebPlugin, mcp_web_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_web_plugin_iface_init))

static gboolean
mcp_web_plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(GPtrArray) configs = mcp_web_configs_new(settings, error);

    return configs != NULL;
}

static void
mcp_web_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
    McpWebPlugin *self = MCP_WEB_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;
    GPtrArray *configs = mcp_web_configs_new(settings, &error);

    if (configs != NULL) {
        g_autoptr(McpCredentials) credentials =
            mcp_host_lookup(host, MCP_CONTRACT_CREDENTIALS, NULL);

        self->listener = mcp_web_listener_new(configs, credentials, mcp_host_get_clock(host));
        mcp_web_listener_open(self->listener, &error);
    }
    if (error != NULL) {
        g_clear_object(&self->listener);
        g_task_return_error(task, error);
        return;
    }
    g_set_object(&self->host, host);
    mcp_host_publish(host, MCP_CONTRACT_LISTENER, "web", G_OBJECT(self->listener));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_web_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_web_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpWebPlugin *self = MCP_WEB_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    if (self->listener != NULL) {
        mcp_host_withdraw(self->host, MCP_CONTRACT_LISTENER, "web");
        mcp_web_listener_close(self->listener);
    }
    g_clear_object(&self->listener);
    g_clear_object(&self->host);
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_web_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_web_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = mcp_web_plugin_configure;
    iface->start_async = mcp_web_plugin_start_async;
    iface->start_finish = mcp_web_plugin_start_finish;
    iface->stop_async = mcp_web_plugin_stop_async;
    iface->stop_finish = mcp_web_plugin_stop_finish;
}

static void
mcp_web_plugin_dispose(GObject *object)
{
    McpWebPlugin *self = MCP_WEB_PLUGIN(object);

    g_clear_object(&self->listener);
    g_clear_object(&self->host);
    G_OBJECT_CLASS(mcp_web_plugin_parent_class)->dispose(object);
}

static void
mcp_web_plugin_class_init(McpWebPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_web_plugin_dispose;
}

static void
mcp_web_plugin_init(McpWebPlugin *self)
{
}

static const McpProvides provides[] = {
    {MCP_CONTRACT_LISTENER, MCP_CONTRACT_LISTENER_MAJOR, MCP_CONTRACT_LISTENER_MINOR, "web", 0},
    {NULL},
};

static const McpRequires requires[] = {
    {MCP_CONTRACT_CREDENTIALS, MCP_CONTRACT_CREDENTIALS_MAJOR, MCP_CONTRACT_CREDENTIALS_MINOR,
     TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("web", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "web",
    .version = MCP_VERSION,
    .summary = "Named HTTP listeners on Unix sockets and TCP that other plugins mount paths on.",
    .provides = provides,
    .requires_ = requires,
    .settings = mcp_web_setting_defs,
    .get_type = mcp_web_plugin_get_type,
};
