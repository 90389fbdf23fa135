/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with SIPp on the other side. Each row is a scenario file, the script that the server
 * plays (sip_server.c), the transport, and the events that must have come by the end.
 */
#include "sip_server.h"

#include <string.h>

#define PEER_DEADLINE_SECONDS 15

typedef struct {
    const char *name;
    const char *scenario;
    const char *user;
    const char *transport; /* SIPp's -t: u1, t1, or u6 for UDP over IPv6 */
    const char *events[4];
} Row;

static SipServer *server;

static const Row callers[] = {
    {"basic-udp",
     "basic",
     "answer",
     "u1",
     {"answer INVITE udp offer", "answer ACKED", "answer ENDED 200 remote BYE"}},
    {"basic-tcp",
     "basic",
     "answer",
     "t1",
     {"answer INVITE tcp offer", "answer ACKED", "answer ENDED 200 remote BYE"}},
    {"basic-ipv6",
     "basic",
     "answer",
     "u6",
     {"answer INVITE udp offer", "answer ACKED", "answer ENDED 200 remote BYE"}},
    {"offerless",
     "offerless",
     "answer",
     "u1",
     {"answer INVITE udp no offer", "answer ACKED 0 sdp", "answer ENDED 200 remote BYE"}},
    {"offerless-no-answer", "offerless_no_answer", "answer", "u1", {"answer ENDED 488 no usable"}},
    {"reinvite-udp",
     "reinvite",
     "answer",
     "u1",
     {"answer OFFERED 0 sdp", "answer OFFERED 0 ", "answer ACKED 0 sdp",
      "answer ENDED 200 remote BYE"}},
    {"reinvite-tcp",
     "reinvite",
     "answer",
     "t1",
     {"answer OFFERED 0 sdp", "answer OFFERED 0 ", "answer ACKED 0 sdp",
      "answer ENDED 200 remote BYE"}},
    {"reinvite-refused",
     "reinvite_refused",
     "stubborn",
     "u1",
     {"stubborn OFFERED 0 sdp", "stubborn ENDED 200 remote BYE"}},
    {"reinvite-bad", "reinvite_bad", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"cancel-udp", "cancel", "ring", "u1", {"ring ENDED 487 remote cancelled"}},
    {"cancel-tcp", "cancel", "ring", "t1", {"ring ENDED 487 remote cancelled"}},
    {"cancel-late", "cancel_late", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"lost-ack", "lost_ack", "answer", "u1", {"answer ENDED 408 no ACK came"}},
    {"late-ack", "late_ack", "answer", "u1", {"answer ACKED", "answer ENDED 200 remote BYE"}},
    {"bye-unacked", "bye_unacked", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"hangup-udp",
     "hangup",
     "hangup",
     "u1",
     {"hangup ACKED", "hangup ENDED 200 finished", "hangup LAST 200 OK (BYE)"}},
    {"hangup-tcp", "hangup", "hangup", "t1", {"hangup ACKED", "hangup ENDED 200 finished"}},
    {"hangup-ipv6", "hangup_bare", "hangup", "u6", {"hangup ACKED", "hangup ENDED 200 finished"}},
    {"rush", "rush", "rush", "u1", {"rush ENDED 200 "}},
    {"crossing", "crossing", "hangup", "u1", {"hangup ENDED 200 finished"}},
    {"info",
     "info",
     "info",
     "u1",
     {"info INFO 0 application/dtmf-relay", "info ENDED 200 remote BYE"}},
    {"reoffer",
     "reoffer",
     "reoffer",
     "u1",
     {"reoffer REOFFER_DONE 200 sdp", "reoffer ENDED 200 remote BYE"}},
    {"glare",
     "glare",
     "reoffer",
     "u1",
     {"reoffer REOFFER_FAILED 491", "reoffer ENDED 200 remote BYE"}},
    {"lost-dialog", "lost_dialog", "reoffer", "u1", {"reoffer ENDED 481"}},
    {"busy", "busy", "busy", "u1", {"busy ENDED 486 busy here"}},
    {"early", "early", "early", "u1", {"early ENDED 200 remote BYE"}},
};

static const Row callees[] = {
    {"place-bye-udp",
     "uas_bye",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"place-bye-tcp",
     "uas_bye",
     "placed",
     "t1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"place-bye-ipv6",
     "uas_bye",
     "placed",
     "u6",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"place-busy", "uas_busy", "placed", "u1", {"placed ENDED 486 remote Busy Here"}},
};

/* As above, but the test hangs up once the first event has come. */
static const Row hung_up[] = {
    {"place-end",
     "uas_answer",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed PROGRESS 180", "placed ENDED 200",
      "placed LAST 200 OK (BYE)"}},
    {"place-cancel",
     "uas_ring",
     "placed",
     "u1",
     {"placed PROGRESS 180", "placed ENDED 487 enough", "placed LAST 487 "}},
    {"place-cancel-late",
     "uas_late",
     "placed",
     "u1",
     {"placed PROGRESS 180", "placed ENDED 487 enough"}},
    {"place-offerless",
     "uas_offer",
     "offerless",
     "u1",
     {"offerless ANSWERED 200 sdp", "offerless ENDED 200"}},
};

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

static GSubprocess *
start_peer(const Row *row, guint own_port, const char *errors, const char *remote)
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

static void
finish_peer(GSubprocess *peer, const Row *row, const char *errors)
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

