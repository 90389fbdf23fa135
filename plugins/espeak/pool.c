/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpEspeakPool: who says what. A worker is started when something waits and none is free, and is
 * kept. One that ends, sends nonsense or does not stop is replaced, each time a little later, until
 * something was said in full. Runs on the context it was made on.
 */
#include "pool.h"

#include "process.h"
#include "protocol.h"

#include <mcp/breaker.h>
#include <mcp/error.h>
#include <mcp/log.h>

#define START_TIME (10 * G_USEC_PER_SEC)
#define STOP_TIME G_USEC_PER_SEC
#define FIRST_REST (100 * 1000)
#define LAST_REST (30 * G_USEC_PER_SEC)
#define MOST_WORKERS 16

typedef struct {
    GBytes *message;
    const McpEspeakSayEvents *events;
    gpointer user_data;
} Say;

typedef enum {
    WORKER_NONE,
    WORKER_STARTING,
    WORKER_IDLE,
    WORKER_SAYING,
    WORKER_STOPPING, /* was told to */
    WORKER_RESTING,  /* there is none until the timer says so */
} WorkerState;

typedef struct {
    McpEspeakPool *pool; /* not owned */
    guint number;
    WorkerState state;
    McpEspeakProcess *process; /* nullable */
    char *program;             /* of the process */
    Say *say;                  /* WORKER_SAYING */
    McpTimer *timer;           /* STARTING, STOPPING, RESTING */
    McpBackoff backoff;
    gboolean lame; /* the last one ended before it was ready */
} Worker;

struct _McpEspeakPool {
    gatomicrefcount refs;
    McpEspeakDeps deps;
    McpEspeakConfig *config;
    const McpEspeakPoolEvents *events; /* NULL once closed */
    gpointer user_data;
    Worker workers[MOST_WORKERS];
    GQueue queue;   /* Say */
    gboolean known; /* voices */
    char *why;      /* nullable: why the last worker ended */
    gint alive;     /* atomic, as the next */
    gint busy;
    gint restarts;
};

static void pump(McpEspeakPool *pool);
static void start_worker(Worker *worker);

static void
say_free(Say *say)
{
    g_bytes_unref(say->message);
    g_free(say);
}

static void
say_end(Say *say, const GError *error)
{
    say->events->ended(error, say->user_data);
    say_free(say);
}

static gboolean
is_busy(WorkerState state)
{
    return state == WORKER_SAYING || state == WORKER_STOPPING;
}

static gboolean
is_alive(WorkerState state)
{
    return state != WORKER_NONE && state != WORKER_RESTING;
}

static void
set_state(Worker *worker, WorkerState state)
{
    g_atomic_int_add(&worker->pool->alive, is_alive(state) - is_alive(worker->state));
    g_atomic_int_add(&worker->pool->busy, is_busy(state) - is_busy(worker->state));
    mcp_timer_clear(&worker->timer);
    worker->state = state;
}

static void
set_timer(Worker *worker, gint64 delay, McpTimerFunc func)
{
    worker->timer = mcp_clock_after(worker->pool->deps.clock, NULL, delay, func, worker);
}

static void
drop_process(Worker *worker)
{
    g_clear_pointer(&worker->process, mcp_espeak_process_free);
    g_clear_pointer(&worker->program, g_free);
}

/* Whether there is no worker, and none can be tried now. */
static gboolean
is_lame(McpEspeakPool *pool)
{
    for (guint i = 0; i < pool->config->workers; i++)
        if (pool->workers[i].state != WORKER_RESTING || !pool->workers[i].lame)
            return FALSE;
    return TRUE;
}

static GError *
make_failure(const char *why)
{
    return g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "the engine's process has ended: %s", why);
}

static void
end_queue(McpEspeakPool *pool, const GError *error)
{
    GQueue queue = pool->queue;
    Say *say = NULL;

    g_queue_init(&pool->queue);
    while ((say = g_queue_pop_head(&queue)) != NULL)
        say_end(say, error);
}

static void
rest_over(gpointer user_data)
{
    Worker *worker = user_data;

    set_state(worker, WORKER_NONE);
    if (worker->number >= worker->pool->config->workers)
        return;
    g_atomic_int_inc(&worker->pool->restarts);
    mcp_espeak_count(&worker->pool->deps, MCP_ESPEAK_METRIC_RESTARTS, 0);
    start_worker(worker);
    pump(worker->pool);
}

