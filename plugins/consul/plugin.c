/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "consul": keeps the agent informed while the platform runs. Control context.
 */
#include <mcp/contract/credentials.h>
#include <mcp/error.h>
#include <mcp/host.h>
#include <mcp/log.h>
#include <mcp/plugin.h>
#include <string.h>

#include "registration.h"

/* The agent answers requests with less. */
#define MAX_BODY 65536

#define MCP_TYPE_CONSUL_PLUGIN (mcp_consul_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpConsulPlugin, mcp_consul_plugin, MCP, CONSUL_PLUGIN, GObject)

struct _McpConsulPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpDependency *dependency;
    McpCredentials *credentials;         /* nullable */
    guint watch;                         /* of the set */
    McpConsulRegistration *registration; /* NULL while stopped */
    McpMetrics *cpu;                     /* table with the row that tells the load */
    guint cpu_row;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpConsulPlugin, mcp_consul_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpMetricDef metrics_table[] = {
    [MCP_CONSUL_METRIC_REQUESTS] = {"mcp_consul_requests_total", MCP_METRIC_COUNTER, "requests",
                                    "Requests to the agent by how they ended.", "outcome",
                                    MCP_CONSUL_OUTCOMES, NULL, 1},
    [MCP_CONSUL_METRIC_REGISTERED] = {"mcp_consul_registered", MCP_METRIC_GAUGE, "boolean",
                                      "Whether the agent knows this platform, as far as we know.",
                                      NULL, NULL, NULL, 2},
    {NULL},
};

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpConsulConfig) config = mcp_consul_config_new(settings, error);

    return config != NULL;
}

static void
find_cpu(const char *plugin, McpMetrics *metrics, guint row, gpointer user_data)
{
    McpConsulPlugin *self = user_data;

    if (strcmp(mcp_metrics_get_def(metrics, row)->name, "mcp_cpu_percent") == 0) {
        self->cpu = metrics;
        self->cpu_row = row;
    }
}

static char *
look(McpHealthState *out_health, gpointer user_data)
{
    McpConsulPlugin *self = user_data;
    g_autoptr(McpSettings) settings = mcp_host_get_settings(self->host);
    g_autofree char *why = NULL;
    gint64 cpu = self->cpu != NULL ? mcp_metrics_get(self->cpu, self->cpu_row, 0) : 0;
    static const char *const words[] = {"", "; degraded: ", "; not ready: "};

    *out_health = mcp_host_get_health(self->host, &why);
    return g_strdup_printf("%u of %" G_GINT64_FORMAT " calls, CPU %" G_GINT64_FORMAT " %%%s%.700s",
                           mcp_calls_get_running(mcp_host_get_calls(self->host)),
                           mcp_settings_get_int(settings, "core", NULL, "max_calls"), cpu,
                           words[*out_health], why);
}

static gboolean
use_set(McpPeerHttp *http, McpCredentialSet *set, GError **error)
{
    GBytes *chain = mcp_credential_set_get_certificates(set);
    g_autoptr(GBytes) own = NULL;

    if (chain != NULL) {
        gsize length = 0;
        const char *key = mcp_credential_set_peek_key(set, &length);
        g_autoptr(GString) pem =
            g_string_new_len(g_bytes_get_data(chain, NULL), (gssize)g_bytes_get_size(chain));

        g_string_append_len(pem, key, (gssize)length);
        own = g_bytes_new(pem->str, pem->len);
        explicit_bzero(pem->str, pem->len);
    }
    return mcp_peer_http_set_tls(http, mcp_credential_set_get_authorities(set), own, error);
}

static void
on_credentials(McpCredentialSet *set, gpointer user_data)
{
    McpConsulPlugin *self = user_data;
    g_autoptr(GError) error = NULL;

    if (self->registration != NULL &&
        !use_set(mcp_consul_registration_get_http(self->registration), set, &error))
        mcp_log_error("consul-credentials", NULL, "%s", error->message);
}

