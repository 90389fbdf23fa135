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

struct _McpPool {
    GObject parent_instance;
    char *name;
    guint max_threads;
    guint max_queue;
    GMutex lock;
    GCond wake;
    GQueue jobs;
    GPtrArray *threads;
    guint idle;
    gboolean stopping;
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

static Job *
pool_wait(McpPool *pool)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&pool->lock);

    pool->idle++;
    while (g_queue_is_empty(&pool->jobs) && !pool->stopping)
        g_cond_wait(&pool->wake, &pool->lock);
    pool->idle--;
    return pool->stopping ? NULL : g_queue_pop_head(&pool->jobs);
}

static gpointer
pool_thread(gpointer data)
{
    Job *job;

    while ((job = pool_wait(data)) != NULL)
        job_run(job);
    return NULL;
}

static void
pool_cancel_waiting(McpPool *pool)
{
    Job *job;

    while ((job = g_queue_pop_head(&pool->jobs)) != NULL) {
        g_task_return_new_error(job->task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "pool %s is closing",
                                pool->name);
        job_free(job);
    }
}

static void
mcp_pool_finalize(GObject *object)
{
    McpPool *pool = MCP_POOL(object);

    g_mutex_lock(&pool->lock);
    pool->stopping = TRUE;
    g_cond_broadcast(&pool->wake);
    g_mutex_unlock(&pool->lock);
    for (guint i = 0; i < pool->threads->len; i++)
        g_thread_join(g_ptr_array_index(pool->threads, i));
    pool_cancel_waiting(pool);
    g_ptr_array_unref(pool->threads);
    g_mutex_clear(&pool->lock);
    g_cond_clear(&pool->wake);
    g_free(pool->name);
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
    g_mutex_init(&pool->lock);
    g_cond_init(&pool->wake);
    pool->threads = g_ptr_array_new();
}

McpPool *
mcp_pool_new(const char *name, guint threads, guint queue)
{
    McpPool *pool = g_object_new(MCP_TYPE_POOL, NULL);

    pool->name = g_strdup(name);
    pool->max_threads = CLAMP(threads, 1, 64);
    pool->max_queue = queue;
    return pool;
}

/* TRUE when the job was taken. */
static gboolean
pool_push(McpPool *pool, Job *job)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&pool->lock);
    guint waiting = g_queue_get_length(&pool->jobs);

    if (waiting >= pool->max_queue + pool->idle)
        return FALSE;
    g_queue_push_tail(&pool->jobs, job);
    if (waiting >= pool->idle && pool->threads->len < pool->max_threads)
        g_ptr_array_add(pool->threads, g_thread_new(pool->name, pool_thread, pool));
    g_cond_signal(&pool->wake);
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
                                pool->name, pool->max_queue);
        job_free(job);
    }
}

guint
mcp_pool_get_waiting(McpPool *pool)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&pool->lock);

    return g_queue_get_length(&pool->jobs);
}

guint
mcp_pool_get_threads(McpPool *pool)
{
    return pool->max_threads;
}
