/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums a finished run up, for people and as JSON.
 */
#pragma once

#include "scenario.h"

G_BEGIN_DECLS

typedef struct {
    const McpLoadRun *run;
    guint failed;
    GHashTable *failures; /* cause -> count */
    GArray *setup_us;     /* sorted; INVITE to final answer */
    GArray *deviation_ns; /* sorted; absolute, all streams */
    guint64 received;
    guint64 due;
    guint64 lost;
    guint64 duplicates;
    guint64 reordered;
    guint64 pauses;
    guint64 restarts;
    guint64 malformed;
    guint64 audio;
    guint64 sound;
    double seconds; /* from the first moment to the last */
    double server_cpu_s;
    double call_minutes; /* hold: answered calls × window */
} McpLoadResult;

void mcp_load_result_init(McpLoadResult *result, const McpLoadRun *run);
void mcp_load_result_clear(McpLoadResult *result);

void mcp_load_result_print(const McpLoadResult *result);
/* Returns: (transfer full) */
char *mcp_load_result_json(const McpLoadResult *result);

/* No failed call, nothing repeated, 99 % of set-ups within 200 ms. */
gboolean mcp_load_result_clean(const McpLoadResult *result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpLoadResult, mcp_load_result_clear)

G_END_DECLS
