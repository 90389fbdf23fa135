/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call/calls.h"
#include "event/jsonl_sink.h"
#include "event/sinks.h"
#include "health/watch.h"
#include "plugin/registry.h"
#include "settings/settings.h"
#include "spool/spools.h"
#include "trace/traces.h"

#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * McpCore: everything that one running platform consists of; a process has one, tests may have
 * several. Control context.
 */
typedef struct _McpCore McpCore;

/** McpUnitState: how far a plugin is. */
typedef enum {
    MCP_UNIT_LOADED,
    MCP_UNIT_CONFIGURED,
    MCP_UNIT_STARTED,
    MCP_UNIT_STOPPED,
    MCP_UNIT_FAILED,
} McpUnitState;

/** McpUnit: one enabled plugin with its handle on the core. */
typedef struct {
    McpCore *core;
    const McpPluginDesc *desc;
    McpPlugin *plugin;
    McpHost *host;
    McpMetrics *metrics;
    McpUnitState state;
    guint threads;
} McpUnit;

/** McpCoreDone: @error is NULL on success. */
typedef void (*McpCoreDone)(McpCore *core, const GError *error, gpointer user_data);

struct _McpCore {
    GMainContext *control;
    McpClock *clock;
    McpPool *disk;
    McpPool *compute;
    McpEvents *events;
    McpRegistry *registry;
    McpSchema *schema;
    McpMetrics *metrics; /* of the core itself */
    McpTraces *traces;
    McpCalls *calls;
    McpHealth *health;
    McpWatch *watch;   /* NULL before the start, and with a virtual clock */
    McpLoopBeat *beat; /* of the control context, once started */
    McpSinks *sinks;
    McpSpools *spools;
    McpJsonlSink *jsonl;
    GMutex settings_lock;
    McpSettings *settings; /* under settings_lock */
    McpSettingsSource source;
    gboolean strict;
    gboolean local;
    GPtrArray *remote;       /* nullable: McpConfigValue, what source.remote shows */
    GHashTable *disabled;    /* names of plugins whose settings are known though they are not on */
    GPtrArray *static_descs; /* plugins linked in, by tests */
    GPtrArray *units;        /* McpUnit, in order of starting */
    gint64 started;          /* monotonic µs */
    gint draining;           /* atomic */
    McpTimer *drain_timer;
    McpTimer *drain_notice; /* who asked for it still gets the answer */
    McpCoreDone drained;
    gpointer drained_data;
};

/** McpCoreOptions: strings are copied. */
typedef struct {
    McpSettingsSource source;
    McpClock *clock; /* nullable: the real one */
    gboolean strict; /* faults of a config source are faults, whatever worked last time */
    gboolean local;  /* no config source is asked */
} McpCoreOptions;

/** mcp_core_new: (transfer full): the thread-default context becomes the control context. */
McpCore *mcp_core_new(const McpCoreOptions *options);
/** mcp_core_free: after mcp_core_stop(), or before mcp_core_start(). */
void mcp_core_free(McpCore *core);
/** mcp_core_add_static: a plugin that is linked in; taken when [core] plugins lists its name. */
void mcp_core_add_static(McpCore *core, const McpPluginDesc *desc);
/**
 * mcp_core_configure: loads plugins and settings and has everything checked, with no side effect
 * outside of the process. FALSE: @errors (element-type utf8) has a line for each fault.
 */
gboolean mcp_core_configure(McpCore *core, GPtrArray *errors);
/** mcp_core_start: starts the plugins one after the other; a failure stops those that ran. */
void mcp_core_start(McpCore *core, McpCoreDone done, gpointer user_data);
/** mcp_core_stop: ends calls, then stops the plugins in reverse order. */
void mcp_core_stop(McpCore *core, McpCoreDone done, gpointer user_data);
/** mcp_core_reload: see mcp_host_reload(). */
void mcp_core_reload(McpCore *core, McpReloadFunc func, gpointer user_data);
/** mcp_core_drain: see mcp_host_drain(); @drained of mcp_core_on_drained() runs at the end. */
void mcp_core_drain(McpCore *core, gint64 deadline);
/** mcp_core_on_drained: who ends the process once it is drained. */
void mcp_core_on_drained(McpCore *core, McpCoreDone done, gpointer user_data);
/**
 * mcp_core_feed: @func runs every @interval µs, on a thread of its own, unless a loop has been
 * stuck for 45 s.
 */
