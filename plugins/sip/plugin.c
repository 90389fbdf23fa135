/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin "sip": descriptor, life cycle, and the signalling service that it publishes. Control
 * context; the work is done on the SIP context (stack.c).
 */
#include "client.h"
#include "explain.h"
#include "ping.h"
#include "server.h"

#include <mcp/contract/signalling.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <mcp/plugin.h>

#define SERVICE_NAME "sip"

typedef struct {
    GObject parent_instance;
    McpHost *host; /* not owned */
    GMutex lock;   /* guards @stack, which sessions are placed on from any thread */
    McpSipStack *stack;
} McpSipPlugin;

typedef struct {
    GObjectClass parent_class;
} McpSipPluginClass;

static GType mcp_sip_plugin_get_type(void);
static void mcp_sip_plugin_iface_init(McpPluginInterface *iface);
static void mcp_sip_signalling_iface_init(McpSignallingInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSipPlugin, mcp_sip_plugin, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, mcp_sip_plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_SIGNALLING,
                                                        mcp_sip_signalling_iface_init))

static McpSipPlugin *
sip_plugin(gpointer instance)
{
    return G_TYPE_CHECK_INSTANCE_CAST(instance, mcp_sip_plugin_get_type(), McpSipPlugin);
}

static void
set_stack(McpSipPlugin *plugin, McpSipStack *stack)
{
    McpSipStack *old = NULL;

    g_mutex_lock(&plugin->lock);
    old = plugin->stack;
    plugin->stack = stack;
    g_mutex_unlock(&plugin->lock);
    if (old != NULL) {
        mcp_sip_stack_join(old);
        mcp_sip_stack_unref(old);
    }
}

static gboolean
configure(McpPlugin *self, McpHost *host, McpSettings *settings, GError **error)
{
    g_autoptr(McpSipConfig) config = mcp_sip_config_new(settings, error);

    return config != NULL;
}

static void
end_session(McpSipSession *session, const char *reason)
{
    mcp_sip_client_end(session, mcp_sip_farewell_new(reason, NULL, NULL));
}

static const McpSipStackFuncs stack_funcs = {mcp_sip_server_receive, end_session,
                                             mcp_sip_session_release};

static void
on_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpSipPlugin *plugin = sip_plugin(source);
    g_autoptr(GTask) outer = user_data;
    GError *error = NULL;

    if (g_task_propagate_boolean(G_TASK(result), &error)) {
        mcp_host_publish(plugin->host, MCP_CONTRACT_SIGNALLING, SERVICE_NAME, source);
        g_task_return_boolean(outer, TRUE);
        return;
    }
    set_stack(plugin, NULL);
    g_task_return_error(outer, error);
}

static void
start_async(McpPlugin *self, McpHost *host, GCancellable *cancellable, GAsyncReadyCallback callback,
            gpointer user_data)
{
    McpSipPlugin *plugin = sip_plugin(self);
    GTask *outer = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;
    McpSipConfig *config = mcp_sip_config_new(settings, &error);

    plugin->host = host;
    if (config == NULL) {
        g_task_return_error(outer, error);
        g_object_unref(outer);
        return;
    }
    mcp_host_declare_threads(host, 1);
    set_stack(plugin, mcp_sip_stack_start(host, config, &stack_funcs,
                                          g_task_new(self, NULL, on_started, outer)));
}

static gboolean
finish(McpPlugin *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
on_stopped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpSipPlugin *plugin = sip_plugin(source);
    g_autoptr(GTask) outer = user_data;

    set_stack(plugin, NULL);
    g_task_return_boolean(outer, TRUE);
}

static void
stop_async(McpPlugin *self, GAsyncReadyCallback callback, gpointer user_data)
{
    McpSipPlugin *plugin = sip_plugin(self);
    GTask *outer = g_task_new(self, NULL, callback, user_data);

    if (plugin->stack == NULL) {
        g_task_return_boolean(outer, TRUE);
        g_object_unref(outer);
        return;
    }
    mcp_host_withdraw(plugin->host, MCP_CONTRACT_SIGNALLING, SERVICE_NAME);
    mcp_sip_stack_stop(plugin->stack, g_task_new(self, NULL, on_stopped, outer));
}