static gboolean
set_up_tls(McpConsulPlugin *self, const McpConsulConfig *config, McpPeerHttp *http, GError **error)
{
    g_autoptr(McpCredentialSet) set = NULL;

    if (config->credentials == NULL)
        return TRUE;
    self->credentials = mcp_host_lookup(self->host, MCP_CONTRACT_CREDENTIALS, NULL);
    if (self->credentials == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND,
                    "[consul] credentials: enable the plugin credentials");
        return FALSE;
    }
    set = mcp_credentials_get(self->credentials, config->credentials, error);
    if (set == NULL || !use_set(http, set, error))
        return FALSE;
    self->watch =
        mcp_credentials_watch(self->credentials, config->credentials,
                              mcp_host_get_control_context(self->host), on_credentials, self, NULL);
    return TRUE;
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpConsulPlugin *self = MCP_CONSUL_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;
    McpConsulConfig *config = mcp_consul_config_new(settings, &error);
    McpPeerHttp *http = NULL;

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    if (config != NULL)
        http = mcp_peer_http_new(mcp_host_get_clock(host), config->url, config->timeout, MAX_BODY);
    if (config == NULL || !set_up_tls(self, config, http, &error)) {
        g_clear_pointer(&http, mcp_peer_http_free);
        g_clear_pointer(&config, mcp_consul_config_free);
        g_task_return_error(task, error);
        return;
    }
    if (self->dependency == NULL)
        self->dependency = mcp_host_add_dependency(host, "consul", MCP_NEED_OPTIONAL);
    mcp_host_foreach_metric(host, find_cpu, self);
    self->registration =
        mcp_consul_registration_new(&(McpConsulDeps){.clock = mcp_host_get_clock(host),
                                                     .metrics = mcp_host_get_metrics(host),
                                                     .dependency = self->dependency,
                                                     .look = look,
                                                     .user_data = self},
                                    config, http);
    g_task_return_boolean(task, TRUE);
}

static void
plugin_drain(McpPlugin *plugin)
{
    McpConsulPlugin *self = MCP_CONSUL_PLUGIN(plugin);

    if (self->registration != NULL)
        mcp_consul_registration_maintain(self->registration);
}

static void
on_gone(gpointer user_data)
{
    g_autoptr(GTask) task = user_data;

    g_task_return_boolean(task, TRUE);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpConsulPlugin *self = MCP_CONSUL_PLUGIN(plugin);
    GTask *task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    if (self->watch != 0)
        mcp_credentials_unwatch(self->credentials, self->watch);
    self->watch = 0;
    g_clear_object(&self->credentials);
    if (self->registration != NULL)
        mcp_consul_registration_end(g_steal_pointer(&self->registration), on_gone, task);
    else
        on_gone(task);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_consul_plugin_finalize(GObject *object)
{
    McpConsulPlugin *self = MCP_CONSUL_PLUGIN(object);

    g_clear_object(&self->credentials);
    g_clear_pointer(&self->dependency, mcp_dependency_free);
    G_OBJECT_CLASS(mcp_consul_plugin_parent_class)->finalize(object);
}

static void
mcp_consul_plugin_init(McpConsulPlugin *self)
{
}

static void
mcp_consul_plugin_class_init(McpConsulPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_consul_plugin_finalize;
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = plugin_configure;
    iface->start_async = plugin_start_async;
    iface->start_finish = plugin_finish;
    iface->drain = plugin_drain;
    iface->stop_async = plugin_stop_async;
    iface->stop_finish = plugin_finish;
}

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_CREDENTIALS, MCP_CONTRACT_CREDENTIALS_MAJOR, MCP_CONTRACT_CREDENTIALS_MINOR,
     TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("consul", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "consul",
    .version = MCP_VERSION,
    .summary = "Registration with Consul's agent: service, TTL check, maintenance",
    .requires_ = requires_table,
    .settings = mcp_consul_setting_defs,
    .metrics = metrics_table,
    .get_type = mcp_consul_plugin_get_type,
    .oid = 22,
};
