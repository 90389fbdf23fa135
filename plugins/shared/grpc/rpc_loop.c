/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpRpcLoop: counts itself as a user of the library, which is set up with the first user and torn
 * down with the last of the process, and runs the thread of its completion queue. Any thread.
 */
#include "rpc_loop.h"
#include "rpc_private.h"

#include <grpc/support/log.h>
#include <mcp/log.h>

struct _McpRpcLoop {
    gatomicrefcount refs;
    grpc_completion_queue *queue;
    GThread *thread;
    gint unused; /* atomic; for sanitizers, which do not see how the library tells the thread */

    /* Set by the owner before its reference goes; read when all have gone. */
    GMainContext *context;
    GSourceOnceFunc closed;
    gpointer user_data;
};

/* On the context of who closed it. */
static gboolean
join(gpointer user_data)
{
    McpRpcLoop *loop = user_data;

    g_thread_join(loop->thread);
    loop->closed(loop->user_data);
    g_main_context_unref(loop->context);
    g_free(loop);
    return G_SOURCE_REMOVE;
}

static void
end(McpRpcLoop *loop)
{
    g_autoptr(GSource) source = g_idle_source_new();

    if (g_atomic_int_get(&loop->unused) == 0)
        mcp_log_error("grpc-library", NULL, "the queue ended while it was in use");
    grpc_completion_queue_destroy(loop->queue);
    /* It has no other way to tell when its own threads are gone. */
    grpc_shutdown_blocking();
    if (loop->closed != NULL) {
        g_source_set_callback(source, join, loop, NULL);
        g_source_attach(source, loop->context);
        return;
    }
    g_thread_unref(loop->thread);
    g_free(loop);
}

static gpointer
run(gpointer user_data)
{
    McpRpcLoop *loop = user_data;
    gpr_timespec forever = gpr_inf_future(GPR_CLOCK_REALTIME);
    grpc_event event = grpc_completion_queue_next(loop->queue, forever, NULL);

    while (event.type != GRPC_QUEUE_SHUTDOWN) {
        McpRpcOperation *operation = event.tag;
        McpRpcOperationFunc done = g_atomic_pointer_get(&operation->done);

        done(operation, event.success != 0);
        event = grpc_completion_queue_next(loop->queue, forever, NULL);
    }
    end(loop);
    return NULL;
}

/* Of what the library has to say, calls fail with what matters; the rest is for who looks into a
 * fault. Any thread. */
static void
log_line(gpr_log_func_args *line)
{
    mcp_log_debug("grpc-library", NULL, "%s", line->message);
}

McpRpcLoop *
mcp_rpc_loop_new(const char *name)
{
    McpRpcLoop *loop = g_new0(McpRpcLoop, 1);

    g_atomic_ref_count_init(&loop->refs);
    gpr_set_log_function(log_line);
    /* Whatever the environment says: its traces show the metadata of calls, tokens among them. */
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
    grpc_init();
    loop->queue = grpc_completion_queue_create_for_next(NULL);
    loop->thread = g_thread_new(name, run, loop);
    return loop;
}

McpRpcLoop *
mcp_rpc_loop_ref(McpRpcLoop *loop)
{
    g_atomic_ref_count_inc(&loop->refs);
    return loop;
}

void
mcp_rpc_loop_unref(McpRpcLoop *loop)
{
    if (!g_atomic_ref_count_dec(&loop->refs))
        return;
    g_atomic_int_set(&loop->unused, 1);
    grpc_completion_queue_shutdown(loop->queue);
}

void
mcp_rpc_loop_close(McpRpcLoop *loop, GSourceOnceFunc closed, gpointer user_data)
{
    loop->context = g_main_context_ref_thread_default();
    loop->closed = closed;
    loop->user_data = user_data;
    mcp_rpc_loop_unref(loop);
}

grpc_completion_queue *
mcp_rpc_loop_get_queue(McpRpcLoop *loop)
{
    return loop->queue;
}
