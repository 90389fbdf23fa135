/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Process accounting from the process CPU clock and /proc. No state; any thread.
 */
#include "process_usage.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static gboolean
read_stat(int pid, McpBenchUsage *usage, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error))
        return FALSE;
    /* The command name may hold blanks and brackets: the fields count from its last bracket. */
    const char *after = strrchr(text, ')');
    unsigned long user = 0;
    unsigned long system = 0;
    long threads = 0;
    if (after == NULL || sscanf(after + 1,
                                " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu "
                                "%*d %*d %*d %*d %ld",
                                &user, &system, &threads) != 3) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "cannot read %s", path);
        return FALSE;
    }
    double ticks = (double)sysconf(_SC_CLK_TCK);
    usage->user_s = (double)user / ticks;
    usage->system_s = (double)system / ticks;
    usage->threads = (guint)threads;
    return TRUE;
}

static guint64
memory_line(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at != NULL ? g_ascii_strtoull(at + strlen(name), NULL, 10) : 0;
}

static gboolean
read_memory(int pid, McpBenchUsage *usage, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/smaps_rollup", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error))
        return FALSE;
    usage->pss_kb = memory_line(text, "\nPss:");
    usage->rss_kb = memory_line(text, "\nRss:");
    return TRUE;
}

gboolean
mcp_bench_usage_read(int pid, gboolean memory, McpBenchUsage *out_usage, GError **error)
{
    McpBenchUsage usage = {0};
    clockid_t clock = 0;
    struct timespec spent;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no process %d", pid);
        return FALSE;
    }
    usage.cpu_s = (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
    if (!read_stat(pid, &usage, error) || (memory && !read_memory(pid, &usage, error)))
        return FALSE;
    *out_usage = usage;
    return TRUE;
}
