/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, the ports for control channels, and the provider of the dialog
 * "mrcp-server". Control context; dialogs are made on the shards of their calls.
 */
#include "control_line.h"
#include "dialog.h"
#include "rtsp_line.h"
#include <mcp/contract/credentials.h>
#include <mcp/contract/grammar.h>
#include <mcp/contract/recognizer.h>
#include <mcp/contract/synthesizer.h>
#include <mcp/error.h>
#include <mcp/log.h>

#define NAME "mrcp-server"
#define SECTION "mrcp-server"
/* How often the log tells of what it left out. */
#define FLUSH (1 * G_USEC_PER_SEC)

#define MCP_TYPE_MRCPD_PLUGIN (mcp_mrcpd_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpMrcpdPlugin, mcp_mrcpd_plugin, MCP, MRCPD_PLUGIN, GObject)

struct _McpMrcpdPlugin {
    GObject parent_instance;
    McpHost *host;              /* outlives the plugin; NULL before the start */
    McpMrcpdServices *services; /* nullable */
    McpMrcpdAcceptor *acceptors[3];
    McpCredentials *credentials; /* nullable */
    guint watch;
    McpTimer *flush;
};

static void plugin_iface_init(McpPluginInterface *iface);
static void provider_iface_init(McpDialogProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMrcpdPlugin, mcp_mrcpd_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER,
                                                        provider_iface_init))

/* --- the provider --- */

static McpDialog *
create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    return mcp_mrcpd_dialog_new(MCP_MRCPD_PLUGIN(provider)->services, call, out_reject);
}

static void
provider_iface_init(McpDialogProviderInterface *iface)
{
    iface->create = create;
}

/* --- TLS --- */

static void
on_credentials(McpCredentialSet *set, gpointer user_data)
{
    McpMrcpdPlugin *self = user_data;
    g_autoptr(GError) error = NULL;

    if (mcp_mrcpd_services_set_tls(self->services, set, &error))
        mcp_log_info("mrcp-credentials", NULL, "new connections get the new certificate");
    else
        mcp_log_error("mrcp-credentials", NULL, "the certificate stays as it was: %s",
                      error->message);
}

static gboolean
open_credentials(McpMrcpdPlugin *self, McpSettings *settings, GError **error)
{
    const char *name = mcp_settings_get_string(settings, SECTION, NULL, "credentials");
    g_autoptr(McpCredentialSet) set = NULL;

    if (name == NULL) {
        self->services->ports[MCP_MRCPD_LINK_TLS] = 0;
        return TRUE;
    }
    self->credentials = mcp_host_lookup(self->host, MCP_CONTRACT_CREDENTIALS, NULL);
    if (self->credentials == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no credentials service is running");
        return FALSE;
    }
    set = mcp_credentials_get(self->credentials, name, error);
    if (set == NULL || !mcp_mrcpd_services_set_tls(self->services, set, error))
        return FALSE;
    self->watch = mcp_credentials_watch(self->credentials, name, self->services->control,
                                        on_credentials, self, NULL);
    return TRUE;
}

/* --- life --- */

static void
on_flush(gpointer user_data)
{
    McpMrcpdPlugin *self = user_data;
    McpMrcpdServices *services = self->services;

    mcp_timer_clear(&self->flush);
    mcp_log_limit_flush(services->refusals, mcp_clock_now(services->clock));
    self->flush = mcp_clock_after(services->clock, services->control, FLUSH, on_flush, self);
}

static gboolean
open_ports(McpMrcpdPlugin *self, GError **error)
{
    static const McpMrcpdProtocol *const protocols[] = {
        &mcp_mrcpd_control_line, &mcp_mrcpd_control_line, &mcp_mrcpd_rtsp_line};

    for (guint i = 0; i < G_N_ELEMENTS(protocols); i++) {
        if (self->services->ports[i] == 0)
            continue;
        self->acceptors[i] =
            mcp_mrcpd_acceptor_new(self->services, (McpMrcpdLink)i, protocols[i], error);
        if (self->acceptors[i] == NULL)
            return FALSE;
    }
    return TRUE;
}

static void
clear(McpMrcpdPlugin *self)
{
    mcp_timer_clear(&self->flush);
    if (self->watch != 0)
        mcp_credentials_unwatch(self->credentials, self->watch);
    self->watch = 0;
    g_clear_object(&self->credentials);
    for (guint i = 0; i < G_N_ELEMENTS(self->acceptors); i++)
        g_clear_pointer(&self->acceptors[i], mcp_mrcpd_acceptor_free);
}

static void
start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    McpMrcpdPlugin *self = MCP_MRCPD_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;

    g_task_set_source_tag(task, start_async);
    self->host = host;
    self->services = mcp_mrcpd_services_new(host, settings);
    if (!open_credentials(self, settings, &error) || !open_ports(self, &error)) {
        clear(self);
        g_task_return_error(task, error);
        return;
    }
    on_flush(self);
    mcp_host_publish(host, MCP_CONTRACT_DIALOG, NAME, G_OBJECT(self));
    g_task_return_boolean(task, TRUE);
}

static void
stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpMrcpdPlugin *self = MCP_MRCPD_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, stop_async);
    mcp_host_withdraw(self->host, MCP_CONTRACT_DIALOG, NAME);
    clear(self);
    g_task_return_boolean(task, TRUE);
}

