/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin may ask of the core: a thin handle that knows the plugin's name.
 */
#include "server/core.h"

#include <mcp/contract/call_sink.h>
#include <mcp/log.h>
#include <string.h>

struct _McpHost {
    GObject parent_instance;
    McpUnit *unit;
};

G_DEFINE_FINAL_TYPE(McpHost, mcp_host, G_TYPE_OBJECT)

static void
mcp_host_class_init(McpHostClass *klass)
{
}

static void
mcp_host_init(McpHost *host)
{
}

McpHost *
mcp_host_new(McpUnit *unit)
{
    McpHost *host = g_object_new(MCP_TYPE_HOST, NULL);

    host->unit = unit;
    return host;
}

McpSpool *
mcp_host_open_spool(McpHost *host, const char *name, McpSpoolKind class_,
                    const McpSpoolEvents *events, gpointer user_data)
{
    McpCore *core = host->unit->core;
    g_autoptr(McpSettings) settings = mcp_core_get_settings(core);
    g_autofree char *full = g_build_filename(name, mcp_spool_class_to_string(class_), NULL);
    McpSpoolOptions options = {
        .name = full,
        .disk = mcp_disk_real(),
        .clock = core->clock,
        .pool = core->disk,
        .metrics = core->metrics,
        .bus = core->events,
    };
    g_autofree char *need = g_strconcat("spool:", full, NULL);
    McpSpool *spool = NULL;

    options.dependency = mcp_host_add_dependency(host, need, MCP_NEED_OPTIONAL);
    mcp_spool_options_read(&options, settings, class_);
    spool = mcp_spool_new(&options, events, user_data);
    mcp_spools_add(core->spools, spool);
    return spool;
}

GPtrArray *
mcp_host_list_spools(McpHost *host)
{
    return mcp_spools_list(host->unit->core->spools);
}

void
mcp_host_count_cut(McpHost *host, guint calls)
{
    mcp_metrics_add(host->unit->core->metrics, MCP_CORE_CALLS_CUT, 0, calls);
}

const char *
mcp_host_get_plugin_name(McpHost *host)
{
    return host->unit->desc->name;
}

McpClock *
mcp_host_get_clock(McpHost *host)
{
    return host->unit->core->clock;
}

McpPool *
mcp_host_get_pool(McpHost *host, McpPoolKind kind)
{
    return kind == MCP_POOL_DISK ? host->unit->core->disk : host->unit->core->compute;
}

McpSettings *
mcp_host_get_settings(McpHost *host)
{
    return mcp_core_get_settings(host->unit->core);
}

McpMetrics *
mcp_host_get_metrics(McpHost *host)
{
    return host->unit->metrics;
}

McpEvents *
mcp_host_get_events(McpHost *host)
{
    return host->unit->core->events;
}

McpLoopLoad *
mcp_host_add_loop(McpHost *host, const char *name)
{
    return mcp_calls_add_loop(host->unit->core->calls, name);
}

McpCalls *
mcp_host_get_calls(McpHost *host)
{
    return host->unit->core->calls;
}

McpTraces *
mcp_host_get_traces(McpHost *host)
{
    return host->unit->core->traces;
}

GMainContext *
mcp_host_get_control_context(McpHost *host)
{
    return host->unit->core->control;
}

static const McpProvides *
find_provides(McpHost *host, const char *contract, const char *name)
{
    const McpProvides *row = host->unit->desc->provides;

    for (; row != NULL && row->contract != NULL; row++) {
        if (strcmp(row->contract, contract) == 0 && strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

void
mcp_host_publish(McpHost *host, const char *contract, const char *name, GObject *service)
{
    const McpProvides *row = find_provides(host, contract, name);

    g_return_if_fail(row != NULL);
    mcp_registry_publish(host->unit->core->registry, contract, name, row->priority, service);
    if (strcmp(contract, MCP_CONTRACT_CALL_SINK) == 0)
        mcp_sinks_update(host->unit->core->sinks);
}

void
mcp_host_withdraw(McpHost *host, const char *contract, const char *name)
{
    gboolean sink = strcmp(contract, MCP_CONTRACT_CALL_SINK) == 0;

    /* What was published before is its as well. */
    if (sink)
        mcp_sinks_drain(host->unit->core->sinks);
    mcp_registry_withdraw(host->unit->core->registry, contract, name);
    if (sink)
        mcp_sinks_update(host->unit->core->sinks);
}

gpointer
mcp_host_lookup(McpHost *host, const char *contract, const char *name)
{
    return mcp_registry_lookup(host->unit->core->registry, contract, name);
}

char **
mcp_host_list(McpHost *host, const char *contract)
{
    return mcp_registry_list(host->unit->core->registry, contract);
}

void
mcp_host_declare_threads(McpHost *host, guint threads)
{
    host->unit->threads = threads;
}

void
mcp_host_reload(McpHost *host, McpReloadFunc func, gpointer user_data)
{
    mcp_core_reload(host->unit->core, func, user_data);
}

void
mcp_host_drain(McpHost *host, gint64 deadline)
{
    mcp_core_drain(host->unit->core, deadline);
}

gboolean
mcp_host_is_draining(McpHost *host)
{
    return g_atomic_int_get(&host->unit->core->draining);
}
