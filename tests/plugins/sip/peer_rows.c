/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs SIPp scenarios against the plugin. Main context.
 */
#include "peer_rows.h"

#include <string.h>

#define PEER_DEADLINE_SECONDS 20

static SipServer *server;

static void
on_peer_done(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    g_subprocess_wait_finish(G_SUBPROCESS(source), result, &error);
    g_assert_no_error(error);
    *(gboolean *)user_data = TRUE;
}

static gboolean
on_late(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
    return G_SOURCE_REMOVE;
}

static void
print_file(const char *path)
{
    g_autofree char *text = NULL;

    if (g_file_get_contents(path, &text, NULL, NULL))
        g_test_message("%s", text);
}

GSubprocess *
peer_start(const PeerRow *row, guint own_port, const char *errors, const char *remote)
{
    g_autofree char *file = g_strdup_printf("%s/%s.xml", SCENARIOS, row->scenario);
    g_autofree char *port = g_strdup_printf("%u", own_port);
    gboolean ipv6 = g_str_equal(row->transport, "u6");
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    GSubprocess *peer = NULL;
    const char *argv[] = {"sipp",
                          "-sf",
                          file,
                          "-m",
                          "1",
                          "-i",
                          ipv6 ? "[::1]" : "127.0.0.1",
                          "-p",
                          port,
                          "-t",
                          ipv6 ? "u1" : row->transport,
                          "-s",
                          row->user,
                          "-nostdin",
                          "-timeout",
                          "10s",
                          "-timeout_error",
                          "-recv_timeout",
                          "5000",
                          "-trace_err",
                          "-error_file",
                          errors,
                          remote,
                          NULL};

    g_subprocess_launcher_set_cwd(launcher, g_get_tmp_dir());
    /* The peer is not built with the sanitizers of this program. */
    g_subprocess_launcher_unsetenv(launcher, "LD_PRELOAD");
    peer = g_subprocess_launcher_spawnv(launcher, argv, &error);
    g_assert_no_error(error);
    return peer;
}

void
peer_finish(GSubprocess *peer, const PeerRow *row, const char *errors)
{
    gboolean done = FALSE;
    gboolean late = FALSE;
    guint id = g_timeout_add_seconds(PEER_DEADLINE_SECONDS, on_late, &late);

    g_subprocess_wait_async(peer, NULL, on_peer_done, &done);
    while (!done && !late)
        g_main_context_iteration(NULL, TRUE);
    if (late) {
        g_subprocess_force_exit(peer);
        g_test_message("the peer did not end");
        g_test_fail();
        return;
    }
    g_source_remove(id);
    if (g_subprocess_get_if_exited(peer) && g_subprocess_get_exit_status(peer) == 0)
        return;
    print_file(errors);
    g_test_fail();
}

void
peer_check_events(const PeerRow *row)
{
    for (guint i = 0; i < G_N_ELEMENTS(row->events) && row->events[i] != NULL; i++)
        sip_server_expect(server, row->events[i]);
    sip_server_wait_idle(server);
    g_assert_true(peer_ping(sip_server_port(server)));
}

char *
peer_error_file(void)
{
    return g_strdup_printf("%s/sipp-%u-%u.err", g_get_tmp_dir(), (guint)getpid(), g_random_int());
}

static void
test_caller(gconstpointer data)
{
    const PeerRow *row = data;
    g_autofree char *errors = peer_error_file();
    g_autofree char *remote = g_strdup_printf(
        g_str_equal(row->transport, "u6") ? "[::1]:%u" : "127.0.0.1:%u", sip_server_port(server));
    g_autoptr(GSubprocess) peer = NULL;

    sip_server_forget(server);
    peer = peer_start(row, peer_free_port(), errors, remote);
    peer_finish(peer, row, errors);
    peer_check_events(row);
    unlink(errors);
}

/* Looks the port up in the kernel's tables: trying to bind it would be in the peer's way. */
static gboolean
is_taken(guint port)
{
    static const char *const tables[] = {"udp", "udp6", "tcp", "tcp6"};
    g_autofree char *pattern = g_strdup_printf(":%04X ", port);

    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *path = g_strdup_printf("/proc/net/%s", tables[i]);
        g_autofree char *text = NULL;

        if (g_file_get_contents(path, &text, NULL, NULL) && strstr(text, pattern) != NULL)
            return TRUE;
    }
    return FALSE;
}

void
peer_wait_taken(guint port)
{
    gint64 end = g_get_monotonic_time() + 5 * G_TIME_SPAN_SECOND;

    while (!is_taken(port) && g_get_monotonic_time() < end)
        g_main_context_iteration(NULL, FALSE);
    g_assert_true(is_taken(port));
}

McpSession *
peer_place(const PeerRow *row, guint port)
{
    g_autofree char *target = g_strdup_printf(
        "sip:%s@%s:%u%s", row->user, g_str_equal(row->transport, "u6") ? "[::1]" : "127.0.0.1",
        port, g_str_equal(row->transport, "t1") ? ";transport=tcp" : "");

    return sip_server_place(server, target, !g_str_equal(row->user, "offerless"),
                            10 * G_USEC_PER_SEC);
}

static void
run_callee(const PeerRow *row, gboolean hang_up)
{
    g_autofree char *errors = peer_error_file();
    guint port = peer_free_port();
    const char *remote = g_str_equal(row->transport, "u6") ? "[::1]" : "127.0.0.1";
    g_autoptr(GSubprocess) peer = peer_start(row, port, errors, remote);
    g_autoptr(McpSession) session = NULL;

    sip_server_forget(server);
    peer_wait_taken(port);
    session = peer_place(row, port);
    if (hang_up) {
        sip_server_expect(server, row->events[0]);
        mcp_session_end(session, "enough", NULL, NULL);
    }
    peer_finish(peer, row, errors);
    peer_check_events(row);
    unlink(errors);
}

static void
test_callee(gconstpointer data)
{
    run_callee(data, FALSE);
}

static void
test_hung_up(gconstpointer data)
{
    run_callee(data, TRUE);
}

static void
add_rows(const PeerRow *rows, guint n, GTestDataFunc func)
{
    for (guint i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("/sip/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], func);
    }
}

void
peer_rows_set_server(SipServer *the_server)
{
    server = the_server;
}

void
peer_rows_add_callers(const PeerRow *rows, guint n)
{
    add_rows(rows, n, test_caller);
}

void
peer_rows_add_callees(const PeerRow *rows, guint n)
{
    add_rows(rows, n, test_callee);
}

void
peer_rows_add_hung_up(const PeerRow *rows, guint n)
{
    add_rows(rows, n, test_hung_up);
}
