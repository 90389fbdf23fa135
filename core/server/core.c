/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of one platform, made and dropped together, and the core's own tables. Control context.
 */
#include "server/core.h"

#include "call/figures.h"
#include "call/peer.h"
#include "plugin/metrics.h"

const McpSettingDef mcp_core_settings[] = {
    {"core", "plugins", MCP_SETTING_LIST,
     "credentials, sip, media, http, grammar, vxml, speech, engines, recording, conference, web, "
     "control",
     NULL, MCP_SETTING_NONE, "0.1",
     "Plugins to load; \"plugins += NAME\" in a drop-in enables one more."},
    {"core", "plugin_path", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Folders that hold NAME.so or NAME/NAME.so, separated by colons; unset: the installation's."},
    {"core", "log_level", MCP_SETTING_ENUM, "info", "error|warning|info|debug",
     MCP_SETTING_RELOADABLE, "0.1", "Lines up to this level are logged."},
    {"core", "log_format", MCP_SETTING_ENUM, "auto", "auto|human|json|journal",
     MCP_SETTING_RELOADABLE, "0.1",
     "Form of log lines: auto is human on a terminal, journal fields or JSON otherwise."},
    {"core", "shards", MCP_SETTING_INT, "0", "0..64", MCP_SETTING_NONE, "0.1",
     "Threads that run the calls' dialogs; 0 takes two a core."},
    {"core", "max_calls", MCP_SETTING_INT, "2000", "1..100000", MCP_SETTING_RELOADABLE, "0.1",
     "Calls at a time; further ones get 503 with Retry-After."},
    {"core", "calls_per_second", MCP_SETTING_INT, "0", "0..100000", MCP_SETTING_RELOADABLE, "0.1",
     "New calls a second of all peers; further ones get 503; 0 sets no limit."},
    {"core", "calls_burst", MCP_SETTING_INT, "0", "0..100000", MCP_SETTING_RELOADABLE, "0.1",
     "New calls that may come at once; 0 is one second's worth."},
    {"core", "max_cpu_percent", MCP_SETTING_INT, "85", "0..100", MCP_SETTING_RELOADABLE, "0.1",
     "New calls get 503 while the process uses so much of the CPU, or one loop of a core, for a "
     "second, until it is 10 below; 0 watches neither."},
    {"core", "max_loop_delay", MCP_SETTING_DURATION, "250ms", "0s..10s", MCP_SETTING_RELOADABLE,
     "0.1", "New calls get 503 while a loop that serves calls is so late; 0 watches none."},
    {"core", "max_call_duration", MCP_SETTING_DURATION, "4h", "1s..30d", MCP_SETTING_RELOADABLE,
     "0.1", "A call is hung up after this time."},
    {"core", "retry_after", MCP_SETTING_DURATION, "10s", "1s..1h", MCP_SETTING_RELOADABLE, "0.1",
     "Retry-After of refusals by load or drain."},
    {"core", "drain_timeout", MCP_SETTING_DURATION, "5m", "0s..7d", MCP_SETTING_RELOADABLE, "0.1",
     "After SIGTERM calls may go on for this long before they are hung up."},
    {"core", "finished_calls", MCP_SETTING_INT, "100", "0..10000", MCP_SETTING_NONE, "0.1",
     "How many ended calls \"mcpctl call show\" still knows."},
    {"core", "ready_requires", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Dependencies, by name or pattern (*), without which the platform is not ready; \"mcpctl "
     "health\" lists them. Any other that is down degrades it."},
    {"core", "trace_directory", MCP_SETTING_PATH, "", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Folder for the files of \"mcpctl trace\", which must exist; empty: traces make no files."},
    {"records", "file", MCP_SETTING_PATH, "", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Call records are appended to this file, a JSON object a line; empty writes none."},
    {"service *", "user", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "User parts of the request-URI, by name or pattern (*), that reach this service."},
    {"service *", "header", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "\"Name: pattern\" of headers that must all fit as well."},
    {"service *", "media", MCP_SETTING_ENUM, "any", "any|audio|none|mrcp", MCP_SETTING_RELOADABLE,
     "0.1",
     "Whether the offer must have an audio line, or none, or control channels of MRCP; an "
     "offerless INVITE has audio."},
    {"service *", "dialog", MCP_SETTING_STRING, "vxml", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Dialog provider that runs the calls of this service."},
    {"service *", "page", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "URL of the application; without it the request-URI's voicexml parameter names it."},
    {"service *", "dial", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Destinations that calls of this service may cause to be dialled, of those that the peer's "
     "dial allows; unset: all of those."},
    {"service *", "parameters", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Further \"name=value\" pairs for the dialog provider."},
    {NULL},
};

/* McpSpoolKind. */
#define SPOOL_CLASSES "billing|events|quality"

const McpMetricDef mcp_core_metrics[] = {
    [MCP_CORE_CALLS_TOTAL] = {"mcp_calls_total", MCP_METRIC_COUNTER, "calls",
                              "Calls that were taken.", "direction", "incoming|outgoing", NULL, 1},
    [MCP_CORE_CALLS_RUNNING] = {"mcp_calls_running", MCP_METRIC_GAUGE, "calls", "Calls at present.",
                                NULL, NULL, NULL, 2},
    [MCP_CORE_CALLS_REFUSED] = {"mcp_calls_refused_total", MCP_METRIC_COUNTER, "calls",
                                "Calls that were refused.", "class", "3xx|4xx|5xx|6xx", NULL, 3},
    [MCP_CORE_CALL_DURATION] = {"mcp_call_duration_seconds", MCP_METRIC_HISTOGRAM, "seconds",
                                "Time from answer to end.", NULL, NULL, "1|5|15|60|300|1800", 4},
    [MCP_CORE_RECORDS_LOST] = {"mcp_records_lost_total", MCP_METRIC_COUNTER, "records",
                               "Call records that could not be written.", NULL, NULL, NULL, 5},
    [MCP_CORE_LOOP_STALLS] = {"mcp_loop_stalls_total", MCP_METRIC_COUNTER, "stalls",
                              "Times a loop did not answer for 2 s.", "loop",
                              "control|sip|shard|media|other", NULL, 6},
    [MCP_CORE_MEMORY] = {"mcp_memory_bytes", MCP_METRIC_GAUGE, "bytes",
                         "Memory that is resident; that malloc's arenas hold, of it used and free; "
                         "that malloc mapped by itself.",
                         "kind", "resident|arenas|used|free|mapped", NULL, 7},
    [MCP_CORE_CPU_PERCENT] = {"mcp_cpu_percent", MCP_METRIC_GAUGE, "percent",
                              "Share of the machine's CPU, or of the quota, in the last sample.",
                              NULL, NULL, NULL, 8},
    [MCP_CORE_SPOOL_RECORDS] = {"mcp_spool_records", MCP_METRIC_GAUGE, "records",
                                "Records that wait for those who take them.", "class",
                                SPOOL_CLASSES, NULL, 9},
    [MCP_CORE_SPOOL_BYTES] = {"mcp_spool_bytes", MCP_METRIC_GAUGE, "bytes",
                              "Space that spools take on the disk.", "class", SPOOL_CLASSES, NULL,
                              10},
    [MCP_CORE_SPOOL_DROPPED] = {"mcp_spool_dropped_total", MCP_METRIC_COUNTER, "records",
                                "Records that were dropped for want of space.", "class",
                                SPOOL_CLASSES, NULL, 11},
    [MCP_CORE_SPOOL_QUARANTINED] = {"mcp_spool_quarantined_total", MCP_METRIC_COUNTER, "records",
                                    "Records put aside, refused for good or damaged on the disk.",
                                    "class", SPOOL_CLASSES, NULL, 12},
    [MCP_CORE_SPOOL_DAMAGED] = {"mcp_spool_damaged_total", MCP_METRIC_COUNTER, "places",
                                "Places in spool files that were no records any more.", "class",
                                SPOOL_CLASSES, NULL, 13},
    [MCP_CORE_CALLS_CUT] = {"mcp_calls_cut_total", MCP_METRIC_COUNTER, "calls",
                            "Calls that a crash cut off and that were found at the next start.",
                            NULL, NULL, NULL, 14},
    [MCP_CORE_READY] = {"mcp_ready", MCP_METRIC_GAUGE, "boolean",
                        "Whether new calls are welcome: 1 ready or degraded, 0 not ready.", NULL,
                        NULL, NULL, 28},
    [MCP_CORE_DEGRADED] = {"mcp_degraded_dependencies", MCP_METRIC_GAUGE, "dependencies",
                           "Dependencies that are not up and not required.", NULL, NULL, NULL, 29},
    [MCP_CORE_CALL_SETUP] = {"mcp_call_setup_seconds", MCP_METRIC_HISTOGRAM, "seconds",
                             "Time from the INVITE to the answer.", NULL, NULL,
                             "0.01|0.025|0.05|0.1|0.25|0.5|1|2.5|5|10|30", 15},
    [MCP_CORE_CALLS_ENDED] = {"mcp_calls_ended_total", MCP_METRIC_COUNTER, "calls",
                              "Answered calls that have ended, by who ended them.", "by",
                              MCP_CALLS_ENDER_NAMES, NULL, 16},
    [MCP_CORE_CALLS_STATE] = {"mcp_calls_by_state", MCP_METRIC_GAUGE, "calls",
                              "Calls at present, by their state.", "state", MCP_CALLS_STATE_NAMES,
                              NULL, 17},
    [MCP_CORE_CALLS_LIMIT] = {"mcp_calls_limit", MCP_METRIC_GAUGE, "calls",
                              "Calls that may run at a time ([core] max_calls).", NULL, NULL, NULL,
                              18},
    [MCP_CORE_ADMISSION_CLOSED] = {"mcp_admission_closed", MCP_METRIC_GAUGE, "causes",
                                   "1 while new calls are refused for this cause.", "cause",
                                   "draining|load|calls|held|stuck", NULL, 19},
    [MCP_CORE_POOL_WAITING] = {"mcp_pool_waiting_tasks", MCP_METRIC_GAUGE, "tasks",
                               "Tasks that wait for a thread of a pool.", "pool", "disk|compute",
                               NULL, 20},
    [MCP_CORE_EVENTS_DROPPED] = {"mcp_events_dropped_total", MCP_METRIC_COUNTER, "events",
                                 "Events dropped because a subscriber was too slow.", NULL, NULL,
                                 NULL, 21},
    [MCP_CORE_PROCESS_CPU] = {"mcp_process_cpu_seconds_total", MCP_METRIC_COUNTER, "seconds",
                              "CPU time of the process, in whole seconds.", "mode", "user|system",
                              NULL, 22},
    [MCP_CORE_PROCESS_OPEN_FDS] = {"mcp_process_open_fds", MCP_METRIC_GAUGE, "descriptors",
                                   "File descriptors that are open.", NULL, NULL, NULL, 23},
    [MCP_CORE_PROCESS_MAX_FDS] = {"mcp_process_max_fds", MCP_METRIC_GAUGE, "descriptors",
                                  "File descriptors that may be open.", NULL, NULL, NULL, 24},
    [MCP_CORE_PROCESS_THREADS] = {"mcp_process_threads", MCP_METRIC_GAUGE, "threads",
                                  "Threads of the process.", NULL, NULL, NULL, 25},
    [MCP_CORE_PROCESS_START] = {"mcp_process_start_time_seconds", MCP_METRIC_GAUGE, "seconds",
                                "Time since 1970 when the process started.", NULL, NULL, NULL, 26},
    [MCP_CORE_BUILD] = {"mcp_build_info", MCP_METRIC_GAUGE, "builds",
                        "1, labelled with the version that runs.", "version", MCP_VERSION, NULL,
                        27},
    {NULL},
};

McpCore *
mcp_core_new(const McpCoreOptions *options)
{
    McpCore *core = g_new0(McpCore, 1);
    guint cores = g_get_num_processors();

    core->control = g_main_context_ref_thread_default();
    core->clock = options->clock != NULL ? g_object_ref(options->clock) : mcp_clock_new();
    core->disk = mcp_pool_new("mcp-disk", 2, 4096);
    core->compute = mcp_pool_new("mcp-compute", cores, 4096);
    core->events = g_object_new(MCP_TYPE_EVENTS, NULL);
    core->registry = mcp_registry_new();
    core->spools = mcp_spools_new();
    core->traces = mcp_traces_new(core->clock, core->disk, core->control);
    core->schema = mcp_schema_new();
    core->metrics = mcp_metrics_new(mcp_core_metrics);
    core->health = mcp_health_new(core);
    core->units = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_unit_free);
    core->static_descs = g_ptr_array_new();
    core->disabled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    core->strict = options->strict;
    core->local = options->local;
    g_mutex_init(&core->settings_lock);
    core->source.file = g_strdup(options->source.file);
    core->source.drop_ins = g_strdup(options->source.drop_ins);
    core->source.environ = (const char *const *)g_strdupv((char **)options->source.environ);
    mcp_schema_add(core->schema, mcp_core_settings, NULL);
    mcp_schema_add(core->schema, mcp_peer_settings, NULL);
    mcp_schema_add(core->schema, mcp_spool_settings, NULL);
    core->started = mcp_clock_now(core->clock);
    mcp_metrics_set(core->metrics, MCP_CORE_PROCESS_START, 0,
                    mcp_clock_wall(core->clock) / G_USEC_PER_SEC);
    mcp_metrics_set(core->metrics, MCP_CORE_BUILD, 0, 1);
    return core;
}

void
mcp_core_free(McpCore *core)
{
    g_clear_pointer(&core->watch, mcp_watch_free);
    g_clear_pointer(&core->beat, mcp_loop_beat_free);
    mcp_timer_clear(&core->drain_timer);
    mcp_timer_clear(&core->drain_notice);
    g_clear_pointer(&core->sinks, mcp_sinks_free);
    g_clear_object(&core->jsonl);
    g_clear_object(&core->calls);
    g_object_unref(core->traces);
    mcp_registry_free(core->registry);
    g_ptr_array_unref(core->units);
    mcp_health_free(core->health);
    g_ptr_array_unref(core->static_descs);
    mcp_spools_free(core->spools);
    g_hash_table_unref(core->disabled);
    g_clear_pointer(&core->remote, g_ptr_array_unref);
    g_object_unref(core->compute);
    g_object_unref(core->disk);
    g_object_unref(core->events);
    g_clear_pointer(&core->settings, mcp_settings_unref);
    mcp_schema_unref(core->schema);
    mcp_metrics_free(core->metrics);
    g_object_unref(core->clock);
    g_free((char *)core->source.file);
    g_free((char *)core->source.drop_ins);
    g_strfreev((char **)core->source.environ);
    g_mutex_clear(&core->settings_lock);
    g_main_context_unref(core->control);
    g_free(core);
}

void
mcp_core_add_static(McpCore *core, const McpPluginDesc *desc)
{
    g_ptr_array_add(core->static_descs, (gpointer)desc);
}

McpUnit *
mcp_core_find_source(McpCore *core)
{
    for (guint i = 0; i < core->units->len; i++) {
        McpUnit *unit = g_ptr_array_index(core->units, i);

        if (unit->plugin != NULL && MCP_IS_CONFIG_SOURCE(unit->plugin))
            return unit;
    }
    return NULL;
}

void
mcp_core_use_remote(McpCore *core, GPtrArray *values)
{
    g_clear_pointer(&core->remote, g_ptr_array_unref);
    core->remote = values;
    core->source.remote = values;
}

McpSettings *
mcp_core_get_settings(McpCore *core)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&core->settings_lock);

    return mcp_settings_ref(core->settings);
}

void
mcp_core_set_settings(McpCore *core, McpSettings *settings)
{
    McpSettings *before;

    g_mutex_lock(&core->settings_lock);
    before = core->settings;
    core->settings = settings;
    g_mutex_unlock(&core->settings_lock);
    g_clear_pointer(&before, mcp_settings_unref);
}
