/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the bounded pool: bound on threads and queue, cancellation, closing. */
#include <mcp/error.h>
#include <mcp/pool.h>

typedef struct {
    GMutex lock;
    GCond cond;
    gboolean open;
    gint running;
    gint most;
} Gate;

static void
wait_at_gate(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Gate *gate = data;
    gint running = g_atomic_int_add(&gate->running, 1) + 1;

    g_mutex_lock(&gate->lock);
    gate->most = MAX(gate->most, running);
    while (!gate->open)
        g_cond_wait(&gate->cond, &gate->lock);
    g_mutex_unlock(&gate->lock);
    g_atomic_int_add(&gate->running, -1);
    g_task_return_boolean(task, TRUE);
}

typedef struct {
    guint done;
    guint refused;
    guint cancelled;
} Count;

static void
count(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    Count *counted = user_data;

    counted->done++;
    g_task_propagate_boolean(G_TASK(result), &error);
    counted->refused += g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT);
    counted->cancelled += g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
submit(McpPool *pool, Gate *gate, GCancellable *cancellable, Count *counted)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, count, counted);

    g_task_set_task_data(task, gate, NULL);
    mcp_pool_run(pool, task, wait_at_gate);
}

static void
open_gate(Gate *gate)
{
    g_mutex_lock(&gate->lock);
    gate->open = TRUE;
    g_cond_broadcast(&gate->cond);
    g_mutex_unlock(&gate->lock);
}

static void
test_bounds(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("test", 2, 3);
    Gate gate = {0};
    Count counted = {0};

    for (guint i = 0; i < 10; i++)
        submit(pool, &gate, NULL, &counted);
    while (counted.refused < 5)
        g_main_context_iteration(NULL, TRUE);
    open_gate(&gate);
    while (counted.done < 10)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(gate.most, <=, 2);
    g_assert_cmpuint(counted.refused, <=, 7);
}

static void
test_cancelled(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("test", 1, 3);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Gate gate = {0};
    Count counted = {0};

    g_cancellable_cancel(cancellable);
    submit(pool, &gate, cancellable, &counted);
    while (counted.done < 1)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(counted.cancelled, ==, 1);
}

static void
test_closing(void)
{
    McpPool *pool = mcp_pool_new("test", 1, 5);
    Gate gate = {0};
    Count counted = {0};

    for (guint i = 0; i < 4; i++)
        submit(pool, &gate, NULL, &counted);
    open_gate(&gate);
    g_object_unref(pool);
    while (counted.done < 4)
        g_main_context_iteration(NULL, TRUE);
}

static void
drop_pool(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Gate *gate = data;

    g_mutex_lock(&gate->lock);
    while (!gate->open)
        g_cond_wait(&gate->cond, &gate->lock);
    g_mutex_unlock(&gate->lock);
    g_object_unref(g_object_get_data(G_OBJECT(task), "pool"));
    g_task_return_boolean(task, TRUE);
}

/* A task may hold the last reference without knowing. */
static void
test_last_reference_in_task(void)
{
    McpPool *pool = mcp_pool_new("test", 2, 3);
    Gate gate = {0};
    Count counted = {0};
    g_autoptr(GTask) task = g_task_new(NULL, NULL, count, &counted);

    g_task_set_task_data(task, &gate, NULL);
    g_object_set_data(G_OBJECT(task), "pool", pool);
    mcp_pool_run(pool, task, drop_pool);
    open_gate(&gate);
    while (counted.done < 1)
        g_main_context_iteration(NULL, TRUE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/bounds", test_bounds);
    g_test_add_func("/pool/cancelled", test_cancelled);
    g_test_add_func("/pool/closing", test_closing);
    g_test_add_func("/pool/last-reference-in-task", test_last_reference_in_task);
    return g_test_run();
}
