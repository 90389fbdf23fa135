/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the service "google", which there is while the settings
 * say whom to ask. Control context.
 */
#include "recognizer.h"

#include <google_api/plugin.h>

#define SERVICE_NAME "google"

#define MCP_TYPE_GOOGLE_ASR_PLUGIN (mcp_google_asr_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpGoogleAsrPlugin, mcp_google_asr_plugin, MCP, GOOGLE_ASR_PLUGIN, GObject)

struct _McpGoogleAsrPlugin {
    McpGapiPlugin base;
};

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGoogleAsrPlugin, mcp_google_asr_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_gapi_plugin_iface_init))

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
     "result", MCP_GAPI_TOKEN_RESULTS, NULL, 6},
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

/* Any thread. */
static McpGrammarEngine *
find_grammars(gpointer user_data)
{
    return mcp_host_lookup(user_data, MCP_CONTRACT_GRAMMAR, NULL);
}

static gboolean
check(McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleAsrConfig) config = mcp_google_asr_config_new(settings, error);

    return config != NULL;
}

static GObject *
make(McpHost *host, const McpGapiDeps *service, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleAsrConfig) config = mcp_google_asr_config_new(settings, error);
    McpGoogleAsrDeps deps = {
        .metrics = mcp_host_get_metrics(host),
        .service = *service,
        .find_grammars = find_grammars,
        .user_data = host,
    };

    if (config == NULL)
        return NULL;
    return (GObject *)mcp_google_asr_recognizer_new(&deps, config, error);
}

static gboolean
configure(GObject *service, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleAsrConfig) config = mcp_google_asr_config_new(settings, error);

    return config != NULL &&
           mcp_google_asr_recognizer_configure(MCP_GOOGLE_ASR_RECOGNIZER(service), config, error);
}

static void
close_service(GObject *service)
{
    mcp_google_asr_recognizer_close(MCP_GOOGLE_ASR_RECOGNIZER(service));
}

static const McpGapiPluginDef plugin_def = {
    .section = MCP_GOOGLE_ASR_SECTION,
    .contract = MCP_CONTRACT_RECOGNIZER,
    .name = SERVICE_NAME,
    .tokens = MCP_GOOGLE_ASR_METRIC_TOKENS,
    .left_alone = MCP_GOOGLE_ASR_METRIC_BREAKER,
    .check = check,
    .make = make,
    .configure = configure,
    .close = close_service,
};

static void
mcp_google_asr_plugin_init(McpGoogleAsrPlugin *self)
{
    self->base.def = &plugin_def;
}

static void
mcp_google_asr_plugin_class_init(McpGoogleAsrPluginClass *klass)
{
    mcp_gapi_plugin_class_init(G_OBJECT_CLASS(klass));
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
    .oid = 15,
};