/* Its process has ended, or is to. */
static void
lose_worker(Worker *worker, const char *why)
{
    g_autoptr(McpEspeakPool) pool = mcp_espeak_pool_ref(worker->pool);
    g_autoptr(GError) error = make_failure(why);
    Say *say = g_steal_pointer(&worker->say);
    gint64 rest = mcp_backoff_next(&worker->backoff, FIRST_REST, LAST_REST);

    mcp_log_warning("espeak-worker", NULL, "worker %u: %s; the next one in %d ms", worker->number,
                    why, (int)(rest / 1000));
    g_free(pool->why);
    pool->why = g_strdup(why);
    worker->lame = worker->state == WORKER_STARTING;
    drop_process(worker);
    set_state(worker, WORKER_RESTING);
    set_timer(worker, rest, rest_over);
    if (say != NULL)
        say_end(say, error);
    if (pool->events != NULL && is_lame(pool)) {
        end_queue(pool, error);
        pool->events->failed(why, pool->user_data);
    }
    if (pool->events != NULL)
        pump(pool);
}

static void
start_too_slow(gpointer user_data)
{
    lose_worker(user_data, "it does not start");
}

static void
stop_too_slow(gpointer user_data)
{
    lose_worker(user_data, "it does not stop");
}

/* Whether it is of no use any more, as it is idle. */
static gboolean
is_outdated(const Worker *worker)
{
    const McpEspeakConfig *config = worker->pool->config;

    return worker->number >= config->workers || !g_str_equal(worker->program, config->worker);
}

static void
be_idle(Worker *worker)
{
    set_state(worker, WORKER_IDLE);
    if (is_outdated(worker)) {
        drop_process(worker);
        set_state(worker, WORKER_NONE);
    }
}

static void
get_ready(Worker *worker, const guint8 *body, gsize length)
{
    g_autoptr(GError) error = NULL;
    McpEspeakPool *pool = worker->pool;
    g_autoptr(McpEspeakVoices) voices = mcp_espeak_voices_parse((const char *)body, length, &error);

    if (voices == NULL) {
        lose_worker(worker, error->message);
        return;
    }
    worker->lame = FALSE;
    pool->known = TRUE;
    be_idle(worker);
    pool->events->ready(voices, pool->user_data);
    pump(pool);
}

static void
end_saying(Worker *worker, const char *fault)
{
    g_autoptr(McpEspeakPool) pool = mcp_espeak_pool_ref(worker->pool);
    g_autoptr(GError) error =
        fault != NULL ? g_error_new_literal(MCP_ERROR, MCP_ERROR_FAILED, fault) : NULL;
    Say *say = g_steal_pointer(&worker->say);

    if (fault == NULL)
        mcp_backoff_reset(&worker->backoff);
    be_idle(worker);
    if (say != NULL)
        say_end(say, error);
    if (pool->events != NULL)
        pump(pool);
}

static void
got_frame(char type, const guint8 *body, gsize length, gpointer user_data)
{
    Worker *worker = user_data;
    g_autofree char *text = NULL;

    if (type == MCP_ESPEAK_ERROR)
        text = g_utf8_make_valid((const char *)body, (gssize)length);
    if (type == MCP_ESPEAK_READY && worker->state == WORKER_STARTING)
        get_ready(worker, body, length);
    else if (type == MCP_ESPEAK_AUDIO && worker->state == WORKER_SAYING)
        worker->say->events->audio(body, length, worker->say->user_data);
    else if (text != NULL && worker->state == WORKER_STARTING)
        lose_worker(worker, text);
    else if (type != MCP_ESPEAK_READY && type != MCP_ESPEAK_AUDIO && is_busy(worker->state))
        end_saying(worker, text);
    else if (type != MCP_ESPEAK_AUDIO || worker->state != WORKER_STOPPING)
        lose_worker(worker, "it sent what no worker sends");
}

static void
has_ended(const char *why, gpointer user_data)
{
    lose_worker(user_data, why);
}

static const McpEspeakProcessEvents process_events = {got_frame, has_ended};

static void
start_worker(Worker *worker)
{
    const char *program = worker->pool->config->worker;
    g_autoptr(GError) error = NULL;

    set_state(worker, WORKER_STARTING);
    worker->process = mcp_espeak_process_start(program, &process_events, worker, &error);
    if (worker->process == NULL) {
        lose_worker(worker, error->message);
        return;
    }
    worker->program = g_strdup(program);
    set_timer(worker, START_TIME, start_too_slow);
}

/* (nullable): the first worker that is so. */
static Worker *
find_worker(McpEspeakPool *pool, WorkerState state)
{
    for (guint i = 0; i < pool->config->workers; i++)
        if (pool->workers[i].state == state)
            return &pool->workers[i];
    return NULL;
}

static guint
count_starting(McpEspeakPool *pool)
{
    guint n = 0;

    for (guint i = 0; i < pool->config->workers; i++)
        n += pool->workers[i].state == WORKER_STARTING;
    return n;
}

