/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "tracing": traces of calls for a collector of OpenTelemetry. Lives on the control
 * context.
 */
#include <mcp/error.h>
#include <mcp/host.h>
#include <mcp/plugin.h>
#include <mcp/trace_context.h>

#include "collector.h"
#include "tracer.h"

#define S "tracing"

#define MCP_TYPE_TRACING_PLUGIN (mcp_tracing_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpTracingPlugin, mcp_tracing_plugin, MCP, TRACING_PLUGIN, GObject)

struct _McpTracingPlugin {
    GObject parent_instance;
    McpHost *host;
    McpCollector *collector; /* NULL while stopped, as the next */
    McpTracer *tracer;
    McpDependency *dependency;
};

static void mcp_tracing_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpTracingPlugin, mcp_tracing_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_tracing_plugin_iface_init))

static gboolean
read_ratio(McpSettings *settings, double *out_ratio, GError **error)
{
    const char *text = mcp_settings_get_string(settings, S, NULL, "ratio");
    char *end = NULL;
    double ratio = g_ascii_strtod(text, &end);

    if (end == text || *end != '\0' || !(ratio >= 0 && ratio <= 1)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "[" S "] ratio: \"%s\" is no number from 0 to 1", text);
        return FALSE;
    }
    *out_ratio = ratio;
    return TRUE;
}

static gboolean
check_endpoint(const char *endpoint, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(endpoint, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri != NULL ? g_uri_get_scheme(uri) : NULL;

    if (uri != NULL && g_uri_get_host(uri) != NULL && *g_uri_get_host(uri) != '\0' &&
        (g_strcmp0(scheme, "http") == 0 || g_strcmp0(scheme, "https") == 0))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "[" S "] endpoint: \"%s\" is no http: or https: URL", endpoint);
    return FALSE;
}

static gboolean
read_authorities(McpSettings *settings, GTlsDatabase **out_authorities, GError **error)
{
    const char *file = mcp_settings_get_string(settings, S, NULL, "ca_file");

    *out_authorities = NULL;
    if (file == NULL)
        return TRUE;
    *out_authorities = g_tls_file_database_new(file, error);
    if (*out_authorities == NULL)
        g_prefix_error(error, "[" S "] ca_file: ");
    return *out_authorities != NULL;
}

static gboolean
mcp_tracing_plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings,
                             GError **error)
{
    g_autoptr(GTlsDatabase) authorities = NULL;
    double ratio = 0;

    return read_ratio(settings, &ratio, error) &&
           check_endpoint(mcp_settings_get_string(settings, S, NULL, "endpoint"), error) &&
           read_authorities(settings, &authorities, error);
}

static McpCollector *
make_collector(McpTracingPlugin *self, McpHost *host, McpSettings *settings, GError **error)
{
    const McpSecret *secret = mcp_settings_get_secret(settings, S, NULL, "authorization");
    const char *instance = mcp_settings_get_string(settings, S, NULL, "instance");
    g_autoptr(GTlsDatabase) authorities = NULL;
    McpCollectorConfig config = {
        .endpoint = mcp_settings_get_string(settings, S, NULL, "endpoint"),
        .authorization = secret != NULL ? mcp_secret_peek(secret, NULL) : NULL,
        .service = mcp_settings_get_string(settings, S, NULL, "service"),
        .instance = instance != NULL ? instance : g_get_host_name(),
        .max_queue = (gsize)mcp_settings_get_int(settings, S, NULL, "queue"),
        .delay = mcp_settings_get_int(settings, S, NULL, "delay"),
        .dependency = self->dependency,
    };

    if (!read_authorities(settings, &authorities, error))
        return NULL;
    config.authorities = authorities;
    return mcp_collector_new(&config, mcp_host_get_clock(host), mcp_host_get_metrics(host));
}

static gboolean
begin(McpTracingPlugin *self, McpHost *host, GError **error)
{
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    McpTracerConfig config = {
        .max_calls = (guint)mcp_settings_get_int(settings, S, NULL, "max_calls"),
        .max_spans = (guint)mcp_settings_get_int(settings, S, NULL, "max_spans"),
    };
    McpTracing tracing = {
        .on = TRUE,
        .fetches = mcp_settings_get_bool(settings, S, NULL, "fetches"),
        .sip = mcp_settings_get_bool(settings, S, NULL, "sip"),
    };

    if (!read_ratio(settings, &config.ratio, error))
        return FALSE;
    if (self->dependency == NULL)
        self->dependency = mcp_host_add_dependency(host, S, MCP_NEED_OPTIONAL);
    self->collector = make_collector(self, host, settings, error);
    if (self->collector == NULL)
        return FALSE;
    mcp_collector_probe(self->collector);
    g_set_object(&self->host, host);
    self->tracer = mcp_tracer_new(&config, mcp_host_get_events(host), mcp_host_get_metrics(host),
                                  self->collector);
    tracing.ratio = config.ratio;
    mcp_calls_set_tracing(mcp_host_get_calls(host), &tracing);
    return TRUE;
}