static void
check_events(const Row *row)
{
    for (guint i = 0; i < G_N_ELEMENTS(row->events) && row->events[i] != NULL; i++)
        sip_server_expect(server, row->events[i]);
    sip_server_wait_idle(server);
    g_assert_true(peer_ping(sip_server_port(server)));
}

static char *
error_file(void)
{
    return g_strdup_printf("%s/sipp-%u-%u.err", g_get_tmp_dir(), (guint)getpid(), g_random_int());
}

static void
test_caller(gconstpointer data)
{
    const Row *row = data;
    g_autofree char *errors = error_file();
    g_autofree char *remote = g_strdup_printf(
        g_str_equal(row->transport, "u6") ? "[::1]:%u" : "127.0.0.1:%u", sip_server_port(server));
    g_autoptr(GSubprocess) peer = NULL;

    sip_server_forget(server);
    peer = start_peer(row, peer_free_port(), errors, remote);
    finish_peer(peer, row, errors);
    check_events(row);
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

/* The peer listens once it has taken its port. */
static void
wait_taken(const Row *row, guint port)
{
    gint64 end = g_get_monotonic_time() + 5 * G_TIME_SPAN_SECOND;

    while (!is_taken(port) && g_get_monotonic_time() < end)
        g_main_context_iteration(NULL, FALSE);
    g_assert_true(is_taken(port));
}

static McpSession *
place(const Row *row, guint port)
{
    g_autofree char *target = g_strdup_printf(
        "sip:%s@%s:%u%s", row->user, g_str_equal(row->transport, "u6") ? "[::1]" : "127.0.0.1",
        port, g_str_equal(row->transport, "t1") ? ";transport=tcp" : "");

    return sip_server_place(server, target, !g_str_equal(row->user, "offerless"),
                            10 * G_USEC_PER_SEC);
}

static void
run_callee(const Row *row, gboolean hang_up)
{
    g_autofree char *errors = error_file();
    guint port = peer_free_port();
    const char *remote = g_str_equal(row->transport, "u6") ? "[::1]" : "127.0.0.1";
    g_autoptr(GSubprocess) peer = start_peer(row, port, errors, remote);
    g_autoptr(McpSession) session = NULL;

    sip_server_forget(server);
    wait_taken(row, port);
    session = place(row, port);
    if (hang_up) {
        sip_server_expect(server, row->events[0]);
        mcp_session_end(session, "enough", NULL, NULL);
    }
    finish_peer(peer, row, errors);
    check_events(row);
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

/* Nobody answers: the deadline cancels; nobody is there at all: the transaction gives up. */
static void
test_no_answer(void)
{
    static const Row row = {
        "no-answer", "uas_ring", "placed", "u1", {"placed ENDED 408 no answer"}};
    g_autofree char *errors = error_file();
    guint port = peer_free_port();
    g_autofree char *target = g_strdup_printf("sip:x@127.0.0.1:%u", port);
    g_autoptr(GSubprocess) peer = start_peer(&row, port, errors, "127.0.0.1");
    g_autoptr(McpSession) session = NULL;

    sip_server_forget(server);
    wait_taken(&row, port);
    session = sip_server_place(server, target, TRUE, G_USEC_PER_SEC / 5);
    finish_peer(peer, &row, errors);
    check_events(&row);
    unlink(errors);
}

static void
test_nobody(void)
{
    g_autofree char *target = g_strdup_printf("sip:x@127.0.0.1:%u", peer_free_port());
    g_autoptr(McpSession) session = NULL;

    sip_server_forget(server);
    session = sip_server_place(server, target, TRUE, 10 * G_USEC_PER_SEC);
    sip_server_expect(server, "placed ENDED ");
    sip_server_wait_idle(server);
}

static void
test_ladder(void)
{
    static const Row row = {"ladder", "uas_answer", "placed", "u1", {NULL}};
    g_autofree char *errors = error_file();
    guint port = peer_free_port();
    g_autoptr(GSubprocess) peer = start_peer(&row, port, errors, "127.0.0.1");
    g_autoptr(McpSession) session = NULL;
    g_autoptr(GPtrArray) ladder = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    sip_server_forget(server);
    wait_taken(&row, port);
    session = place(&row, port);
    sip_server_expect(server, "placed ANSWERED");
    mcp_session_end(session, NULL, NULL, NULL);
    finish_peer(peer, &row, errors);
    sip_server_wait_idle(server);
    ladder = mcp_session_get_ladder(session);
    for (guint i = 0; i < ladder->len; i++) {
        const McpLadderEntry *entry = ladder->pdata[i];

        g_string_append_printf(text, "%s%.6s ", entry->sent ? ">" : "<", entry->summary);
    }
    if (strstr(text->str, "<100") != NULL)
        g_string_replace(text, "<100 Tr ", "", 1);
    g_assert_cmpstr(text->str, ==, ">INVITE <180 Ri <200 OK >ACK >BYE <200 OK ");
    unlink(errors);
}

static void
add_rows(const Row *rows, guint n, GTestDataFunc func)
{
    for (guint i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("/sip/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], func);
    }
}

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    add_rows(callers, G_N_ELEMENTS(callers), test_caller);
    add_rows(callees, G_N_ELEMENTS(callees), test_callee);
    add_rows(hung_up, G_N_ELEMENTS(hung_up), test_hung_up);
    g_test_add_func("/sip/place-no-answer", test_no_answer);
    g_test_add_func("/sip/place-nobody", test_nobody);
    g_test_add_func("/sip/ladder", test_ladder);
    server = sip_server_new();
    result = g_test_run();
    sip_server_free(server);
    return result;
}
