/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "prometheus": the metric tables of core and plugins as a page that Prometheus scrapes.
 * Lives on the control context.
 */
#include <mcp/contract/listener.h>
#include <mcp/host.h>
#include <mcp/log.h>
#include <mcp/plugin.h>

#include "openmetrics/metrics_mount.h"

#define MCP_TYPE_PROMETHEUS_PLUGIN (mcp_prometheus_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpPrometheusPlugin, mcp_prometheus_plugin, MCP, PROMETHEUS_PLUGIN, GObject)

enum {
    METRIC_SCRAPES,
    METRIC_SECONDS,
    METRIC_BYTES,
};

struct _McpPrometheusPlugin {
    GObject parent_instance;
    McpHost *host;
    McpMetricsMount *mount; /* nullable: without its listener nobody can scrape */
};

static void mcp_prometheus_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpPrometheusPlugin, mcp_prometheus_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN,
                                                    mcp_prometheus_plugin_iface_init))

static void
add_row(const char *plugin, McpMetrics *metrics, guint row, gpointer user_data)
{
    mcp_metrics_page_add_row(user_data, metrics, row);
}

static void
write_page(McpMetricsPage *page, gpointer user_data)
{
    McpPrometheusPlugin *self = user_data;
    McpMetrics *metrics = mcp_host_get_metrics(self->host);
    McpClock *clock = mcp_host_get_clock(self->host);
    gint64 start = mcp_clock_now(clock);

    mcp_metrics_add(metrics, METRIC_SCRAPES, mcp_metrics_page_get_format(page), 1);
    mcp_host_foreach_metric(self->host, add_row, page);
    mcp_metrics_set(metrics, METRIC_BYTES, 0, (gint64)mcp_metrics_page_get_length(page));
    mcp_metrics_observe(metrics, METRIC_SECONDS, 0,
                        (double)(mcp_clock_now(clock) - start) / G_USEC_PER_SEC);
}

static gboolean
mcp_prometheus_plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings,
                                GError **error)
{
    return mcp_metrics_mount_check(settings, "prometheus", error);
}

static void
mcp_prometheus_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
    McpPrometheusPlugin *self = MCP_PROMETHEUS_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(GError) error = NULL;

    g_set_object(&self->host, host);
    self->mount = mcp_metrics_mount_new(host, "prometheus", write_page, self, &error);
    if (self->mount == NULL)
        mcp_log_warning("prometheus-off", NULL, "there is no page of metrics: %s", error->message);
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_prometheus_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_prometheus_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
    McpPrometheusPlugin *self = MCP_PROMETHEUS_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(plugin, NULL, callback, user_data);

    g_clear_pointer(&self->mount, mcp_metrics_mount_free);
    g_clear_object(&self->host);
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_prometheus_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_prometheus_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = mcp_prometheus_plugin_configure;
    iface->start_async = mcp_prometheus_plugin_start_async;
    iface->start_finish = mcp_prometheus_plugin_start_finish;
    iface->stop_async = mcp_prometheus_plugin_stop_async;
    iface->stop_finish = mcp_prometheus_plugin_stop_finish;
}

static void
mcp_prometheus_plugin_dispose(GObject *object)
{
    McpPrometheusPlugin *self = MCP_PROMETHEUS_PLUGIN(object);

    g_clear_pointer(&self->mount, mcp_metrics_mount_free);
    g_clear_object(&self->host);
    G_OBJECT_CLASS(mcp_prometheus_plugin_parent_class)->dispose(object);
}

static void
mcp_prometheus_plugin_class_init(McpPrometheusPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_prometheus_plugin_dispose;
}

static void
mcp_prometheus_plugin_init(McpPrometheusPlugin *self)
{
}

static const McpSettingDef settings[] = {
    MCP_METRICS_MOUNT_SETTINGS("prometheus", "metrics", "127.0.0.1:9464"),
    {NULL},
};

static const McpMetricDef metrics[] = {
    [METRIC_SCRAPES] = {"mcp_prometheus_scrapes_total", MCP_METRIC_COUNTER, "scrapes",
                        "Pages of metrics that were asked for.", "format", MCP_METRICS_FORMAT_NAMES,
                        NULL, 1},
    [METRIC_SECONDS] = {"mcp_prometheus_scrape_seconds", MCP_METRIC_HISTOGRAM, "seconds",
                        "Time that it takes to write the page.", NULL, NULL,
                        "0.001|0.0025|0.005|0.01|0.025|0.05|0.1", 2},
    [METRIC_BYTES] = {"mcp_prometheus_page_bytes", MCP_METRIC_GAUGE, "bytes",
                      "Length of the page that was written last.", NULL, NULL, NULL, 3},
    {NULL},
};

static const McpRequires requires_[] = {
    {MCP_CONTRACT_LISTENER, MCP_CONTRACT_LISTENER_MAJOR, 2, TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("prometheus", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "prometheus",
    .version = MCP_VERSION,
    .summary = "A page of all metrics in OpenMetrics and Prometheus' text format.",
    .requires_ = requires_,
    .settings = settings,
    .metrics = metrics,
    .get_type = mcp_prometheus_plugin_get_type,
    .oid = 19,
};
