/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of sink, spools and publisher. Control context.
 */
#include <mcp/log.h>
#include <string.h>

#include "publisher.h"
#include "sink.h"

#define SERVICE_NAME "activemq"

#define MCP_TYPE_ACTIVEMQ_PLUGIN (mcp_activemq_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpActivemqPlugin, mcp_activemq_plugin, MCP, ACTIVEMQ_PLUGIN, GObject)

struct _McpActivemqPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpActivemqConfig *config;
    McpSpool *spools[MCP_ACTIVEMQ_SPOOLS]; /* by McpSpoolKind */
    McpActivemqSink *sink;
    McpActivemqPublisher *publisher;
    guint closing;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpActivemqPlugin, mcp_activemq_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpMetricDef metrics_table[] = {
    [MCP_ACTIVEMQ_METRIC_SENT] = {"mcp_activemq_sent_total", MCP_METRIC_COUNTER, "records",
                                  "Records sent to a broker for the first time.", NULL, NULL, NULL,
                                  1},
    [MCP_ACTIVEMQ_METRIC_RESENT] = {"mcp_activemq_resent_total", MCP_METRIC_COUNTER, "records",
                                    "Records sent once more, with the same id.", NULL, NULL, NULL,
                                    2},
    [MCP_ACTIVEMQ_METRIC_REFUSED] = {"mcp_activemq_refused_total", MCP_METRIC_COUNTER, "records",
                                     "Times that a broker refused a record.", NULL, NULL, NULL, 3},
    [MCP_ACTIVEMQ_METRIC_CONNECTED] = {"mcp_activemq_connected", MCP_METRIC_GAUGE, "connections",
                                       "Whether a broker takes records.", NULL, NULL, NULL, 4},
    [MCP_ACTIVEMQ_METRIC_FAILURES] = {"mcp_activemq_failures_total", MCP_METRIC_COUNTER, "failures",
                                      "Connections that failed or were lost.", NULL, NULL, NULL, 5},
    [MCP_ACTIVEMQ_METRIC_WAITING] = {"mcp_activemq_unacknowledged", MCP_METRIC_GAUGE, "records",
                                     "Records on their way to the broker.", NULL, NULL, NULL, 6},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_CALL_SINK, MCP_CONTRACT_CALL_SINK_MAJOR, MCP_CONTRACT_CALL_SINK_MINOR,
     SERVICE_NAME, 0},
    {NULL},
};

static const McpRequires requires_table[] = {
    {"credentials", 1, 0, TRUE},
    {NULL},
};

/* --- what the spools tell --- */

static void
on_recovered(McpSpool *spool, const GPtrArray *open, gpointer user_data)
{
    McpActivemqPlugin *self = user_data;

    if (spool == self->spools[MCP_SPOOL_BILLING] && self->sink != NULL)
        mcp_activemq_sink_recover(self->sink, open);
}

static void
on_readable(McpSpool *spool, gpointer user_data)
{
    McpActivemqPlugin *self = user_data;

    if (self->publisher != NULL)
        mcp_activemq_publisher_wake(self->publisher, spool);
}

/* Calls whose records could not be kept are not taken. */
static void
look_at_space(McpActivemqPlugin *self)
{
    gboolean full =
        self->config->refuse_when_full && mcp_spool_is_full(self->spools[MCP_SPOOL_BILLING]);

    mcp_calls_hold(mcp_host_get_calls(self->host), self,
                   full ? "records of calls cannot be kept" : NULL);
}

static void
on_changed(McpSpool *spool, gpointer user_data)
{
    McpActivemqPlugin *self = user_data;

    if (spool != self->spools[MCP_SPOOL_BILLING])
        return;
    if (mcp_spool_is_full(spool))
        mcp_log_error("spool-full", NULL, "spool %s is full%s", mcp_spool_get_name(spool),
                      self->config->refuse_when_full ? ": new calls are refused" : "");
    else
        mcp_log_info("spool-free", NULL, "spool %s has room again", mcp_spool_get_name(spool));
    look_at_space(self);
}

