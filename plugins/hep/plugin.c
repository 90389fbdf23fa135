/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "hep": SIP messages, RTCP and log lines for a capture server. Lives on the control
 * context; what it captures is shown to it on any thread.
 */
#include <mcp/contract/credentials.h>
#include <mcp/error.h>
#include <mcp/plugin.h>
#include <string.h>

#include "agent.h"

/* Of a log line; what is longer is cut, so that the object around it stays whole. */
#define LINE_MAX_BYTES 32768

#define MCP_TYPE_HEP_PLUGIN (mcp_hep_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpHepPlugin, mcp_hep_plugin, MCP, HEP_PLUGIN, GObject)

struct _McpHepPlugin {
    GObject parent_instance;
    McpHost *host;
    McpHepAgent *agent; /* NULL while stopped */
    McpClock *clock;    /* that of @host */
    gboolean wants[MCP_HEP_KINDS];
    McpLogLevel log_level;
    gboolean all_lines;
    guint watcher;
    guint observer;
};

static void mcp_hep_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpHepPlugin, mcp_hep_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_hep_plugin_iface_init))

/* --- what is shown, on any thread --- */

static void
on_message(const McpTraceMessage *message, gpointer user_data)
{
    McpHepPlugin *self = user_data;
    McpHepKind kind = message->kind == MCP_TRACE_RTCP ? MCP_HEP_RTCP : MCP_HEP_SIP;
    McpHepItem *item = NULL;

    if (!self->wants[kind])
        return;
    item = mcp_hep_item_new(kind, message->call, message->dialog, message->data, message->length);
    item->wall = message->wall;
    item->stream = message->stream;
    item->has_ends = TRUE;
    item->from = message->sent ? message->local : message->remote;
    item->to = message->sent ? message->remote : message->local;
    mcp_hep_agent_put(self->agent, item);
}

static void
on_dialog(const char *call_id, const char *sip_call_id, gpointer user_data)
{
    McpHepPlugin *self = user_data;

    if (self->wants[MCP_HEP_SIP])
        mcp_hep_agent_put(self->agent,
                          mcp_hep_item_new(MCP_HEP_DIALOG, call_id, sip_call_id, NULL, 0));
}

/* The line as the log has it in JSON, but for its time, which the packet has. */
static char *
write_line(McpLogLevel level, const char *plugin, const char *id, const char *call_id,
           const char *text)
{
    McpJson *json = mcp_json_new();
    g_autofree char *cut = strlen(text) > LINE_MAX_BYTES ? g_strndup(text, LINE_MAX_BYTES) : NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "level", mcp_log_level_to_string(level));
    mcp_json_string(json, "plugin", plugin);
    mcp_json_string(json, "id", id);
    if (call_id != NULL)
        mcp_json_string(json, "call", call_id);
    mcp_json_string(json, "message", cut != NULL ? cut : text);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

static void
on_line(McpLogLevel level, const char *plugin, const char *id, const char *call_id,
        const char *text, gpointer user_data)
{
    McpHepPlugin *self = user_data;
    g_autofree char *line = NULL;
    McpHepItem *item = NULL;

    /* What a trace has logged of a message was shown as the message itself. */
    if (level > self->log_level || (call_id == NULL && !self->all_lines) ||
        strcmp(id, "sip-message") == 0)
        return;
    line = write_line(level, plugin, id, call_id, text);
    item = mcp_hep_item_new(MCP_HEP_LOG, call_id, NULL, line, strlen(line));
    item->wall = mcp_clock_wall(self->clock);
    mcp_hep_agent_put(self->agent, item);
}

/* --- life --- */

static gboolean
mcp_hep_plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpHepConfig) config = mcp_hep_config_new(settings, error);

    return config != NULL;
}

static void
watch(McpHepPlugin *self)
{
    static const McpTraceWatcher watcher = {on_message, on_dialog};

    if (self->wants[MCP_HEP_SIP] || self->wants[MCP_HEP_RTCP])
        self->watcher = mcp_traces_watch(mcp_host_get_traces(self->host), &watcher, self);
    if (self->wants[MCP_HEP_LOG])
        self->observer = mcp_log_add_observer(on_line, self);
}

