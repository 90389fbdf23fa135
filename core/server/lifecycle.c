/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configure, start, drain and stop of the whole platform. Plugins start one after the other in
 * order
 * of their requirements and stop the other way round. Control context.
 */
#include "event/jsonl_sink.h"
#include "server/core.h"
#include "util/log.h"

#include <mcp/contract/call_sink.h>
#include <mcp/error.h>
#include <mcp/log.h>

#define STOP_CALLS_DEADLINE (5 * G_USEC_PER_SEC)
/* The answer to who asked for a drain leaves before a process without calls ends. */
#define DRAIN_NOTICE (100 * G_TIME_SPAN_MILLISECOND)

typedef struct {
    McpCore *core;
    guint next; /* index of the unit at work; one more while stopping */
    McpCoreDone done;
    gpointer user_data;
    GError *error; /* why starting failed */
    McpTimer *deadline;
} Walk;

static void start_next(Walk *walk);
static void stop_next(Walk *walk);

/* What files, environment and config source say, checked with everybody. */
static gboolean
check_all(McpCore *core, GPtrArray *errors)
{
    g_autoptr(McpSettings) settings = mcp_settings_load(core->schema, &core->source, errors);

    if (settings == NULL || !mcp_units_configure(core, settings, errors))
        return FALSE;
    if (!mcp_calls_check(settings, errors))
        return FALSE;
    mcp_core_set_settings(core, g_steal_pointer(&settings));
    return TRUE;
}

/* A source that talks nonsense is no worse than one that is away: a check alone minds. */
static void
read_source(McpCore *core, McpUnit *unit, GPtrArray *errors)
{
    McpConfigSource *source = MCP_CONFIG_SOURCE(unit->plugin);
    g_autoptr(McpSettings) early = mcp_settings_load_leniently(core->schema, &core->source);
    g_autoptr(GError) error = NULL;

    mcp_core_use_remote(core, mcp_config_source_read(source, unit->host, early, &error));
    if (error != NULL && core->strict) {
        g_ptr_array_add(errors, g_strdup_printf("plugin %s: %s", unit->desc->name, error->message));
    } else if (error != NULL) {
        mcp_log_error("config-source-refused", NULL, "plugin %s: %s", unit->desc->name,
                      error->message);
        mcp_core_use_remote(core, mcp_config_source_fall_back(source));
    }
    mcp_units_add_disabled(core);
}

/* New settings that are no good do not keep a platform from starting that has had good ones. */
static gboolean
fall_back(McpCore *core, McpUnit *unit, GPtrArray *errors)
{
    GPtrArray *values = mcp_config_source_fall_back(MCP_CONFIG_SOURCE(unit->plugin));
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func(g_free);

    if (values == NULL)
        return FALSE;
    mcp_core_use_remote(core, values);
    mcp_units_add_disabled(core);
    if (!check_all(core, before))
        return FALSE;
    for (guint i = 0; i < errors->len; i++)
        mcp_log_error("config-source-refused", NULL, "%s; the last good copy is in force",
                      (const char *)g_ptr_array_index(errors, i));
    g_ptr_array_set_size(errors, 0);
    return TRUE;
}

gboolean
mcp_core_configure(McpCore *core, GPtrArray *errors)
{
    gboolean loaded = mcp_units_load(core, errors);
    McpUnit *source = loaded && !core->local ? mcp_core_find_source(core) : NULL;

    if (source != NULL)
        read_source(core, source, errors);
    if (!loaded) {
        /* Everything else that is wrong is worth knowing, too. */
        g_autoptr(McpSettings) settings = mcp_settings_load(core->schema, &core->source, errors);

        return FALSE;
    }
    if (check_all(core, errors))
        return errors->len == 0;
    return source != NULL && !core->strict && fall_back(core, source, errors);
}

static void
walk_finish(Walk *walk)
{
    mcp_timer_clear(&walk->deadline);
    walk->done(walk->core, walk->error, walk->user_data);
    g_clear_error(&walk->error);
    g_free(walk);
}

