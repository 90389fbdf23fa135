/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listeners against real clients: what is refused before its body, limits, streams and their end,
 * sockets that are stale or taken, TLS with a token. Clients run on a thread of their own.
 */
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <sys/stat.h>
#include <web_config.h>
#include <web_listener.h>
#include <web_port.h>

#include "unix_socket/unix_socket.h"

typedef struct {
    char *folder;
    McpClock *clock;
    McpWebConfig config;
    McpWebPort *port;
    McpListener *listener; /* only to reach the answers */
    McpWebRequest *stream;
    guint requests;
    guint closed;
} Fixture;

static void
on_closed(McpWebRequest *request, gpointer data)
{
    Fixture *fixture = data;

    fixture->closed++;
    fixture->stream = NULL;
}

static void
on_request(McpWebRequest *request, const McpWebFacts *facts, gpointer data)
{
    Fixture *fixture = data;
    gsize length = 0;
    const char *body = g_bytes_get_data(facts->body, &length);
    g_autofree char *text = NULL;

    fixture->requests++;
    if (strcmp(facts->path, "/stream") == 0) {
        mcp_listener_stream_begin(fixture->listener, request, "text/event-stream", on_closed,
                                  fixture);
        fixture->stream = request;
        mcp_listener_stream_write(fixture->listener, request, "data: 1\n\n", 9);
        return;
    }
    text = g_strdup_printf("%s %s q=%s %.*s", facts->method, facts->path,
                           (const char *)g_hash_table_lookup(facts->query, "q"), (int)length,
                           body != NULL ? body : "");
    mcp_listener_respond(fixture->listener, request, 200, "text/plain", text, strlen(text));
}

static void
set_up(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;

    mcp_log_set_level(MCP_LOG_ERROR);
    fixture->folder = g_dir_make_tmp("mcp-web-XXXXXX", NULL);
    fixture->clock = mcp_clock_new();
    fixture->config = (McpWebConfig){.name = (char *)"test",
                                     .socket = g_build_filename(fixture->folder, "s", NULL),
                                     .max_body = 1000,
                                     .max_clients = 4,
                                     .idle_seconds = 30};
    fixture->listener = MCP_LISTENER(mcp_web_listener_new(g_ptr_array_new(), NULL, fixture->clock));
    fixture->port = mcp_web_port_new(&fixture->config, fixture->clock, &error);
    g_assert_no_error(error);
    g_assert_true(mcp_web_port_mount(fixture->port, "/api/", on_request, fixture, &error));
}

static void
tear_down(Fixture *fixture, gconstpointer unused)
{
    g_clear_pointer(&fixture->port, mcp_web_port_free);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_false(g_file_test(fixture->config.socket, G_FILE_TEST_EXISTS));
    g_assert_finalize_object(fixture->listener);
    g_object_unref(fixture->clock);
    g_rmdir(fixture->folder);
    g_free(fixture->config.socket);
    g_free(fixture->folder);
}

static GSocketConnection *
connect_to(Fixture *fixture)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(fixture->config.socket);
    g_autoptr(GError) error = NULL;
    GSocketConnection *connection =
        g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, &error);

    g_assert_no_error(error);
    return connection;
}

typedef struct {
    GSocketConnection *connection;
    const char *request;
    GString *answer;
    gint done; /* atomic */
} Exchange;

/* On a thread of its own: writes, then reads to the end. */
static gpointer
run_exchange(gpointer data)
{
    Exchange *exchange = data;
    GIOStream *stream = G_IO_STREAM(exchange->connection);
    char chunk[4096];
    gssize got = 0;

    g_output_stream_write_all(g_io_stream_get_output_stream(stream), exchange->request,
                              strlen(exchange->request), NULL, NULL, NULL);
    while ((got = g_input_stream_read(g_io_stream_get_input_stream(stream), chunk, sizeof(chunk),
                                      NULL, NULL)) > 0)
        g_string_append_len(exchange->answer, chunk, got);
    g_atomic_int_set(&exchange->done, 1);
    g_main_context_wakeup(NULL);
    return NULL;
}

