/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin for tests: the recognizer "tones". It is never installed. Control context.
 */
#include "recognizer.h"
#include <mcp/mcp.h>

#define SECTION "tones"

#define TONES_TYPE_PLUGIN (tones_plugin_get_type())
G_DECLARE_FINAL_TYPE(TonesPlugin, tones_plugin, TONES, PLUGIN, GObject)

struct _TonesPlugin {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    TonesRecognizer *recognizer;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(TonesPlugin, tones_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static void
start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    TonesPlugin *self = TONES_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    const char *path = mcp_settings_get_string(settings, SECTION, NULL, "words");
    GError *error = NULL;

    self->host = host;
    self->recognizer = tones_recognizer_new(path, &error);
    if (self->recognizer == NULL) {
        g_task_return_error(task, error);
        return;
    }
    mcp_host_publish(host, MCP_CONTRACT_RECOGNIZER, "tones", G_OBJECT(self->recognizer));
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
    TonesPlugin *self = TONES_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    if (self->recognizer != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_RECOGNIZER, "tones");
    g_clear_object(&self->recognizer);
    g_task_return_boolean(task, TRUE);
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
tones_plugin_finalize(GObject *object)
{
    g_clear_object(&TONES_PLUGIN(object)->recognizer);
    G_OBJECT_CLASS(tones_plugin_parent_class)->finalize(object);
}

static void
tones_plugin_class_init(TonesPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = tones_plugin_finalize;
}

static void
tones_plugin_init(TonesPlugin *self)
{
}

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_RECOGNIZER, MCP_CONTRACT_RECOGNIZER_MAJOR, MCP_CONTRACT_RECOGNIZER_MINOR, "tones",
     0},
    {NULL},
};

static const McpSettingDef settings_table[] = {
    {SECTION, "words", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_REQUIRED, "0.1",
     "File with what the numbers stand for, a line each."},
    {NULL},
};

MCP_PLUGIN_NOTE("tones", "0.1.0");

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "tones",
    .version = "0.1.0",
    .summary = "A recognizer for tests that takes tones for words",
    .provides = provides_table,
    .settings = settings_table,
    .get_type = tones_plugin_get_type,
};
