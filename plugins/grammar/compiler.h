/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "grammar.h"
#include <mcp/clock.h>
#include <mcp/contract/fetcher.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

/** McpGrammarConfig: settings in force. */
typedef struct {
    guint64 cache;       /* bytes of compiled grammars kept */
    guint64 max_size;    /* bytes of one document */
    guint max_documents; /* that one grammar may consist of */
} McpGrammarConfig;

/** McpGrammarMetric: rows of the plugin's metrics table. */
typedef enum {
    MCP_GRAMMAR_METRIC_COMPILED,
    MCP_GRAMMAR_METRIC_CACHE_HITS,
    MCP_GRAMMAR_METRIC_FAILURES,
    MCP_GRAMMAR_METRIC_DURATION,
    MCP_GRAMMAR_METRIC_MATCHES,
} McpGrammarMetric;

/** McpFindFetcher: (transfer full) (nullable): the fetcher of the moment. Any thread. */
typedef McpFetcher *(*McpFindFetcher)(gpointer user_data);

/** McpCompilerDeps: what the compiler works with; all outlive it. */
typedef struct {
    McpPool *compute;
    McpClock *clock;
    McpMetrics *metrics; /* nullable */
    McpFindFetcher find_fetcher;
    gpointer user_data;
} McpCompilerDeps;

/** McpCompiler: turns sources into shared grammars. Any thread. */
typedef struct _McpCompiler McpCompiler;

McpCompiler *mcp_compiler_new(const McpGrammarConfig *config, const McpCompilerDeps *deps);
McpCompiler *mcp_compiler_ref(McpCompiler *compiler);
void mcp_compiler_unref(McpCompiler *compiler);
void mcp_compiler_configure(McpCompiler *compiler, const McpGrammarConfig *config);
/** mcp_compiler_run: finishes @task (transfer full) on its context with a McpGrammar or error. */
void mcp_compiler_run(McpCompiler *compiler, const McpGrammarSource *source, GTask *task);
