/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "snmp": its tables, which metrics and alerts reach the agent, and its life. Control
 * context.
 */
#include "agent.h"
#include "limiter.h"
#include "master.h"

#include <mcp/host.h>
#include <mcp/plugin.h>

#define SECTION "snmp"
#define MASTER "master"
#define INTERVAL "trap_interval"
#define EVENTS_MAX 256
#define MEASURE_INTERVAL (5 * G_USEC_PER_SEC)

#define MCP_TYPE_SNMP_PLUGIN (mcp_snmp_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpSnmpPlugin, mcp_snmp_plugin, MCP, SNMP_PLUGIN, GObject)

struct _McpSnmpPlugin {
    GObject parent_instance;
    McpHost *host;           /* outlives the plugin */
    McpSnmpAgent *agent;     /* nullable: while it runs, as the next */
    McpSnmpLimiter *limiter; /* nullable */
    McpDependency *dependency;
    McpTimer *measure;
    guint subscription;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSnmpPlugin, mcp_snmp_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpSettingDef settings_table[] = {
    {SECTION, MASTER, MCP_SETTING_STRING, "tcp:localhost:1705", NULL, MCP_SETTING_NONE, "0.1",
     "Where the SNMP master takes AgentX sessions: tcp:HOST:PORT or unix:/PATH."},
    {SECTION, INTERVAL, MCP_SETTING_DURATION, "30s", "0s..1d", MCP_SETTING_RELOADABLE, "0.1",
     "At most one notification of an alert and subject in this time; 0: all are sent."},
    {NULL},
};

static const McpMetricDef metrics_table[] = {
    [MCP_SNMP_METRIC_CONNECTED] = {"mcp_snmp_connected", MCP_METRIC_GAUGE, "sessions",
                                   "1 while there is a session with the master.", NULL, NULL, NULL,
                                   1},
    [MCP_SNMP_METRIC_CONNECTS] = {"mcp_snmp_connects_total", MCP_METRIC_COUNTER, "sessions",
                                  "Sessions opened with the master.", NULL, NULL, NULL, 2},
    [MCP_SNMP_METRIC_REQUESTS] = {"mcp_snmp_variables_total", MCP_METRIC_COUNTER, "variables",
                                  "Variables that the master asked for.", NULL, NULL, NULL, 3},
    [MCP_SNMP_METRIC_NOTIFICATIONS] = {"mcp_snmp_notifications_total", MCP_METRIC_COUNTER,
                                       "notifications",
                                       "Notifications by what became of them: suppressed by their "
                                       "rate, dropped as too many waited.",
                                       "outcome", "sent|suppressed|dropped", NULL, 4},
    {NULL},
};

static void
count(McpSnmpPlugin *self, McpSnmpOutcome outcome, guint n)
{
    mcp_metrics_add(mcp_host_get_metrics(self->host), MCP_SNMP_METRIC_NOTIFICATIONS, outcome, n);
}

static void
send_notification(McpSnmpNotification *notification, gpointer user_data)
{
    McpSnmpPlugin *self = user_data;

    count(self, MCP_SNMP_OUTCOME_SUPPRESSED, notification->suppressed);
    mcp_snmp_agent_notify(self->agent, notification);
}

static void
on_alert(McpEvent *event, guint dropped, gpointer user_data)
{
    McpSnmpPlugin *self = user_data;
    McpSnmpNotification *notification = mcp_snmp_notification_new(event);

    count(self, MCP_SNMP_OUTCOME_DROPPED, dropped);
    if (notification != NULL && !mcp_snmp_limiter_take(self->limiter, notification))
        count(self, MCP_SNMP_OUTCOME_DROPPED, 1);
}

static void
ignore_metric(const char *plugin, McpMetrics *metrics, guint row, gpointer user_data)
{
}

/* What is measured rather than counted is not measured by whoever reads the tables. */
static void
measure(gpointer user_data)
{
    McpSnmpPlugin *self = user_data;

    mcp_timer_clear(&self->measure);
    mcp_host_foreach_metric(self->host, ignore_metric, NULL);
    self->measure =
        mcp_clock_after(mcp_host_get_clock(self->host), NULL, MEASURE_INTERVAL, measure, self);
}

typedef struct {
    McpHost *host;
    McpSnmpInstances *instances;
} Collection;

static void
collect(const char *plugin, McpMetrics *metrics, guint row, gpointer user_data)
{
    Collection *collection = user_data;
    guint oid = mcp_host_get_metrics_oid(collection->host, plugin);

    if (oid != 0)
        mcp_snmp_instances_add(collection->instances, oid, metrics, row);
}

static gboolean
start(McpSnmpPlugin *self, GError **error)
{
    Collection collection = {self->host, mcp_snmp_instances_new()};
    g_autoptr(McpSettings) settings = mcp_host_get_settings(self->host);
    McpClock *clock = mcp_host_get_clock(self->host);

    mcp_host_foreach_metric(self->host, collect, &collection);
    mcp_snmp_instances_sort(collection.instances);
    self->agent = mcp_snmp_agent_new(clock, mcp_host_get_metrics(self->host),
                                     mcp_settings_get_string(settings, SECTION, NULL, MASTER),
                                     collection.instances, self->dependency, error);
    if (self->agent == NULL)
        return FALSE;
    self->limiter = mcp_snmp_limiter_new(
        clock, mcp_settings_get_int(settings, SECTION, NULL, INTERVAL), send_notification, self);
    self->subscription = mcp_events_subscribe(mcp_host_get_events(self->host),
                                              1u << MCP_EVENT_ALERT, EVENTS_MAX, on_alert, self);
    measure(self);
    return TRUE;
}

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    if (mcp_snmp_master_check(mcp_settings_get_string(settings, SECTION, NULL, MASTER), error))
        return TRUE;
    g_prefix_error(error, "[" SECTION "] " MASTER ": ");
    return FALSE;
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpSnmpPlugin *self = MCP_SNMP_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    GError *error = NULL;

