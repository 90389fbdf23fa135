/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform described for people and programs: status, plugins, metrics, settings. Control
 * context.
 */
#include "plugin/metrics.h"
#include "server/core.h"

#include <mcp/ledger.h>
#include <stdio.h>
#include <string.h>

/* GLib's worker, the watch, and the main thread itself, which is the control context. */
#define FIXED_THREADS 3
#define RESOLVER_THREADS 4

static McpCore *
core_of(McpHost *host)
{
    /* The handle of the asking plugin leads to the core through any service of it. */
    return mcp_calls_get_core(mcp_host_get_calls(host));
}

void
mcp_core_count_threads(McpCore *core, guint *out_expected, guint *out_actual)
{
    guint expected = FIXED_THREADS + RESOLVER_THREADS + mcp_pool_get_threads(core->disk) +
                     mcp_pool_get_threads(core->compute) + mcp_calls_get_shards(core->calls);

    for (guint i = 0; i < core->units->len; i++)
        expected += ((McpUnit *)g_ptr_array_index(core->units, i))->threads;
    *out_expected = expected;
    *out_actual = mcp_core_count_own_threads();
}

static void
add_ledger_entry(const char *type, int live, gpointer user_data)
{
    mcp_json_int(user_data, type, live);
}

static void
describe_pool(McpJson *json, const char *name, McpPool *pool)
{
    mcp_json_begin_object(json, name);
    mcp_json_int(json, "threads", mcp_pool_get_threads(pool));
    mcp_json_int(json, "waiting", mcp_pool_get_waiting(pool));
    mcp_json_end_object(json);
}

McpHealthState
mcp_host_get_health(McpHost *host, char **out_text)
{
    g_autoptr(McpFindings) findings = mcp_health_probe(core_of(host)->health, MCP_PROBE_READY);

    if (findings->fatal->len > 0) {
        *out_text = mcp_findings_to_line(findings->fatal);
        return MCP_HEALTH_DOWN;
    }
    *out_text = mcp_findings_to_line(findings->degraded);
    return findings->degraded->len > 0 ? MCP_HEALTH_DEGRADED : MCP_HEALTH_UP;
}

/* Ready or not, and why, in one line. */
static void
describe_readiness(McpHost *host, McpJson *json)
{
    g_autofree char *why = NULL;
    McpHealthState state = mcp_host_get_health(host, &why);

    mcp_json_begin_object(json, "health");
    mcp_json_bool(json, "ready", state != MCP_HEALTH_DOWN);
    mcp_json_bool(json, "degraded", state == MCP_HEALTH_DEGRADED);
    mcp_json_string(json, "text", why);
    mcp_json_end_object(json);
}

void
mcp_host_describe_status(McpHost *host, McpJson *json)
{
    McpCore *core = core_of(host);
    guint expected;
    guint actual;

    mcp_core_count_threads(core, &expected, &actual);
    mcp_json_string(json, "version", MCP_VERSION);
    mcp_json_string(json, "state", mcp_host_is_draining(host) ? "draining" : "running");
    mcp_json_int(json, "uptime_ms", (mcp_clock_now(core->clock) - core->started) / 1000);
    describe_readiness(host, json);
    mcp_json_int(json, "calls", mcp_calls_get_running(core->calls));
    mcp_calls_describe_load(core->calls, json);
    mcp_json_begin_object(json, "threads");
    mcp_json_int(json, "expected_at_most", expected);
    mcp_json_int(json, "actual", actual);
    mcp_json_end_object(json);
    mcp_json_begin_object(json, "pools");
    describe_pool(json, "disk", core->disk);
    describe_pool(json, "compute", core->compute);
    mcp_json_end_object(json);
    mcp_json_begin_object(json, "objects");
    mcp_ledger_foreach(add_ledger_entry, json);
    mcp_json_end_object(json);
}

static void
describe_contracts(McpJson *json, const McpPluginDesc *desc)
{
    mcp_json_begin_array(json, "provides");
    for (const McpProvides *row = desc->provides; row != NULL && row->contract != NULL; row++) {
        g_autofree char *text = g_strdup_printf("%s:%s", row->contract, row->name);

        mcp_json_string(json, NULL, text);
    }
    mcp_json_end_array(json);
    mcp_json_begin_array(json, "requires");
    for (const McpRequires *row = desc->requires_; row != NULL && row->contract != NULL; row++)
        mcp_json_string(json, NULL, row->contract);
    mcp_json_end_array(json);
}

