/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures of the core's table that are measured when somebody looks: calls by their state, what
 * keeps new ones out, the pools, and what the process takes of the machine. Control context.
 */
#include "plugin/metrics.h"
#include "server/core.h"

#include "call/figures.h"
#include "event/event.h"
#include <string.h>
#include <sys/resource.h>

guint
mcp_core_count_own_threads(void)
{
    g_autofree char *text = NULL;
    const char *line;

    if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
        return 0;
    line = strstr(text, "\nThreads:");
    return line != NULL ? (guint)g_ascii_strtoull(line + strlen("\nThreads:"), NULL, 10) : 0;
}

static void
set(McpCore *core, McpCoreMetric row, guint label, gint64 value)
{
    mcp_metrics_set(core->metrics, row, label, value);
}

/* proc(5): an entry each, of them one for this very look. */
static gint64
count_open_files(void)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    gint64 count = -1;

    while (folder != NULL && g_dir_read_name(folder) != NULL)
        count++;
    return MAX(count, 0);
}

static void
measure_process(McpCore *core)
{
    struct rusage usage = {0};
    struct rlimit files = {0};

    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    set(core, MCP_CORE_PROCESS_CPU, 0, usage.ru_utime.tv_sec);
    set(core, MCP_CORE_PROCESS_CPU, 1, usage.ru_stime.tv_sec);
    set(core, MCP_CORE_PROCESS_OPEN_FDS, 0, count_open_files());
    set(core, MCP_CORE_PROCESS_MAX_FDS, 0, (gint64)MIN(files.rlim_cur, (rlim_t)G_MAXINT64));
    set(core, MCP_CORE_PROCESS_THREADS, 0, mcp_core_count_own_threads());
}

static void
measure_calls(McpCore *core)
{
    McpCallsFigures figures = {0};

    mcp_calls_measure(core->calls, &figures);
    for (guint i = 0; i < MCP_CALLS_STATES; i++)
        set(core, MCP_CORE_CALLS_STATE, i, figures.states[i]);
    set(core, MCP_CORE_CALLS_LIMIT, 0, figures.limit);
    set(core, MCP_CORE_ADMISSION_CLOSED, 0, figures.draining);
    set(core, MCP_CORE_ADMISSION_CLOSED, 1, figures.busy);
    set(core, MCP_CORE_ADMISSION_CLOSED, 2, figures.full);
    set(core, MCP_CORE_ADMISSION_CLOSED, 3, figures.held);
    set(core, MCP_CORE_ADMISSION_CLOSED, 4, figures.stuck);
}

void
mcp_core_measure(McpCore *core)
{
    mcp_core_measure_memory(core);
    measure_process(core);
    if (core->calls != NULL)
        measure_calls(core);
    set(core, MCP_CORE_POOL_WAITING, 0, mcp_pool_get_waiting(core->disk));
    set(core, MCP_CORE_POOL_WAITING, 1, mcp_pool_get_waiting(core->compute));
    set(core, MCP_CORE_EVENTS_DROPPED, 0, mcp_events_get_dropped(core->events));
}
