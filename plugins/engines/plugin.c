/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the services "engines" of both speech contracts, which
 * stand before those of the engines themselves. Control context.
 */
#include "listening.h"
#include "speaking.h"
#include <mcp/alert.h>
#include <mcp/host.h>
#include <string.h>

#define SECTION "engines"
#define LANGUAGE_SECTION "engines.language"

#define MCP_TYPE_ENGINES_PLUGIN (mcp_engines_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpEnginesPlugin, mcp_engines_plugin, MCP, ENGINES_PLUGIN, GObject)

struct _McpEnginesPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpEngineTable *table;
    McpPromptCache *cache;
    McpEnginesSpeaking *speaking;   /* nullable: no synthesizer is there */
    McpEnginesListening *listening; /* nullable: no recognizer is there */
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpEnginesPlugin, mcp_engines_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpSettingDef settings_table[] = {
    {SECTION, "synthesizers", MCP_SETTING_LIST, "", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Synthesizers by name, the one asked first first; empty: all that run, by their priority."},
    {SECTION, "recognizers", MCP_SETTING_LIST, "", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Recognizers by name, the one asked first first; empty: all that run, by their priority."},
    {SECTION, "failures", MCP_SETTING_INT, "3", "1..1000", MCP_SETTING_RELOADABLE, "0.1",
     "Failures in a row after which an engine is left alone for a while."},
    {SECTION, "pause", MCP_SETTING_DURATION, "2s", "10ms..1h", MCP_SETTING_RELOADABLE, "0.1",
     "How long an engine that fails is left alone at first; each further time twice as long."},
    {SECTION, "longest_pause", MCP_SETTING_DURATION, "1m", "10ms..1d", MCP_SETTING_RELOADABLE,
     "0.1", "How long an engine that fails is left alone at most."},
    {SECTION, "replay", MCP_SETTING_DURATION, "20s", "0..5m", MCP_SETTING_RELOADABLE, "0.1",
     "What a caller said in a turn that is kept for the next recognizer, should one fail."},
    {SECTION, "cache", MCP_SETTING_SIZE, "64M", "0..16G", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of prompts that are kept in memory."},
    {SECTION, "cache_directory", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Folder where prompts are kept, too; they outlive the process. Without it: memory alone."},
    {SECTION, "cache_disk", MCP_SETTING_SIZE, "1G", "0..1T", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of prompts in that folder; the ones not asked for the longest go first."},
    {LANGUAGE_SECTION " *", "synthesizers", MCP_SETTING_LIST, "", NULL, MCP_SETTING_RELOADABLE,
     "0.1",
     "As in [engines], for prompts of the language that the section is named for: de, pt-BR …"},
    {LANGUAGE_SECTION " *", "recognizers", MCP_SETTING_LIST, "", NULL, MCP_SETTING_RELOADABLE,
     "0.1", "As in [engines], for grammars of the language that the section is named for."},
    {NULL},
};

static const McpMetricDef metrics_table[] = {
    {"mcp_engines_synthesis_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time until a synthesizer had the beginning of a prompt.", "engine", MCP_ENGINE_NAMES,
     "0.01|0.025|0.05|0.1|0.25|0.5|1|2.5|5", 1},
    {"mcp_engines_recognition_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time from the end of what was said to the result.", "engine", MCP_ENGINE_NAMES,
     "0.05|0.1|0.25|0.5|0.75|1|1.5|2.5|5", 2},
    {"mcp_engines_failures_total", MCP_METRIC_COUNTER, "requests",
     "Requests that an engine failed on.", "engine", MCP_ENGINE_NAMES, NULL, 3},
    {"mcp_engines_failovers_total", MCP_METRIC_COUNTER, "requests",
     "Requests that went on to the next engine.", "kind", MCP_ENGINE_KIND_NAMES, NULL, 4},
    {"mcp_engines_cache_lookups_total", MCP_METRIC_COUNTER, "requests",
     "Prompts that were looked up in the cache.", "found", MCP_ENGINE_CACHES, NULL, 5},
    {"mcp_engines_cache_memory_bytes", MCP_METRIC_GAUGE, "bytes", "Prompts kept in memory.", NULL,
     NULL, NULL, 6},
    {"mcp_engines_cache_disk_bytes", MCP_METRIC_GAUGE, "bytes", "Prompts kept on disk.", NULL, NULL,
     NULL, 7},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, MCP_CONTRACT_SYNTHESIZER_MINOR,
     MCP_ENGINES_SERVICE, 100},
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, MCP_CONTRACT_RECOGNIZER_MINOR,
     MCP_ENGINES_SERVICE, 100},
    {NULL},
};

/* The engines start before it. */
static const McpRequires requires_table[] = {
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, 0, TRUE},
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, 0, TRUE},
    {NULL},
};

static void
read_order(McpSettings *settings, const char *section, const char *language, McpEngineOrder *order)
{
    order->language = language;
    order->names[MCP_ENGINE_SYNTHESIZER] =
        mcp_settings_get_list(settings, section, language, "synthesizers");
    order->names[MCP_ENGINE_RECOGNIZER] =
        mcp_settings_get_list(settings, section, language, "recognizers");
}

static void
configure_table(McpEnginesPlugin *self, McpSettings *settings)
{
    const char *const *languages = mcp_settings_get_instances(settings, LANGUAGE_SECTION);
    guint n = g_strv_length((char **)languages);
    g_autofree McpEngineOrder *orders = g_new0(McpEngineOrder, n + 1);
    McpEngineConfig config = {
        .orders = orders,
        .n_orders = n + 1,
        .failures = (guint)mcp_settings_get_int(settings, SECTION, NULL, "failures"),
        .pause = mcp_settings_get_int(settings, SECTION, NULL, "pause"),
        .longest = mcp_settings_get_int(settings, SECTION, NULL, "longest_pause"),
    };

    for (guint i = 0; i < n; i++)
        read_order(settings, LANGUAGE_SECTION, languages[i], &orders[i]);
    read_order(settings, SECTION, NULL, &orders[n]);
    mcp_engine_table_configure(self->table, &config);
}

static char **
list_services(const char *contract, gpointer user_data)
{
    return mcp_host_list(user_data, contract);
}

static gpointer
find_service(const char *contract, const char *name, gpointer user_data)
{
    return mcp_host_lookup(user_data, contract, name);
}

static gboolean
is_there(McpEnginesPlugin *self, McpEngineKind kind)
{
    g_autoptr(GPtrArray) choices = mcp_engine_table_choose(self->table, kind, NULL, NULL, NULL);

    return choices != NULL;
}

static void
publish(McpEnginesPlugin *self, McpSettings *settings)
{
    if (is_there(self, MCP_ENGINE_SYNTHESIZER)) {
        self->speaking =
            mcp_engines_speaking_new(self->table, self->cache, mcp_host_get_events(self->host));
        mcp_host_publish(self->host, MCP_CONTRACT_SYNTHESIZER, MCP_ENGINES_SERVICE,
                         G_OBJECT(self->speaking));
    }
    if (is_there(self, MCP_ENGINE_RECOGNIZER)) {
        self->listening = mcp_engines_listening_new(
            self->table, mcp_settings_get_int(settings, SECTION, NULL, "replay"),
            mcp_host_get_events(self->host));
        mcp_host_publish(self->host, MCP_CONTRACT_RECOGNIZER, MCP_ENGINES_SERVICE,
                         G_OBJECT(self->listening));
    }
}

static void
on_changed(McpEngine *engine, const GError *error, gpointer user_data)
{
    McpHost *host = user_data;

    mcp_alert_raise(mcp_host_get_events(host),
                    error != NULL ? MCP_ALERT_ENGINE_DOWN : MCP_ALERT_ENGINE_UP, NULL,
                    mcp_engine_get_name(engine), "%s: %s", mcp_engine_get_kind_name(engine),
                    error != NULL ? error->message : "answers again");
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpEnginesPlugin *self = MCP_ENGINES_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    const McpEngineServices services = {list_services, find_service, on_changed, host};
    const McpPromptCacheConfig config = {
        .memory = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "cache"),
        .directory = mcp_settings_get_string(settings, SECTION, NULL, "cache_directory"),
        .disk = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "cache_disk"),
    };

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    self->table =
        mcp_engine_table_new(&services, mcp_host_get_clock(host), mcp_host_get_metrics(host));
    self->cache = mcp_prompt_cache_new(&config, mcp_host_get_pool(host, MCP_POOL_DISK),
                                       mcp_host_get_clock(host), mcp_host_get_metrics(host));
    configure_table(self, settings);
    publish(self, settings);
    g_task_return_boolean(task, TRUE);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpEnginesPlugin *self = MCP_ENGINES_PLUGIN(plugin);

    if (self->table == NULL)
        return;
    configure_table(self, settings);
    mcp_prompt_cache_set_limits(
        self->cache, (gsize)mcp_settings_get_int(settings, SECTION, NULL, "cache"),
        (guint64)mcp_settings_get_int(settings, SECTION, NULL, "cache_disk"));
    if (self->listening != NULL)
        mcp_engines_listening_set_keep(self->listening,
                                       mcp_settings_get_int(settings, SECTION, NULL, "replay"));
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpEnginesPlugin *self = MCP_ENGINES_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    if (self->speaking != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_SYNTHESIZER, MCP_ENGINES_SERVICE);
    if (self->listening != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_RECOGNIZER, MCP_ENGINES_SERVICE);
    g_clear_object(&self->speaking);
    g_clear_object(&self->listening);
    g_clear_pointer(&self->cache, mcp_prompt_cache_unref);
    g_clear_pointer(&self->table, mcp_engine_table_unref);
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_engines_plugin_finalize(GObject *object)
{
    McpEnginesPlugin *self = MCP_ENGINES_PLUGIN(object);

    g_clear_object(&self->speaking);
    g_clear_object(&self->listening);
    g_clear_pointer(&self->cache, mcp_prompt_cache_unref);
    g_clear_pointer(&self->table, mcp_engine_table_unref);
    G_OBJECT_CLASS(mcp_engines_plugin_parent_class)->finalize(object);
}

static void
mcp_engines_plugin_init(McpEnginesPlugin *self)
{
}

static void
mcp_engines_plugin_class_init(McpEnginesPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_engines_plugin_finalize;
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

MCP_PLUGIN_NOTE("engines", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "engines",
    .version = "0.1.0",
    .summary = "Chooses among speech engines, goes on to the next one, and keeps prompts",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = settings_table,
    .metrics = metrics_table,
    .get_type = mcp_engines_plugin_get_type,
    .oid = 8,
};