void mcp_core_feed(McpCore *core, gint64 interval, McpWatchFunc func);
/** mcp_core_get_settings: (transfer full): the snapshot in force. Any thread. */
McpSettings *mcp_core_get_settings(McpCore *core);
/** mcp_core_set_settings: (transfer full): takes a snapshot into force. */
void mcp_core_set_settings(McpCore *core, McpSettings *settings);

/**
 * mcp_units_add_disabled: the schema knows the settings of plugins that are not on, but that what
 * is read now names. Before the first snapshot is in force.
 */
void mcp_units_add_disabled(McpCore *core);
/** mcp_core_use_remote: (transfer full) (nullable): settings of the next load, below the files. */
void mcp_core_use_remote(McpCore *core, GPtrArray *values);
/** mcp_core_find_source: (transfer none) (nullable): the plugin that is a config source. */
McpUnit *mcp_core_find_source(McpCore *core);
/** mcp_units_load: descriptors of all enabled plugins; the schema knows their rows then. */
gboolean mcp_units_load(McpCore *core, GPtrArray *errors);
/** mcp_unit_free: drops plugin and handle. */
void mcp_unit_free(McpUnit *unit);
/** mcp_units_configure: asks every plugin about @settings. */
gboolean mcp_units_configure(McpCore *core, McpSettings *settings, GPtrArray *errors);

/** mcp_host_new: (transfer full): the handle of @unit. */
McpHost *mcp_host_new(McpUnit *unit);

/** mcp_core_settings: the tables of [core], [records] and [service "NAME"]. */
extern const McpSettingDef mcp_core_settings[];

/** McpCoreMetric: rows of the core's own metrics table. */
typedef enum {
    MCP_CORE_CALLS_TOTAL,
    MCP_CORE_CALLS_RUNNING,
    MCP_CORE_CALLS_REFUSED,
    MCP_CORE_CALL_DURATION,
    MCP_CORE_RECORDS_LOST,
    MCP_CORE_LOOP_STALLS,
    MCP_CORE_MEMORY,
    MCP_CORE_CPU_PERCENT,
    MCP_CORE_SPOOL_RECORDS,
    MCP_CORE_SPOOL_BYTES,
    MCP_CORE_SPOOL_DROPPED,
    MCP_CORE_SPOOL_QUARANTINED,
    MCP_CORE_SPOOL_DAMAGED,
    MCP_CORE_CALLS_CUT,
    MCP_CORE_READY,
    MCP_CORE_DEGRADED,
    MCP_CORE_CALL_SETUP,
    MCP_CORE_CALLS_ENDED,
    MCP_CORE_CALLS_STATE,
    MCP_CORE_CALLS_LIMIT,
    MCP_CORE_ADMISSION_CLOSED,
    MCP_CORE_POOL_WAITING,
    MCP_CORE_EVENTS_DROPPED,
    MCP_CORE_PROCESS_CPU,
    MCP_CORE_PROCESS_OPEN_FDS,
    MCP_CORE_PROCESS_MAX_FDS,
    MCP_CORE_PROCESS_THREADS,
    MCP_CORE_PROCESS_START,
    MCP_CORE_BUILD,
} McpCoreMetric;

/** McpCoreMemory: labels of MCP_CORE_MEMORY; the allocator's by mallinfo2(3). */
typedef enum {
    MCP_CORE_MEMORY_RESIDENT,
    MCP_CORE_MEMORY_ARENAS, /* arena */
    MCP_CORE_MEMORY_USED,   /* uordblks */
    MCP_CORE_MEMORY_FREE,   /* fordblks */
    MCP_CORE_MEMORY_MAPPED, /* hblkhd */
} McpCoreMemory;

/** mcp_core_measure_memory: brings MCP_CORE_MEMORY up to date. */
void mcp_core_measure_memory(McpCore *core);
/**
 * mcp_core_measure: brings all figures up to date that are measured rather than counted; whoever
 * shows them asks for it. Control context.
 */
void mcp_core_measure(McpCore *core);
/**
 * mcp_core_trim_memory: gives free pages back to the kernel. An arena keeps what its busiest moment
 * took: each thread has one, and what is free below the last block in use stays with it.
 */
void mcp_core_trim_memory(McpCore *core);
/** mcp_core_count_own_threads: threads that the process has. Any thread. */
guint mcp_core_count_own_threads(void);
/** mcp_core_count_threads: threads that the process may have, and has. */
void mcp_core_count_threads(McpCore *core, guint *out_expected, guint *out_actual);

G_END_DECLS
