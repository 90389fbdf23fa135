/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "g729": the codec as a service of the codec contract. Control context.
 */
#include "codec.h"

#include <mcp/host.h>
#include <mcp/plugin.h>

#define SERVICE_NAME "G729"

#define MCP_TYPE_G729_PLUGIN (mcp_g729_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpG729Plugin, mcp_g729_plugin, MCP, G729_PLUGIN, GObject)

struct _McpG729Plugin {
    GObject parent_instance;
    McpHost *host;       /* outlives the plugin */
    McpG729Codec *codec; /* nullable: while it runs */
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpG729Plugin, mcp_g729_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpG729Plugin *self = MCP_G729_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    self->host = host;
    self->codec = mcp_g729_codec_new();
    mcp_host_publish(host, MCP_CONTRACT_CODEC, SERVICE_NAME, G_OBJECT(self->codec));
    g_task_return_boolean(task, TRUE);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpG729Plugin *self = MCP_G729_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    if (self->codec != NULL)
        mcp_host_withdraw(self->host, MCP_CONTRACT_CODEC, SERVICE_NAME);
    g_clear_object(&self->codec);
    g_task_return_boolean(task, TRUE);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_g729_plugin_dispose(GObject *object)
{
    g_clear_object(&MCP_G729_PLUGIN(object)->codec);
    G_OBJECT_CLASS(mcp_g729_plugin_parent_class)->dispose(object);
}

static void
mcp_g729_plugin_class_init(McpG729PluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_g729_plugin_dispose;
}

static void
mcp_g729_plugin_init(McpG729Plugin *self)
{
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = plugin_start_async;
    iface->start_finish = plugin_finish;
    iface->stop_async = plugin_stop_async;
    iface->stop_finish = plugin_finish;
}

static const McpProvides provides_table[] = {
    {MCP_CONTRACT_CODEC, MCP_CONTRACT_CODEC_MAJOR, MCP_CONTRACT_CODEC_MINOR, SERVICE_NAME, 0},
    {NULL},
};

MCP_PLUGIN_NOTE("g729", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "g729",
    .version = MCP_VERSION,
    .summary = "The codec G.729, by libbcg729",
    .provides = provides_table,
    .get_type = mcp_g729_plugin_get_type,
};
