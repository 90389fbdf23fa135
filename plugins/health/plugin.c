/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "health": liveness, readiness and start-up probes over HTTP, answered on a thread of
 * its own. The rest lives on the control context.
 */
#include <mcp/error.h>
#include <mcp/host.h>
#include <mcp/log.h>
#include <mcp/plugin.h>

#include "server.h"

#define MCP_TYPE_HEALTH_PLUGIN (mcp_health_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpHealthPlugin, mcp_health_plugin, MCP, HEALTH_PLUGIN, GObject)

struct _McpHealthPlugin {
    GObject parent_instance;
    McpHost *host;
    McpHealthServer *server; /* NULL while stopped */
};

static void mcp_health_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpHealthPlugin, mcp_health_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_health_plugin_iface_init))

enum { METRIC_REQUESTS };

static const McpMetricDef metrics[] = {
    [METRIC_REQUESTS] = {"mcp_health_requests_total", MCP_METRIC_COUNTER, "requests",
                         "Probes that were answered.", "answer", "yes|no|refused", NULL, 1},
    {NULL},
};

static const McpSettingDef settings_table[] = {
    {"health", "address", MCP_SETTING_ADDRESS, "127.0.0.1:8300", NULL, MCP_SETTING_NONE, "0.1",
     "Address and port that probes are answered on; without TLS, to whoever comes."},
    {"health", "max_clients", MCP_SETTING_INT, "32", "1..1024", MCP_SETTING_NONE, "0.1",
     "Connections open at once; the oldest makes room for a new one."},
    {"health", "timeout", MCP_SETTING_DURATION, "5s", "100ms..1m", MCP_SETTING_NONE, "0.1",
     "Time for all of a request, after which its connection is closed."},
    {NULL},
};

static GSocketAddress *
read_address(McpSettings *settings, GError **error)
{
    const char *text = mcp_settings_get_string(settings, "health", NULL, "address");
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(text, 0, NULL);
    g_autoptr(GInetAddress) address = NULL;
    guint16 port = 0;

    if (parsed != NULL) {
        port = g_network_address_get_port(G_NETWORK_ADDRESS(parsed));
        address = g_inet_address_new_from_string(
            g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed)));
    }
    if (address != NULL && port != 0)
        return g_inet_socket_address_new(address, port);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "%s: [health] address: \"%s\" is not a literal address and a port",
                mcp_settings_get_origin(settings, "health", NULL, "address"), text);
    return NULL;
}

static gboolean
mcp_health_plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(GSocketAddress) address = read_address(settings, error);

    return address != NULL;
}

static char *
ask(McpHealthProbe probe, gboolean *out_good, gpointer user_data)
{
    return mcp_host_probe(user_data, probe, out_good);
}

static void
count(guint status, gpointer user_data)
{
    guint answer = status == 200 ? 0 : status == 503 ? 1 : 2;

    mcp_metrics_add(mcp_host_get_metrics(user_data), METRIC_REQUESTS, answer, 1);
}

static void
mcp_health_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
    McpHealthPlugin *self = MCP_HEALTH_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;
    g_autoptr(GSocketAddress) address = read_address(settings, &error);
    McpHealthServerParams params = {
        .address = address,
        .clock = mcp_host_get_clock(host),
        .max_clients = (guint)mcp_settings_get_int(settings, "health", NULL, "max_clients"),
        .timeout = mcp_settings_get_int(settings, "health", NULL, "timeout"),
        .ask = ask,
        .count = count,
        .user_data = host,
    };

    if (address != NULL)
        self->server = mcp_health_server_new(&params, &error);
    if (self->server == NULL) {
        g_task_return_error(task, error);
        return;
    }
    g_set_object(&self->host, host);
    mcp_host_declare_threads(host, 1);
    mcp_log_info("health-listens", NULL, "probes are answered on %s",
                 mcp_settings_get_string(settings, "health", NULL, "address"));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_health_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_health_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpHealthPlugin *self = MCP_HEALTH_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    g_clear_pointer(&self->server, mcp_health_server_free);
    g_clear_object(&self->host);
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_health_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_health_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = mcp_health_plugin_configure;
    iface->start_async = mcp_health_plugin_start_async;
    iface->start_finish = mcp_health_plugin_start_finish;
    iface->stop_async = mcp_health_plugin_stop_async;
    iface->stop_finish = mcp_health_plugin_stop_finish;
}

static void
mcp_health_plugin_dispose(GObject *object)
{
    McpHealthPlugin *self = MCP_HEALTH_PLUGIN(object);

    g_clear_pointer(&self->server, mcp_health_server_free);
    g_clear_object(&self->host);
    G_OBJECT_CLASS(mcp_health_plugin_parent_class)->dispose(object);
}

static void
mcp_health_plugin_class_init(McpHealthPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_health_plugin_dispose;
}

static void
mcp_health_plugin_init(McpHealthPlugin *self)
{
}

MCP_PLUGIN_NOTE("health", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "health",
    .version = MCP_VERSION,
    .summary = "Liveness, readiness and start-up probes over HTTP.",
    .settings = settings_table,
    .metrics = metrics,
    .get_type = mcp_health_plugin_get_type,
    .oid = 21,
};
