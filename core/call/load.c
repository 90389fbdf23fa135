/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Admission by load: CPU of the process, and what each loop that serves calls says of itself. Two
 * samples in a row decide, and there are ten points between closing and opening again, so that a
 * short burst closes nothing and the door does not flutter. Sampled on the control context.
 */
#include "call/load_private.h"

#include <mcp/log.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SAMPLES 2
#define HYSTERESIS 10
/* Shorter periods say nothing: CPU time is counted in coarse steps. */
#define SHORTEST_SAMPLE (100 * G_TIME_SPAN_MILLISECOND)

static gint64
read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* CPU µs a second: processors we may run on, or less by the quota of the control group. */
static gint64
read_capacity(void)
{
    gint64 capacity = (gint64)g_get_num_processors() * G_USEC_PER_SEC;
    g_autofree char *text = NULL;
    char *end = NULL;
    guint64 quota;
    guint64 period;

    if (!g_file_get_contents("/sys/fs/cgroup/cpu.max", &text, NULL, NULL))
        return capacity;
    quota = g_ascii_strtoull(text, &end, 10);
    period = g_ascii_strtoull(end, NULL, 10);
    if (end == text || quota == 0 || period == 0)
        return capacity;
    return MIN(capacity, (gint64)(quota * G_USEC_PER_SEC / period));
}

McpLoadGuard *
mcp_load_guard_new(void)
{
    McpLoadGuard *guard = g_new0(McpLoadGuard, 1);

    g_mutex_init(&guard->lock);
    guard->capacity = read_capacity();
    guard->wall = read_clock(CLOCK_MONOTONIC);
    guard->cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    return guard;
}

void
mcp_load_guard_free(McpLoadGuard *guard)
{
    g_mutex_clear(&guard->lock);
    g_free(guard);
}

void
mcp_load_guard_configure(McpLoadGuard *guard, McpSettings *settings)
{
    guard->max_percent = (guint)mcp_settings_get_int(settings, "core", NULL, "max_cpu_percent");
    guard->max_delay = (guint)(mcp_settings_get_int(settings, "core", NULL, "max_loop_delay") /
                               G_TIME_SPAN_MILLISECOND);
}

McpLoopLoad *
mcp_load_guard_add(McpLoadGuard *guard, const char *name)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);

    for (guint i = 0; i < guard->n_loops; i++) {
        if (strncmp(guard->loops[i].name, name, MCP_LOOP_NAME - 1) == 0)
            return &guard->loops[i];
    }
    /* More loops than places: the last one speaks for them all. */
    if (guard->n_loops == MCP_LOOPS_MAX)
        return &guard->loops[MCP_LOOPS_MAX - 1];
    g_strlcpy(guard->loops[guard->n_loops].name, name, MCP_LOOP_NAME);
    g_atomic_int_inc(&guard->n_loops);
    return &guard->loops[guard->n_loops - 1];
}

static void
note_lower(gint *lower, gint *last, gint value)
{
    g_atomic_int_set(lower, MIN(g_atomic_int_get(last), value));
    g_atomic_int_set(last, value);
}

void
mcp_loop_load_set(McpLoopLoad *load, guint percent, gint64 delay)
{
    note_lower(&load->percent, &load->last_percent, (gint)MIN(percent, 100));
    note_lower(&load->delay, &load->last_delay,
               (gint)CLAMP(delay / G_TIME_SPAN_MILLISECOND, 0, G_USEC_PER_SEC));
}

void
mcp_loop_load_sample(McpLoopLoad *load, gint64 delay)
{
    gint64 wall = read_clock(CLOCK_MONOTONIC);
    gint64 cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
    gint64 elapsed = wall - load->wall;
    guint percent = (guint)g_atomic_int_get(&load->last_percent);

    if (elapsed >= SHORTEST_SAMPLE) {
        percent = load->wall > 0 ? (guint)((cpu - load->cpu) * 100 / elapsed) : 0;
        load->wall = wall;
        load->cpu = cpu;
    }
    mcp_loop_load_set(load, percent, delay);
}

/* Whether one figure is over its limit, or, once closed, not yet well below it. */
static gboolean
is_over(guint value, guint limit, gboolean full, guint slack)
{
    return limit > 0 && value + (full ? slack : 0) >= limit;
}

/* (transfer full) (nullable): what stands in the way of new calls; NULL when nothing does. */
static char *
find_cause(McpLoadGuard *guard, guint percent, gboolean full)
{
    if (is_over(percent, guard->max_percent, full, HYSTERESIS))
        return g_strdup_printf("the process uses %u %% of the CPU", percent);
    for (guint i = 0; i < guard->n_loops; i++) {
        const McpLoopLoad *loop = &guard->loops[i];
        guint busy = (guint)g_atomic_int_get(&loop->percent);
        guint delay = (guint)g_atomic_int_get(&loop->delay);

        if (is_over(busy, guard->max_percent, full, HYSTERESIS))
            return g_strdup_printf("loop %s is busy for %u %% of the time", loop->name, busy);
        if (is_over(delay, guard->max_delay, full, guard->max_delay / 2))
            return g_strdup_printf("loop %s is %u ms late", loop->name, delay);
    }
    return NULL;
}

void
mcp_load_guard_judge(McpLoadGuard *guard, guint percent)
{
    gboolean full = mcp_load_guard_is_full(guard);
    g_autofree char *cause = NULL;

    g_mutex_lock(&guard->lock);
    cause = find_cause(guard, percent, full);
    g_mutex_unlock(&guard->lock);
    g_atomic_int_set(&guard->percent, (gint)percent);
    guard->run = (cause != NULL) != full ? guard->run + 1 : 0;
    if (guard->run < SAMPLES)
        return;
    guard->run = 0;
    g_atomic_int_set(&guard->full, !full);
    if (full)
        mcp_log_info("load-normal", NULL, "new calls are taken again, CPU is at %u %%", percent);
    else
        mcp_log_warning("load-high", NULL, "new calls are refused: %s", cause);
}

void
mcp_load_guard_measure(McpLoadGuard *guard)
{
    gint64 wall = read_clock(CLOCK_MONOTONIC);
    gint64 cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    gint64 elapsed = wall - guard->wall;

    if (elapsed < SHORTEST_SAMPLE)
        return;
    mcp_load_guard_judge(
        guard, (guint)((cpu - guard->cpu) * 100 * G_USEC_PER_SEC / (guard->capacity * elapsed)));
    guard->wall = wall;
    guard->cpu = cpu;
}

gboolean
mcp_load_guard_is_full(McpLoadGuard *guard)
{
    return g_atomic_int_get(&guard->full);
}

guint
mcp_load_guard_get_percent(McpLoadGuard *guard)
{
    return (guint)g_atomic_int_get(&guard->percent);
}

void
mcp_load_guard_describe(McpLoadGuard *guard, McpJson *json)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);

    mcp_json_begin_object(json, "load");
    mcp_json_bool(json, "full", mcp_load_guard_is_full(guard));
    mcp_json_int(json, "cpu_percent", mcp_load_guard_get_percent(guard));
    mcp_json_begin_array(json, "loops");
    for (guint i = 0; i < guard->n_loops; i++) {
        const McpLoopLoad *loop = &guard->loops[i];

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "name", loop->name);
        mcp_json_int(json, "busy_percent", g_atomic_int_get(&loop->percent));
        mcp_json_int(json, "delay_ms", g_atomic_int_get(&loop->delay));
        mcp_json_int(json, "silent_ms", g_atomic_int_get(&loop->silence));
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    mcp_json_end_object(json);
}
