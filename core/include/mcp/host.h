/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/admission.h>
#include <mcp/call.h>
#include <mcp/clock.h>
#include <mcp/event.h>
#include <mcp/json.h>
#include <mcp/load.h>
#include <mcp/metrics.h>
#include <mcp/peer.h>
#include <mcp/plugin.h>
#include <mcp/pool.h>
#include <mcp/settings.h>
#include <mcp/trace.h>

G_BEGIN_DECLS

#define MCP_TYPE_HOST (mcp_host_get_type())
G_DECLARE_FINAL_TYPE(McpHost, mcp_host, MCP, HOST, GObject)

/** McpPoolKind: the bounded pools of the core. */
typedef enum {
    MCP_POOL_DISK,    /* file reads and writes: 2 threads */
    MCP_POOL_COMPUTE, /* parsing, encoding, speech: as many threads as cores */
} McpPoolKind;

/** mcp_host_get_plugin_name: the plugin that this handle was made for. */
const char *mcp_host_get_plugin_name(McpHost *host);
/** mcp_host_get_clock: (transfer none). Any thread. */
McpClock *mcp_host_get_clock(McpHost *host);
/** mcp_host_get_pool: (transfer none). Any thread. */
McpPool *mcp_host_get_pool(McpHost *host, McpPoolKind kind);
/** mcp_host_get_settings: (transfer full): the snapshot in force. Any thread. */
McpSettings *mcp_host_get_settings(McpHost *host);
/** mcp_host_get_metrics: (transfer none) (nullable): values of the plugin's table. Any thread. */
McpMetrics *mcp_host_get_metrics(McpHost *host);
/** mcp_host_get_events: (transfer none). Any thread. */
McpEvents *mcp_host_get_events(McpHost *host);
/** mcp_host_get_calls: (transfer none). Any thread. */
McpCalls *mcp_host_get_calls(McpHost *host);
/** mcp_host_get_traces: (transfer none). Any thread. */
McpTraces *mcp_host_get_traces(McpHost *host);
/** mcp_host_get_control_context: (transfer none): where plugins live. Any thread. */
GMainContext *mcp_host_get_control_context(McpHost *host);

/**
 * mcp_host_publish:
 * @host: the plugin's handle
 * @contract: contract id; must stand in the plugin's provides[]
 * @name: name of the service; must stand in provides[] with it
 * @service: (transfer none): an object that implements the contract's interface, ready for use
 *
 * From now on others find the service. Control context.
 */
void mcp_host_publish(McpHost *host, const char *contract, const char *name, GObject *service);

/** mcp_host_withdraw: others do not find the service any more; who has it keeps its reference. */
void mcp_host_withdraw(McpHost *host, const char *contract, const char *name);

/**
 * mcp_host_lookup:
 * @name: (nullable): NULL takes the service of the highest priority
 *
 * Returns: (transfer full) (nullable): a live service, or NULL. Any thread.
 */
gpointer mcp_host_lookup(McpHost *host, const char *contract, const char *name);

/**
 * mcp_host_list: (transfer full): names of the live services of @contract, NULL-terminated, highest
 * priority first. Any thread.
 */
char **mcp_host_list(McpHost *host, const char *contract);

/** mcp_host_declare_threads: how many threads the plugin runs at most; shown by status. */
void mcp_host_declare_threads(McpHost *host, guint threads);

/**
 * mcp_host_add_loop: (transfer none): where the loop @name tells how busy it is; lives as long as
 * the core. The same for an equal name. Any thread.
 */
McpLoopLoad *mcp_host_add_loop(McpHost *host, const char *name);

/** McpReloadFunc: @error is NULL when the new settings are in force. */
typedef void (*McpReloadFunc)(const GError *error, gpointer user_data);

/**
 * mcp_host_reload: reads the configuration anew as one transaction: all valid, or the old one
 * stays;
 * the error lists every fault, a line each. Control context.
 */
void mcp_host_reload(McpHost *host, McpReloadFunc func, gpointer user_data);

/**
 * mcp_host_drain: takes no new calls from now on; ends the process when the last one has ended,
 * after 100 ms at the earliest, or @deadline (µs from now; 0 for the configured one) is over.
 * Control context.
 */
void mcp_host_drain(McpHost *host, gint64 deadline);

/** mcp_host_is_draining: Any thread. */
gboolean mcp_host_is_draining(McpHost *host);

/**
 * mcp_host_describe_status: adds version, state, uptime, threads expected and actual, calls, pools
 * and the ledger to an open object. Control context.
 */
void mcp_host_describe_status(McpHost *host, McpJson *json);
/**
 * mcp_host_describe_plugins: adds an array "plugins": name, version, state, reason, provides,
 * requires.
 */
void mcp_host_describe_plugins(McpHost *host, McpJson *json);
/**
 * McpMetricFunc: one row of the table of @plugin ("core" for the core's own); its values are read
 * with mcp_metrics_get() and those beside it.
 */
typedef void (*McpMetricFunc)(const char *plugin, McpMetrics *metrics, guint row,
                              gpointer user_data);
/**
 * mcp_host_foreach_metric: @func for each row of all tables, the core's first. Figures that are
 * measured rather than counted are measured before. Control context.
 */
void mcp_host_foreach_metric(McpHost *host, McpMetricFunc func, gpointer user_data);
/**
 * mcp_host_get_metrics_oid: sub-identifier in SNMP of the table of @plugin, as McpMetricFunc is
 * told it; 0 for a plugin that has none or is not there. Control context.
 */
guint mcp_host_get_metrics_oid(McpHost *host, const char *plugin);
/** mcp_host_describe_metrics: adds an array "metrics" with the values of all tables. */
void mcp_host_describe_metrics(McpHost *host, McpJson *json);
/**
 * mcp_host_describe_settings: adds an array "settings" {section, instance, key, value, origin};
 * secrets masked.
 */
void mcp_host_describe_settings(McpHost *host, McpJson *json);

G_END_DECLS
