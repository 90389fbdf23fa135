/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call of one message each way, as a task. Runs on the caller's context.
 */
#include "rpc_call.h"

typedef struct {
    McpRpcCall *call;
    GSource *cancelled;
    GBytes *answer;
    gboolean too_many;
} Unary;

static void
stop_watching(Unary *unary)
{
    if (unary->cancelled != NULL)
        g_source_destroy(unary->cancelled);
    g_clear_pointer(&unary->cancelled, g_source_unref);
}

static void
unary_free(gpointer data)
{
    Unary *unary = data;

    stop_watching(unary);
    g_clear_pointer(&unary->call, mcp_rpc_call_close);
    g_clear_pointer(&unary->answer, g_bytes_unref);
    g_free(unary);
}

static void
got_message(GBytes *message, gpointer user_data)
{
    Unary *unary = g_task_get_task_data(user_data);

    if (unary->answer == NULL)
        unary->answer = g_bytes_ref(message);
    else
        unary->too_many = TRUE;
}

static void
got_end(const GError *error, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    Unary *unary = g_task_get_task_data(task);

    stop_watching(unary);
    if (error != NULL)
        g_task_return_error(task, g_error_copy(error));
    else if (unary->answer == NULL || unary->too_many)
        g_task_return_new_error(task, MCP_RPC_ERROR, MCP_RPC_ERROR_INTERNAL, "INTERNAL: %s",
                                unary->too_many ? "more than one answer" : "no answer");
    else
        g_task_return_pointer(task, g_steal_pointer(&unary->answer), (GDestroyNotify)g_bytes_unref);
}

static const McpRpcEvents unary_events = {got_message, got_end};

static gboolean
was_cancelled(GCancellable *cancellable, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    Unary *unary = g_task_get_task_data(task);

    g_clear_pointer(&unary->call, mcp_rpc_call_close);
    g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the call was cancelled");
    return G_SOURCE_REMOVE;
}

void
mcp_rpc_unary_async(McpRpcChannel *channel, const McpRpcRequest *request, GBytes *message,
                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(NULL, cancellable, callback, user_data);
    Unary *unary = g_new0(Unary, 1);

    g_task_set_source_tag(task, mcp_rpc_unary_async);
    g_task_set_task_data(task, unary, unary_free);
    unary->call = mcp_rpc_call_open(channel, request, &unary_events, task);
    mcp_rpc_call_send(unary->call, message, TRUE);
    if (cancellable == NULL)
        return;
    unary->cancelled = g_cancellable_source_new(cancellable);
    g_source_set_callback(unary->cancelled, G_SOURCE_FUNC(was_cancelled), task, NULL);
    g_source_attach(unary->cancelled, g_task_get_context(task));
}

GBytes *
mcp_rpc_unary_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
