/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the service "google", which there is while the settings
 * say whom to ask. Control context.
 */
#include "synthesizer.h"

#include <google_api/plugin.h>

#define SERVICE_NAME "google"

#define MCP_TYPE_GOOGLE_PLUGIN (mcp_google_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpGooglePlugin, mcp_google_plugin, MCP, GOOGLE_PLUGIN, GObject)

struct _McpGooglePlugin {
    McpGapiPlugin base;
};

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGooglePlugin, mcp_google_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_gapi_plugin_iface_init))

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
     "result", MCP_GAPI_TOKEN_RESULTS, NULL, 7},
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
check(McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleConfig) config = mcp_google_config_new(settings, error);

    return config != NULL;
}

static GObject *
make(McpHost *host, const McpGapiDeps *service, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleConfig) config = mcp_google_config_new(settings, error);
    McpGoogleDeps deps = {
        .metrics = mcp_host_get_metrics(host),
        .service = *service,
    };

    if (config == NULL)
        return NULL;
    return (GObject *)mcp_google_synthesizer_new(&deps, config, error);
}

static gboolean
configure(GObject *service, McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleConfig) config = mcp_google_config_new(settings, error);

    return config != NULL &&
           mcp_google_synthesizer_configure(MCP_GOOGLE_SYNTHESIZER(service), config, error);
}

static void
close_service(GObject *service)
{
    mcp_google_synthesizer_close(MCP_GOOGLE_SYNTHESIZER(service));
}

static const McpGapiPluginDef plugin_def = {
    .section = MCP_GOOGLE_SECTION,
    .contract = MCP_CONTRACT_SYNTHESIZER,
    .name = SERVICE_NAME,
    .tokens = MCP_GOOGLE_METRIC_TOKENS,
    .left_alone = MCP_GOOGLE_METRIC_BREAKER,
    .check = check,
    .make = make,
    .configure = configure,
    .close = close_service,
};

static void
mcp_google_plugin_init(McpGooglePlugin *self)
{
    self->base.def = &plugin_def;
}

static void
mcp_google_plugin_class_init(McpGooglePluginClass *klass)
{
    mcp_gapi_plugin_class_init(G_OBJECT_CLASS(klass));
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
    .oid = 14,
};
