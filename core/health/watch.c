/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watch: a thread of its own that waits for no loop. It sees which ones miss their beats, says
 * so once with stack and calls, says when they are back, and feeds the service manager's watchdog
 * for as long as there is hope.
 */
#include "health/watch.h"

#include "call/load_private.h"
#include "health/limits.h"
#include "health/stack.h"
#include "server/core.h"

#include <mcp/alert.h>
#include <mcp/log.h>
#include <string.h>

#define INTERVAL (200 * G_TIME_SPAN_MILLISECOND)
#define CALLS_SHOWN 16

/* What has been said of a loop. */
typedef struct {
    guint longest; /* ms */
    gboolean stuck;
    gboolean dead;
    gboolean hopeless;
} Said;

struct _McpWatch {
    McpCore *core;
    GThread *thread;
    GMutex lock; /* guards what follows */
    GCond wake;
    gboolean stopping;
    gint64 feed_interval; /* 0: no watchdog */
    gint64 feed_due;
    McpWatchFunc feed;
    Said said[MCP_LOOPS_MAX]; /* the thread's own, as the rest */
    gint64 last;
};

static guint
kind_of(const char *name)
{
    static const char *const kinds[] = {"control", "sip", "shard", "media"};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(name, kinds[i]))
            return i;
    }
    return G_N_ELEMENTS(kinds);
}

static char *
write_calls(const GPtrArray *ids, gint found)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (found < 0)
        return g_strdup("calls cannot be told");
    g_string_append_printf(text, "%d call%s", found, found == 1 ? "" : "s");
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(text, "%s %s", i == 0 ? ":" : ",",
                               (const char *)g_ptr_array_index(ids, i));
    if ((guint)found > ids->len && ids->len > 0)
        g_string_append(text, " …");
    return g_strdup(text->str);
}

static void
say_stuck(McpWatch *watch, McpLoopLoad *load, guint silence)
{
    const char *name = mcp_loop_load_get_name(load);
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    gint found = mcp_calls_list_on_loop(watch->core->calls, load, ids, CALLS_SHOWN);
    g_autofree char *calls = write_calls(ids, found);
    g_autofree char *stack = mcp_stack_take(mcp_loop_load_get_thread(load));

    mcp_metrics_add(watch->core->metrics, MCP_CORE_LOOP_STALLS, kind_of(name), 1);
    mcp_log_error("loop-stalled", found == 1 ? g_ptr_array_index(ids, 0) : NULL,
                  "loop %s has not answered for %u ms; %s; stack: %s", name, silence, calls,
                  stack != NULL ? stack : "none, its thread takes no signal");
    mcp_alert_raise(watch->core->events, MCP_ALERT_LOOP_STALLED, NULL, name,
                    "loop %s has not answered for %u ms; %s", name, silence, calls);
}

/* Each state is said once: when it begins, and how long it was when it is over. */
static void
judge(McpWatch *watch, McpLoopLoad *load, Said *said)
{
    guint silence = mcp_loop_load_get_silence(load);
    const char *name = mcp_loop_load_get_name(load);

    if (said->stuck && silence < said->longest) {
        mcp_log_warning("loop-back", NULL, "loop %s answers again after %u ms", name,
                        said->longest);
        *said = (Said){0};
    }
    said->longest = silence;
    if (silence >= MCP_LOOP_STUCK && !said->stuck) {
        said->stuck = TRUE;
        say_stuck(watch, load, silence);
    }
    if (silence >= MCP_LOOP_DEAD && !said->dead) {
        said->dead = TRUE;
        mcp_log_error("loop-dead", NULL, "loop %s has not answered for %u ms: not live", name,
                      silence);
    }
    if (silence >= MCP_LOOP_HOPELESS && !said->hopeless) {
        said->hopeless = TRUE;
        mcp_log_error("watchdog-off", NULL,
                      "loop %s has not answered for %u ms: the watchdog is not fed any more", name,
                      silence);
    }
}

static gboolean
look(McpWatch *watch, gint64 now)
{
    McpLoadGuard *guard = mcp_calls_get_load(watch->core->calls);
    gboolean hope = TRUE;

    mcp_load_guard_look(guard, now - watch->last, INTERVAL);
    watch->last = now;
    for (guint i = 0; i < mcp_load_guard_get_loops(guard); i++) {
        judge(watch, mcp_load_guard_get_loop(guard, i), &watch->said[i]);
        hope = hope && !watch->said[i].hopeless;
    }
    mcp_health_tell(watch->core->health);
    return hope;
}

static McpWatchFunc
take_feed(McpWatch *watch, gint64 now)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&watch->lock);

    if (watch->feed_interval <= 0 || now < watch->feed_due)
        return NULL;
    watch->feed_due = now + watch->feed_interval;
    return watch->feed;
}

/* FALSE at the end. */
static gboolean
sleep_until(McpWatch *watch, gint64 due)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&watch->lock);

    while (!watch->stopping && g_cond_wait_until(&watch->wake, &watch->lock, due))
        ;
    return !watch->stopping;
}

static gpointer
run(gpointer data)
{
    McpWatch *watch = data;

    watch->last = mcp_clock_now(watch->core->clock);
    while (sleep_until(watch, watch->last + INTERVAL)) {
        gint64 now = mcp_clock_now(watch->core->clock);
        gboolean hope = look(watch, now);
        McpWatchFunc feed = take_feed(watch, now);

        if (feed != NULL && hope)
            feed();
    }
    return NULL;
}

McpWatch *
mcp_watch_new(McpCore *core)
{
    McpWatch *watch = g_new0(McpWatch, 1);

    mcp_stack_prepare();
    watch->core = core;
    g_mutex_init(&watch->lock);
    g_cond_init(&watch->wake);
    watch->thread = g_thread_new("mcp-watch", run, watch);
    return watch;
}

void
mcp_watch_free(McpWatch *watch)
{
    g_mutex_lock(&watch->lock);
    watch->stopping = TRUE;
    g_cond_signal(&watch->wake);
    g_mutex_unlock(&watch->lock);
    g_thread_join(watch->thread);
    g_cond_clear(&watch->wake);
    g_mutex_clear(&watch->lock);
    g_free(watch);
}

void
mcp_watch_feed(McpWatch *watch, gint64 interval, McpWatchFunc func)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&watch->lock);

    watch->feed = func;
    watch->feed_interval = interval;
}
