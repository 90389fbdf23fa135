/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that carried rubbish: the platform closes them in the end, whoever holds the other
 * end, so that a stranger cannot use up its descriptors by one bad message each.
 */
#include "sip_server.h"

#include <string.h>

#define PATIENCE_SECONDS 8

static SipServer *server;

static GSocketConnection *
connect_and_send(const char *text)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GError) error = NULL;
    GSocketConnection *connection = NULL;

    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_timeout(client, PATIENCE_SECONDS);
    connection = g_socket_client_connect_to_host(client, "127.0.0.1",
                                                 (guint16)sip_server_port(server), NULL, &error);
    g_assert_no_error(error);
    g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)), text,
                              strlen(text), NULL, NULL, NULL);
    return connection;
}

/* Reads to the end that the other side makes; fails when none comes. */
static void
expect_end(GSocketConnection *connection)
{
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    g_autoptr(GError) error = NULL;
    char buffer[4096];
    gssize length = 0;

    do {
        length = g_input_stream_read(in, buffer, sizeof buffer, NULL, &error);
    } while (length > 0);
    if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
        g_assert_no_error(error);
}

static void
test_rubbish(void)
{
    static const char *const samples[] = {
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1\r\nContent-Length: x\r\n\r\n",
        "INVITE sip:answer@127.0.0.1 SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        "rubbish rubbish rubbish\r\n\r\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autoptr(GSocketConnection) connection = connect_and_send(samples[i]);

        g_test_message("%s", samples[i]);
        expect_end(connection);
    }
}

static gboolean
on_over(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
    return G_SOURCE_REMOVE;
}

static void
run_for(guint ms)
{
    gboolean over = FALSE;

    g_timeout_add(ms, on_over, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

static guint
count_descriptors(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    guint n = 0;

    while (g_dir_read_name(dir) != NULL)
        n++;
    return n;
}

/* The same when the other side has gone first: no descriptor stays. */
static void
test_gone(void)
{
    guint before = count_descriptors();
    gint64 end = 0;

    for (guint i = 0; i < 20; i++) {
        g_autoptr(GSocketConnection) connection =
            connect_and_send("rubbish rubbish rubbish\r\n\r\nSIP/2.0 1 x\r\n\r\n");
    }
    g_assert_true(peer_ping(sip_server_port(server)));
    end = g_get_monotonic_time() + PATIENCE_SECONDS * G_TIME_SPAN_SECOND;
    while (count_descriptors() > before && g_get_monotonic_time() < end)
        run_for(20);
    g_assert_cmpuint(count_descriptors(), <=, before);
}

static char *
options_over_tcp(void)
{
    g_autofree char *request = peer_request("OPTIONS", "sip:127.0.0.1", "", "");
    g_autoptr(GString) text = g_string_new(request);

    g_string_replace(text, "/UDP", "/TCP", 1);
    g_string_replace(text, "@LP@", "5060", 0);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
expect_answer(GSocketConnection *connection)
{
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    char buffer[4096];

    g_assert_cmpint(g_input_stream_read(in, buffer, sizeof buffer, NULL, NULL), >, 0);
}

/* A connection that carries what it should stays open. */
static void
test_kept(void)
{
    g_autofree char *text = options_over_tcp();
    g_autoptr(GSocketConnection) connection = connect_and_send(text);

    expect_answer(connection);
    run_for(3000); /* longer than a sweep */
    g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)), text,
                              strlen(text), NULL, NULL, NULL);
    expect_answer(connection);
}

/* Those that have ended do not count, however fast they come: more than a source may have. */
static void
test_short(void)
{
    for (guint i = 0; i < 300; i++) {
        g_autofree char *text = options_over_tcp();
        g_autoptr(GSocketConnection) connection = connect_and_send(text);

        expect_answer(connection);
    }
}

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/connections/rubbish", test_rubbish);
    g_test_add_func("/connections/gone", test_gone);
    g_test_add_func("/connections/kept", test_kept);
    g_test_add_func("/connections/short", test_short);
    server = sip_server_new();
    result = g_test_run();
    sip_server_free(server);
    return result;
}