static void
end(McpTracingPlugin *self)
{
    if (self->tracer != NULL)
        mcp_calls_set_tracing(mcp_host_get_calls(self->host), NULL);
    g_clear_pointer(&self->tracer, mcp_tracer_free);
    g_clear_pointer(&self->collector, mcp_collector_free);
    g_clear_object(&self->host);
}

static void
mcp_tracing_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, cancellable, callback, user_data);
    GError *error = NULL;

    if (begin(MCP_TRACING_PLUGIN(plugin), host, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static gboolean
mcp_tracing_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_tracing_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, NULL, callback, user_data);

    end(MCP_TRACING_PLUGIN(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_tracing_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_tracing_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = mcp_tracing_plugin_configure;
    iface->start_async = mcp_tracing_plugin_start_async;
    iface->start_finish = mcp_tracing_plugin_start_finish;
    iface->stop_async = mcp_tracing_plugin_stop_async;
    iface->stop_finish = mcp_tracing_plugin_stop_finish;
}

static void
mcp_tracing_plugin_dispose(GObject *object)
{
    end(MCP_TRACING_PLUGIN(object));
    g_clear_pointer(&MCP_TRACING_PLUGIN(object)->dependency, mcp_dependency_free);
    G_OBJECT_CLASS(mcp_tracing_plugin_parent_class)->dispose(object);
}

static void
mcp_tracing_plugin_class_init(McpTracingPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_tracing_plugin_dispose;
}

static void
mcp_tracing_plugin_init(McpTracingPlugin *self)
{
}

static const McpSettingDef settings[] = {
    {S, "endpoint", MCP_SETTING_STRING, "http://127.0.0.1:4318/v1/traces", NULL, MCP_SETTING_NONE,
     "0.2", "URL of the collector for traces (OTLP over HTTP, in JSON)."},
    {S, "authorization", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "Value of the Authorization field that the collector asks for, such as \"Bearer …\"."},
    {S, "ca_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "PEM file of the authorities that its certificate may come from; unset: the system's."},
    {S, "service", MCP_SETTING_STRING, "mcp", NULL, MCP_SETTING_NONE, "0.2",
     "Name of this service in traces (service.name)."},
    {S, "instance", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "Name of this process in traces (service.instance.id); unset: the host's."},
    {S, "ratio", MCP_SETTING_STRING, "1", NULL, MCP_SETTING_NONE, "0.2",
     "Share of calls that are traced, 0 to 1; a trusted peer's traceparent decides by itself."},
    {S, "fetches", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE, "0.2",
     "Whether fetches carry a traceparent field, so that web servers can go on with the trace."},
    {S, "sip", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_NONE, "0.2",
     "Whether INVITEs that calls cause carry a traceparent header."},
    {S, "queue", MCP_SETTING_SIZE, "8M", "64K..1G", MCP_SETTING_NONE, "0.2",
     "Spans that may wait for the collector; beyond it the oldest are dropped."},
    {S, "delay", MCP_SETTING_DURATION, "1s", "0s..1m", MCP_SETTING_NONE, "0.2",
     "Time that spans wait for others to be sent together with."},
    {S, "max_calls", MCP_SETTING_INT, "10000", "1..100000", MCP_SETTING_NONE, "0.2",
     "Calls whose spans are kept at a time; beyond it the oldest is given up."},
    {S, "max_spans", MCP_SETTING_INT, "500", "1..10000", MCP_SETTING_NONE, "0.2",
     "Spans of a call; further ones are dropped."},
    {NULL},
};

static const McpMetricDef metrics[] = {
    [MCP_TRACING_METRIC_CALLS] = {"mcp_tracing_calls_total", MCP_METRIC_COUNTER, "calls",
                                  "Calls, by whether they are traced.", "sampled", "yes|no", NULL,
                                  1},
    [MCP_TRACING_METRIC_SPANS] = {"mcp_tracing_spans_total", MCP_METRIC_COUNTER, "spans",
                                  "Spans, by what became of them.", "result",
                                  "sent|dropped|refused", NULL, 2},
    [MCP_TRACING_METRIC_REQUESTS] = {"mcp_tracing_requests_total", MCP_METRIC_COUNTER, "requests",
                                     "Requests to the collector.", "result", "ok|failed", NULL, 3},
    [MCP_TRACING_METRIC_QUEUE] = {"mcp_tracing_queue_bytes", MCP_METRIC_GAUGE, "bytes",
                                  "Spans that wait for the collector.", NULL, NULL, NULL, 4},
    {NULL},
};

MCP_PLUGIN_NOTE("tracing", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "tracing",
    .version = MCP_VERSION,
    .summary = "Traces of calls for a collector of OpenTelemetry (OTLP over HTTP).",
    .settings = settings,
    .metrics = metrics,
    .get_type = mcp_tracing_plugin_get_type,
    .oid = 25,
};