/* (transfer full): the whole answer to one request on a connection of its own. */
static char *
ask(Fixture *fixture, const char *request)
{
    Exchange exchange = {
        .connection = connect_to(fixture), .request = request, .answer = g_string_new(NULL)};
    GThread *thread = g_thread_new("client", run_exchange, &exchange);

    while (!g_atomic_int_get(&exchange.done))
        g_main_context_iteration(NULL, TRUE);
    g_thread_join(thread);
    g_object_unref(exchange.connection);
    return g_string_free(exchange.answer, FALSE);
}

static void
expect(Fixture *fixture, const char *request, const char *part)
{
    g_autofree char *answer = ask(fixture, request);

    g_test_message("%s", request);
    if (strstr(answer, part) == NULL)
        g_error("no \"%s\" in: %s", part, answer);
}

#define HEAD "Host: x\r\nConnection: close\r\n"

static void
test_requests(Fixture *fixture, gconstpointer unused)
{
    struct stat facts;

    g_assert_cmpint(stat(fixture->config.socket, &facts), ==, 0);
    g_assert_cmpuint(facts.st_mode & 0777, ==, 0660);
    expect(fixture, "GET /api/a/b?q=1 HTTP/1.1\r\n" HEAD "\r\n", "GET /a/b q=1");
    expect(fixture, "GET /api HTTP/1.1\r\n" HEAD "\r\n", "GET / q=");
    expect(fixture, "POST /api/x HTTP/1.1\r\n" HEAD "Content-Length: 5\r\n\r\nhello",
           "POST /x q=(null) hello");
    expect(fixture, "GET /apis HTTP/1.1\r\n" HEAD "\r\n", "404");
    expect(fixture, "GET /other HTTP/1.1\r\n" HEAD "\r\n", "no such path");
    g_assert_cmpuint(fixture->requests, ==, 3);
}

static void
test_refused_early(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *fill = g_strnfill(1001, 'x');
    g_autofree char *large =
        g_strconcat("POST /api/x HTTP/1.1\r\n" HEAD "Content-Length: 1001\r\n\r\n", fill, NULL);

    expect(fixture, large, " 413 ");
    expect(fixture, "POST /api/x HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           " 411 ");
    expect(fixture, "nonsense\r\n\r\n", "400");
    fixture->config.token = (char *)"0123456789abcdef";
    expect(fixture, "GET /api/ HTTP/1.1\r\n" HEAD "\r\n", " 401 ");
    expect(fixture, "GET /api/ HTTP/1.1\r\n" HEAD "Authorization: Bearer 0123456789abcdeX\r\n\r\n",
           " 401 ");
    g_assert_cmpuint(fixture->requests, ==, 0);
    expect(fixture, "GET /api/ HTTP/1.1\r\n" HEAD "Authorization: Bearer 0123456789abcdef\r\n\r\n",
           " 200 ");
}

static void
test_too_many(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GPtrArray) idle = g_ptr_array_new_with_free_func(g_object_unref);
    g_autofree char *answer = NULL;

    for (guint i = 0; i < 4; i++)
        g_ptr_array_add(idle, connect_to(fixture));
    answer = ask(fixture, "GET /api/ HTTP/1.1\r\n" HEAD "\r\n");
    g_assert_cmpstr(answer, ==, "");
    g_ptr_array_set_size(idle, 0);
    for (;;) {
        g_autofree char *again = ask(fixture, "GET /api/ HTTP/1.1\r\n" HEAD "\r\n");

        if (strstr(again, " 200 ") != NULL)
            break;
    }
}

static void
write_line(GSocketConnection *connection, const char *text)
{
    g_assert_true(g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)),
                                            text, strlen(text), NULL, NULL, NULL));
}

