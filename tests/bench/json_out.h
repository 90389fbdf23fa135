/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes one JSON document of objects, arrays, numbers and strings. Any one thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    GString *text;
    gboolean comma;
    guint depth;
} McpBenchJson;

void mcp_bench_json_init(McpBenchJson *json);
/* Ends the document. Returns: (transfer full) */
char *mcp_bench_json_finish(McpBenchJson *json);

/* @name is NULL inside an array. */
void mcp_bench_json_open(McpBenchJson *json, const char *name, char bracket);
void mcp_bench_json_close(McpBenchJson *json, char bracket);
void mcp_bench_json_string(McpBenchJson *json, const char *name, const char *value);
void mcp_bench_json_int(McpBenchJson *json, const char *name, gint64 value);
void mcp_bench_json_bool(McpBenchJson *json, const char *name, gboolean value);
void mcp_bench_json_double(McpBenchJson *json, const char *name, double value);
/* Sorted times in nanoseconds (GArray of gint64) as an object of milliseconds. */
void mcp_bench_json_distribution(McpBenchJson *json, const char *name, const GArray *sorted_ns);

G_END_DECLS
