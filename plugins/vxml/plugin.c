/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "vxml": its tables, and the provider of VoiceXML dialogs. Lives on the control
 * context; dialogs are made on the shards of their calls.
 */
#include <mcp/contract/object.h>
#include <mcp/error.h>
#include <mcp/host.h>
#include <mcp/log.h>
#include <mcp/plugin.h>

#include "debugger/debug_server.h"
#include "request.h"
#include "session.h"

/* Sessions that wait for a thread; more of them are ended with error.noresource. */
#define SCRIPTS_WAITING 4096

#define MCP_TYPE_VXML_PLUGIN (mcp_vxml_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlPlugin, mcp_vxml_plugin, MCP, VXML_PLUGIN, GObject)

struct _McpVxmlPlugin {
    GObject parent_instance;
    McpHost *host; /* NULL before the start */
    McpVxmlCache *cache;
    McpPool *scripts;                 /* NULL before the start */
    McpVxmlDebugCalls *debug_calls;   /* NULL when nobody may debug */
    McpVxmlDebugServer *debug_server; /* NULL, too */
    GMutex lock;                      /* guards config */
    McpVxmlConfig *config;            /* read on the shards, replaced on the control context */
};

static void plugin_iface_init(McpPluginInterface *iface);
static void provider_iface_init(McpDialogProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlPlugin, mcp_vxml_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER,
                                                        provider_iface_init))

static const McpMetricDef metrics_table[] = {
    {"mcp_vxml_dialogs_total", MCP_METRIC_COUNTER, "dialogs", "VoiceXML sessions started.", NULL,
     NULL, NULL, 1},
    {"mcp_vxml_dialogs_running", MCP_METRIC_GAUGE, "dialogs", "VoiceXML sessions running.", NULL,
     NULL, NULL, 2},
    {"mcp_vxml_pages_total", MCP_METRIC_COUNTER, "pages", "Pages loaded, and failures to.",
     "result", "loaded|failed", NULL, 3},
    {"mcp_vxml_events_total", MCP_METRIC_COUNTER, "events", "Events handled by pages.", "kind",
     "noinput|nomatch|help|error|connection|other", NULL, 4},
    {"mcp_vxml_inputs_total", MCP_METRIC_COUNTER, "inputs", "Inputs awaited, by their result.",
     "result", "match|nomatch|noinput", NULL, 5},
    {"mcp_vxml_moved_total", MCP_METRIC_COUNTER, "runs",
     "Runs of heavy sessions in the compute pool.", NULL, NULL, NULL, 6},
    {"mcp_vxml_turn_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "From the end of what the caller keyed or said to the first packet of the prompt that "
     "answers.",
     "mode", "dtmf|voice", "0.02|0.05|0.1|0.2|0.5|1|2|5", 7},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_DIALOG, MCP_CONTRACT_DIALOG_MAJOR, MCP_CONTRACT_DIALOG_MINOR, "vxml", 10},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_FETCHER, MCP_CONTRACT_FETCHER_MAJOR, MCP_CONTRACT_FETCHER_MINOR, FALSE},
    {MCP_CONTRACT_MEDIA, MCP_CONTRACT_MEDIA_MAJOR, MCP_CONTRACT_MEDIA_MINOR, FALSE},
    {MCP_CONTRACT_GRAMMAR, MCP_CONTRACT_GRAMMAR_MAJOR, MCP_CONTRACT_GRAMMAR_MINOR, TRUE},
    {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_SYNTHESIZER_MAJOR, MCP_CONTRACT_SYNTHESIZER_MINOR,
     TRUE},
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, MCP_CONTRACT_RECOGNIZER_MINOR, TRUE},
    {MCP_CONTRACT_STORE, MCP_CONTRACT_STORE_MAJOR, MCP_CONTRACT_STORE_MINOR, TRUE},
    {MCP_CONTRACT_OBJECT, MCP_CONTRACT_OBJECT_MAJOR, MCP_CONTRACT_OBJECT_MINOR, TRUE},
    {NULL},
};