    self->host = host;
    mcp_host_declare_threads(host, 1);
    if (self->dependency == NULL)
        self->dependency = mcp_host_add_dependency(host, "snmp", MCP_NEED_OPTIONAL);
    if (start(self, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpSnmpPlugin *self = MCP_SNMP_PLUGIN(plugin);

    mcp_snmp_limiter_set_interval(self->limiter,
                                  mcp_settings_get_int(settings, SECTION, NULL, INTERVAL));
}

static void
on_closed(gpointer user_data)
{
    g_autoptr(GTask) task = user_data;

    g_task_return_boolean(task, TRUE);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpSnmpPlugin *self = MCP_SNMP_PLUGIN(plugin);
    GTask *task = g_task_new(self, NULL, callback, user_data);

    mcp_timer_clear(&self->measure);
    if (self->subscription != 0)
        mcp_events_unsubscribe(mcp_host_get_events(self->host), self->subscription);
    self->subscription = 0;
    g_clear_pointer(&self->limiter, mcp_snmp_limiter_free);
    if (self->agent != NULL)
        mcp_snmp_agent_close(g_steal_pointer(&self->agent), on_closed, task);
    else
        on_closed(task);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_snmp_plugin_init(McpSnmpPlugin *self)
{
}

static void
mcp_snmp_plugin_finalize(GObject *object)
{
    g_clear_pointer(&MCP_SNMP_PLUGIN(object)->dependency, mcp_dependency_free);
    G_OBJECT_CLASS(mcp_snmp_plugin_parent_class)->finalize(object);
}

static void
mcp_snmp_plugin_class_init(McpSnmpPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_snmp_plugin_finalize;
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

MCP_PLUGIN_NOTE("snmp", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "snmp",
    .version = MCP_VERSION,
    .summary = "Metrics and alerts for an SNMP master, as an AgentX subagent",
    .settings = settings_table,
    .metrics = metrics_table,
    .get_type = mcp_snmp_plugin_get_type,
    .oid = 18,
};
