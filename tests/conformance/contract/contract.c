/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting with deadlines, for the suites of the contracts. */
#include "contract.h"

#define DEADLINE (10 * G_TIME_SPAN_SECOND)
#define TICK_MS 2

static gboolean
on_tick(gpointer user_data)
{
    return G_SOURCE_CONTINUE;
}

/* A source that wakes the context: what another thread brings about needs no event here. */
static GSource *
add_tick(GMainContext *context)
{
    GSource *source = g_timeout_source_new(TICK_MS);

    g_source_set_callback(source, on_tick, NULL, NULL);
    g_source_attach(source, context);
    return source;
}

void
wait_for(Waiting condition, gpointer user_data, const char *what)
{
    GMainContext *context = g_main_context_get_thread_default();
    g_autoptr(GSource) tick = add_tick(context);
    gint64 end = g_get_monotonic_time() + DEADLINE;

    while (!condition(user_data)) {
        if (g_get_monotonic_time() > end)
            g_error("waited in vain for %s", what);
        g_main_context_iteration(context, TRUE);
    }
    g_source_destroy(tick);
}

typedef struct {
    const guint *counter;
    guint wanted;
} Count;

static gboolean
has_count(gpointer user_data)
{
    const Count *count = user_data;

    return *count->counter >= count->wanted;
}

void
wait_count(const guint *counter, guint wanted, const char *what)
{
    Count count = {counter, wanted};

    wait_for(has_count, &count, what);
}

static gboolean
is_over(gpointer user_data)
{
    return g_get_monotonic_time() >= *(gint64 *)user_data;
}

void
settle(guint ms)
{
    gint64 end = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;

    wait_for(is_over, &end, "the time to pass");
}

void
on_finished(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Finished *finished = user_data;

    finished->times++;
    finished->thread = g_thread_self();
    g_set_object(&finished->result, result);
}

void
finished_wait(Finished *finished)
{
    wait_count(&finished->times, 1, "an asynchronous function");
}

void
finished_clear(Finished *finished)
{
    g_assert_cmpuint(finished->times, ==, 1);
    g_assert_true(finished->thread == g_thread_self());
    g_clear_object(&finished->result);
    *finished = (Finished){0};
}

/* The shard: a thread whose context runs until the provider is closed, as a call's does. */
typedef struct {
    GMainContext *context;
    GMainLoop *loop;
    GThread *thread;
} Shard;

static Shard shard;

typedef struct {
    GThreadFunc func;
    gpointer data;
    gint done; /* atomic */
} Work;

static gpointer
run_shard(gpointer data)
{
    g_main_context_push_thread_default(shard.context);
    g_main_loop_run(shard.loop);
    while (g_main_context_iteration(shard.context, FALSE))
        continue;
    g_main_context_pop_thread_default(shard.context);
    return NULL;
}

static gboolean
run_work(gpointer data)
{
    Work *work = data;

    work->func(work->data);
    g_atomic_int_set(&work->done, 1);
    return G_SOURCE_REMOVE;
}

static gboolean
is_done(gpointer user_data)
{
    return g_atomic_int_get(&((Work *)user_data)->done) != 0;
}

GMainContext *
shard_context(void)
{
    if (shard.thread == NULL) {
        shard.context = g_main_context_new();
        shard.loop = g_main_loop_new(shard.context, FALSE);
        shard.thread = g_thread_new("shard", run_shard, NULL);
    }
    return shard.context;
}

void
in_thread(GThreadFunc func, gpointer data)
{
    Work work = {.func = func, .data = data};

    g_main_context_invoke_full(shard_context(), G_PRIORITY_DEFAULT, run_work, &work, NULL);
    wait_for(is_done, &work, "the other thread");
}

void
shard_end(void)
{
    if (shard.thread == NULL)
        return;
    g_main_loop_quit(shard.loop);
    g_thread_join(shard.thread);
    g_main_loop_unref(shard.loop);
    g_main_context_unref(shard.context);
    shard = (Shard){0};
}
