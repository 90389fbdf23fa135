/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the service "google", which there is while the settings
 * say whom to ask. Control context.
 */
#include "synthesizer.h"

#include <mcp/host.h>
#include <mcp/log.h>

#define SERVICE_NAME "google"

#define MCP_TYPE_GOOGLE_PLUGIN (mcp_google_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpGooglePlugin, mcp_google_plugin, MCP, GOOGLE_PLUGIN, GObject)

struct _McpGooglePlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpRpcLoop *loop;
    McpGoogleSynthesizer *synthesizer; /* nullable */
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGooglePlugin, mcp_google_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpMetricDef metrics_table[] = {
    {"mcp_google_tts_requests_total", MCP_METRIC_COUNTER, "requests", "Prompts asked for.", NULL,
     NULL, NULL, 1},
    {"mcp_google_tts_cache_hits_total", MCP_METRIC_COUNTER, "requests",
     "Prompts that were ready already.", NULL, NULL, NULL, 2},
    {"mcp_google_tts_shared_total", MCP_METRIC_COUNTER, "requests",
     "Prompts that joined an equal one under way.", NULL, NULL, NULL, 3},
    {"mcp_google_tts_failures_total", MCP_METRIC_COUNTER, "requests", "Prompts that failed.",
     "reason", MCP_GOOGLE_FAILURES, NULL, 4},
    {"mcp_google_tts_retries_total", MCP_METRIC_COUNTER, "requests",
     "Requests that were sent again.", NULL, NULL, NULL, 5},
    {"mcp_google_tts_quota_total", MCP_METRIC_COUNTER, "requests",
     "Requests that the service refused because of a quota.", NULL, NULL, NULL, 6},
    {"mcp_google_tts_tokens_total", MCP_METRIC_COUNTER, "tokens", "Access tokens asked for.",
     "result", MCP_GOOGLE_TOKEN_RESULTS, NULL, 7},
    {"mcp_google_tts_characters_total", MCP_METRIC_COUNTER, "characters",
     "Characters of text that the service has spoken.", NULL, NULL, NULL, 8},
    {"mcp_google_tts_running", MCP_METRIC_GAUGE, "requests", "Requests that run.", NULL, NULL, NULL,
     9},
    {"mcp_google_tts_left_alone", MCP_METRIC_GAUGE, "endpoints",
     "1 while the endpoint has failed too often and is not asked.", NULL, NULL, NULL, 10},
    {"mcp_google_tts_duration_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Time until a prompt was there as a whole, with all that was tried.", NULL, NULL,
     "0.05|0.1|0.25|0.5|1|2.5|5|10", 11},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, MCP_CONTRACT_SYNTHESIZER_MINOR,
     SERVICE_NAME, 20},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_FETCHER, MCP_CONTRACT_FETCHER_MAJOR, MCP_CONTRACT_FETCHER_MINOR, TRUE},
    {NULL},
};

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleConfig) config = mcp_google_config_new(settings, error);

    return config != NULL;
}

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return mcp_host_lookup(user_data, MCP_CONTRACT_FETCHER, NULL);
}

static void
token_asked(gboolean granted, gpointer user_data)
{
    mcp_metrics_add(mcp_host_get_metrics(user_data), MCP_GOOGLE_METRIC_TOKENS, granted ? 0 : 1, 1);
}

static void
left_alone(gboolean is, gpointer user_data)
{
    mcp_metrics_add(mcp_host_get_metrics(user_data), MCP_GOOGLE_METRIC_BREAKER, 0, is ? 1 : -1);
}

static void
publish(McpGooglePlugin *self, McpGoogleConfig *config, GError **error)
{
    McpClock *clock = mcp_host_get_clock(self->host);
    McpGoogleDeps deps = {
        .metrics = mcp_host_get_metrics(self->host),
        .service = {.clock = clock,
                    .oauth = {clock, find_fetcher, token_asked, self->host},
                    .left_alone = left_alone,
                    .user_data = self->host},
    };

    if (self->loop == NULL) {
        self->loop = mcp_rpc_loop_new("google-tts");
        mcp_host_declare_threads(self->host, MCP_RPC_THREADS);
    }
    deps.service.loop = self->loop;
    self->synthesizer = mcp_google_synthesizer_new(&deps, config, error);
    if (self->synthesizer != NULL)
        mcp_host_publish(self->host, MCP_CONTRACT_SYNTHESIZER, SERVICE_NAME,
                         G_OBJECT(self->synthesizer));
}

static void
withdraw(McpGooglePlugin *self)
{
    if (self->synthesizer == NULL)
        return;
    mcp_host_withdraw(self->host, MCP_CONTRACT_SYNTHESIZER, SERVICE_NAME);
    mcp_google_synthesizer_close(self->synthesizer);
    g_clear_object(&self->synthesizer);
}

static gboolean
apply(McpGooglePlugin *self, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleConfig) config = NULL;
    GError *why = NULL;

    if (!mcp_gapi_access_is_wanted(settings, MCP_GOOGLE_SECTION)) {
        withdraw(self);
        return TRUE;
    }
    config = mcp_google_config_new(settings, &why);
    if (config != NULL && self->synthesizer != NULL)
        mcp_google_synthesizer_configure(self->synthesizer, config, &why);
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
    McpGooglePlugin *self = MCP_GOOGLE_PLUGIN(plugin);
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

    if (!apply(MCP_GOOGLE_PLUGIN(plugin), settings, &error))
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
    McpGooglePlugin *self = MCP_GOOGLE_PLUGIN(plugin);
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
mcp_google_plugin_finalize(GObject *object)
{
    McpGooglePlugin *self = MCP_GOOGLE_PLUGIN(object);

    g_clear_object(&self->synthesizer);
    g_clear_pointer(&self->loop, mcp_rpc_loop_unref);
    G_OBJECT_CLASS(mcp_google_plugin_parent_class)->finalize(object);
}

static void
mcp_google_plugin_init(McpGooglePlugin *self)
{
}

static void
mcp_google_plugin_class_init(McpGooglePluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_google_plugin_finalize;
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

MCP_PLUGIN_NOTE("google-tts", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "google-tts",
    .version = "0.1.0",
    .summary = "Speaks prompts with Google's text-to-speech service",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = mcp_google_settings,
    .metrics = metrics_table,
    .get_type = mcp_google_plugin_get_type,
};