static void
end(McpHepPlugin *self)
{
    if (self->agent == NULL)
        return;
    mcp_traces_unwatch(mcp_host_get_traces(self->host), self->watcher);
    mcp_log_remove_observer(self->observer);
    self->watcher = 0;
    self->observer = 0;
    g_clear_pointer(&self->agent, mcp_hep_agent_free);
    g_clear_object(&self->host);
}

static gboolean
begin(McpHepPlugin *self, McpHost *host, GError **error)
{
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    McpHepConfig *config = mcp_hep_config_new(settings, error);

    if (config == NULL)
        return FALSE;
    memcpy(self->wants, config->kinds, sizeof self->wants);
    self->log_level = config->log_level;
    self->all_lines = config->all_lines;
    self->clock = mcp_host_get_clock(host);
    self->agent = mcp_hep_agent_new(host, config, error);
    if (self->agent == NULL)
        return FALSE;
    g_set_object(&self->host, host);
    watch(self);
    return TRUE;
}

static void
mcp_hep_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, cancellable, callback, user_data);
    GError *error = NULL;

    if (begin(MCP_HEP_PLUGIN(plugin), host, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static gboolean
mcp_hep_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_hep_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, NULL, callback, user_data);

    end(MCP_HEP_PLUGIN(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_hep_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_hep_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = mcp_hep_plugin_configure;
    iface->start_async = mcp_hep_plugin_start_async;
    iface->start_finish = mcp_hep_plugin_start_finish;
    iface->stop_async = mcp_hep_plugin_stop_async;
    iface->stop_finish = mcp_hep_plugin_stop_finish;
}

static void
mcp_hep_plugin_dispose(GObject *object)
{
    end(MCP_HEP_PLUGIN(object));
    G_OBJECT_CLASS(mcp_hep_plugin_parent_class)->dispose(object);
}

static void
mcp_hep_plugin_class_init(McpHepPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_hep_plugin_dispose;
}

static void
mcp_hep_plugin_init(McpHepPlugin *self)
{
}

static const McpMetricDef metrics[] = {
    [MCP_HEP_METRIC_SENT] = {"mcp_hep_packets_total", MCP_METRIC_COUNTER, "packets",
                             "Packets sent to the capture server.", "kind", MCP_HEP_KIND_LABELS,
                             NULL, 1},
    [MCP_HEP_METRIC_DROPPED] = {"mcp_hep_dropped_total", MCP_METRIC_COUNTER, "packets",
                                "Packets that were never sent: too many waited.", "kind",
                                MCP_HEP_KIND_LABELS, NULL, 2},
    [MCP_HEP_METRIC_CUT] = {"mcp_hep_cut_total", MCP_METRIC_COUNTER, "packets",
                            "Packets whose payload was cut: it did not fit.", "kind",
                            MCP_HEP_KIND_LABELS, NULL, 3},
    [MCP_HEP_METRIC_FAILURES] = {"mcp_hep_failures_total", MCP_METRIC_COUNTER, "failures",
                                 "Connections to capture servers that failed or were lost.", NULL,
                                 NULL, NULL, 4},
    [MCP_HEP_METRIC_CONNECTED] = {"mcp_hep_connected", MCP_METRIC_GAUGE, "servers",
                                  "Whether a capture server takes packets.", NULL, NULL, NULL, 5},
    [MCP_HEP_METRIC_QUEUE] = {"mcp_hep_queue_bytes", MCP_METRIC_GAUGE, "bytes",
                              "What waits for the capture server.", NULL, NULL, NULL, 6},
    {NULL},
};

static const McpRequires requires_[] = {
    {MCP_CONTRACT_CREDENTIALS, MCP_CONTRACT_CREDENTIALS_MAJOR, 0, TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("hep", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "hep",
    .version = MCP_VERSION,
    .summary = "SIP messages, RTCP and log lines of calls for a capture server (HEP3).",
    .requires_ = requires_,
    .settings = mcp_hep_settings,
    .metrics = metrics,
    .get_type = mcp_hep_plugin_get_type,
    .oid = 26,
};
