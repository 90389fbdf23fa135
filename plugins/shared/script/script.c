/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns a session's engine: its life, the limits on time, memory and stack, and the rule
 * that one thread uses it at a time.
 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"

/* The thread's own clock costs a system call, the monotonic one does not, and less CPU passes than
 * time: what is estimated by the latter is off by this at most. */
#define CLOCK_SLACK_NS 200000
#define BUCKET_US (2 * G_USEC_PER_SEC / MCP_SCRIPT_BUCKETS)
/* Jobs that a stopped run leaves behind; past these the session is given up. */
#define STALE_JOBS_MAX 10000

const McpScriptLimits mcp_script_default_limits = {
    .run_us = 100000,
    .window_us = 250000,
    .heavy_us = 5000,
    .memory = 12 * 1024 * 1024,
    .stack = 256 * 1024,
};

G_DEFINE_QUARK(mcp - script - error - quark, mcp_script_error)

static gint64
clock_ns(clockid_t clock)
{
    struct timespec now = {0, 0};

    clock_gettime(clock, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Both clocks at the same moment, when this thread last looked at its own. */
typedef struct {
    gint64 cpu_ns;
    gint64 time_ns;
} Clocks;

static _Thread_local Clocks last_look;

/* The CPU time of this thread. */
static gint64
look_at_own_clock(gint64 now_ns)
{
    last_look = (Clocks){clock_ns(CLOCK_THREAD_CPUTIME_ID), now_ns};
    return last_look.cpu_ns;
}

/* The same, or up to CLOCK_SLACK_NS more: a run may take that much longer, never less. */
static gint64
estimate_own_clock(gint64 now_ns)
{
    gint64 age = now_ns - last_look.time_ns;

    if (last_look.time_ns == 0 || age < 0 || age > CLOCK_SLACK_NS)
        return look_at_own_clock(now_ns);
    return last_look.cpu_ns + age;
}

static gint64
window_now(const McpScript *script)
{
    if (script->limits.now != NULL)
        return script->limits.now(script->limits.now_data);
    return clock_ns(CLOCK_MONOTONIC) / 1000;
}

void
mcp_script_look_at_clock(McpScript *script)
{
    gint64 now = clock_ns(CLOCK_MONOTONIC);

    /* CPU time passes no faster than time: as long as that is not over, this is not either. */
    if (now - script->start_time_ns >= script->deadline_ns - script->start_ns &&
        look_at_own_clock(now) >= script->deadline_ns)
        script->interrupted = TRUE;
}

int
mcp_script_on_interrupt(JSRuntime *runtime, void *data)
{
    McpScript *script = data;

    if (!script->interrupted)
        mcp_script_look_at_clock(script);
    /* The error that ends the run is about to be made: the heap looks away. */
    script->allocations = 0;
    script->n_lent = 0;
    return script->interrupted;
}

/* Lets the buckets that are older than the window fall out. */
static void
turn_buckets(McpScript *script)
{
    gint64 at = window_now(script) / BUCKET_US;

    if (at - script->bucket_at >= MCP_SCRIPT_BUCKETS || at < script->bucket_at) {
        memset(script->bucket_ns, 0, sizeof script->bucket_ns);
        script->bucket_at = at;
    }
    while (script->bucket_at < at) {
        script->bucket_at++;
        script->bucket_ns[script->bucket_at % MCP_SCRIPT_BUCKETS] = 0;
    }
}

static gint64
window_left(McpScript *script)
{
    gint64 used = 0;

    turn_buckets(script);
    for (guint i = 0; i < MCP_SCRIPT_BUCKETS; i++)
        used += script->bucket_ns[i];
    return script->limits.window_us - used / 1000;
}

gboolean
mcp_script_enter(McpScript *script, GError **error)
{
    gint64 left = 0;

    g_return_val_if_fail(script->owner == g_thread_self(), FALSE);
    if (script->nesting++ > 0)
        return TRUE;
    left = script->uncounted ? script->limits.run_us : window_left(script);
    if (left <= 0 || script->dead || script->buried) {
        script->nesting--;
        if (script->buried)
            g_set_error_literal(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_MEMORY,
                                "the session's scripts ended with one that could not be stopped");
        else if (script->dead)
            g_set_error_literal(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TIMEOUT,
                                "the session was stopped by an endless chain of promises");
        else
            g_set_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TIMEOUT,
                        "the session used up its %" G_GINT64_FORMAT " ms of CPU in two seconds",
                        script->limits.window_us / 1000);
        return FALSE;
    }
    JS_UpdateStackTop(script->runtime);
    script->interrupted = FALSE;
    script->starved = FALSE;
    script->n_lent = 0;
    script->start_time_ns = clock_ns(CLOCK_MONOTONIC);
    script->start_ns = estimate_own_clock(script->start_time_ns);
    script->deadline_ns = script->start_ns + MIN(left, script->limits.run_us) * 1000;
    return TRUE;
}

/* What a job throws is its promise's matter. */
static int
run_job(McpScript *script, gpointer unused)
{
    JSContext *context = NULL;

    script->n_lent = 0;
    if (JS_ExecutePendingJob(script->runtime, &context) < 0)
        JS_FreeValue(script->context, JS_GetException(script->context));
    return 0;
}

static gboolean
has_job(const McpScript *script)
{
    return !script->buried && JS_IsJobPending(script->runtime);
}

/* Whatever a stopped run has queued must not eat the time of the next: each job is let run into
 * the interruption. */
static void
discard_jobs(McpScript *script)
{
    guint n = 0;

    while (has_job(script) && n++ < STALE_JOBS_MAX)
        mcp_script_try(script, run_job, NULL);
    script->dead = has_job(script);
}

static gboolean
run_jobs(McpScript *script)
{
    while (!script->interrupted && has_job(script)) {
        mcp_script_try(script, run_job, NULL);
        /* Short jobs may follow each other without one look at the clock by the engine. */
        mcp_script_look_at_clock(script);
    }
    return !script->interrupted;
}

/* A short run is taken to have had the CPU all the time. Many together count, however short. */
static gint64
cpu_used_ns(const McpScript *script)
{
    gint64 now = clock_ns(CLOCK_MONOTONIC);
    gint64 passed = now - script->start_time_ns;

    if (passed <= CLOCK_SLACK_NS)
        return passed;
    return CLAMP(look_at_own_clock(now) - script->start_ns, 0, passed);
}

gboolean
mcp_script_leave(McpScript *script, gboolean failed, GError **error)
{
    gint64 used_ns = 0;
    gboolean in_time = TRUE;

    if (--script->nesting > 0)
        return TRUE;
    in_time = run_jobs(script);
    if (!in_time) {
        discard_jobs(script);
        if (!failed)
            mcp_script_set_stopped(script, error);
        /* What the cut left behind is in the way of the next run. */
        if (script->starved && !script->buried)
            JS_RunGC(script->runtime);
    }
    if (script->uncounted)
        return in_time;
    used_ns = cpu_used_ns(script);
    script->heavy |= used_ns / 1000 > script->limits.heavy_us;
    turn_buckets(script);
    script->bucket_ns[script->bucket_at % MCP_SCRIPT_BUCKETS] += used_ns;
    return in_time;
}

gboolean
mcp_script_finish(McpScript *script, int result, GError **error)
{
    if (result < 0)
        mcp_script_take_exception(script, error);
    return mcp_script_leave(script, result < 0, error) && result >= 0;
}

static McpScriptLimits
effective_limits(const McpScriptLimits *wanted)
{
    McpScriptLimits limits = {0};

    if (wanted != NULL)
        limits = *wanted;
    if (limits.run_us == 0)
        limits.run_us = mcp_script_default_limits.run_us;
    if (limits.window_us == 0)
        limits.window_us = mcp_script_default_limits.window_us;
    if (limits.heavy_us == 0)
        limits.heavy_us = mcp_script_default_limits.heavy_us;
    if (limits.memory == 0)
        limits.memory = mcp_script_default_limits.memory;
    if (limits.stack == 0)
        limits.stack = mcp_script_default_limits.stack;
    return limits;
}

McpScript *
mcp_script_new(const McpScriptLimits *limits)
{
    g_autoptr(McpScript) script = g_new0(McpScript, 1);

    g_atomic_ref_count_init(&script->ref_count);
    script->owner = g_thread_self();
    script->limits = effective_limits(limits);
    script->deadline_ns = G_MAXINT64; /* until the first run */
    script->view = JS_UNDEFINED;
    script->eval = JS_UNDEFINED;
    script->functions = g_array_new(FALSE, FALSE, sizeof(HostFunction));
    script->compiled = mcp_script_compiled_table();
    if (!mcp_script_copy_engine(script))
        return NULL;
    return g_steal_pointer(&script);
}

McpScript *
mcp_script_ref(McpScript *script)
{
    g_return_val_if_fail(script != NULL, NULL);
    g_atomic_ref_count_inc(&script->ref_count);
    return script;
}

void
mcp_script_unref(McpScript *script)
{
    g_return_if_fail(script != NULL);
    if (!g_atomic_ref_count_dec(&script->ref_count))
        return;
    /* The engine's own way out insists that every reference was given back, and it loses some of
     * its own when a run is cut short. All it has is memory: that goes as a whole. */
    mcp_script_heap_release(script);
    g_clear_pointer(&script->program, mcp_script_code_unref);
    g_hash_table_unref(script->compiled);
    g_array_unref(script->functions);
    g_free(script);
}

void
mcp_script_adopt_thread(McpScript *script)
{
    g_return_if_fail(script->nesting == 0);
    script->owner = g_thread_self();
    JS_UpdateStackTop(script->runtime);
}

gboolean
mcp_script_is_heavy(const McpScript *script)
{
    return script->heavy;
}

void
mcp_script_set_uncounted(McpScript *script, gboolean uncounted)
{
    script->uncounted = uncounted;
}

gsize
mcp_script_memory(McpScript *script)
{
    JSMemoryUsage usage;

    if (script->buried)
        return script->buried_size;
    JS_ComputeMemoryUsage(script->runtime, &usage);
    return (gsize)usage.malloc_size;
}

/* The engine tells its version only in the heading of its memory report. */
static char *
read_engine_version(void)
{
    static const char HEAD[] = "QuickJS memory usage -- ";
    JSMemoryUsage usage = {0};
    g_autofree char *report = NULL;
    char *text = NULL;
    size_t size = 0;
    JSRuntime *runtime = JS_NewRuntime();
    FILE *file = open_memstream(&text, &size);

    if (file != NULL && runtime != NULL)
        JS_DumpMemoryUsage(file, &usage, runtime);
    if (file != NULL)
        fclose(file);
    if (runtime != NULL)
        JS_FreeRuntime(runtime);
    report = g_strdup(text != NULL && g_str_has_prefix(text, HEAD) ? text + strlen(HEAD) : "");
    free(text);
    g_strdelimit(report, " \n", '\0');
    return g_strdup_printf("QuickJS %s", *report != '\0' ? report : "of unknown version");
}

const char *
mcp_script_engine_version(void)
{
    static char *version = NULL;

    if (g_once_init_enter(&version))
        g_once_init_leave(&version, read_engine_version());
    return version;
}