/* Any thread. */
static GObject *
find_object(const char *classid, gpointer data)
{
    return mcp_host_lookup(data, MCP_CONTRACT_OBJECT, classid);
}

/* That in force, or one of its own for a call that sets any (gvp.config). */
static McpVxmlConfig *
take_config(McpVxmlPlugin *self, McpCall *call)
{
    const McpInvite *invite = mcp_call_get_invite(call);
    McpVxmlConfig *config;

    if (invite != NULL && invite->settings != NULL)
        return mcp_vxml_config_new(mcp_call_get_settings(call));
    g_mutex_lock(&self->lock);
    config = mcp_vxml_config_ref(self->config);
    g_mutex_unlock(&self->lock);
    return config;
}

static McpVxmlSession *
make_session(McpVxmlPlugin *self, McpCall *call, const McpVxmlRequest *request)
{
    g_autoptr(McpVxmlConfig) config = take_config(self, call);
    g_autoptr(GObject) fetcher = mcp_host_lookup(self->host, MCP_CONTRACT_FETCHER, NULL);
    g_autoptr(GObject) grammar = mcp_host_lookup(self->host, MCP_CONTRACT_GRAMMAR, NULL);
    g_autoptr(GObject) synthesizer = mcp_host_lookup(self->host, MCP_CONTRACT_SYNTHESIZER, NULL);
    g_autoptr(GObject) recognizer = mcp_host_lookup(self->host, MCP_CONTRACT_RECOGNIZER, NULL);
    g_autoptr(GObject) media = mcp_host_lookup(self->host, MCP_CONTRACT_MEDIA, NULL);
    g_autoptr(GObject) store = mcp_host_lookup(self->host, MCP_CONTRACT_STORE, NULL);
    McpVxmlServices services = {
        .clock = mcp_host_get_clock(self->host),
        .compute = mcp_host_get_pool(self->host, MCP_POOL_COMPUTE),
        .scripts = self->scripts,
        .events = mcp_host_get_events(self->host),
        .metrics = mcp_host_get_metrics(self->host),
        .fetcher = (McpFetcher *)fetcher,
        .grammar = (McpGrammarEngine *)grammar,
        .synthesizer = (McpSynthesizer *)synthesizer,
        .recognizer = (McpRecognizer *)recognizer,
        .media = (McpMedia *)media,
        .store = (McpStore *)store,
        .cache = self->cache,
        .config = config,
        .find_object = find_object,
        .find_data = self->host,
        .debug_calls = self->debug_calls,
    };
    McpVxmlStart start = {
        .url = request->url,
        .method = request->method,
        .body = request->body,
        .max_age = request->max_age,
        .max_stale = request->max_stale,
        .session = request->variables,
        .extra = request->extra,
        .no_media = request->no_media,
    };

    return mcp_vxml_session_new(&services, call, &start);
}

static McpDialog *
create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    McpVxmlPlugin *self = MCP_VXML_PLUGIN(provider);
    g_autoptr(McpVxmlRequest) request = mcp_vxml_request_new(call, out_reject);
    g_autoptr(GError) error = NULL;

    if (request != NULL && !mcp_vxml_config_check(mcp_call_get_settings(call), &error)) {
        *out_reject = mcp_reject_new(400, "bad request-URI", error->message);
        return NULL;
    }
    return request != NULL ? MCP_DIALOG(make_session(self, call, request)) : NULL;
}

static gboolean
configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    return mcp_vxml_config_check(settings, error);
}

static void
set_config(McpVxmlPlugin *self, McpSettings *settings)
{
    McpVxmlConfig *config = mcp_vxml_config_new(settings);
    McpVxmlConfig *old;

    g_mutex_lock(&self->lock);
    old = self->config;
    self->config = config;
    g_mutex_unlock(&self->lock);
    g_clear_pointer(&old, mcp_vxml_config_unref);
    mcp_vxml_cache_set_limit(self->cache, config->cache_bytes);
}

/*
 * Heavy sessions have threads of their own: in the pool that everybody shares a few hostile pages
 * would hold up the prompts and graphs of all other calls.
 */
