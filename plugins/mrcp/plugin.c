/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin: its tables, and the life of the services "mrcp": recognizer and synthesizer over
 * servers that the configuration names. Control context.
 */
#include "client/probe.h"
#include "client/recognizer.h"
#include "client/synthesizer.h"
#include <mcp/alert.h>
#include <mcp/contract/health.h>
#include <mcp/error.h>
#include <mcp/host.h>
#include <mrcp_session/rtsp_target.h>
#include <string.h>
#include <tls/tls_client.h>

#define SECTION "mrcp"
#define SERVER_SECTION "mrcp.server"

#define MCP_TYPE_MRCP_PLUGIN (mcp_mrcp_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpMrcpPlugin, mcp_mrcp_plugin, MCP, MRCP_PLUGIN, GObject)

struct _McpMrcpPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpMrcpServices services;
    GHashTable *dependencies; /* name of the server → McpDependency; immutable once filled */
    McpMrcpPool *pool;
    McpMrcpProbes *probes;
    McpMrcpRecognizer *recognizer;   /* nullable: no server for it */
    McpMrcpSynthesizer *synthesizer; /* nullable: no server for it */
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMrcpPlugin, mcp_mrcp_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const McpSettingDef settings_table[] = {
    {SECTION, "rate", MCP_SETTING_ENUM, "8000", "8000|16000", MCP_SETTING_NONE, "0.1",
     "Hz of the audio that servers hear and speak at most; 16000 wants codecs that have it."},
    {SECTION, "failures", MCP_SETTING_INT, "2", "1..1000", MCP_SETTING_NONE, "0.1",
     "Failures in a row after which a server is left alone for a while."},
    {SECTION, "pause", MCP_SETTING_DURATION, "2s", "10ms..1h", MCP_SETTING_NONE, "0.1",
     "How long a server that fails is left alone at first; each further time twice as long."},
    {SECTION, "longest_pause", MCP_SETTING_DURATION, "1m", "10ms..1d", MCP_SETTING_NONE, "0.1",
     "How long a server that fails is left alone at most."},
    {SECTION, "prompt_limit", MCP_SETTING_SIZE, "16M", "64K..64M", MCP_SETTING_NONE, "0.1",
     "Bytes of audio of one prompt at most."},
    {SERVER_SECTION " *", "target", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_REQUIRED, "0.1",
     "URI of the server: of MRCPv2 sip:mrcp.example:5060;transport=tcp, of MRCPv1 "
     "rtsp://mrcp.example:554/ or rtsps: with credentials."},
    {SERVER_SECTION " *", "resources", MCP_SETTING_LIST, "speechrecog, speechsynth", NULL,
     MCP_SETTING_NONE, "0.1", "What it is asked for: speechrecog, speechsynth."},
    {SERVER_SECTION " *", "languages", MCP_SETTING_LIST, "", NULL, MCP_SETTING_NONE, "0.1",
     "Languages that it has: en, de-AT …; empty: all."},
    {SERVER_SECTION " *", "codecs", MCP_SETTING_LIST, "PCMU, PCMA", NULL, MCP_SETTING_NONE, "0.1",
     "Codecs offered to it, the preferred one first."},
    {SERVER_SECTION " *", "weight", MCP_SETTING_INT, "1", "1..1000", MCP_SETTING_NONE, "0.1",
     "Its turns among all servers."},
    {SERVER_SECTION " *", "share_connections", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE,
     "0.1", "MRCPv2: control channels share a connection."},
    {SERVER_SECTION " *", "connect_timeout", MCP_SETTING_DURATION, "2500ms", "50ms..1m",
     MCP_SETTING_NONE, "0.1", "Until a session with it is ready; then the next server is asked."},
    {SERVER_SECTION " *", "timeout", MCP_SETTING_DURATION, "2500ms", "50ms..1m", MCP_SETTING_NONE,
     "0.1", "For the answer to a request; then the next server is asked."},
    {SERVER_SECTION " *", "credentials", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Set of [credentials] for control channels, or RTSP, over TLS; unset: TCP."},
    {SERVER_SECTION " *", "recognizer_path", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE,
     "0.1", "MRCPv1: where the recognizer is below the target; unset: media/speechrecognizer."},
    {SERVER_SECTION " *", "synthesizer_path", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE,
     "0.1", "MRCPv1: where the synthesizer is below the target; unset: media/speechsynthesizer."},
    {SERVER_SECTION " *", "probe", MCP_SETTING_DURATION, "30s", "0s..1d", MCP_SETTING_NONE, "0.1",
     "How often a server that is not in use is asked by OPTIONS whether it is there; 0: never."},
    {NULL},
};

enum { METRIC_CHANGES, METRIC_DOWN };

static const McpMetricDef metrics_table[] = {
    {"mcp_mrcp_server_changes_total", MCP_METRIC_COUNTER, "changes",
     "Times that a server was left alone after failures, or came back.", "state", "down|up", NULL,
     1},
    {"mcp_mrcp_servers_down", MCP_METRIC_GAUGE, "servers",
     "Servers that are left alone at this moment.", NULL, NULL, NULL, 2},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, MCP_CONTRACT_RECOGNIZER_MINOR, "mrcp",
     20},
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, MCP_CONTRACT_SYNTHESIZER_MINOR,
     "mrcp", 5},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_SIGNALLING, MCP_CONTRACT_SIGNALLING_MAJOR, 0, FALSE},
    {MCP_CONTRACT_MEDIA, MCP_CONTRACT_MEDIA_MAJOR, 0, FALSE},
    {MCP_CONTRACT_CREDENTIALS, MCP_CONTRACT_CREDENTIALS_MAJOR, 0, TRUE},
    {NULL},
};

