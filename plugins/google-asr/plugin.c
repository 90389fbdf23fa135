/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the service "google", which there is while the settings
 * say whom to ask. Control context.
 */
#include "recognizer.h"

#include <mcp/host.h>
#include <mcp/log.h>

#define SERVICE_NAME "google"

#define MCP_TYPE_GOOGLE_ASR_PLUGIN (mcp_google_asr_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpGoogleAsrPlugin, mcp_google_asr_plugin, MCP, GOOGLE_ASR_PLUGIN, GObject)

struct _McpGoogleAsrPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpRpcLoop *loop;
    McpGoogleAsrRecognizer *recognizer; /* nullable */
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGoogleAsrPlugin, mcp_google_asr_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpMetricDef metrics_table[] = {
    {"mcp_google_asr_recognitions_total", MCP_METRIC_COUNTER, "recognitions",
     "Recognitions that have ended.", "result", MCP_GOOGLE_ASR_RESULTS, NULL, 1},
    {"mcp_google_asr_failures_total", MCP_METRIC_COUNTER, "recognitions",
     "Recognitions that failed.", "reason", MCP_GOOGLE_ASR_FAILURES, NULL, 2},
    {"mcp_google_asr_streams_total", MCP_METRIC_COUNTER, "streams",
     "Streams that were opened; a recognition may take several.", NULL, NULL, NULL, 3},
    {"mcp_google_asr_retries_total", MCP_METRIC_COUNTER, "recognitions",
     "Recognitions that were tried again.", NULL, NULL, NULL, 4},
    {"mcp_google_asr_quota_total", MCP_METRIC_COUNTER, "streams",
     "Streams that the service refused because of a quota.", NULL, NULL, NULL, 5},
    {"mcp_google_asr_tokens_total", MCP_METRIC_COUNTER, "tokens", "Access tokens asked for.",
     "result", MCP_GOOGLE_ASR_TOKEN_RESULTS, NULL, 6},
    {"mcp_google_asr_audio_bytes_total", MCP_METRIC_COUNTER, "bytes",
     "Audio that was sent, what was sent again included.", NULL, NULL, NULL, 7},
    {"mcp_google_asr_running", MCP_METRIC_GAUGE, "recognitions", "Recognitions that run.", NULL,
     NULL, NULL, 8},
    {"mcp_google_asr_left_alone", MCP_METRIC_GAUGE, "endpoints",
     "1 while the endpoint has failed too often and is not asked.", NULL, NULL, NULL, 9},
    {"mcp_google_asr_duration_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time from the end of speech to the result.", NULL, NULL, "0.1|0.25|0.5|0.75|1|1.5|2.5|5|10",
     10},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, MCP_CONTRACT_RECOGNIZER_MINOR,
     SERVICE_NAME, 20},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_FETCHER, MCP_CONTRACT_FETCHER_MAJOR, MCP_CONTRACT_FETCHER_MINOR, TRUE},
    {MCP_CONTRACT_GRAMMAR, MCP_CONTRACT_GRAMMAR_MAJOR, MCP_CONTRACT_GRAMMAR_MINOR, TRUE},
    {NULL},
};

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleAsrConfig) config = mcp_google_asr_config_new(settings, error);

    return config != NULL;
}

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return mcp_host_lookup(user_data, MCP_CONTRACT_FETCHER, NULL);
}

/* Any thread. */
static McpGrammarEngine *
find_grammars(gpointer user_data)
{
    return mcp_host_lookup(user_data, MCP_CONTRACT_GRAMMAR, NULL);
}

static void
token_asked(gboolean granted, gpointer user_data)
{
    mcp_metrics_add(mcp_host_get_metrics(user_data), MCP_GOOGLE_ASR_METRIC_TOKENS, granted ? 0 : 1,
                    1);
}

/* Any thread. */
static void
left_alone(gboolean is, gpointer user_data)
{
    mcp_metrics_add(mcp_host_get_metrics(user_data), MCP_GOOGLE_ASR_METRIC_BREAKER, 0, is ? 1 : -1);
}