static void
start_scripts(McpVxmlPlugin *self)
{
    guint threads = MAX(1, g_get_num_processors() / 2);

    if (self->scripts != NULL)
        return;
    self->scripts = mcp_pool_new("vxml", threads, SCRIPTS_WAITING);
}

/* Calls go on without: that nobody can debug is no reason to take none. */
static void
start_debugging(McpVxmlPlugin *self, McpSettings *settings)
{
    const char *path = mcp_settings_get_string(settings, "vxml", NULL, "debug_socket");
    guint limit = (guint)mcp_settings_get_int(settings, "vxml", NULL, "debug_calls");
    g_autoptr(GError) error = NULL;

    if (path != NULL && *path != '\0' && self->debug_server == NULL) {
        self->debug_calls = mcp_vxml_debug_calls_new();
        self->debug_server = mcp_vxml_debug_server_new(path, limit, self->debug_calls,
                                                       mcp_host_get_clock(self->host), &error);
    }
    if (error != NULL) {
        mcp_log_warning("vxml-debug", NULL, "debuggers cannot attach: %s", error->message);
        g_clear_pointer(&self->debug_calls, mcp_vxml_debug_calls_unref);
    }
    mcp_host_declare_threads(self->host, mcp_pool_get_threads(self->scripts) +
                                             (self->debug_server != NULL ? limit : 0));
}

static void
start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    McpVxmlPlugin *self = MCP_VXML_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);

    g_set_object(&self->host, host);
    start_scripts(self);
    start_debugging(self, settings);
    set_config(self, settings);
    mcp_host_publish(host, MCP_CONTRACT_DIALOG, "vxml", G_OBJECT(self));
    g_task_return_boolean(task, TRUE);
}

static gboolean
start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    set_config(MCP_VXML_PLUGIN(plugin), settings);
}

static void
drain(McpPlugin *plugin)
{
    McpVxmlPlugin *self = MCP_VXML_PLUGIN(plugin);

    if (self->debug_server != NULL)
        mcp_vxml_debug_server_close(self->debug_server);
}

static void
stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpVxmlPlugin *self = MCP_VXML_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    if (self->host != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_DIALOG, "vxml");
    if (self->debug_server != NULL)
        mcp_vxml_debug_server_stop(self->debug_server, task);
    else
        g_task_return_boolean(task, TRUE);
}

static gboolean
stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
finalize(GObject *object)
{
    McpVxmlPlugin *self = MCP_VXML_PLUGIN(object);

    g_clear_pointer(&self->debug_server, mcp_vxml_debug_server_free);
    g_clear_pointer(&self->debug_calls, mcp_vxml_debug_calls_unref);
    g_clear_object(&self->scripts);
    g_clear_object(&self->host);
    g_clear_pointer(&self->config, mcp_vxml_config_unref);
    mcp_vxml_cache_unref(self->cache);
    g_mutex_clear(&self->lock);
    G_OBJECT_CLASS(mcp_vxml_plugin_parent_class)->finalize(object);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = configure;
    iface->start_async = start_async;
    iface->start_finish = start_finish;
    iface->reconfigure = reconfigure;
    iface->drain = drain;
    iface->stop_async = stop_async;
    iface->stop_finish = stop_finish;
}

static void
provider_iface_init(McpDialogProviderInterface *iface)
{
    iface->create = create;
}

static void
mcp_vxml_plugin_class_init(McpVxmlPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void
mcp_vxml_plugin_init(McpVxmlPlugin *self)
{
    g_mutex_init(&self->lock);
    self->cache = mcp_vxml_cache_new(0);
}

MCP_PLUGIN_NOTE("vxml", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "vxml",
    .version = MCP_VERSION,
    .summary = "Interprets VoiceXML 2.0 and 2.1 pages.",
    .provides = provides_table,
    .requires_ = requires_table,
    .settings = mcp_vxml_settings,
    .metrics = metrics_table,
    .get_type = mcp_vxml_plugin_get_type,
    .oid = 4,
};
