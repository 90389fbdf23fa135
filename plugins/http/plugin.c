/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "http": provides the fetcher contract. Lives on the control context.
 */
#include <mcp/contract/fetcher.h>
#include <mcp/host.h>
#include <mcp/plugin.h>

#include "fetcher.h"
#include "http_config.h"
#include "report.h"

#define MCP_TYPE_HTTP_PLUGIN (mcp_http_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpHttpPlugin, mcp_http_plugin, MCP, HTTP_PLUGIN, GObject)

struct _McpHttpPlugin {
    GObject parent_instance;
    McpHost *host;
    McpHttpFetcher *fetcher; /* NULL while stopped */
};

static void mcp_http_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpHttpPlugin, mcp_http_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_http_plugin_iface_init))

static gboolean
mcp_http_plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpHttpConfig) config = mcp_http_config_new(settings, error);

    return config != NULL;
}

static void
mcp_http_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
    McpHttpPlugin *self = MCP_HTTP_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    g_autoptr(McpHttpConfig) config = NULL;
    McpHttpFetcherDeps deps = {
        .clock = mcp_host_get_clock(host),
        .disk = mcp_host_get_pool(host, MCP_POOL_DISK),
        .events = mcp_host_get_events(host),
        .metrics = mcp_host_get_metrics(host),
    };
    GError *error = NULL;

    config = mcp_http_config_new(settings, &error);
    if (config == NULL) {
        g_task_return_error(task, error);
        return;
    }
    g_set_object(&self->host, host);
    self->fetcher = mcp_http_fetcher_new(&deps, config);
    mcp_host_publish(host, MCP_CONTRACT_FETCHER, "http", G_OBJECT(self->fetcher));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_http_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_http_plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpHttpPlugin *self = MCP_HTTP_PLUGIN(plugin);
    g_autoptr(McpHttpConfig) config = mcp_http_config_new(settings, NULL);

    if (config != NULL && self->fetcher != NULL)
        mcp_http_fetcher_reconfigure(self->fetcher, config);
}

static gboolean
on_closed(gpointer data)
{
    GTask *task = data;
    McpHttpPlugin *self = g_task_get_source_object(task);

    g_clear_object(&self->fetcher);
    g_clear_object(&self->host);
    g_task_return_boolean(task, TRUE);
    g_object_unref(task);
    return G_SOURCE_REMOVE;
}

static void
mcp_http_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpHttpPlugin *self = MCP_HTTP_PLUGIN(plugin);
    GTask *task = g_task_new(self, NULL, callback, user_data);

    if (self->fetcher == NULL) {
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        return;
    }
    mcp_host_withdraw(self->host, MCP_CONTRACT_FETCHER, "http");
    mcp_http_fetcher_close(self->fetcher, on_closed, task);
}

static gboolean
mcp_http_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_http_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = mcp_http_plugin_configure;
    iface->start_async = mcp_http_plugin_start_async;
    iface->start_finish = mcp_http_plugin_start_finish;
    iface->reconfigure = mcp_http_plugin_reconfigure;
    iface->stop_async = mcp_http_plugin_stop_async;
    iface->stop_finish = mcp_http_plugin_stop_finish;
}

static void
mcp_http_plugin_dispose(GObject *object)
{
    McpHttpPlugin *self = MCP_HTTP_PLUGIN(object);

    g_clear_object(&self->fetcher);
    g_clear_object(&self->host);
    G_OBJECT_CLASS(mcp_http_plugin_parent_class)->dispose(object);
}

static void
mcp_http_plugin_class_init(McpHttpPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_http_plugin_dispose;
}

static void
mcp_http_plugin_init(McpHttpPlugin *self)
{
}

static const McpProvides provides[] = {
    {MCP_CONTRACT_FETCHER, MCP_CONTRACT_FETCHER_MAJOR, MCP_CONTRACT_FETCHER_MINOR, "http", 0},
    {NULL},
};

MCP_PLUGIN_NOTE("http", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "http",
    .version = MCP_VERSION,
    .summary = "Fetches resources over HTTP and from files, with one cache for the process.",
    .provides = provides,
    .settings = mcp_http_setting_defs,
    .metrics = mcp_http_metric_defs,
    .get_type = mcp_http_plugin_get_type,
    .oid = 6,
};
