/* SPDX-License-Identifier: Apache-2.0 */
/* The socket of debuggers while the process has no descriptor left for them. */
#include "debugger/debug_server.h"

#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <mcp/pool.h>
#include <sys/resource.h>
#include <unistd.h>

#include "util/log.h"

static void
observe(McpLogLevel level, const char *domain, const char *id, const char *call_id,
        const char *text, gpointer user_data)
{
    if (g_strcmp0(id, "vxml-debug") == 0 && level == MCP_LOG_WARNING)
        g_atomic_int_inc((gint *)user_data);
}

static GSocket *
connect_to(const char *path)
{
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    GSocket *socket =
        g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

    g_assert_true(g_socket_connect(socket, address, NULL, NULL));
    return socket;
}

/* As many as may be are open from now on; the limit that was. */
static struct rlimit
take_descriptors(void)
{
    struct rlimit before;
    struct rlimit none;
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);

    g_assert_cmpint(next, >=, 0);
    close(next);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    none = before;
    none.rlim_cur = (rlim_t)next;
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    return before;
}

/* Until nothing is ready: a source that is ready for ever never gets here. */
static gboolean
settles(void)
{
    for (guint i = 0; i < 1000; i++)
        if (!g_main_context_iteration(NULL, FALSE))
            return TRUE;
    return FALSE;
}

static void
on_stopped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static void
stop(McpVxmlDebugServer *server)
{
    gboolean stopped = FALSE;
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_stopped, &stopped);

    mcp_vxml_debug_server_stop(server, task);
    g_clear_object(&task);
    while (!stopped)
        g_main_context_iteration(NULL, TRUE);
}

static void
test_no_descriptors(void)
{
    g_autofree char *folder = g_dir_make_tmp("mcp-debug-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "debug.sock", NULL);
    McpVxmlDebugCalls *calls = mcp_vxml_debug_calls_new();
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(McpVxmlDebugServer) server = mcp_vxml_debug_server_new(path, 1, calls, clock, NULL);
    g_autoptr(GSocket) socket = NULL;
    struct rlimit before;
    gint warnings = 0;
    guint observer;
    char byte;

    g_assert_nonnull(server);
    observer = mcp_log_add_observer(observe, &warnings);
    socket = connect_to(path);
    before = take_descriptors();
    g_assert_true(settles());
    g_assert_cmpint(warnings, ==, 1);
    for (guint i = 0; i < 5; i++) {
        mcp_clock_advance(clock, mcp_clock_next(clock));
        g_assert_true(settles());
    }
    g_assert_cmpint(warnings, ==, 1);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    mcp_clock_advance(clock, mcp_clock_next(clock));
    g_assert_true(settles());
    /* It was let in: closing the server closes its connection as well. */
    g_assert_cmpint(mcp_clock_next(clock), ==, -1);
    stop(server);
    g_assert_cmpint(g_socket_receive(socket, &byte, 1, NULL, NULL), ==, 0);
    mcp_log_remove_observer(observer);
    mcp_vxml_debug_calls_unref(calls);
    g_rmdir(folder);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vxml/debug-server/no-descriptors", test_no_descriptors);
    return g_test_run();
}
