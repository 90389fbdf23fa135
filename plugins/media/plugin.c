/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "media": its descriptor, and the life of the service. Control context.
 */
#include "service.h"

#include "codec/offered.h"
#include "net/host_limits.h"
#include <mcp/error.h>
#include <mcp/host.h>
#include <mcp/log.h>

#define MCP_TYPE_MEDIA_PLUGIN (mcp_media_plugin_get_type())
G_DECLARE_FINAL_TYPE(McpMediaPlugin, mcp_media_plugin, MCP, MEDIA_PLUGIN, GObject)

struct _McpMediaPlugin {
    GObject parent_instance;
    McpHost *host;
    McpMediaService *service;
};

static void plugin_iface_init(McpPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMediaPlugin, mcp_media_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init))

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    McpMediaConfig *config = mcp_media_config_new(settings, error);

    if (config == NULL)
        return FALSE;
    mcp_media_config_free(config);
    return TRUE;
}

static void
warn_about_ports(const McpMediaConfig *config)
{
    g_autofree char *range = NULL;
    g_autofree char *reserved = NULL;
    g_autofree char *warning = NULL;

    /* Files of the kernel: they are read from memory. */
    if (!g_file_get_contents("/proc/sys/net/ipv4/ip_local_port_range", &range, NULL, NULL) ||
        !g_file_get_contents("/proc/sys/net/ipv4/ip_local_reserved_ports", &reserved, NULL, NULL))
        return;
    warning = mcp_media_host_check_ports(config->first_port, config->last_port, range, reserved);
    if (warning != NULL)
        mcp_log_warning("rtp-ports-shared", NULL, "%s", warning);
}

/* @host: (nullable): NULL: nobody carries them out any more. */
static void
set_offered_codecs(McpHost *host)
{
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++) {
        const McpMediaCodec *codec = mcp_media_codec_get((McpMediaCodecId)i);
        g_autoptr(McpCodec) provider = NULL;

        if (codec->plugin == NULL)
            continue;
        if (host != NULL)
            provider = mcp_host_lookup(host, MCP_CONTRACT_CODEC, codec->encoding);
        mcp_media_offered_set(codec, provider);
    }
}

static gboolean
make_service(McpMediaPlugin *self, GError **error)
{
    g_autoptr(McpSettings) settings = mcp_host_get_settings(self->host);
    McpMediaConfig *config = mcp_media_config_new(settings, error);

    if (config == NULL)
        return FALSE;
    warn_about_ports(config);
    mcp_host_declare_threads(self->host, config->workers);
    set_offered_codecs(self->host);
    if (!mcp_media_config_check_codecs(config, settings, error) ||
        !mcp_media_host_raise_files(config->max_legs, error)) {
        mcp_media_config_free(config);
        return FALSE;
    }
    self->service = mcp_media_service_new(config, mcp_host_get_pool(self->host, MCP_POOL_COMPUTE),
                                          mcp_host_get_clock(self->host),
                                          mcp_host_get_metrics(self->host), error);
    if (self->service == NULL)
        return FALSE;
    mcp_media_service_report(self->service, self->host);
    mcp_media_service_set_events(self->service, mcp_host_get_events(self->host));
    mcp_media_service_set_traces(self->service, mcp_host_get_traces(self->host));
    mcp_host_publish(self->host, MCP_CONTRACT_MEDIA, "media", G_OBJECT(self->service));
    return TRUE;
}

/* GStreamer may have to look through all its plugins first: not on the control context. */
static void
set_graphs_up(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    GError *error = NULL;

    if (mcp_graph_setup(&error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
graphs_are_up(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpMediaPlugin *self = MCP_MEDIA_PLUGIN(source);
    g_autoptr(GTask) start = user_data;
    GError *error = NULL;

    if (g_task_propagate_boolean(G_TASK(result), &error) && make_service(self, &error))
        g_task_return_boolean(start, TRUE);
    else
        g_task_return_error(start, error);
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpMediaPlugin *self = MCP_MEDIA_PLUGIN(plugin);
    GTask *start = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(GTask) setup = g_task_new(self, cancellable, graphs_are_up, start);

    self->host = host;
    mcp_pool_run(mcp_host_get_pool(host, MCP_POOL_COMPUTE), setup, set_graphs_up);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    McpMediaPlugin *self = MCP_MEDIA_PLUGIN(plugin);
    McpMediaConfig *config = mcp_media_config_new(settings, NULL);

    if (config != NULL && self->service != NULL)
        mcp_media_service_reconfigure(self->service, config);
    else
        mcp_media_config_free(config);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpMediaPlugin *self = MCP_MEDIA_PLUGIN(plugin);
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);

    if (self->service != NULL) {
        mcp_host_withdraw(self->host, MCP_CONTRACT_MEDIA, "media");
        mcp_media_service_stop(self->service);
        g_clear_object(&self->service);
    }
    set_offered_codecs(NULL);
    g_task_return_boolean(task, TRUE);
}

static void
mcp_media_plugin_dispose(GObject *object)
{
    McpMediaPlugin *self = MCP_MEDIA_PLUGIN(object);

    if (self->service != NULL)
        mcp_media_service_stop(self->service);
    g_clear_object(&self->service);
    G_OBJECT_CLASS(mcp_media_plugin_parent_class)->dispose(object);
}

static void
mcp_media_plugin_class_init(McpMediaPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_media_plugin_dispose;
}

static void
mcp_media_plugin_init(McpMediaPlugin *self)
{
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = plugin_configure;
    iface->start_async = plugin_start_async;
    iface->start_finish = plugin_finish;
    iface->reconfigure = plugin_reconfigure;
    iface->stop_async = plugin_stop_async;
    iface->stop_finish = plugin_finish;
}

static const McpProvides provides[] = {
    {MCP_CONTRACT_MEDIA, MCP_CONTRACT_MEDIA_MAJOR, MCP_CONTRACT_MEDIA_MINOR, "media", 0},
    {NULL},
};

static const McpRequires requires_table[] = {
    {MCP_CONTRACT_CODEC, MCP_CONTRACT_CODEC_MAJOR, MCP_CONTRACT_CODEC_MINOR, TRUE},
    {NULL},
};

MCP_PLUGIN_NOTE("media", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;
const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "media",
    .version = MCP_VERSION,
    .summary = "RTP legs: offer and answer, prompts, digits, recordings",
    .provides = provides,
    .requires_ = requires_table,
    .settings = mcp_media_settings,
    .metrics = mcp_media_metrics,
    .get_type = mcp_media_plugin_get_type,
    .oid = 3,
};