static void
test_stream_end(Fixture *fixture, gconstpointer unused)
{
    Exchange exchange = {.connection = connect_to(fixture),
                         .request = "GET /api/stream HTTP/1.1\r\n" HEAD "\r\n",
                         .answer = g_string_new(NULL)};
    GThread *thread = g_thread_new("client", run_exchange, &exchange);

    while (fixture->stream == NULL)
        g_main_context_iteration(NULL, TRUE);
    for (guint i = 0; i < 1000; i++) {
        g_assert_true(
            mcp_listener_stream_write(fixture->listener, fixture->stream, "data: n\n\n", 9));
        if (i % 100 == 0)
            g_main_context_iteration(NULL, FALSE);
    }
    mcp_listener_stream_write(fixture->listener, fixture->stream, "data: last\n\n", 12);
    mcp_listener_stream_end(fixture->listener, fixture->stream);
    while (!g_atomic_int_get(&exchange.done))
        g_main_context_iteration(NULL, TRUE);
    g_thread_join(thread);
    g_assert_nonnull(strstr(exchange.answer->str, "data: 1"));
    g_assert_nonnull(strstr(exchange.answer->str, "data: last"));
    g_assert_cmpuint(fixture->closed, ==, 0);
    g_object_unref(exchange.connection);
    g_string_free(exchange.answer, TRUE);
}

static void
test_stream_client_gone(Fixture *fixture, gconstpointer unused)
{
    GSocketConnection *connection = connect_to(fixture);

    write_line(connection, "GET /api/stream HTTP/1.1\r\n" HEAD "\r\n");
    while (fixture->stream == NULL)
        g_main_context_iteration(NULL, TRUE);
    g_io_stream_close(G_IO_STREAM(connection), NULL, NULL);
    g_object_unref(connection);
    while (fixture->closed == 0) {
        if (fixture->stream != NULL)
            mcp_listener_stream_write(fixture->listener, fixture->stream, "data: 2\n\n", 9);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(fixture->closed, ==, 1);
}

/* A client that reads nothing is cut when a megabyte waits for it. */
static void
test_stream_lag(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GSocketConnection) connection = connect_to(fixture);
    g_autofree char *text = g_strnfill(10000, 'x');
    guint written = 0;

    write_line(connection, "GET /api/stream HTTP/1.1\r\n" HEAD "\r\n");
    while (fixture->stream == NULL)
        g_main_context_iteration(NULL, TRUE);
    while (mcp_listener_stream_write(fixture->listener, fixture->stream, text, 10000)) {
        written += 10000;
        g_assert_cmpuint(written, <, 10 * 1024 * 1024);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(written, >, 900000);
    g_assert_cmpuint(fixture->closed, ==, 0);
    expect(fixture, "GET /api/ HTTP/1.1\r\n" HEAD "\r\n", " 200 ");
}

static void
test_closing_with_stream(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GSocketConnection) connection = connect_to(fixture);

    write_line(connection, "GET /api/stream HTTP/1.1\r\n" HEAD "\r\n");
    while (fixture->stream == NULL)
        g_main_context_iteration(NULL, TRUE);
    g_clear_pointer(&fixture->port, mcp_web_port_free);
    while (fixture->closed == 0)
        g_main_context_iteration(NULL, TRUE);
}

static void
test_socket_files(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *path = g_build_filename(fixture->folder, "other", NULL);
    g_autoptr(GError) error = NULL;
    GSocket *stale = mcp_unix_socket_listen(path, 0660, &error);
    g_autoptr(GSocket) again = NULL;

    g_assert_no_error(error);
    g_assert_null(mcp_unix_socket_listen(path, 0660, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    g_clear_error(&error);
    g_object_unref(stale);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    again = mcp_unix_socket_listen(path, 0660, &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_assert_true(g_file_set_contents(path, "x", 1, NULL));
    g_assert_null(mcp_unix_socket_listen(path, 0660, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_REFUSED);
    g_unlink(path);
}

static void
test_mounts(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_web_port_mount(fixture->port, "/api", on_request, fixture, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    mcp_web_port_unmount(fixture->port, "/api");
    expect(fixture, "GET /api/ HTTP/1.1\r\n" HEAD "\r\n", " 404 ");
}

#define ADD(path, func) g_test_add("/web/" path, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("requests", test_requests);
    ADD("refused-early", test_refused_early);
    ADD("too-many", test_too_many);
    ADD("stream-end", test_stream_end);
    ADD("stream-client-gone", test_stream_client_gone);
    ADD("stream-lag", test_stream_lag);
    ADD("closing-with-stream", test_closing_with_stream);
    ADD("socket-files", test_socket_files);
    ADD("mounts", test_mounts);
    return g_test_run();
}