static void
publish(McpGoogleAsrPlugin *self, McpGoogleAsrConfig *config, GError **error)
{
    McpClock *clock = mcp_host_get_clock(self->host);
    McpGoogleAsrDeps deps = {
        .metrics = mcp_host_get_metrics(self->host),
        .service = {.clock = clock,
                    .oauth = {clock, find_fetcher, token_asked, self->host},
                    .left_alone = left_alone,
                    .user_data = self->host},
        .find_grammars = find_grammars,
        .user_data = self->host,
    };

    if (self->loop == NULL) {
        self->loop = mcp_rpc_loop_new("google-asr");
        mcp_host_declare_threads(self->host, MCP_RPC_THREADS);
    }
    deps.service.loop = self->loop;
    self->recognizer = mcp_google_asr_recognizer_new(&deps, config, error);
    if (self->recognizer != NULL)
        mcp_host_publish(self->host, MCP_CONTRACT_RECOGNIZER, SERVICE_NAME,
                         G_OBJECT(self->recognizer));
}

static void
withdraw(McpGoogleAsrPlugin *self)
{
    if (self->recognizer == NULL)
        return;
    mcp_host_withdraw(self->host, MCP_CONTRACT_RECOGNIZER, SERVICE_NAME);
    mcp_google_asr_recognizer_close(self->recognizer);
    g_clear_object(&self->recognizer);
}

static gboolean
apply(McpGoogleAsrPlugin *self, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleAsrConfig) config = NULL;
    GError *why = NULL;

    if (!mcp_gapi_access_is_wanted(settings, MCP_GOOGLE_ASR_SECTION)) {
        withdraw(self);
        return TRUE;
    }
    config = mcp_google_asr_config_new(settings, &why);
    if (config != NULL && self->recognizer != NULL)
        mcp_google_asr_recognizer_configure(self->recognizer, config, &why);
    else if (config != NULL)
        publish(self, config, &why);
    if (why != NULL)
        g_propagate_error(error, why);
    return why == NULL;
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpGoogleAsrPlugin *self = MCP_GOOGLE_ASR_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    if (apply(self, settings, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

/* The settings were looked at before; a file that was good then may have gone since. */
static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    g_autoptr(GError) error = NULL;

    if (!apply(MCP_GOOGLE_ASR_PLUGIN(plugin), settings, &error))
        mcp_log_warning("settings-kept", NULL, "the settings before go on: %s", error->message);
}

static void
loop_closed(gpointer user_data)
{
    g_autoptr(GTask) task = user_data;

    g_task_return_boolean(task, TRUE);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpGoogleAsrPlugin *self = MCP_GOOGLE_ASR_PLUGIN(plugin);
    GTask *task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    withdraw(self);
    if (self->loop != NULL)
        mcp_rpc_loop_close(g_steal_pointer(&self->loop), loop_closed, task);
    else
        loop_closed(task);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_google_asr_plugin_finalize(GObject *object)
{
    McpGoogleAsrPlugin *self = MCP_GOOGLE_ASR_PLUGIN(object);

    g_clear_object(&self->recognizer);
    g_clear_pointer(&self->loop, mcp_rpc_loop_unref);
    G_OBJECT_CLASS(mcp_google_asr_plugin_parent_class)->finalize(object);
}

static void
mcp_google_asr_plugin_init(McpGoogleAsrPlugin *self)
{
}

static void
mcp_google_asr_plugin_class_init(McpGoogleAsrPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_google_asr_plugin_finalize;
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

MCP_PLUGIN_NOTE("google-asr", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "google-asr",
    .version = "0.1.0",
    .summary = "Recognizes speech with Google's speech-to-text service",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = mcp_google_asr_settings,
    .metrics = metrics_table,
    .get_type = mcp_google_asr_plugin_get_type,
};
