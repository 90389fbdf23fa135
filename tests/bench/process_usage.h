/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process has used so far, from the kernel's books. Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
    double cpu_s;  /* the process' CPU clock: user + system, ended threads included */
    double user_s; /* from /proc/PID/stat, in ticks of 10 ms */
    double system_s;
    guint threads;
    guint64 pss_kb;
    guint64 rss_kb;
} McpBenchUsage;

/*
 * Reads CPU time and threads of @pid; with @memory also PSS and RSS from smaps_rollup, which holds
 * the memory map of @pid locked for milliseconds and so belongs outside a timed window.
 */
gboolean mcp_bench_usage_read(int pid, gboolean memory, McpBenchUsage *out_usage, GError **error);

G_END_DECLS
