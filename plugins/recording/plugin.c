/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the store service "file". Control context.
 */
#include "store.h"
#include <mcp/error.h>
#include <mcp/host.h>

#define SECTION "recording"

#define MCP_TYPE_RECORDING_PLUGIN (mcp_recording_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpRecordingPlugin, mcp_recording_plugin, MCP, RECORDING_PLUGIN, GObject)

struct _McpRecordingPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpRecordingStore *store;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpRecordingPlugin, mcp_recording_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpSettingDef settings_table[] = {
    {SECTION, "directory", MCP_SETTING_PATH, "/var/lib/mcp/recordings", NULL, MCP_SETTING_NONE,
     "0.1", "Folder below which recordings are stored; not writable by everybody."},
    {SECTION, "stream_buffer", MCP_SETTING_SIZE, "512K", "64K..64M", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of one recording that may wait for the disk before more are dropped."},
    {SECTION, "total_buffer", MCP_SETTING_SIZE, "64M", "1M..4G", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of all recordings together that may wait for the disk."},
    {SECTION, "flush_interval", MCP_SETTING_DURATION, "500ms", "20ms..1s", MCP_SETTING_RELOADABLE,
     "0.1", "Longest time that recorded audio stays in memory before it is written."},
    {SECTION, "min_free", MCP_SETTING_SIZE, "100M", "0..1024G", MCP_SETTING_RELOADABLE, "0.1",
     "Free space of the file system below which no new recording is opened."},
    {SECTION, "read_limit", MCP_SETTING_SIZE, "64M", "1K..1G", MCP_SETTING_RELOADABLE, "0.1",
     "Largest recording that is read as a whole, to be played or sent."},
    {NULL},
};

static const McpMetricDef metrics_table[] = {
    {"mcp_recording_open", MCP_METRIC_GAUGE, "objects", "Recordings being written.", NULL, NULL,
     NULL, 1},
    {"mcp_recording_bytes_total", MCP_METRIC_COUNTER, "bytes", "Bytes written to the disk.", NULL,
     NULL, NULL, 2},
    {"mcp_recording_committed_total", MCP_METRIC_COUNTER, "objects", "Recordings completed.", NULL,
     NULL, NULL, 3},
    {"mcp_recording_failures_total", MCP_METRIC_COUNTER, "objects",
     "Recordings refused at opening or failed while written.", NULL, NULL, NULL, 4},
    {"mcp_recording_dropped_bytes_total", MCP_METRIC_COUNTER, "bytes",
     "Bytes lost because a buffer was full or the recording had failed.", NULL, NULL, NULL, 5},
    {"mcp_recording_recovered_total", MCP_METRIC_COUNTER, "objects",
     "Unfinished recordings of an earlier process that were completed at start.", NULL, NULL, NULL,
     6},
    {"mcp_recording_flush_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time that one write of all recordings takes.", NULL, NULL, "0.001|0.005|0.02|0.1|0.5|2", 7},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_STORE, MCP_CONTRACT_STORE_MAJOR, MCP_CONTRACT_STORE_MINOR, "file", 100},
    {NULL},
};

static McpRecordingConfig
read_config(McpSettings *settings)
{
    return (McpRecordingConfig){
        .directory = mcp_settings_get_string(settings, SECTION, NULL, "directory"),
        .stream_buffer = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "stream_buffer"),
        .total_buffer = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "total_buffer"),
        .flush_interval = mcp_settings_get_int(settings, SECTION, NULL, "flush_interval"),
        .min_free = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "min_free"),
        .read_limit = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "read_limit"),
    };
}

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    McpRecordingConfig config = read_config(settings);

    if (!mcp_recording_directory_check(config.directory, error)) {
        g_prefix_error(error, "%s: [" SECTION "] directory: ",
                       mcp_settings_get_origin(settings, SECTION, NULL, "directory"));
        return FALSE;
    }
    if (config.stream_buffer > config.total_buffer) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "%s: [" SECTION "] stream_buffer is larger than total_buffer",
                    mcp_settings_get_origin(settings, SECTION, NULL, "stream_buffer"));
        return FALSE;
    }
    return TRUE;
}

static void
store_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    McpRecordingPlugin *self = MCP_RECORDING_PLUGIN(g_task_get_source_object(task));
    GError *error = NULL;

    if (!mcp_recording_store_start_finish(MCP_RECORDING_STORE(source), result, &error)) {
        g_clear_object(&self->store);
        g_task_return_error(task, error);
        return;
    }
    mcp_host_publish(self->host, MCP_CONTRACT_STORE, "file", G_OBJECT(self->store));
    g_task_return_boolean(task, TRUE);
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpRecordingPlugin *self = MCP_RECORDING_PLUGIN(plugin);
    GTask *task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    McpRecordingConfig config = read_config(settings);

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    self->store = mcp_recording_store_new(&config, mcp_host_get_pool(host, MCP_POOL_DISK),
                                          mcp_host_get_clock(host), mcp_host_get_metrics(host));
    mcp_recording_store_start_async(self->store, cancellable, store_started, task);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpRecordingPlugin *self = MCP_RECORDING_PLUGIN(plugin);
    McpRecordingConfig config = read_config(settings);

    if (self->store != NULL)
        mcp_recording_store_configure(self->store, &config);
}

static void
store_stopped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    GError *error = NULL;

    if (mcp_recording_store_stop_finish(MCP_RECORDING_STORE(source), result, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpRecordingPlugin *self = MCP_RECORDING_PLUGIN(plugin);
    GTask *task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    if (self->store == NULL) {
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        return;
    }
    mcp_host_withdraw(self->host, MCP_CONTRACT_STORE, "file");
    mcp_recording_store_stop_async(self->store, store_stopped, task);
    g_clear_object(&self->store);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_recording_plugin_finalize(GObject *object)
{
    g_clear_object(&MCP_RECORDING_PLUGIN(object)->store);
    G_OBJECT_CLASS(mcp_recording_plugin_parent_class)->finalize(object);
}

static void
mcp_recording_plugin_init(McpRecordingPlugin *self)
{
}

static void
mcp_recording_plugin_class_init(McpRecordingPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_recording_plugin_finalize;
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

MCP_PLUGIN_NOTE("recording", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "recording",
    .version = "0.1.0",
    .summary = "Stores recordings as files",
    .provides = provides_table,
    .settings = settings_table,
    .metrics = metrics_table,
    .get_type = mcp_recording_plugin_get_type,
    .oid = 11,
};