static gboolean
read_resources(const char *const *names, guint *out_resources, GError **error)
{
    guint resources = 0;

    for (; *names != NULL; names++) {
        McpMrcpResource resource = MCP_MRCP_SPEECHSYNTH;

        if (!mcp_mrcp_resource_find(MCP_MRCP_V2, *names, &resource) ||
            (resource != MCP_MRCP_SPEECHSYNTH && resource != MCP_MRCP_SPEECHRECOG)) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "resource '%.40s' is neither speechrecog nor speechsynth", *names);
            return FALSE;
        }
        resources |= 1u << resource;
    }
    *out_resources = resources;
    return TRUE;
}

/* A key that says nothing about a server of this version is a mistake. */
static gboolean
check_keys(McpSettings *settings, const char *name, McpMrcpVersion version, GError **error)
{
    static const char *const v1[] = {"recognizer_path", "synthesizer_path", NULL};
    static const char *const v2[] = {"share_connections", NULL};
    const char *const *key = version == MCP_MRCP_V1 ? v2 : v1;

    for (; *key != NULL; key++) {
        if (!mcp_settings_is_set(settings, SERVER_SECTION, name, *key))
            continue;
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s is for servers of MRCPv%d alone", *key,
                    version == MCP_MRCP_V1 ? 2 : 1);
        return FALSE;
    }
    return TRUE;
}

/* What a target says: the version, and whether TLS is used. */
static gboolean
read_target(McpSettings *settings, McpMrcpServer *server, const char *credentials, GError **error)
{
    g_autofree char *scheme = g_uri_parse_scheme(server->target);
    g_auto(McpMrcpRtspTarget) target = {0};

    server->version = g_strcmp0(scheme, "rtsp") == 0 || g_strcmp0(scheme, "rtsps") == 0
                          ? MCP_MRCP_V1
                          : MCP_MRCP_V2;
    if (!check_keys(settings, server->name, server->version, error))
        return FALSE;
    if (server->version == MCP_MRCP_V2)
        return TRUE;
    if (!mcp_mrcp_rtsp_target_parse(server->target, &target, error))
        return FALSE;
    if (target.tls == (credentials != NULL))
        return TRUE;
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID,
                        target.tls ? "an rtsps: target needs credentials"
                                   : "credentials need an rtsps: target");
    return FALSE;
}