/* --- life --- */

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpActivemqConfig) config = mcp_activemq_config_new(settings, error);

    return config != NULL;
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    static const McpSpoolEvents events = {on_recovered, on_readable, on_changed};
    McpActivemqPlugin *self = MCP_ACTIVEMQ_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    McpActivemqSpools spools = {0};
    GError *error = NULL;

    self->host = host;
    self->config = mcp_activemq_config_new(settings, &error);
    if (self->config == NULL) {
        g_task_return_error(task, error);
        return;
    }
    self->publisher = mcp_activemq_publisher_new(host, self->config);
    for (guint i = 0; i < MCP_ACTIVEMQ_SPOOLS; i++) {
        self->spools[i] = mcp_host_open_spool(host, SERVICE_NAME, (McpSpoolKind)i, &events, self);
        mcp_activemq_publisher_add(self->publisher, self->spools[i]);
    }
    spools = (McpActivemqSpools){self->spools[MCP_SPOOL_BILLING], self->spools[MCP_SPOOL_EVENTS],
                                 self->spools[MCP_SPOOL_QUALITY]};
    self->sink = mcp_activemq_sink_new(host, &spools, self->config);
    mcp_host_publish(host, MCP_CONTRACT_CALL_SINK, SERVICE_NAME, G_OBJECT(self->sink));
    g_task_return_boolean(task, TRUE);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpActivemqPlugin *self = MCP_ACTIVEMQ_PLUGIN(plugin);
    McpActivemqConfig *before = self->config;
    McpActivemqConfig *config = mcp_activemq_config_new(settings, NULL);

    if (config == NULL)
        return;
    self->config = config;
    mcp_activemq_sink_configure(self->sink, config);
    mcp_activemq_publisher_configure(self->publisher, config);
    mcp_activemq_config_free(before);
    look_at_space(self);
}

static void
on_spool_closed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    McpActivemqPlugin *self = g_task_get_source_object(task);
    g_autoptr(GError) error = NULL;

    if (!mcp_spool_close_finish(MCP_SPOOL(source), result, &error))
        mcp_log_error("records-lost", NULL, "%s", error->message);
    if (--self->closing == 0)
        g_task_return_boolean(task, TRUE);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpActivemqPlugin *self = MCP_ACTIVEMQ_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    if (self->sink == NULL) {
        g_task_return_boolean(task, TRUE);
        return;
    }
    mcp_host_withdraw(self->host, MCP_CONTRACT_CALL_SINK, SERVICE_NAME);
    mcp_calls_hold(mcp_host_get_calls(self->host), self, NULL);
    mcp_activemq_sink_close(self->sink);
    g_clear_object(&self->sink);
    g_clear_pointer(&self->publisher, mcp_activemq_publisher_free);
    self->closing = MCP_ACTIVEMQ_SPOOLS;
    for (guint i = 0; i < MCP_ACTIVEMQ_SPOOLS; i++) {
        g_autoptr(McpSpool) spool = g_steal_pointer(&self->spools[i]);

        mcp_spool_close_async(spool, on_spool_closed, g_object_ref(task));
    }
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_activemq_plugin_finalize(GObject *object)
{
    McpActivemqPlugin *self = MCP_ACTIVEMQ_PLUGIN(object);

    g_clear_pointer(&self->config, mcp_activemq_config_free);
    G_OBJECT_CLASS(mcp_activemq_plugin_parent_class)->finalize(object);
}

static void
mcp_activemq_plugin_init(McpActivemqPlugin *self)
{
}

static void
mcp_activemq_plugin_class_init(McpActivemqPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_activemq_plugin_finalize;
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

MCP_PLUGIN_NOTE("activemq", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "activemq",
    .version = MCP_VERSION,
    .summary = "Call detail, events and service quality to an ActiveMQ broker, journalled first",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = mcp_activemq_settings,
    .metrics = metrics_table,
    .get_type = mcp_activemq_plugin_get_type,
    .oid = 24,
};