/* (transfer full) (nullable): the stack while there is one. Any thread. */
static McpSipStack *
get_stack(McpSipPlugin *plugin)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&plugin->lock);

    return plugin->stack != NULL ? mcp_sip_stack_ref(plugin->stack) : NULL;
}

static McpSession *
place(McpSignalling *self, const McpPlaceParams *params, GError **error)
{
    McpSipStack *stack = get_stack(sip_plugin(self));
    McpSession *session = NULL;

    if (stack == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "signalling has stopped");
        return NULL;
    }
    session = mcp_sip_client_place(stack, params, error);
    mcp_sip_stack_unref(stack);
    return session;
}

static void
explain_async(McpSignalling *self, const McpExplainParams *params, GAsyncReadyCallback callback,
              gpointer user_data)
{
    GTask *task = g_task_new(self, NULL, callback, user_data);
    McpSipStack *stack = get_stack(sip_plugin(self));

    if (stack == NULL) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_CLOSED, "signalling has stopped");
        g_object_unref(task);
        return;
    }
    mcp_sip_explain(stack, params, task);
    mcp_sip_stack_unref(stack);
}

static char *
explain_finish(McpSignalling *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
ping_async(McpSignalling *self, const char *target, gint64 deadline, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(self, cancellable, callback, user_data);
    McpSipStack *stack = get_stack(sip_plugin(self));

    if (stack == NULL) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_CLOSED, "signalling has stopped");
        g_object_unref(task);
        return;
    }
    mcp_sip_ping(stack, target, deadline, task);
    mcp_sip_stack_unref(stack);
}

static guint
ping_finish(McpSignalling *self, GAsyncResult *result, GError **error)
{
    gssize status = g_task_propagate_int(G_TASK(result), error);

    return status > 0 ? (guint)status : 0;
}

static void
mcp_sip_plugin_finalize(GObject *object)
{
    g_mutex_clear(&sip_plugin(object)->lock);
    G_OBJECT_CLASS(mcp_sip_plugin_parent_class)->finalize(object);
}

static void
mcp_sip_plugin_init(McpSipPlugin *plugin)
{
    g_mutex_init(&plugin->lock);
}

static void
mcp_sip_plugin_class_init(McpSipPluginClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_sip_plugin_finalize;
}

static void
mcp_sip_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = configure;
    iface->start_async = start_async;
    iface->start_finish = finish;
    iface->stop_async = stop_async;
    iface->stop_finish = finish;
}

static void
mcp_sip_signalling_iface_init(McpSignallingInterface *iface)
{
    iface->place = place;
    iface->explain_async = explain_async;
    iface->explain_finish = explain_finish;
    iface->ping_async = ping_async;
    iface->ping_finish = ping_finish;
}

static const McpProvides provides[] = {{MCP_CONTRACT_SIGNALLING, MCP_CONTRACT_SIGNALLING_MAJOR,
                                        MCP_CONTRACT_SIGNALLING_MINOR, SERVICE_NAME, 100},
                                       {NULL}};

/* For TLS only. */
static const McpRequires requires[] = {{MCP_CONTRACT_CREDENTIALS, MCP_CONTRACT_CREDENTIALS_MAJOR,
                                        MCP_CONTRACT_CREDENTIALS_MINOR, TRUE},
                                       {NULL}};

MCP_PLUGIN_NOTE("sip", MCP_VERSION);

MCP_PLUGIN_EXPORT extern const McpPluginDesc mcp_plugin_desc;

const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "sip",
    .version = MCP_VERSION,
    .summary = "Signalling by SIP over UDP, TCP and TLS",
    .provides = provides,
    .requires_ = requires,
    .settings = mcp_sip_setting_defs,
    .metrics = mcp_sip_metric_defs,
    .get_type = mcp_sip_plugin_get_type,
    .oid = 2,
};