void
mcp_host_describe_plugins(McpHost *host, McpJson *json)
{
    static const char *const states[] = {"loaded", "configured", "started", "stopped", "failed"};
    McpCore *core = core_of(host);

    mcp_json_begin_array(json, "plugins");
    for (guint i = 0; i < core->units->len; i++) {
        const McpUnit *unit = g_ptr_array_index(core->units, i);

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "name", unit->desc->name);
        mcp_json_string(json, "version", unit->desc->version);
        mcp_json_string(json, "state", states[unit->state]);
        mcp_json_string(json, "summary", unit->desc->summary);
        mcp_json_int(json, "threads", unit->threads);
        describe_contracts(json, unit->desc);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

static void
visit_table(const char *plugin, McpMetrics *metrics, McpMetricFunc func, gpointer user_data)
{
    for (guint row = 0; mcp_metrics_get_def(metrics, row)->name != NULL; row++)
        func(plugin, metrics, row, user_data);
}

void
mcp_host_foreach_metric(McpHost *host, McpMetricFunc func, gpointer user_data)
{
    McpCore *core = core_of(host);

    mcp_core_measure(core);
    visit_table("core", core->metrics, func, user_data);
    for (guint i = 0; i < core->units->len; i++) {
        const McpUnit *unit = g_ptr_array_index(core->units, i);

        if (unit->metrics != NULL)
            visit_table(unit->desc->name, unit->metrics, func, user_data);
    }
}

guint
mcp_host_get_metrics_oid(McpHost *host, const char *plugin)
{
    McpCore *core = core_of(host);

    if (strcmp(plugin, "core") == 0)
        return MCP_METRICS_CORE_OID;
    for (guint i = 0; i < core->units->len; i++) {
        const McpUnit *unit = g_ptr_array_index(core->units, i);

        if (strcmp(unit->desc->name, plugin) == 0)
            return unit->desc->oid;
    }
    return 0;
}

void
mcp_host_describe_metrics(McpHost *host, McpJson *json)
{
    McpCore *core = core_of(host);

    mcp_core_measure(core);
    mcp_json_begin_array(json, "metrics");
    mcp_metrics_describe(core->metrics, json);
    for (guint i = 0; i < core->units->len; i++) {
        const McpUnit *unit = g_ptr_array_index(core->units, i);

        if (unit->metrics != NULL)
            mcp_metrics_describe(unit->metrics, json);
    }
    mcp_json_end_array(json);
}

static void
describe_setting(const McpSettingDef *def, const char *instance, const char *text,
                 const char *origin, gpointer user_data)
{
    McpJson *json = user_data;
    g_autofree char *section = g_strndup(def->section, strcspn(def->section, " "));

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "section", section);
    mcp_json_string(json, "instance", instance);
    mcp_json_string(json, "key", def->key);
    mcp_json_string(json, "value", text);
    mcp_json_string(json, "origin", origin);
    mcp_json_end_object(json);
}

void
mcp_host_describe_settings(McpHost *host, McpJson *json)
{
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);

    mcp_json_begin_array(json, "settings");
    mcp_settings_foreach(settings, describe_setting, json);
    mcp_json_end_array(json);
}

static const char *const probe_names[] = {"live", "ready", "startup"};

static gboolean
write_probe(McpHealth *health, McpHealthProbe probe, const char *key, McpJson *json)
{
    g_autoptr(McpFindings) findings = mcp_health_probe(health, probe);

    mcp_json_begin_object(json, key);
    mcp_json_string(json, "probe", probe_names[probe]);
    mcp_findings_write(findings, json);
    mcp_json_end_object(json);
    return findings->fatal->len == 0;
}

char *
mcp_host_probe(McpHost *host, McpHealthProbe probe, gboolean *out_good)
{
    McpJson *json = mcp_json_new();

    *out_good = write_probe(core_of(host)->health, probe, NULL, json);
    return mcp_json_finish(json);
}

void
mcp_host_describe_health(McpHost *host, McpJson *json)
{
    McpHealth *health = core_of(host)->health;

    for (guint i = 0; i < G_N_ELEMENTS(probe_names); i++)
        write_probe(health, (McpHealthProbe)i, probe_names[i], json);
    mcp_health_describe(health, json);
}

McpDependency *
mcp_host_add_dependency(McpHost *host, const char *name, McpNeed need)
{
    return mcp_health_add(core_of(host)->health, mcp_host_get_plugin_name(host), name, need);
}
