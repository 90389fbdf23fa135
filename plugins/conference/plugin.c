/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "conference": its tables, and the providers of the dialogs "conference" and "bridge".
 * Lives on the control context; dialogs are made on the shards of their calls.
 */
#include <mcp/error.h>
#include <mcp/host.h>
#include <mcp/plugin.h>

#include "bridge.h"
#include "callee/tone.h"
#include "member.h"

#define RINGING_PITCH 425
#define RINGING_MS 1000

/* --- a provider: one a dialog --- */

typedef McpDialog *(*Create)(McpConferenceServices *services, McpCall *call,
                             McpReject **out_reject);

#define MCP_TYPE_CONFERENCE_PROVIDER (mcp_conference_provider_get_type())
G_DECLARE_FINAL_TYPE(McpConferenceProvider, mcp_conference_provider, MCP, CONFERENCE_PROVIDER,
                     GObject)

struct _McpConferenceProvider {
    GObject parent_instance;
    McpHost *host;
    McpAttendance *attendance;
    McpAudio *ringing;
    Create create;
};

static void provider_iface_init(McpDialogProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpConferenceProvider, mcp_conference_provider, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER, provider_iface_init))

static const char *
lookup(const char *name, gconstpointer data)
{
    return mcp_call_get_parameter((McpCall *)data, name);
}

/* Takes @services. The settings were checked, but a placed call brings parameters of its own. */
static McpDialog *
refuse_parameters(McpConferenceServices *services, const GError *error, McpReject **out_reject)
{
    mcp_conference_services_free(services);
    *out_reject = mcp_reject_new(500, "bad parameters", error->message);
    return NULL;
}

static McpDialog *
create_member(McpConferenceServices *services, McpCall *call, McpReject **out_reject)
{
    g_autoptr(GError) error = NULL;
    McpConferenceParams *params = mcp_conference_params_parse(lookup, call, &error);

    if (params == NULL)
        return refuse_parameters(services, error, out_reject);
    return (McpDialog *)mcp_conference_member_new(services, call, params, out_reject);
}

static McpDialog *
create_bridge(McpConferenceServices *services, McpCall *call, McpReject **out_reject)
{
    g_autoptr(GError) error = NULL;
    McpBridgeParams *params = mcp_bridge_params_parse(lookup, call, &error);

    if (params == NULL)
        return refuse_parameters(services, error, out_reject);
    return (McpDialog *)mcp_bridge_new(services, call, params, out_reject);
}

static McpDialog *
create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    McpConferenceProvider *self = MCP_CONFERENCE_PROVIDER(provider);
    McpConferenceServices *services =
        mcp_conference_services_new(self->host, self->attendance, self->ringing);

    if (services != NULL)
        return self->create(services, call, out_reject);
    *out_reject = mcp_reject_new(503, "no media service is running", NULL);
    return NULL;
}

static void
provider_iface_init(McpDialogProviderInterface *iface)
{
    iface->create = create;
}

static void
mcp_conference_provider_finalize(GObject *object)
{
    McpConferenceProvider *self = MCP_CONFERENCE_PROVIDER(object);

    g_object_unref(self->host);
    mcp_attendance_unref(self->attendance);
    mcp_audio_unref(self->ringing);
    G_OBJECT_CLASS(mcp_conference_provider_parent_class)->finalize(object);
}

static void
mcp_conference_provider_class_init(McpConferenceProviderClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_conference_provider_finalize;
}

static void
mcp_conference_provider_init(McpConferenceProvider *self)
{
}

/* --- the plugin --- */

#define MCP_TYPE_CONFERENCE_PLUGIN (mcp_conference_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpConferencePlugin, mcp_conference_plugin, MCP, CONFERENCE_PLUGIN, GObject)

struct _McpConferencePlugin {
    GObject parent_instance;
    McpHost *host; /* NULL before the start */
    McpAttendance *attendance;
    McpAudio *ringing;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpConferencePlugin, mcp_conference_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static const struct {
    const char *name;
    Create create;
} dialogs[] = {{"conference", create_member}, {"bridge", create_bridge}};

static gboolean
configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    return mcp_conference_check_settings(settings, error);
}