/* Gives what waits to who is free, and starts as many workers as it takes. */
static void
pump(McpEspeakPool *pool)
{
    guint wanted = 0;
    Worker *worker = NULL;

    while (pool->queue.length > 0 && (worker = find_worker(pool, WORKER_IDLE)) != NULL) {
        gsize length = 0;
        const char *message = NULL;

        worker->say = g_queue_pop_head(&pool->queue);
        message = g_bytes_get_data(worker->say->message, &length);
        set_state(worker, WORKER_SAYING);
        mcp_espeak_process_send(worker->process, MCP_ESPEAK_SAY, message, length);
    }
    wanted = pool->known ? pool->queue.length : MAX(pool->queue.length, 1);
    while (count_starting(pool) < wanted && (worker = find_worker(pool, WORKER_NONE)) != NULL)
        start_worker(worker);
}

gboolean
mcp_espeak_pool_say(McpEspeakPool *pool, GBytes *message, const McpEspeakSayEvents *events,
                    gpointer user_data, GError **error)
{
    Say *say = NULL;

    if (is_lame(pool)) {
        g_propagate_error(error, make_failure(pool->why));
        return FALSE;
    }
    if (pool->queue.length >= pool->config->queue) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%u prompts wait for the engine",
                    pool->queue.length);
        return FALSE;
    }
    say = g_new0(Say, 1);
    say->message = g_bytes_ref(message);
    say->events = events;
    say->user_data = user_data;
    g_queue_push_tail(&pool->queue, say);
    pump(pool);
    return TRUE;
}

static int
is_named(gconstpointer say, gconstpointer user_data)
{
    return ((const Say *)say)->user_data == user_data ? 0 : 1;
}

void
mcp_espeak_pool_give_up(McpEspeakPool *pool, gpointer user_data)
{
    GList *found = g_queue_find_custom(&pool->queue, user_data, is_named);

    if (found != NULL) {
        say_free(found->data);
        g_queue_delete_link(&pool->queue, found);
        return;
    }
    for (guint i = 0; i < MOST_WORKERS; i++) {
        Worker *worker = &pool->workers[i];

        if (worker->say == NULL || worker->say->user_data != user_data)
            continue;
        g_clear_pointer(&worker->say, say_free);
        set_state(worker, WORKER_STOPPING);
        set_timer(worker, STOP_TIME, stop_too_slow);
        mcp_espeak_process_send(worker->process, MCP_ESPEAK_CANCEL, "", 0);
    }
}

void
mcp_espeak_pool_describe(McpEspeakPool *pool, McpJson *json)
{
    mcp_json_int(json, "workers", g_atomic_int_get(&pool->alive));
    mcp_json_int(json, "busy", g_atomic_int_get(&pool->busy));
    mcp_json_int(json, "restarts", g_atomic_int_get(&pool->restarts));
}

void
mcp_espeak_pool_configure(McpEspeakPool *pool, McpEspeakConfig *config)
{
    g_clear_pointer(&pool->config, mcp_espeak_config_unref);
    pool->config = mcp_espeak_config_ref(config);
    for (guint i = 0; i < MOST_WORKERS; i++)
        if (pool->workers[i].state == WORKER_IDLE)
            be_idle(&pool->workers[i]);
    pump(pool);
}

void
mcp_espeak_pool_close(McpEspeakPool *pool)
{
    g_autoptr(McpEspeakPool) held = mcp_espeak_pool_ref(pool);
    g_autoptr(GError) error =
        g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "the service is being stopped");

    pool->events = NULL;
    for (guint i = 0; i < MOST_WORKERS; i++) {
        Worker *worker = &pool->workers[i];
        Say *say = g_steal_pointer(&worker->say);

        drop_process(worker);
        set_state(worker, WORKER_NONE);
        if (say != NULL)
            say_end(say, error);
    }
    end_queue(pool, error);
}

McpEspeakPool *
mcp_espeak_pool_new(const McpEspeakDeps *deps, McpEspeakConfig *config,
                    const McpEspeakPoolEvents *events, gpointer user_data)
{
    McpEspeakPool *pool = g_new0(McpEspeakPool, 1);

    g_atomic_ref_count_init(&pool->refs);
    pool->deps = *deps;
    pool->config = mcp_espeak_config_ref(config);
    pool->events = events;
    pool->user_data = user_data;
    for (guint i = 0; i < MOST_WORKERS; i++) {
        pool->workers[i].pool = pool;
        pool->workers[i].number = i;
    }
    pump(pool);
    return pool;
}

McpEspeakPool *
mcp_espeak_pool_ref(McpEspeakPool *pool)
{
    g_atomic_ref_count_inc(&pool->refs);
    return pool;
}

void
mcp_espeak_pool_unref(McpEspeakPool *pool)
{
    if (!g_atomic_ref_count_dec(&pool->refs))
        return;
    mcp_espeak_config_unref(pool->config);
    g_free(pool->why);
    g_free(pool);
}
