/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the grammar service "srgs". Control context.
 */
#include "engine.h"
#include <mcp/host.h>

#define SECTION "grammar"

#define MCP_TYPE_GRAMMAR_PLUGIN (mcp_grammar_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpGrammarPlugin, mcp_grammar_plugin, MCP, GRAMMAR_PLUGIN, GObject)

struct _McpGrammarPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpSrgsEngine *engine;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGrammarPlugin, mcp_grammar_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpSettingDef settings_table[] = {
    {SECTION, "cache", MCP_SETTING_SIZE, "64M", "0..4G", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of compiled grammars that are kept to be shared."},
    {SECTION, "max_size", MCP_SETTING_SIZE, "4M", "1K..4M", MCP_SETTING_RELOADABLE, "0.1",
     "Largest grammar document that is read."},
    {SECTION, "max_documents", MCP_SETTING_INT, "32", "1..64", MCP_SETTING_RELOADABLE, "0.1",
     "How many documents one grammar may consist of by its references."},
    {NULL},
};

static const McpMetricDef metrics_table[] = {
    {"mcp_grammar_compiled_total", MCP_METRIC_COUNTER, "grammars", "Grammars compiled.", NULL, NULL,
     NULL, 1},
    {"mcp_grammar_cache_hits_total", MCP_METRIC_COUNTER, "grammars",
     "Grammars that were compiled already.", NULL, NULL, NULL, 2},
    {"mcp_grammar_failures_total", MCP_METRIC_COUNTER, "grammars",
     "Grammars that were not fetched, or are faulty.", NULL, NULL, NULL, 3},
    {"mcp_grammar_compile_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time from the request to the compiled grammar, fetches included.", NULL, NULL,
     "0.001|0.005|0.02|0.1|0.5|2", 4},
    {"mcp_grammar_matches_total", MCP_METRIC_COUNTER, "inputs",
     "Inputs whose result was asked for.", NULL, NULL, NULL, 5},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_GRAMMAR, MCP_CONTRACT_GRAMMAR_MAJOR, MCP_CONTRACT_GRAMMAR_MINOR, "srgs", 100},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_FETCHER, MCP_CONTRACT_FETCHER_MAJOR, 0, TRUE},
    {NULL},
};

static McpGrammarConfig
read_config(McpSettings *settings)
{
    return (McpGrammarConfig){
        .cache = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "cache"),
        .max_size = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "max_size"),
        .max_documents = (guint)mcp_settings_get_int(settings, SECTION, NULL, "max_documents"),
    };
}

/* Any thread. */
static McpFetcher *
find_fetcher(gpointer user_data)
{
    return mcp_host_lookup(user_data, MCP_CONTRACT_FETCHER, NULL);
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpGrammarPlugin *self = MCP_GRAMMAR_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    McpGrammarConfig config = read_config(settings);
    McpCompilerDeps deps = {mcp_host_get_pool(host, MCP_POOL_COMPUTE), mcp_host_get_clock(host),
                            mcp_host_get_metrics(host), find_fetcher, host};

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    self->engine = mcp_srgs_engine_new(&config, &deps);
    mcp_host_publish(host, MCP_CONTRACT_GRAMMAR, "srgs", G_OBJECT(self->engine));
    g_task_return_boolean(task, TRUE);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpGrammarPlugin *self = MCP_GRAMMAR_PLUGIN(plugin);
    McpGrammarConfig config = read_config(settings);

    if (self->engine != NULL)
        mcp_srgs_engine_configure(self->engine, &config);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpGrammarPlugin *self = MCP_GRAMMAR_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    if (self->engine != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_GRAMMAR, "srgs");
    g_clear_object(&self->engine);
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_grammar_plugin_finalize(GObject *object)
{
    g_clear_object(&MCP_GRAMMAR_PLUGIN(object)->engine);
    G_OBJECT_CLASS(mcp_grammar_plugin_parent_class)->finalize(object);
}

static void
mcp_grammar_plugin_init(McpGrammarPlugin *self)
{
}

static void
mcp_grammar_plugin_class_init(McpGrammarPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_grammar_plugin_finalize;
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

MCP_PLUGIN_NOTE("grammar", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "grammar",
    .version = "0.1.0",
    .summary = "Compiles SRGS and builtin grammars and matches keys against them",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = settings_table,
    .metrics = metrics_table,
    .get_type = mcp_grammar_plugin_get_type,
    .oid = 5,
};