static gboolean
finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = start_async;
    iface->start_finish = finish;
    iface->stop_async = stop_async;
    iface->stop_finish = finish;
}

static void
mcp_mrcpd_plugin_finalize(GObject *object)
{
    McpMrcpdPlugin *self = MCP_MRCPD_PLUGIN(object);

    clear(self);
    g_clear_pointer(&self->services, mcp_mrcpd_services_unref);
    G_OBJECT_CLASS(mcp_mrcpd_plugin_parent_class)->finalize(object);
}

static void
mcp_mrcpd_plugin_class_init(McpMrcpdPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_mrcpd_plugin_finalize;
}

static void
mcp_mrcpd_plugin_init(McpMrcpdPlugin *self)
{
}

/* --- the descriptor --- */

static const McpSettingDef settings_table[] = {
    {SECTION, "address", MCP_SETTING_ADDRESS, "0.0.0.0", NULL, MCP_SETTING_NONE, "0.1",
     "Address at which connections of clients are taken."},
    {SECTION, "port", MCP_SETTING_INT, "1544", "0..65535", MCP_SETTING_NONE, "0.1",
     "Port of control channels over TCP; 0: none."},
    {SECTION, "tls_port", MCP_SETTING_INT, "1545", "0..65535", MCP_SETTING_NONE, "0.1",
     "Port of control channels over TLS, with credentials; 0: none."},
    {SECTION, "credentials", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Set of [credentials] whose certificate clients see; unset: TCP alone."},
    {SECTION, "rtsp_port", MCP_SETTING_INT, "0", "0..65535", MCP_SETTING_NONE, "0.1",
     "Port of MRCPv1 clients (RTSP), usually 1554; 0: none."},
    {SECTION, "synthesizer", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Synthesizer service that speaks; unset: the one of the highest priority."},
    {SECTION, "recognizer", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Recognizer service that listens; unset: the one of the highest priority."},
    {SECTION, "max_channels", MCP_SETTING_INT, "2000", "1..100000", MCP_SETTING_NONE, "0.1",
     "Channels at a time; sessions that want more get 503."},
    {SECTION, "max_connections", MCP_SETTING_INT, "1000", "1..100000", MCP_SETTING_NONE, "0.1",
     "Connections of each port; one that nobody needs gives way to a new one."},
    {SECTION, "max_message", MCP_SETTING_SIZE, "1M", "1K..4M", MCP_SETTING_NONE, "0.1",
     "Bytes of the body of one message."},
    {SECTION, "idle_timeout", MCP_SETTING_DURATION, "1m", "100ms..1d", MCP_SETTING_NONE, "0.1",
     "A connection without a channel or session is closed after it."},
    {SECTION, "session_timeout", MCP_SETTING_DURATION, "10m", "1s..1d", MCP_SETTING_NONE, "0.1",
     "An RTSP session of which nothing is heard, and with nothing to do, ends after it."},
    {NULL},
};

static const McpMetricDef metrics_table[] = {
    [MCP_MRCPD_METRIC_CHANNELS] = {"mcp_mrcp_server_channels", MCP_METRIC_GAUGE, "channels",
                                   "Control channels that are open.", "resource", MCP_MRCPD_KINDS,
                                   NULL, 1},
    [MCP_MRCPD_METRIC_CONNECTIONS] = {"mcp_mrcp_server_connections", MCP_METRIC_GAUGE,
                                      "connections", "Connections of clients.", "link",
                                      MCP_MRCPD_CARRIERS, NULL, 2},
    [MCP_MRCPD_METRIC_REQUESTS] = {"mcp_mrcp_server_requests_total", MCP_METRIC_COUNTER, "requests",
                                   "Requests of clients, by their method.", "method",
                                   MCP_MRCPD_METHODS, NULL, 3},
    [MCP_MRCPD_METRIC_RESPONSES] = {"mcp_mrcp_server_responses_total", MCP_METRIC_COUNTER,
                                    "responses", "Answers to them, by their status.", "status",
                                    MCP_MRCPD_STATUSES, NULL, 4},
    [MCP_MRCPD_METRIC_REFUSED] = {"mcp_mrcp_server_refused_total", MCP_METRIC_COUNTER, "refusals",
                                  "What came over connections and reached no resource.", "reason",
                                  MCP_MRCPD_REFUSALS, NULL, 5},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_DIALOG, MCP_CONTRACT_DIALOG_MAJOR, MCP_CONTRACT_DIALOG_MINOR, NAME, -20},
    {NULL},
};

/* The engines start before it. */
static const McpRequires requires_table[] = {
    {MCP_CONTRACT_MEDIA, MCP_CONTRACT_MEDIA_MAJOR, 0, FALSE},
    {MCP_CONTRACT_GRAMMAR, MCP_CONTRACT_GRAMMAR_MAJOR, 0, TRUE},
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, 0, TRUE},
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, 0, TRUE},
    {MCP_CONTRACT_CREDENTIALS, MCP_CONTRACT_CREDENTIALS_MAJOR, 0, TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE(NAME, MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = NAME,
    .version = MCP_VERSION,
    .summary = "Offers the platform's speech engines to MRCP clients",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = settings_table,
    .metrics = metrics_table,
    .get_type = mcp_mrcpd_plugin_get_type,
    .oid = 10,
};