static void
on_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Walk *walk = user_data;
    McpUnit *unit = g_ptr_array_index(walk->core->units, walk->next);
    McpPluginInterface *iface = MCP_PLUGIN_GET_IFACE(unit->plugin);
    gboolean started = iface->start_finish(unit->plugin, result, &walk->error);

    if (!started) {
        unit->state = MCP_UNIT_FAILED;
        g_prefix_error(&walk->error, "plugin %s: ", unit->desc->name);
        stop_next(walk);
        return;
    }
    unit->state = MCP_UNIT_STARTED;
    walk->next++;
    start_next(walk);
}

static void
start_next(Walk *walk)
{
    McpCore *core = walk->core;

    while (walk->next < core->units->len) {
        McpUnit *unit = g_ptr_array_index(core->units, walk->next);
        McpPluginInterface *iface = MCP_PLUGIN_GET_IFACE(unit->plugin);

        mcp_log_debug("plugin-start", NULL, "starting %s %s", unit->desc->name,
                      unit->desc->version);
        if (iface->start_async != NULL) {
            iface->start_async(unit->plugin, unit->host, NULL, on_started, walk);
            return;
        }
        unit->state = MCP_UNIT_STARTED;
        walk->next++;
    }
    /* What plugins do once while they start may take longer than a loop may stand still. */
    core->beat = mcp_loop_beat_new(mcp_calls_add_loop(core->calls, "control"), core->clock,
                                   core->control, FALSE);
    mcp_health_set_phase(core->health, MCP_HEALTH_RUNNING);
    walk_finish(walk);
}

static Walk *
walk_new(McpCore *core, McpCoreDone done, gpointer user_data)
{
    Walk *walk = g_new0(Walk, 1);

    walk->core = core;
    walk->done = done;
    walk->user_data = user_data;
    return walk;
}

void
mcp_core_start(McpCore *core, McpCoreDone done, gpointer user_data)
{
    g_autoptr(McpSettings) settings = mcp_core_get_settings(core);

    mcp_log_configure(mcp_settings_get_string(settings, "core", NULL, "log_level"),
                      mcp_settings_get_string(settings, "core", NULL, "log_format"));
    core->calls = mcp_calls_new(core, settings);
    mcp_health_configure(core->health, settings);
    if (!mcp_clock_is_virtual(core->clock))
        core->watch = mcp_watch_new(core);
    mcp_traces_set_folder(core->traces,
                          mcp_settings_get_string(settings, "core", NULL, "trace_directory"));
    mcp_traces_set_walk(core->traces, mcp_calls_trace_all, core->calls);
    core->jsonl = mcp_jsonl_sink_new(core->disk, core->metrics,
                                     mcp_settings_get_string(settings, "records", NULL, "file"));
    mcp_registry_publish(core->registry, MCP_CONTRACT_CALL_SINK, "jsonl", 0, G_OBJECT(core->jsonl));
    core->sinks = mcp_sinks_new(core->events, core->registry);
    start_next(walk_new(core, done, user_data));
}

void
mcp_core_feed(McpCore *core, gint64 interval, McpWatchFunc func)
{
    if (core->watch != NULL)
        mcp_watch_feed(core->watch, interval, func);
}

static void
on_stopped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Walk *walk = user_data;
    McpUnit *unit = g_ptr_array_index(walk->core->units, walk->next);
    McpPluginInterface *iface = MCP_PLUGIN_GET_IFACE(unit->plugin);
    g_autoptr(GError) error = NULL;

    if (!iface->stop_finish(unit->plugin, result, &error))
        mcp_log_warning("plugin-stop", NULL, "plugin %s: %s", unit->desc->name, error->message);
    unit->state = MCP_UNIT_STOPPED;
    stop_next(walk);
}

static void
on_flushed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Walk *walk = user_data;

    mcp_sinks_flush_finish(walk->core->sinks, result);
    walk_finish(walk);
}

static void
on_traces_closed(gpointer user_data)
{
    Walk *walk = user_data;

    mcp_sinks_flush_async(walk->core->sinks, on_flushed, walk);
}