static void
start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    McpConferencePlugin *self = MCP_CONFERENCE_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    g_set_object(&self->host, host);
    for (guint i = 0; i < G_N_ELEMENTS(dialogs); i++) {
        g_autoptr(McpConferenceProvider) provider =
            g_object_new(MCP_TYPE_CONFERENCE_PROVIDER, NULL);

        provider->host = g_object_ref(host);
        provider->attendance = mcp_attendance_ref(self->attendance);
        provider->ringing = mcp_audio_ref(self->ringing);
        provider->create = dialogs[i].create;
        mcp_host_publish(host, MCP_CONTRACT_DIALOG, dialogs[i].name, G_OBJECT(provider));
    }
    g_task_return_boolean(task, TRUE);
}

static gboolean
finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpConferencePlugin *self = MCP_CONFERENCE_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    for (guint i = 0; self->host != NULL && i < G_N_ELEMENTS(dialogs); i++)
        mcp_host_withdraw(self->host, MCP_CONTRACT_DIALOG, dialogs[i].name);
    g_task_return_boolean(task, TRUE);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = configure;
    iface->start_async = start_async;
    iface->start_finish = finish;
    iface->stop_async = stop_async;
    iface->stop_finish = finish;
}

static void
mcp_conference_plugin_finalize(GObject *object)
{
    McpConferencePlugin *self = MCP_CONFERENCE_PLUGIN(object);

    g_clear_object(&self->host);
    mcp_attendance_unref(self->attendance);
    mcp_audio_unref(self->ringing);
    G_OBJECT_CLASS(mcp_conference_plugin_parent_class)->finalize(object);
}

static void
mcp_conference_plugin_class_init(McpConferencePluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_conference_plugin_finalize;
}

static void
mcp_conference_plugin_init(McpConferencePlugin *self)
{
    self->attendance = mcp_attendance_new();
    self->ringing = mcp_tone_new(RINGING_PITCH, RINGING_MS);
}

/* --- the descriptor --- */

static const McpMetricDef metrics_table[] = {
    [MCP_CONFERENCE_METRIC_MEMBERS] = {"mcp_conference_members", MCP_METRIC_GAUGE, "members",
                                       "Callers in rooms.", NULL, NULL, NULL, 1},
    [MCP_CONFERENCE_METRIC_ENTRIES] = {"mcp_conference_entries_total", MCP_METRIC_COUNTER,
                                       "entries", "Callers that entered a room.", NULL, NULL, NULL,
                                       2},
    [MCP_CONFERENCE_METRIC_BRIDGES] = {"mcp_conference_bridges", MCP_METRIC_GAUGE, "bridges",
                                       "Callers bridged with a callee.", NULL, NULL, NULL, 3},
    [MCP_CONFERENCE_METRIC_DIALS] = {"mcp_conference_dials_total", MCP_METRIC_COUNTER, "calls",
                                     "Callees that were called, by what came of it.", "result",
                                     "answered|failed", NULL, 4},
    {NULL},
};

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_DIALOG, MCP_CONTRACT_DIALOG_MAJOR, MCP_CONTRACT_DIALOG_MINOR, "conference", 0},
    {MCP_CONTRACT_DIALOG, MCP_CONTRACT_DIALOG_MAJOR, MCP_CONTRACT_DIALOG_MINOR, "bridge", 0},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_MEDIA, MCP_CONTRACT_MEDIA_MAJOR, MCP_CONTRACT_MEDIA_MINOR, FALSE},
    {MCP_CONTRACT_FETCHER, MCP_CONTRACT_FETCHER_MAJOR, MCP_CONTRACT_FETCHER_MINOR, TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("conference", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "conference",
    .version = MCP_VERSION,
    .summary = "Puts callers into rooms, and bridges them with others.",
    .provides = provides_table,
    .requires_ = requires_table,
    .metrics = metrics_table,
    .get_type = mcp_conference_plugin_get_type,
    .oid = 12,
};