static gboolean
read_server(McpMrcpPlugin *self, McpSettings *settings, const char *name, McpMrcpServer *server,
            GError **error)
{
    const char *credentials =
        mcp_settings_get_string(settings, SERVER_SECTION, name, "credentials");

    *server = (McpMrcpServer){
        .name = name,
        .target = mcp_settings_get_string(settings, SERVER_SECTION, name, "target"),
        .languages = mcp_settings_get_list(settings, SERVER_SECTION, name, "languages"),
        .codecs = mcp_settings_get_list(settings, SERVER_SECTION, name, "codecs"),
        .weight = (guint)mcp_settings_get_int(settings, SERVER_SECTION, name, "weight"),
        .shared = mcp_settings_get_bool(settings, SERVER_SECTION, name, "share_connections"),
        .connect_timeout = mcp_settings_get_int(settings, SERVER_SECTION, name, "connect_timeout"),
        .timeout = mcp_settings_get_int(settings, SERVER_SECTION, name, "timeout"),
        .paths = {[MCP_MRCP_SPEECHRECOG] =
                      mcp_settings_get_string(settings, SERVER_SECTION, name, "recognizer_path"),
                  [MCP_MRCP_SPEECHSYNTH] =
                      mcp_settings_get_string(settings, SERVER_SECTION, name, "synthesizer_path")},
        .probe = mcp_settings_get_int(settings, SERVER_SECTION, name, "probe"),
    };
    if (!read_target(settings, server, credentials, error) ||
        !read_resources(mcp_settings_get_list(settings, SERVER_SECTION, name, "resources"),
                        &server->resources, error))
        return FALSE;
    if (credentials != NULL) {
        server->tls = mcp_tls_client_context(self->host, credentials, error);
        return server->tls != NULL;
    }
    return TRUE;
}

static void
server_clear(gpointer data)
{
    g_clear_pointer(&((McpMrcpServer *)data)->tls, mcp_tls_context_unref);
}

static void
on_changed(const McpMrcpServer *server, const GError *error, gpointer user_data)
{
    McpMrcpPlugin *self = user_data;
    McpMetrics *metrics = mcp_host_get_metrics(self->host);
    McpEvents *events = mcp_host_get_events(self->host);
    McpDependency *dependency = g_hash_table_lookup(self->dependencies, server->name);
    McpEvent *event = NULL;

    if (error != NULL)
        mcp_dependency_set(dependency, MCP_HEALTH_DOWN, "left alone for a while: %s",
                           error->message);
    else
        mcp_dependency_set(dependency, MCP_HEALTH_UP, NULL);

    mcp_metrics_add(metrics, METRIC_CHANGES, error != NULL ? 0 : 1, 1);
    mcp_metrics_add(metrics, METRIC_DOWN, 0, error != NULL ? 1 : -1);
    mcp_alert_raise(events, error != NULL ? MCP_ALERT_ENGINE_DOWN : MCP_ALERT_ENGINE_UP, NULL,
                    server->name, "MRCP server: %s",
                    error != NULL ? error->message : "answers again");
    if (!mcp_events_wanted(events, MCP_EVENT_STATE))
        return;
    event = mcp_event_new(MCP_EVENT_STATE, NULL, "mrcp-server");
    mcp_event_set_string(event, "name", server->name);
    mcp_event_set_string(event, "state", error != NULL ? "down" : "up");
    if (error != NULL)
        mcp_event_set_string(event, "reason", error->message);
    mcp_events_publish(events, event);
}

/* A server is taken for good until it fails, or does not answer when it is asked. */
static void
declare(McpMrcpPlugin *self, const char *server)
{
    g_autofree char *name = g_strconcat("mrcp:", server, NULL);
    McpDependency *dependency = mcp_host_add_dependency(self->host, name, MCP_NEED_OPTIONAL);

    mcp_dependency_set(dependency, MCP_HEALTH_UP, NULL);
    g_hash_table_insert(self->dependencies, g_strdup(server), dependency);
}

static gboolean
make_pool(McpMrcpPlugin *self, McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, SERVER_SECTION);
    g_autoptr(GArray) servers = g_array_new(FALSE, TRUE, sizeof(McpMrcpServer));
    McpMrcpPoolConfig config = {
        .failures = (guint)mcp_settings_get_int(settings, SECTION, NULL, "failures"),
        .pause = mcp_settings_get_int(settings, SECTION, NULL, "pause"),
        .longest = mcp_settings_get_int(settings, SECTION, NULL, "longest_pause"),
        .changed = on_changed,
        .user_data = self,
    };

    g_array_set_clear_func(servers, server_clear);
    for (; *names != NULL; names++) {
        McpMrcpServer server;

        if (!read_server(self, settings, *names, &server, error)) {
            g_prefix_error(error, "[mrcp.server \"%s\"]: ", *names);
            return FALSE;
        }
        g_array_append_val(servers, server);
        declare(self, *names);
    }
    config.servers = (const McpMrcpServer *)(gconstpointer)servers->data;
    config.n_servers = servers->len;
    self->pool = mcp_mrcp_pool_new(&config, self->services.clock);
    return TRUE;
}

