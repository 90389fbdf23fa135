/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded pool for blocking and heavy work: threads on demand up to a limit, a queue with a
 * limit.
 * The lock guards queue and counters; tasks run without it. Any thread may submit.
 */
#include <gio/gio.h>
#include <mcp/error.h>
#include <mcp/pool.h>

typedef struct {
    GTask *task;
    GTaskThreadFunc func;
} Job;

/* What the threads share. It outlives the pool when a task drops the pool's last reference. */
typedef struct {
    gatomicrefcount refs;
    char *name;
    GMutex lock;
    GCond wake;
    GQueue jobs;
    guint idle;
    gboolean stopping;
} Shared;

struct _McpPool {
    GObject parent_instance;
    guint max_threads;
    guint max_queue;
    Shared *shared;
    GPtrArray *threads; /* under the shared lock */
};

G_DEFINE_FINAL_TYPE(McpPool, mcp_pool, G_TYPE_OBJECT)

static void
job_free(Job *job)
{
    g_object_unref(job->task);
    g_free(job);
}

static void
job_run(Job *job)
{
    GTask *task = job->task;

    if (!g_task_return_error_if_cancelled(task))
        job->func(task, g_task_get_source_object(task), g_task_get_task_data(task),
                  g_task_get_cancellable(task));
    job_free(job);
}

static void
shared_unref(Shared *shared)
{
    if (!g_atomic_ref_count_dec(&shared->refs))
        return;
    g_mutex_clear(&shared->lock);
    g_cond_clear(&shared->wake);
    g_free(shared->name);
    g_free(shared);
}

static Job *
shared_wait(Shared *shared)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&shared->lock);

    shared->idle++;
    while (g_queue_is_empty(&shared->jobs) && !shared->stopping)
        g_cond_wait(&shared->wake, &shared->lock);
    shared->idle--;
    return shared->stopping ? NULL : g_queue_pop_head(&shared->jobs);
}

static gpointer
pool_thread(gpointer data)
{
    Shared *shared = data;
    Job *job;

    while ((job = shared_wait(shared)) != NULL)
        job_run(job);
    shared_unref(shared);
    return NULL;
}

static void
cancel_waiting(Shared *shared)
{
    Job *job;

    while ((job = g_queue_pop_head(&shared->jobs)) != NULL) {
        g_task_return_new_error(job->task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "pool %s is closing",
                                shared->name);
        job_free(job);
    }
}

static void
mcp_pool_finalize(GObject *object)
{
    McpPool *pool = MCP_POOL(object);
    Shared *shared = pool->shared;

    g_mutex_lock(&shared->lock);
    shared->stopping = TRUE;
    g_cond_broadcast(&shared->wake);
    g_mutex_unlock(&shared->lock);
    for (guint i = 0; i < pool->threads->len; i++) {
        GThread *thread = g_ptr_array_index(pool->threads, i);

        /* A task dropped the last reference: its thread ends by itself after it. */
        if (thread == g_thread_self())
            g_thread_unref(thread);
        else
            g_thread_join(thread);
    }
    cancel_waiting(shared);
    shared_unref(shared);
    g_ptr_array_unref(pool->threads);
    G_OBJECT_CLASS(mcp_pool_parent_class)->finalize(object);
}

static void
mcp_pool_class_init(McpPoolClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_pool_finalize;
}

static void
mcp_pool_init(McpPool *pool)
{
    pool->shared = g_new0(Shared, 1);
    g_atomic_ref_count_init(&pool->shared->refs);
    g_mutex_init(&pool->shared->lock);
    g_cond_init(&pool->shared->wake);
    g_queue_init(&pool->shared->jobs);
    pool->threads = g_ptr_array_new();
}

McpPool *
mcp_pool_new(const char *name, guint threads, guint queue)
{
    McpPool *pool = g_object_new(MCP_TYPE_POOL, NULL);

    pool->shared->name = g_strdup(name);
    pool->max_threads = CLAMP(threads, 1, 64);
    pool->max_queue = queue;
    return pool;
}

static void
add_thread(McpPool *pool)
{
    Shared *shared = pool->shared;

    g_atomic_ref_count_inc(&shared->refs);
    g_ptr_array_add(pool->threads, g_thread_new(shared->name, pool_thread, shared));
}

/* TRUE when the job was taken. */
static gboolean
pool_push(McpPool *pool, Job *job)
{
    Shared *shared = pool->shared;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&shared->lock);
    guint waiting = g_queue_get_length(&shared->jobs);

    if (waiting >= pool->max_queue + shared->idle)
        return FALSE;
    g_queue_push_tail(&shared->jobs, job);
    if (waiting >= shared->idle && pool->threads->len < pool->max_threads)
        add_thread(pool);
    g_cond_signal(&shared->wake);
    return TRUE;
}

void
mcp_pool_run(McpPool *pool, GTask *task, GTaskThreadFunc func)
{
    Job *job = g_new(Job, 1);

    job->task = g_object_ref(task);
    job->func = func;
    if (!pool_push(pool, job)) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_LIMIT, "pool %s: queue of %u is full",
                                pool->shared->name, pool->max_queue);
        job_free(job);
    }
}

guint
mcp_pool_get_waiting(McpPool *pool)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&pool->shared->lock);

    return g_queue_get_length(&pool->shared->jobs);
}

guint
mcp_pool_get_threads(McpPool *pool)
{
    return pool->max_threads;
}