static void
stop_next(Walk *walk)
{
    while (walk->next > 0) {
        McpUnit *unit = g_ptr_array_index(walk->core->units, --walk->next);
        McpPluginInterface *iface = MCP_PLUGIN_GET_IFACE(unit->plugin);

        if (unit->state != MCP_UNIT_STARTED)
            continue;
        if (iface->stop_async != NULL) {
            iface->stop_async(unit->plugin, on_stopped, walk);
            return;
        }
        unit->state = MCP_UNIT_STOPPED;
    }
    mcp_traces_close(walk->core->traces, on_traces_closed, walk);
}

static void
on_calls_gone(gpointer user_data)
{
    Walk *walk = user_data;

    mcp_timer_clear(&walk->deadline);
    mcp_calls_on_idle(walk->core->calls, NULL, NULL);
    stop_next(walk);
}

void
mcp_core_stop(McpCore *core, McpCoreDone done, gpointer user_data)
{
    Walk *walk = walk_new(core, done, user_data);

    g_atomic_int_set(&core->draining, TRUE);
    mcp_health_set_phase(core->health, MCP_HEALTH_STOPPING);
    walk->next = core->units->len;
    mcp_timer_clear(&core->drain_timer);
    mcp_timer_clear(&core->drain_notice);
    walk->deadline =
        mcp_clock_after(core->clock, core->control, STOP_CALLS_DEADLINE, on_calls_gone, walk);
    mcp_calls_on_idle(core->calls, on_calls_gone, walk);
    mcp_calls_hangup_all(core->calls, "platform is stopping");
}

static void
on_drain_over(gpointer user_data)
{
    McpCore *core = user_data;

    if (mcp_calls_get_running(core->calls) > 0)
        mcp_log_warning("drain-deadline", NULL, "hanging up %u calls after the drain timeout",
                        mcp_calls_get_running(core->calls));
    mcp_calls_on_idle(core->calls, NULL, NULL);
    mcp_timer_clear(&core->drain_timer);
    mcp_timer_clear(&core->drain_notice);
    if (core->drained != NULL)
        core->drained(core, NULL, core->drained_data);
}

static void
on_drain_noticed(gpointer user_data)
{
    McpCore *core = user_data;

    mcp_timer_clear(&core->drain_notice);
    mcp_calls_on_idle(core->calls, on_drain_over, core);
}

void
mcp_core_on_drained(McpCore *core, McpCoreDone done, gpointer user_data)
{
    core->drained = done;
    core->drained_data = user_data;
}

static void
publish_drain(McpCore *core)
{
    McpEvent *event = mcp_event_new(MCP_EVENT_STATE, NULL, "drain");

    mcp_event_set_int(event, "calls", mcp_calls_get_running(core->calls));
    mcp_events_publish(core->events, event);
}

void
mcp_core_drain(McpCore *core, gint64 deadline)
{
    g_autoptr(McpSettings) settings = mcp_core_get_settings(core);

    if (!g_atomic_int_compare_and_exchange(&core->draining, FALSE, TRUE))
        return;
    if (deadline <= 0)
        deadline = mcp_settings_get_int(settings, "core", NULL, "drain_timeout");
    mcp_log_info("drain", NULL,
                 "draining: no new calls, %u running, at most %" G_GINT64_FORMAT " s",
                 mcp_calls_get_running(core->calls), deadline / G_USEC_PER_SEC);
    publish_drain(core);
    for (guint i = 0; i < core->units->len; i++) {
        McpUnit *unit = g_ptr_array_index(core->units, i);
        McpPluginInterface *iface = MCP_PLUGIN_GET_IFACE(unit->plugin);

        if (unit->state == MCP_UNIT_STARTED && iface->drain != NULL)
            iface->drain(unit->plugin);
    }
    core->drain_timer = mcp_clock_after(core->clock, core->control, deadline, on_drain_over, core);
    core->drain_notice =
        mcp_clock_after(core->clock, core->control, DRAIN_NOTICE, on_drain_noticed, core);
}
