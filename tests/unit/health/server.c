/* SPDX-License-Identifier: Apache-2.0 */
/* The server against clients that behave and clients that do not. */
#include <server.h>
#include <string.h>

#define MAX_CLIENTS 4

typedef struct {
    McpHealthServer *server;
    GSocketAddress *address;
    McpClock *clock;
    gint good;   /* atomic */
    gint counts; /* atomic */
} Fixture;

static char *
ask(McpHealthProbe probe, gboolean *out_good, gpointer user_data)
{
    Fixture *fixture = user_data;

    *out_good = g_atomic_int_get(&fixture->good);
    return g_strdup_printf("{\"probe\":%d}", (int)probe);
}

static void
count(guint status, gpointer user_data)
{
    g_atomic_int_inc(&((Fixture *)user_data)->counts);
}

static guint16
free_port(void)
{
    g_autoptr(GSocketListener) listener = g_socket_listener_new();

    return g_socket_listener_add_any_inet_port(listener, NULL, NULL);
}

static void
fixture_open(Fixture *fixture, gint64 timeout)
{
    GError *error = NULL;

    *fixture = (Fixture){.good = TRUE, .clock = mcp_clock_new()};
    fixture->address = g_inet_socket_address_new_from_string("127.0.0.1", free_port());
    fixture->server = mcp_health_server_new(&(McpHealthServerParams){.address = fixture->address,
                                                                     .clock = fixture->clock,
                                                                     .max_clients = MAX_CLIENTS,
                                                                     .timeout = timeout,
                                                                     .ask = ask,
                                                                     .count = count,
                                                                     .user_data = fixture},
                                            &error);
    g_assert_no_error(error);
}

static void
fixture_close(Fixture *fixture)
{
    mcp_health_server_free(fixture->server);
    g_object_unref(fixture->address);
    g_object_unref(fixture->clock);
}

static GSocket *
connect_to(Fixture *fixture)
{
    GError *error = NULL;
    GSocket *client =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

    g_assert_no_error(error);
    g_socket_set_timeout(client, 30);
    g_assert_true(g_socket_connect(client, fixture->address, NULL, &error));
    return client;
}

static void
say(GSocket *client, const char *text, gsize length)
{
    /* The server may have hung up already. */
    g_socket_send(client, text, length, NULL, NULL);
}

/* All until the server hangs up. */
static char *
hear(GSocket *client)
{
    GString *heard = g_string_new(NULL);
    char block[1024];
    gssize n;

    while ((n = g_socket_receive(client, block, sizeof block, NULL, NULL)) > 0)
        g_string_append_len(heard, block, n);
    return g_string_free(heard, FALSE);
}

static char *
exchange(Fixture *fixture, const char *request)
{
    g_autoptr(GSocket) client = connect_to(fixture);

    say(client, request, strlen(request));
    return hear(client);
}

static void
test_answers(void)
{
    Fixture fixture;
    g_autofree char *yes = NULL;
    g_autofree char *no = NULL;
    g_autofree char *head = NULL;
    g_autofree char *bad = NULL;

    fixture_open(&fixture, 30 * G_USEC_PER_SEC);
    yes = exchange(&fixture, "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
    g_assert_true(g_str_has_prefix(yes, "HTTP/1.1 200 OK\r\n"));
    g_assert_true(g_str_has_suffix(yes, "\r\n\r\n{\"probe\":1}"));
    g_assert_nonnull(strstr(yes, "Content-Length: 11\r\n"));
    g_atomic_int_set(&fixture.good, FALSE);
    no = exchange(&fixture, "GET /live HTTP/1.1\r\n\r\n");
    g_assert_true(g_str_has_prefix(no, "HTTP/1.1 503 "));
    head = exchange(&fixture, "HEAD /live HTTP/1.1\r\n\r\n");
    g_assert_true(g_str_has_suffix(head, "\r\n\r\n"));
    bad = exchange(&fixture, "PUT /live HTTP/1.1\r\n\r\n");
    g_assert_true(g_str_has_prefix(bad, "HTTP/1.1 405 "));
    g_assert_nonnull(strstr(bad, "Allow: GET, HEAD\r\n"));
    g_assert_cmpint(g_atomic_int_get(&fixture.counts), ==, 4);
    fixture_close(&fixture);
}

/* What comes after the head is read away, so that the answer arrives. */
static void
test_flood(void)
{
    Fixture fixture;
    g_autofree char *body = g_strnfill(64 * 1024, 'x');
    g_autofree char *request = g_strconcat("GET /live HTTP/1.1\r\n\r\n", body, NULL);
    g_autofree char *answer = NULL;
    g_autofree char *long_answer = NULL;

    fixture_open(&fixture, 30 * G_USEC_PER_SEC);
    answer = exchange(&fixture, request);
    g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 200 "));
    long_answer = exchange(&fixture, body);
    g_assert_true(g_str_has_prefix(long_answer, "HTTP/1.1 431 "));
    fixture_close(&fixture);
}

/* Who says nothing is hung up on, and cannot keep others out until then. */
static void
test_silent(void)
{
    Fixture fixture;
    GSocket *silent[3 * MAX_CLIENTS];
    g_autofree char *answer = NULL;

    fixture_open(&fixture, 200 * G_TIME_SPAN_MILLISECOND);
    for (guint i = 0; i < G_N_ELEMENTS(silent); i++) {
        silent[i] = connect_to(&fixture);
        say(silent[i], "GET /li", 7);
    }
    for (guint i = 0; i < G_N_ELEMENTS(silent); i++) {
        g_autofree char *heard = hear(silent[i]);

        g_assert_cmpstr(heard, ==, "");
        g_object_unref(silent[i]);
    }
    answer = exchange(&fixture, "GET /live HTTP/1.1\r\n\r\n");
    g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 200 ") || *answer == '\0');
    fixture_close(&fixture);
}

static void
test_full(void)
{
    Fixture fixture;
    GSocket *silent[2 * MAX_CLIENTS];
    g_autofree char *answer = NULL;

    fixture_open(&fixture, 60 * G_USEC_PER_SEC);
    for (guint i = 0; i < G_N_ELEMENTS(silent); i++)
        silent[i] = connect_to(&fixture);
    answer = exchange(&fixture, "GET /live HTTP/1.1\r\n\r\n");
    g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 200 "));
    for (guint i = 0; i < G_N_ELEMENTS(silent); i++)
        g_object_unref(silent[i]);
    fixture_close(&fixture);
}

static void
test_taken(void)
{
    Fixture fixture;
    GError *error = NULL;
    McpHealthServer *second;

    fixture_open(&fixture, G_USEC_PER_SEC);
    second = mcp_health_server_new(&(McpHealthServerParams){.address = fixture.address,
                                                            .clock = fixture.clock,
                                                            .max_clients = 1,
                                                            .timeout = G_USEC_PER_SEC,
                                                            .ask = ask,
                                                            .count = count,
                                                            .user_data = &fixture},
                                   &error);
    g_assert_null(second);
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
    g_clear_error(&error);
    fixture_close(&fixture);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/health/server/answers", test_answers);
    g_test_add_func("/health/server/flood", test_flood);
    g_test_add_func("/health/server/silent", test_silent);
    g_test_add_func("/health/server/full", test_full);
    g_test_add_func("/health/server/taken", test_taken);
    return g_test_run();
}
