/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the services: the synthesizer "flite" and the recognizer
 * "pocketsphinx". Control context.
 */
#include "recognizer.h"
#include "synthesizer.h"
#include "voice.h"
#include <mcp/host.h>

#define SECTION "speech"

#define MCP_TYPE_SPEECH_PLUGIN (mcp_speech_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpSpeechPlugin, mcp_speech_plugin, MCP, SPEECH_PLUGIN, GObject)

struct _McpSpeechPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpSpeechSynthesizer *synthesizer;
    McpSphinxRecognizer *recognizer; /* nullable */
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSpeechPlugin, mcp_speech_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpSettingDef settings_table[] = {
    {SECTION, "voice", MCP_SETTING_ENUM, "kal", MCP_SPEECH_VOICES, MCP_SETTING_RELOADABLE, "0.1",
     "Voice of prompts that name none; kal costs a tenth of the others."},
    {SECTION, "any_language", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Read prompts of other languages with the English voice instead of failing."},
    {SECTION, "text_limit", MCP_SETTING_SIZE, "16K", "256..1M", MCP_SETTING_RELOADABLE, "0.1",
     "Longest text or SSML document that is spoken."},
    {SECTION, "deadline", MCP_SETTING_DURATION, "10s", "100ms..5m", MCP_SETTING_RELOADABLE, "0.1",
     "Time within which speech must be ready when the request says none."},
    {SECTION, "cache", MCP_SETTING_SIZE, "64M", "0..4G", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of finished prompts that are kept."},
    {SECTION, "recognizer", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_NONE, "0.1",
     "Recognize speech with pocketsphinx: English, small grammars."},
    {SECTION, "recognizer_threads", MCP_SETTING_INT, "0", "0..64", MCP_SETTING_NONE, "0.1",
     "Threads of the recognizer, each with a decoder of 6 MB; 0: half of the cores, at least one."},
    {SECTION, "recognitions", MCP_SETTING_INT, "100", "1..10000", MCP_SETTING_NONE, "0.1",
     "Recognitions at once; what is more fails, so that another recognizer can take it."},
    {NULL},
};

static const McpMetricDef metrics_table[] = {
    {"mcp_speech_requests_total", MCP_METRIC_COUNTER, "requests", "Prompts asked for.", NULL, NULL,
     NULL, 1},
    {"mcp_speech_cache_hits_total", MCP_METRIC_COUNTER, "requests",
     "Prompts that were ready already.", NULL, NULL, NULL, 2},
    {"mcp_speech_shared_total", MCP_METRIC_COUNTER, "requests",
     "Prompts that joined an equal one under way.", NULL, NULL, NULL, 3},
    {"mcp_speech_failures_total", MCP_METRIC_COUNTER, "requests", "Prompts that failed.", "reason",
     MCP_SPEECH_FAILURES, NULL, 4},
    {"mcp_speech_duration_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time that the engine takes for a prompt.", NULL, NULL,
     "0.005|0.01|0.025|0.05|0.1|0.25|0.5|1|5", 5},
    {"mcp_speech_recognitions_total", MCP_METRIC_COUNTER, "recognitions",
     "Recognitions that have ended.", "result", MCP_SPEECH_RESULTS, NULL, 6},
    {"mcp_speech_decoding_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time that the recognizer takes for a look at an utterance.", NULL, NULL,
     "0.01|0.025|0.05|0.1|0.25|0.5|1|2.5|5", 7},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, MCP_CONTRACT_SYNTHESIZER_MINOR,
     "flite", 10},
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, MCP_CONTRACT_RECOGNIZER_MINOR,
     "pocketsphinx", 10},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_GRAMMAR, MCP_CONTRACT_GRAMMAR_MAJOR, MCP_CONTRACT_GRAMMAR_MINOR, TRUE},
    {NULL},
};

static McpSpeechConfig
read_config(McpSettings *settings)
{
    return (McpSpeechConfig){
        .voice = mcp_settings_get_string(settings, SECTION, NULL, "voice"),
        .any_language = mcp_settings_get_bool(settings, SECTION, NULL, "any_language"),
        .text_limit = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "text_limit"),
        .deadline = mcp_settings_get_int(settings, SECTION, NULL, "deadline"),
        .cache = (guint64)mcp_settings_get_int(settings, SECTION, NULL, "cache"),
    };
}

/* Any thread. */
static McpGrammarEngine *
find_grammars(gpointer user_data)
{
    return mcp_host_lookup(user_data, MCP_CONTRACT_GRAMMAR, NULL);
}

static void
start_recognizer(McpSpeechPlugin *self, McpSettings *settings)
{
    McpSphinxConfig config = {
        .model = MCP_SPHINX_MODEL,
        .threads = (guint)mcp_settings_get_int(settings, SECTION, NULL, "recognizer_threads"),
        .limit = (guint)mcp_settings_get_int(settings, SECTION, NULL, "recognitions"),
        .clock = mcp_host_get_clock(self->host),
        .metrics = mcp_host_get_metrics(self->host),
        .grammars = find_grammars,
        .user_data = self->host,
    };

    if (!mcp_settings_get_bool(settings, SECTION, NULL, "recognizer"))
        return;
    self->recognizer = mcp_sphinx_recognizer_new(&config);
    mcp_host_declare_threads(self->host, mcp_sphinx_recognizer_get_threads(self->recognizer));
    mcp_host_publish(self->host, MCP_CONTRACT_RECOGNIZER, "pocketsphinx",
                     G_OBJECT(self->recognizer));
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpSpeechPlugin *self = MCP_SPEECH_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    McpSpeechConfig config = read_config(settings);

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    self->synthesizer =
        mcp_speech_synthesizer_new(&config, mcp_host_get_pool(host, MCP_POOL_COMPUTE),
                                   mcp_host_get_clock(host), mcp_host_get_metrics(host));
    mcp_host_publish(host, MCP_CONTRACT_SYNTHESIZER, "flite", G_OBJECT(self->synthesizer));
    start_recognizer(self, settings);
    g_task_return_boolean(task, TRUE);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpSpeechPlugin *self = MCP_SPEECH_PLUGIN(plugin);
    McpSpeechConfig config = read_config(settings);

    if (self->synthesizer != NULL)
        mcp_speech_synthesizer_configure(self->synthesizer, &config);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpSpeechPlugin *self = MCP_SPEECH_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    if (self->synthesizer != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_SYNTHESIZER, "flite");
    if (self->recognizer != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_RECOGNIZER, "pocketsphinx");
    g_clear_object(&self->synthesizer);
    g_clear_object(&self->recognizer);
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_speech_plugin_finalize(GObject *object)
{
    g_clear_object(&MCP_SPEECH_PLUGIN(object)->synthesizer);
    g_clear_object(&MCP_SPEECH_PLUGIN(object)->recognizer);
    G_OBJECT_CLASS(mcp_speech_plugin_parent_class)->finalize(object);
}

static void
mcp_speech_plugin_init(McpSpeechPlugin *self)
{
}

static void
mcp_speech_plugin_class_init(McpSpeechPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_speech_plugin_finalize;
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

MCP_PLUGIN_NOTE("speech", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "speech",
    .version = "0.1.0",
    .summary = "Speaks prompts and recognizes speech with engines that are part of the platform",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = settings_table,
    .metrics = metrics_table,
    .get_type = mcp_speech_plugin_get_type,
    .oid = 7,
};