static void
publish(McpMrcpPlugin *self, McpSettings *settings)
{
    guint rate = strcmp(mcp_settings_get_string(settings, SECTION, NULL, "rate"), "16000") == 0
                     ? 16000
                     : 8000;
    gsize limit = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "prompt_limit");

    if (mcp_mrcp_pool_has(self->pool, MCP_MRCP_SPEECHRECOG)) {
        self->recognizer = mcp_mrcp_recognizer_new(&self->services, self->pool, rate);
        mcp_host_publish(self->host, MCP_CONTRACT_RECOGNIZER, "mrcp", G_OBJECT(self->recognizer));
    }
    if (mcp_mrcp_pool_has(self->pool, MCP_MRCP_SPEECHSYNTH)) {
        self->synthesizer = mcp_mrcp_synthesizer_new(&self->services, self->pool, rate, limit);
        mcp_host_publish(self->host, MCP_CONTRACT_SYNTHESIZER, "mrcp", G_OBJECT(self->synthesizer));
    }
    self->probes = mcp_mrcp_probes_new(self->pool, &self->services);
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpMrcpPlugin *self = MCP_MRCP_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    self->services.signalling = mcp_host_lookup(host, MCP_CONTRACT_SIGNALLING, NULL);
    self->services.media = mcp_host_lookup(host, MCP_CONTRACT_MEDIA, NULL);
    self->services.clock = g_object_ref(mcp_host_get_clock(host));
    self->services.controls = mcp_mrcp_controls_new(self->services.clock);
    if (self->services.signalling == NULL || self->services.media == NULL)
        error = g_error_new(MCP_ERROR, MCP_ERROR_NOT_FOUND,
                            "needs signalling and media, which are not running");
    else if (make_pool(self, settings, &error))
        publish(self, settings);
    if (error != NULL)
        g_task_return_error(task, error);
    else
        g_task_return_boolean(task, TRUE);
}

static void
clear(McpMrcpPlugin *self)
{
    g_clear_pointer(&self->probes, mcp_mrcp_probes_free);
    g_clear_object(&self->recognizer);
    g_clear_object(&self->synthesizer);
    g_clear_pointer(&self->pool, mcp_mrcp_pool_unref);
    g_clear_pointer(&self->services.controls, mcp_mrcp_controls_unref);
    g_clear_object(&self->services.signalling);
    g_clear_object(&self->services.media);
    g_clear_object(&self->services.clock);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpMrcpPlugin *self = MCP_MRCP_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    if (self->recognizer != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_RECOGNIZER, "mrcp");
    if (self->synthesizer != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_SYNTHESIZER, "mrcp");
    clear(self);
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_mrcp_plugin_finalize(GObject *object)
{
    McpMrcpPlugin *self = MCP_MRCP_PLUGIN(object);

    clear(self);
    g_hash_table_unref(self->dependencies);
    G_OBJECT_CLASS(mcp_mrcp_plugin_parent_class)->finalize(object);
}

static void
mcp_mrcp_plugin_init(McpMrcpPlugin *self)
{
    self->dependencies =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)mcp_dependency_free);
}

static void
mcp_mrcp_plugin_class_init(McpMrcpPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_mrcp_plugin_finalize;
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = plugin_start_async;
    iface->start_finish = plugin_finish;
    iface->stop_async = plugin_stop_async;
    iface->stop_finish = plugin_finish;
}

MCP_PLUGIN_NOTE("mrcp", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "mrcp",
    .version = "0.1.0",
    .summary = "Recognizes and speaks by MRCP servers",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = settings_table,
    .metrics = metrics_table,
    .get_type = mcp_mrcp_plugin_get_type,
    .oid = 9,
};
