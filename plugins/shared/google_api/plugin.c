/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGapiPlugin: the service of a plugin, from the settings that want it to those that do not, and
 * the library's loop, from the first service to the end. Control context.
 */
#include "plugin.h"

#include <mcp/alert.h>
#include <mcp/log.h>

static McpGapiPlugin *
plugin_of(gpointer instance)
{
    return instance;
}

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return mcp_host_lookup(plugin_of(user_data)->host, MCP_CONTRACT_FETCHER, NULL);
}

static void
token_asked(gboolean granted, gpointer user_data)
{
    McpGapiPlugin *self = user_data;

    mcp_metrics_add(mcp_host_get_metrics(self->host), self->def->tokens, granted ? 0 : 1, 1);
}

/* Any thread; the loop has not ended yet. */
static void
left_alone(gboolean is, gpointer user_data)
{
    McpGapiPlugin *self = user_data;

    mcp_metrics_add(mcp_host_get_metrics(self->host), self->def->left_alone, 0, is ? 1 : -1);
    mcp_alert_raise(mcp_host_get_events(self->host),
                    is ? MCP_ALERT_ENGINE_DOWN : MCP_ALERT_ENGINE_UP, NULL, self->def->name, "%s",
                    is ? "the service has failed too often and is left alone for a while"
                       : "the service answers again");
    if (is)
        mcp_dependency_set(self->dependency, MCP_HEALTH_DOWN,
                           "fails and is left alone for a while");
    else
        mcp_dependency_set(self->dependency, MCP_HEALTH_UP, NULL);
}

static void
publish(McpGapiPlugin *self, McpSettings *settings, GError **error)
{
    McpClock *clock = mcp_host_get_clock(self->host);
    McpGapiDeps deps = {.clock = clock,
                        .oauth = {clock, find_fetcher, token_asked, self},
                        .left_alone = left_alone,
                        .user_data = self};

    if (self->loop == NULL) {
        self->loop = mcp_rpc_loop_new(self->def->section);
        mcp_host_declare_threads(self->host, MCP_RPC_THREADS);
    }
    if (self->dependency == NULL)
        self->dependency =
            mcp_host_add_dependency(self->host, self->def->section, MCP_NEED_OPTIONAL);
    /* Taken for good until it fails: asking it costs money. */
    mcp_dependency_set(self->dependency, MCP_HEALTH_UP, NULL);
    deps.loop = self->loop;
    self->service = self->def->make(self->host, &deps, settings, error);
    if (self->service != NULL)
        mcp_host_publish(self->host, self->def->contract, self->def->name, self->service);
}

static void
withdraw(McpGapiPlugin *self)
{
    if (self->service == NULL)
        return;
    mcp_host_withdraw(self->host, self->def->contract, self->def->name);
    self->def->close(self->service);
    g_clear_object(&self->service);
}

static gboolean
apply(McpGapiPlugin *self, McpSettings *settings, GError **error)
{
    GError *why = NULL;

    if (!mcp_gapi_access_is_wanted(settings, self->def->section))
        withdraw(self);
    else if (self->service != NULL)
        self->def->configure(self->service, settings, &why);
    else
        publish(self, settings, &why);
    if (why != NULL)
        g_propagate_error(error, why);
    return why == NULL;
}

static gboolean
plugin_configure(McpPlugin *plugin, McpHost *host, McpSettings *settings, GError **error)
{
    return plugin_of(plugin)->def->check(settings, error);
}

static void
plugin_start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    McpGapiPlugin *self = plugin_of(plugin);
    g_autoptr(GTask) task = g_task_new(plugin, cancellable, callback, user_data);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    GError *error = NULL;

    g_task_set_source_tag(task, plugin_start_async);
    self->host = host;
    if (apply(self, settings, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

/* The settings were looked at before; a file that was good then may have gone since. */
static void
plugin_reconfigure(McpPlugin *plugin, McpSettings *settings)
{
    g_autoptr(GError) error = NULL;

    if (!apply(plugin_of(plugin), settings, &error))
        mcp_log_warning("settings-kept", NULL, "the settings before go on: %s", error->message);
}

static void
loop_closed(gpointer user_data)
{
    g_autoptr(GTask) task = user_data;

    g_task_return_boolean(task, TRUE);
}

static void
plugin_stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    McpGapiPlugin *self = plugin_of(plugin);
    GTask *task = g_task_new(plugin, NULL, callback, user_data);

    g_task_set_source_tag(task, plugin_stop_async);
    withdraw(self);
    if (self->loop != NULL)
        mcp_rpc_loop_close(g_steal_pointer(&self->loop), loop_closed, task);
    else
        loop_closed(task);
}

static gboolean
plugin_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
plugin_finalize(GObject *object)
{
    McpGapiPlugin *self = plugin_of(object);
    GObjectClass *parent = g_type_class_peek(G_TYPE_OBJECT);

    g_clear_object(&self->service);
    g_clear_pointer(&self->loop, mcp_rpc_loop_unref);
    g_clear_pointer(&self->dependency, mcp_dependency_free);
    parent->finalize(object);
}

void
mcp_gapi_plugin_class_init(GObjectClass *klass)
{
    klass->finalize = plugin_finalize;
}

void
mcp_gapi_plugin_iface_init(McpPluginInterface *iface)
{
    iface->configure = plugin_configure;
    iface->start_async = plugin_start_async;
    iface->start_finish = plugin_finish;
    iface->reconfigure = plugin_reconfigure;
    iface->stop_async = plugin_stop_async;
    iface->stop_finish = plugin_finish;
}
