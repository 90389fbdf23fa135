/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "log-exporter": counters of the platform's own log lines, by plugin, id and level, as
 * a page that Prometheus scrapes. Lives on the control context; counts on any thread.
 */
#include <mcp/contract/listener.h>
#include <mcp/host.h>
#include <mcp/log.h>
#include <mcp/plugin.h>

#include "line_counts.h"
#include "openmetrics/metrics_mount.h"

#define SECTION "log-exporter"

#define MCP_TYPE_LOG_EXPORTER_PLUGIN (mcp_log_exporter_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpLogExporterPlugin, mcp_log_exporter_plugin, MCP, LOG_EXPORTER_PLUGIN,
                     GObject)

struct _McpLogExporterPlugin {
    GObject parent_instance;
    McpHost *host;
    McpLineCounts *counts;
    McpMetricsMount *mount; /* nullable: without its listener nobody can scrape */
    guint observer;
};

static void mcp_log_exporter_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpLogExporterPlugin, mcp_log_exporter_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN,
                                                    mcp_log_exporter_plugin_iface_init))

enum {
    METRIC_LEVELS,
};

/* Of this page alone: its labels are no closed set, but a bounded one. */
static const McpMetricDef lines_def = {
    "mcp_log_lines_total",
    MCP_METRIC_COUNTER,
    "lines",
    "Log lines that were written, by plugin, id (see log-ids.md) and level.",
    "id",
    NULL,
    NULL,
    0};

static void
on_line(McpLogLevel level, const char *plugin, const char *id, const char *call_id,
        const char *text, gpointer user_data)
{
    McpLogExporterPlugin *self = user_data;

    mcp_line_counts_add(self->counts, level, plugin, id);
    mcp_metrics_add(mcp_host_get_metrics(self->host), METRIC_LEVELS, (guint)level, 1);
}

static void
add_count(const char *plugin, const char *id, McpLogLevel level, gint64 count, gpointer user_data)
{
    const char *labels[] = {"plugin", plugin, "id", id, "level", mcp_log_level_to_string(level),
                            NULL};

    mcp_metrics_page_add_sample(user_data, labels, count);
}

static void
write_page(McpMetricsPage *page, gpointer user_data)
{
    McpLogExporterPlugin *self = user_data;

    mcp_metrics_page_add_row(page, mcp_host_get_metrics(self->host), METRIC_LEVELS);
    mcp_metrics_page_begin(page, &lines_def);
    mcp_line_counts_foreach(self->counts, add_count, page);
}

static gboolean
mcp_log_exporter_plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings,
                                  GError **error)
{
    return mcp_metrics_mount_check(settings, SECTION, error);
}

static void
mcp_log_exporter_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
    McpLogExporterPlugin *self = MCP_LOG_EXPORTER_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    g_autoptr(GError) error = NULL;

    g_set_object(&self->host, host);
    self->counts =
        mcp_line_counts_new((guint)mcp_settings_get_int(settings, SECTION, NULL, "max_series"));
    self->observer = mcp_log_add_observer(on_line, self);
    self->mount = mcp_metrics_mount_new(host, SECTION, write_page, self, &error);
    if (self->mount == NULL)
        mcp_log_warning("log-exporter-off", NULL, "there is no page of log counters: %s",
                        error->message);
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_log_exporter_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
end(McpLogExporterPlugin *self)
{
    g_clear_pointer(&self->mount, mcp_metrics_mount_free);
    mcp_log_remove_observer(self->observer);
    self->observer = 0;
    g_clear_pointer(&self->counts, mcp_line_counts_free);
    g_clear_object(&self->host);
}

static void
mcp_log_exporter_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, NULL, callback, user_data);

    end(MCP_LOG_EXPORTER_PLUGIN(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_log_exporter_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_log_exporter_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = mcp_log_exporter_plugin_configure;
    iface->start_async = mcp_log_exporter_plugin_start_async;
    iface->start_finish = mcp_log_exporter_plugin_start_finish;
    iface->stop_async = mcp_log_exporter_plugin_stop_async;
    iface->stop_finish = mcp_log_exporter_plugin_stop_finish;
}

static void
mcp_log_exporter_plugin_dispose(GObject *object)
{
    end(MCP_LOG_EXPORTER_PLUGIN(object));
    G_OBJECT_CLASS(mcp_log_exporter_plugin_parent_class)->dispose(object);
}

static void
mcp_log_exporter_plugin_class_init(McpLogExporterPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_log_exporter_plugin_dispose;
}

static void
mcp_log_exporter_plugin_init(McpLogExporterPlugin *self)
{
}

static const McpSettingDef settings[] = {
    MCP_METRICS_MOUNT_SETTINGS(SECTION, "log-exporter", "127.0.0.1:8200"),
    {SECTION, "max_series", MCP_SETTING_INT, "1000", "10..100000", MCP_SETTING_NONE, "0.2",
     "Different plugins, ids and levels that are counted; what comes after them is \"other\"."},
    {NULL},
};

static const McpMetricDef metrics[] = {
    [METRIC_LEVELS] = {"mcp_log_level_lines_total", MCP_METRIC_COUNTER, "lines",
                       "Log lines that were written, by level.", "level",
                       "error|warning|info|debug", NULL, 1},
    {NULL},
};

static const McpRequires requires_[] = {
    {MCP_CONTRACT_LISTENER, MCP_CONTRACT_LISTENER_MAJOR, 2, TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("log-exporter", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "log-exporter",
    .version = MCP_VERSION,
    .summary = "Counters of the platform's log lines by plugin, id and level, for Prometheus.",
    .requires_ = requires_,
    .settings = settings,
    .metrics = metrics,
    .get_type = mcp_log_exporter_plugin_get_type,
    .oid = 20,
};
