/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What memory the process takes: the kernel's figure beside the allocator's own, so that a leak
 * (used grows), fragmentation (free grows) and caches of the kernel can be told apart. Any thread.
 */
#include "plugin/metrics.h"
#include "server/core.h"

#include <malloc.h>
#include <mcp/log.h>
#include <string.h>
#include <unistd.h>

/* proc(5), statm: the second figure is the resident pages. */
static gint64
resident_bytes(void)
{
    g_autofree char *text = NULL;
    const char *resident;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return 0;
    resident = strchr(text, ' ');
    return resident == NULL ? 0 : g_ascii_strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE);
}

void
mcp_core_measure_memory(McpCore *core)
{
    struct mallinfo2 info = mallinfo2();
    const gint64 values[] = {
        [MCP_CORE_MEMORY_RESIDENT] = resident_bytes(),
        [MCP_CORE_MEMORY_ARENAS] = (gint64)info.arena,
        [MCP_CORE_MEMORY_USED] = (gint64)info.uordblks,
        [MCP_CORE_MEMORY_FREE] = (gint64)info.fordblks,
        [MCP_CORE_MEMORY_MAPPED] = (gint64)info.hblkhd,
    };

    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        mcp_metrics_set(core->metrics, MCP_CORE_MEMORY, i, values[i]);
}

static void
run_trim(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    gint64 before = resident_bytes();

    malloc_trim(0);
    mcp_log_info("memory-trimmed", NULL, "idle: %.1f MB of memory are in use, %.1f MB were",
                 (double)resident_bytes() / 1e6, (double)before / 1e6);
    g_task_return_boolean(task, TRUE);
}

void
mcp_core_trim_memory(McpCore *core)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, NULL, NULL);

    mcp_pool_run(core->compute, task, run_trim);
}
