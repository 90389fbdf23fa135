/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "control": the control API on a listener, and the dialog "script" of placed calls.
 * Lives on the control context.
 */
#include <mcp/contract/dialog.h>
#include <mcp/contract/listener.h>
#include <mcp/contract/store.h>
#include <mcp/host.h>
#include <mcp/log.h>
#include <mcp/plugin.h>

#include "api.h"
#include "scripts.h"

#define MCP_TYPE_CONTROL_PLUGIN (mcp_control_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpControlPlugin, mcp_control_plugin, MCP, CONTROL_PLUGIN, GObject)

struct _McpControlPlugin {
    GObject parent_instance;
    McpHost *host;
    McpControlApi *api; /* NULL without a listener */
    McpControlScripts *scripts;
};

static void mcp_control_plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpControlPlugin, mcp_control_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_control_plugin_iface_init))

/* Without its listener the API is off; calls go on without it. */
static void
open_api(McpControlPlugin *self, const char *listener_name)
{
    g_autoptr(McpListener) listener = mcp_host_lookup(self->host, MCP_CONTRACT_LISTENER, NULL);
    g_autoptr(GError) error = NULL;

    if (listener != NULL)
        self->api = mcp_control_api_new(self->host, listener, listener_name, &error);
    if (self->api == NULL)
        mcp_log_warning("control-off", NULL, "the control API is off: %s",
                        error != NULL ? error->message : "no listener service is running");
}

static void
mcp_control_plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
    McpControlPlugin *self = MCP_CONTROL_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);

    g_set_object(&self->host, host);
    self->scripts = mcp_control_scripts_new(host);
    mcp_host_publish(host, MCP_CONTRACT_DIALOG, "script", G_OBJECT(self->scripts));
    open_api(self, mcp_settings_get_string(settings, "control", NULL, "listener"));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_control_plugin_start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
close_all(McpControlPlugin *self)
{
    g_clear_pointer(&self->api, mcp_control_api_free);
    if (self->scripts != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_DIALOG, "script");
    g_clear_object(&self->scripts);
    g_clear_object(&self->host);
}

static void
mcp_control_plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, NULL, callback, user_data);

    close_all(MCP_CONTROL_PLUGIN(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_control_plugin_stop_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_control_plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = mcp_control_plugin_start_async;
    iface->start_finish = mcp_control_plugin_start_finish;
    iface->stop_async = mcp_control_plugin_stop_async;
    iface->stop_finish = mcp_control_plugin_stop_finish;
}

static void
mcp_control_plugin_dispose(GObject *object)
{
    close_all(MCP_CONTROL_PLUGIN(object));
    G_OBJECT_CLASS(mcp_control_plugin_parent_class)->dispose(object);
}

static void
mcp_control_plugin_class_init(McpControlPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_control_plugin_dispose;
}

static void
mcp_control_plugin_init(McpControlPlugin *self)
{
}

static const McpSettingDef settings[] = {
    {"control", "listener", MCP_SETTING_STRING, "control", NULL, MCP_SETTING_NONE, "0.1",
     "Name of the [web.listener] that the control API is mounted on."},
    {NULL},
};

static const McpProvides provides[] = {
    {MCP_CONTRACT_DIALOG, MCP_CONTRACT_DIALOG_MAJOR, MCP_CONTRACT_DIALOG_MINOR, "script", -10},
    {NULL},
};

static const McpRequires requires_[] = {
    {MCP_CONTRACT_LISTENER, MCP_CONTRACT_LISTENER_MAJOR, 1, TRUE},
    {MCP_CONTRACT_STORE, MCP_CONTRACT_STORE_MAJOR, 0, TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("control", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "control",
    .version = MCP_VERSION,
    .summary = "The control API (REST and event streams), and the scripts of placed calls.",
    .provides = provides,
    .requires_ = requires_,
    .settings = settings,
    .get_type = mcp_control_plugin_get_type,
};
