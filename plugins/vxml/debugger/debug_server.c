/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets in the platform's own user and root, as many as may debug at a time; each gets a thread.
 * Control context.
 */
#include "debug_server.h"

#include <glib/gstdio.h>
#include <mcp/log.h>
#include <mcp/pool.h>
#include <unistd.h>

#include "attachment.h"
#include "dap.h"
#include "unix_socket/unix_socket.h"

/* The owner's; who connects is looked at as well. */
#define MODE 0600
/* µs until it is tried again after a connection could not be taken: nobody lets go of descriptors
 * because of it, and who waits for it at once keeps a core busy. */
#define RECOVERY ((gint64)G_USEC_PER_SEC)

struct _McpVxmlDebugServer {
    char *path;
    guint limit;
    McpVxmlDebugCalls *calls;
    McpPool *threads;
    GSocket *listener; /* nullable: closed */
    GSource *source;   /* nullable: nobody is let in just now */
    McpClock *clock;
    McpTimer *recovery;     /* nullable: in place of the source */
    gboolean told;          /* why nobody is let in */
    GPtrArray *attachments; /* McpVxmlAttachment: those that have a thread */
    GTask *stopping;        /* nullable: waits for the last of them */
};

static void
stop_if_idle(McpVxmlDebugServer *server)
{
    g_autoptr(GTask) task = NULL;

    if (server->stopping == NULL || server->attachments->len > 0)
        return;
    task = g_steal_pointer(&server->stopping);
    g_task_return_boolean(task, TRUE);
}

static void
serve(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    mcp_vxml_attachment_serve(data);
    g_task_return_boolean(task, TRUE);
}

static void
on_served(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpVxmlDebugServer *server = user_data;
    McpVxmlAttachment *attachment = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error))
        mcp_log_warning("vxml-debug", NULL, "a debugger gets no thread: %s", error->message);
    g_ptr_array_remove_fast(server->attachments, attachment);
    stop_if_idle(server);
}

/* SO_PEERCRED: nobody can claim to be somebody else. */
static gboolean
is_allowed(GSocket *connection)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GCredentials) credentials = g_socket_get_credentials(connection, &error);
    uid_t user = credentials != NULL ? g_credentials_get_unix_user(credentials, &error) : (uid_t)-1;

    if (error == NULL && (user == 0 || user == geteuid()))
        return TRUE;
    mcp_log_warning("vxml-debug", NULL, "a debugger of user %d is refused%s%s", (int)user,
                    error != NULL ? ": " : "", error != NULL ? error->message : "");
    return FALSE;
}

static void
refuse(McpVxmlDebugServer *server, GSocket *connection)
{
    g_autoptr(McpVxmlDap) dap = mcp_vxml_dap_new(-1, g_socket_get_fd(connection));
    g_autofree char *line = g_strdup_printf("mcpd has its %u debuggers already\n", server->limit);

    mcp_log_info("vxml-debug", NULL, "a debugger is refused: there are %u", server->limit);
    mcp_vxml_dap_say(dap, line);
    mcp_vxml_dap_tell(dap, "terminated", NULL);
}

static void listen_again(gpointer user_data);

/* What is wrong is told once, until somebody came in again. */
static void
pause_listening(McpVxmlDebugServer *server, const char *why)
{
    if (!server->told)
        mcp_log_warning("vxml-debug", NULL, "debuggers have to wait: %s", why);
    server->told = TRUE;
    g_source_destroy(server->source);
    g_clear_pointer(&server->source, g_source_unref);
    server->recovery = mcp_clock_after(server->clock, NULL, RECOVERY, listen_again, server);
}

static void
let_in(McpVxmlDebugServer *server, GSocket *connection)
{
    McpVxmlAttachment *attachment;
    g_autoptr(GTask) task = NULL;

    if (!is_allowed(connection))
        return;
    if (server->attachments->len >= server->limit) {
        refuse(server, connection);
        return;
    }
    attachment = mcp_vxml_attachment_new(connection, server->calls);
    if (attachment == NULL)
        return;
    g_ptr_array_add(server->attachments, attachment);
    task = g_task_new(NULL, NULL, on_served, server);
    g_task_set_task_data(task, mcp_vxml_attachment_ref(attachment),
                         (GDestroyNotify)mcp_vxml_attachment_unref);
    mcp_pool_run(server->threads, task, serve);
}

static gboolean
on_connection(GSocket *listener, GIOCondition condition, gpointer user_data)
{
    McpVxmlDebugServer *server = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) connection = g_socket_accept(listener, NULL, &error);

    if (connection != NULL) {
        server->told = FALSE;
        let_in(server, connection);
    } else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
        pause_listening(server, error->message);
    }
    return G_SOURCE_CONTINUE;
}

static void
watch(McpVxmlDebugServer *server)
{
    server->source = g_socket_create_source(server->listener, G_IO_IN, NULL);
    g_source_set_callback(server->source, G_SOURCE_FUNC(on_connection), server, NULL);
    g_source_attach(server->source, g_main_context_get_thread_default());
}

static void
listen_again(gpointer user_data)
{
    McpVxmlDebugServer *server = user_data;

    mcp_timer_clear(&server->recovery);
    watch(server);
}

McpVxmlDebugServer *
mcp_vxml_debug_server_new(const char *path, guint limit, McpVxmlDebugCalls *calls, McpClock *clock,
                          GError **error)
{
    g_autoptr(GSocket) listener = mcp_unix_socket_listen(path, MODE, error);
    McpVxmlDebugServer *server;

    if (listener == NULL)
        return NULL;
    g_socket_set_blocking(listener, FALSE);
    server = g_new0(McpVxmlDebugServer, 1);
    server->path = g_strdup(path);
    server->limit = limit;
    server->calls = mcp_vxml_debug_calls_ref(calls);
    server->threads = mcp_pool_new("vxml-debug", limit, limit);
    server->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_vxml_attachment_unref);
    server->listener = g_steal_pointer(&listener);
    server->clock = g_object_ref(clock);
    watch(server);
    return server;
}

void
mcp_vxml_debug_server_close(McpVxmlDebugServer *server)
{
    if (server->listener != NULL) {
        if (server->source != NULL)
            g_source_destroy(server->source);
        g_clear_pointer(&server->source, g_source_unref);
        mcp_timer_clear(&server->recovery);
        g_clear_object(&server->listener);
        g_unlink(server->path);
    }
    for (guint i = 0; i < server->attachments->len; i++)
        mcp_vxml_attachment_close(server->attachments->pdata[i]);
}

void
mcp_vxml_debug_server_stop(McpVxmlDebugServer *server, GTask *task)
{
    mcp_vxml_debug_server_close(server);
    g_set_object(&server->stopping, task);
    stop_if_idle(server);
}

void
mcp_vxml_debug_server_free(McpVxmlDebugServer *server)
{
    mcp_vxml_debug_server_close(server);
    g_clear_object(&server->threads);
    g_ptr_array_unref(server->attachments);
    mcp_vxml_debug_calls_unref(server->calls);
    g_object_unref(server->clock);
    g_free(server->path);
    g_free(server);
}
