/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the service "espeak-ng", which others find once a worker
 * has told of its voices. Control context.
 */
#include "synthesizer.h"

#include <dlfcn.h>
#include <mcp/host.h>
#include <unistd.h>

#define MCP_TYPE_ESPEAK_PLUGIN (mcp_espeak_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpEspeakPlugin, mcp_espeak_plugin, MCP, ESPEAK_PLUGIN, GObject)

struct _McpEspeakPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpEspeakSynthesizer *synthesizer;
    gboolean published;
    GTask *starting; /* nullable: until the first worker has started, or has not */
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpEspeakPlugin, mcp_espeak_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpMetricDef metrics_table[] = {
    {"mcp_espeak_requests_total", MCP_METRIC_COUNTER, "requests", "Prompts asked for.", NULL, NULL,
     NULL, 1},
    {"mcp_espeak_cache_hits_total", MCP_METRIC_COUNTER, "requests",
     "Prompts that were ready already.", NULL, NULL, NULL, 2},
    {"mcp_espeak_shared_total", MCP_METRIC_COUNTER, "requests",
     "Prompts that joined an equal one under way.", NULL, NULL, NULL, 3},
    {"mcp_espeak_failures_total", MCP_METRIC_COUNTER, "requests", "Prompts that failed.", "reason",
     MCP_ESPEAK_FAILURES, NULL, 4},
    {"mcp_espeak_duration_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time until a prompt was there as a whole.", NULL, NULL,
     "0.005|0.01|0.025|0.05|0.1|0.25|0.5|1|5", 5},
    {"mcp_espeak_restarts_total", MCP_METRIC_COUNTER, "processes",
     "Workers started in place of one that has failed.", NULL, NULL, NULL, 6},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, MCP_CONTRACT_SYNTHESIZER_MINOR,
     MCP_ESPEAK_SERVICE, 5},
    {NULL},
};

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

/* (transfer full): beside this plugin in a build that is not installed. */
static char *
find_worker(void)
{
    Dl_info info = {0};
    g_autofree char *folder = NULL;
    g_autofree char *beside = NULL;

    if (dladdr(&mcp_plugin_desc, &info) == 0 || info.dli_fname == NULL)
        return g_strdup(MCP_ESPEAK_WORKER);
    folder = g_path_get_dirname(info.dli_fname);
    beside = g_build_filename(folder, "mcp-espeak-worker", NULL);
    if (access(beside, X_OK) == 0)
        return g_steal_pointer(&beside);
    return g_strdup(MCP_ESPEAK_WORKER);
}

static McpEspeakConfig *
read_config(McpSettings *settings)
{
    g_autofree char *worker = find_worker();

    return mcp_espeak_config_new(settings, worker);
}

static void
on_ready(const char *why, gpointer user_data)
{
    McpEspeakPlugin *self = user_data;
    g_autoptr(GTask) starting = g_steal_pointer(&self->starting);

    if (why == NULL && !self->published) {
        mcp_host_publish(self->host, MCP_CONTRACT_SYNTHESIZER, MCP_ESPEAK_SERVICE,
                         G_OBJECT(self->synthesizer));
        self->published = TRUE;
    }
    if (starting != NULL)
        g_task_return_boolean(starting, TRUE);
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpEspeakPlugin *self = MCP_ESPEAK_PLUGIN(plugin);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    g_autoptr(McpEspeakConfig) config = read_config(settings);
    const McpEspeakDeps deps = {mcp_host_get_clock(host), mcp_host_get_metrics(host)};

    self->host = host;
    self->starting = g_task_new(self, cancellable, callback, user_data);
    g_task_set_source_tag(self->starting, plugin_start_async);
    self->synthesizer = mcp_espeak_synthesizer_new(&deps, config, on_ready, self);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpEspeakPlugin *self = MCP_ESPEAK_PLUGIN(plugin);
    g_autoptr(McpEspeakConfig) config = read_config(settings);

    if (self->synthesizer != NULL)
        mcp_espeak_synthesizer_configure(self->synthesizer, config);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpEspeakPlugin *self = MCP_ESPEAK_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);
    g_autoptr(GTask) starting = g_steal_pointer(&self->starting);

    g_task_set_source_tag(task, plugin_stop_async);
    if (starting != NULL)
        g_task_return_boolean(starting, TRUE);
    if (self->published)
        mcp_host_withdraw(self->host, MCP_CONTRACT_SYNTHESIZER, MCP_ESPEAK_SERVICE);
    self->published = FALSE;
    if (self->synthesizer != NULL)
        mcp_espeak_synthesizer_close(self->synthesizer);
    g_clear_object(&self->synthesizer);
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_espeak_plugin_finalize(GObject *object)
{
    g_clear_object(&MCP_ESPEAK_PLUGIN(object)->synthesizer);
    G_OBJECT_CLASS(mcp_espeak_plugin_parent_class)->finalize(object);
}

static void
mcp_espeak_plugin_init(McpEspeakPlugin *self)
{
}

static void
mcp_espeak_plugin_class_init(McpEspeakPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_espeak_plugin_finalize;
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = plugin_start_async;
    iface->start_finish = plugin_finish;
    iface->reconfigure = plugin_reconfigure;
    iface->stop_async = plugin_stop_async;
    iface->stop_finish = plugin_finish;
}

MCP_PLUGIN_NOTE("espeak", MCP_VERSION);

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "espeak",
    .version = MCP_VERSION,
    .summary = "Speaks prompts in many languages with espeak-ng, in processes of its own",
    .provides = provides_table,
    .settings = mcp_espeak_settings,
    .metrics = metrics_table,
    .get_type = mcp_espeak_plugin_get_type,
    .oid = 16,
};
