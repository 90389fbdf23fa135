/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** McpPool: a bounded set of threads with a bounded queue for blocking or heavy work. */
#define MCP_TYPE_POOL (mcp_pool_get_type())
G_DECLARE_FINAL_TYPE(McpPool, mcp_pool, MCP, POOL, GObject)

/**
 * mcp_pool_new:
 * @name: short name, becomes the threads' name; (transfer none)
 * @threads: how many threads at most, started on demand, 1 to 64
 * @queue: how many tasks may wait
 *
 * Returns: (transfer full): a pool. Dropping the last reference waits for running tasks, but for
 * the one that drops it; waiting ones finish with G_IO_ERROR_CANCELLED.
 */
McpPool *mcp_pool_new(const char *name, guint threads, guint queue);

/**
 * mcp_pool_run:
 * @pool: the pool
 * @task: (transfer none): finished by @func with g_task_return_*(); completes on its own context
 * @func: runs on a thread of the pool; source object, task data and cancellable as GTask gives them
 *
 * The counterpart of g_task_run_in_thread() with a bound. A task already cancelled is not run. When
 * the queue is full the task finishes with MCP_ERROR_LIMIT. Any thread.
 */
void mcp_pool_run(McpPool *pool, GTask *task, GTaskThreadFunc func);

/** mcp_pool_get_waiting: tasks waiting for a thread. Any thread. */
guint mcp_pool_get_waiting(McpPool *pool);

/** mcp_pool_get_threads: upper bound of the pool's threads. Any thread. */
guint mcp_pool_get_threads(McpPool *pool);

G_END_DECLS
