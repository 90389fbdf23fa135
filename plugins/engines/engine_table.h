/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/breaker.h>
#include <mcp/clock.h>
#include <mcp/json.h>
#include <mcp/metrics.h>

G_BEGIN_DECLS

/** McpEngineKind: what an engine is for. */
typedef enum {
    MCP_ENGINE_SYNTHESIZER,
    MCP_ENGINE_RECOGNIZER,
    MCP_ENGINE_KINDS,
} McpEngineKind;

/** MCP_ENGINE_NAMES: label values; engines of other names are the last one. */
#define MCP_ENGINE_NAMES "flite|google|mrcp|pocketsphinx|espeak-ng|other"
/** MCP_ENGINE_CACHES: label values: how a prompt was found. */
#define MCP_ENGINE_CACHES "memory|disk|miss"
/** MCP_ENGINE_KIND_NAMES: label values, in the order of McpEngineKind. */
#define MCP_ENGINE_KIND_NAMES "synthesizer|recognizer"

/** McpEngineMetric: rows of the metrics table. */
typedef enum {
    MCP_ENGINE_METRIC_SYNTHESIS,
    MCP_ENGINE_METRIC_RECOGNITION,
    MCP_ENGINE_METRIC_FAILURES,
    MCP_ENGINE_METRIC_FAILOVERS,
    MCP_ENGINE_METRIC_CACHE,
    MCP_ENGINE_METRIC_MEMORY,
    MCP_ENGINE_METRIC_DISK,
} McpEngineMetric;

/** McpEngine: what is known of one service; lives as long as its table. Any thread. */
typedef struct _McpEngine McpEngine;

/** McpEngineServices: where engines are found; functions are called on any thread. */
typedef struct {
    char **(*list)(const char *contract, gpointer user_data); /* as mcp_host_list() */
    gpointer (*lookup)(const char *contract, const char *name, gpointer user_data);
    /* Nullable: @engine is left alone from now on, because of @error, or answers again (NULL). */
    void (*changed)(McpEngine *engine, const GError *error, gpointer user_data);
    gpointer user_data;
} McpEngineServices;

/** McpEngineOrder: which engines are asked, in which order. Strings are copied. */
typedef struct {
    const char *language; /* nullable: "de" or "de-AT"; NULL: all the others */
    const char *const *names[MCP_ENGINE_KINDS]; /* empty: all that are there, by priority */
} McpEngineOrder;

/** McpEngineConfig: of a table. */
typedef struct {
    const McpEngineOrder *orders;
    guint n_orders;
    guint failures; /* in a row, after which an engine is left alone */
    gint64 pause;   /* µs, the first time */
    gint64 longest; /* µs */
} McpEngineConfig;

/** McpEngineChoice: an engine that may be asked. */
typedef struct {
    McpEngine *engine;
    GObject *service;
} McpEngineChoice;

/** McpEngineTable: the engines by name, and their order. Any thread; shared by reference. */
typedef struct _McpEngineTable McpEngineTable;

/** MCP_ENGINES_SERVICE: name of our own services, which are no choice. */
#define MCP_ENGINES_SERVICE "engines"

/** mcp_engine_table_new: (transfer full): @metrics: (nullable). */
McpEngineTable *mcp_engine_table_new(const McpEngineServices *services, McpClock *clock,
                                     McpMetrics *metrics);
/** mcp_engine_table_ref: (transfer full). */
McpEngineTable *mcp_engine_table_ref(McpEngineTable *table);
/** mcp_engine_table_unref: drops a reference. */
void mcp_engine_table_unref(McpEngineTable *table);
/**
 * mcp_engine_table_find: (transfer full) (nullable): the service of any other contract that these
 * requests need.
 */
gpointer mcp_engine_table_find(McpEngineTable *table, const char *contract);
/** mcp_engine_table_configure: new orders; the breakers of engines known already stay. */
void mcp_engine_table_configure(McpEngineTable *table, const McpEngineConfig *config);
/** mcp_engine_table_get_metrics: (transfer none) (nullable). */
McpMetrics *mcp_engine_table_get_metrics(McpEngineTable *table);
/** mcp_engine_table_get_clock: (transfer none). */
McpClock *mcp_engine_table_get_clock(McpEngineTable *table);
/**
 * mcp_engine_table_choose: (transfer full): McpEngineChoice of live engines, in the order in which
 * to ask them.
 * @names: (nullable): blank- or comma-separated: only these, in this order
 *
 * Returns: NULL with MCP_ERROR_NOT_FOUND when none is there.
 */
GPtrArray *mcp_engine_table_choose(McpEngineTable *table, McpEngineKind kind, const char *names,
                                   const char *language, GError **error);
/** mcp_engine_table_describe: adds an array "engines". */
void mcp_engine_table_describe(McpEngineTable *table, McpJson *json);

/** mcp_engine_get_name: as the service is published. */
const char *mcp_engine_get_name(McpEngine *engine);
/** mcp_engine_get_kind_name: "synthesizer" or "recognizer". */
const char *mcp_engine_get_kind_name(McpEngine *engine);
/** mcp_engine_allows: whether to ask it now; how that ends has to be told. */
gboolean mcp_engine_allows(McpEngine *engine);
/** mcp_engine_succeeded: it answered after @duration µs (-1: not known). */
void mcp_engine_succeeded(McpEngine *engine, gint64 duration);
/** mcp_engine_unknown: it was asked, and nobody waited for the end. */
void mcp_engine_unknown(McpEngine *engine);
/** mcp_engine_failed: it failed, with @error; another may be asked. */
void mcp_engine_failed(McpEngine *engine, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEngineTable, mcp_engine_table_unref)

G_END_DECLS
