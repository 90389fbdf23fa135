/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener contract (mcp/contract/listener.h): mounts, what a request is, answers now and
 * later, streams and how they end. Clients run on a thread of their own.
 */
#include "listener_suite.h"

#include "contract.h"

#include <string.h>

#define HEAD "Host: x\r\nConnection: close\r\n"

static McpListener *listener;

/* What the handler saw and holds. */
typedef struct {
    guint requests;
    guint closed;
    gboolean keep; /* answer later */
    McpWebRequest *kept;
    char *seen;
} Seen;

static Seen seen;

static void
on_closed(McpWebRequest *request, gpointer user_data)
{
    g_assert_true(user_data == &seen);
    g_assert_true(request == seen.kept);
    seen.closed++;
    seen.kept = NULL;
}

static void
on_request(McpWebRequest *request, const McpWebFacts *facts, gpointer user_data)
{
    const char *value = g_hash_table_lookup(facts->query, "q");
    gsize length = g_bytes_get_size(facts->body);

    g_assert_true(user_data == &seen);
    seen.requests++;
    g_free(seen.seen);
    seen.seen = g_strdup_printf(
        "%s %s q=%s type=%s accept=%s body=%.*s", facts->method, facts->path,
        value != NULL ? value : "-", facts->content_type != NULL ? facts->content_type : "-",
        facts->accept != NULL ? facts->accept : "-", (int)length,
        length > 0 ? (const char *)g_bytes_get_data(facts->body, NULL) : "");
    if (seen.keep)
        seen.kept = request;
    else
        mcp_listener_respond(listener, request, 200, "text/plain", seen.seen, strlen(seen.seen));
}

static void
seen_clear(void)
{
    g_free(seen.seen);
    seen = (Seen){0};
}

static void
mount(const char *path)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_listener_mount(listener, "test", path, on_request, &seen, &error));
    g_assert_no_error(error);
}

static void
unmount(const char *path)
{
    mcp_listener_unmount(listener, "test", path);
    seen_clear();
}

typedef struct {
    GSocketConnection *connection;
    const char *request;
    GString *answer;
    GThread *thread;
    gint done; /* atomic */
} Client;

static gpointer
run_client(gpointer data)
{
    Client *client = data;
    GIOStream *stream = G_IO_STREAM(client->connection);
    char chunk[4096];
    gssize got = 0;

    g_output_stream_write_all(g_io_stream_get_output_stream(stream), client->request,
                              strlen(client->request), NULL, NULL, NULL);
    while ((got = g_input_stream_read(g_io_stream_get_input_stream(stream), chunk, sizeof chunk,
                                      NULL, NULL)) > 0)
        g_string_append_len(client->answer, chunk, got);
    g_atomic_int_set(&client->done, 1);
    return NULL;
}

static void
client_start(Client *client, const char *request)
{
    g_autoptr(GSocketClient) maker = g_socket_client_new();
    g_autoptr(GSocketAddress) address = listener_provider.address();
    g_autoptr(GError) error = NULL;

    *client = (Client){.request = request, .answer = g_string_new(NULL)};
    client->connection =
        g_socket_client_connect(maker, G_SOCKET_CONNECTABLE(address), NULL, &error);
    g_assert_no_error(error);
    client->thread = g_thread_new("client", run_client, client);
}

static gboolean
client_is_done(gpointer data)
{
    return g_atomic_int_get(&((Client *)data)->done) != 0;
}

/* (transfer full): all that it was answered. */
static char *
client_finish(Client *client)
{
    wait_for(client_is_done, client, "the end of the answer");
    g_thread_join(client->thread);
    g_object_unref(client->connection);
    return g_string_free(client->answer, FALSE);
}

static void
expect(const char *request, const char *status, const char *part)
{
    Client client;
    g_autofree char *answer = NULL;

    client_start(&client, request);
    answer = client_finish(&client);
    g_test_message("%s", answer);
    g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 "));
    g_assert_true(g_str_has_prefix(answer + strlen("HTTP/1.1 "), status));
    g_assert_nonnull(strstr(answer, part));
}

/* "@path and all below it"; "below the mount point, unescaped, begins with "/"" */
static void
test_requests(void)
{
    mount("/api");
    expect("GET /api/a/b?q=1%202 HTTP/1.1\r\n" HEAD "\r\n", "200",
           "GET /a/b q=1 2 type=- accept=- body=");
    expect("GET /api HTTP/1.1\r\n" HEAD "\r\n", "200", "GET / q=- ");
    expect("GET /api/a%20b HTTP/1.1\r\n" HEAD "\r\n", "200", "GET /a b ");
    expect("POST /api/x HTTP/1.1\r\n" HEAD "Content-Type: text/plain\r\nContent-Length: 5\r\n"
           "Accept: audio/x-wav, */*\r\n\r\nhello",
           "200", "POST /x q=- type=text/plain accept=audio/x-wav, */* body=hello");
    g_assert_cmpuint(seen.requests, ==, 4);
    expect("GET /apis HTTP/1.1\r\n" HEAD "\r\n", "404", "");
    g_assert_cmpuint(seen.requests, ==, 4);
    unmount("/api");
}

/* "no request comes any more after it" */
static void
test_mounts(void)
{
    g_autoptr(GError) error = NULL;

    mount("/one");
    mount("/two");
    g_assert_false(mcp_listener_mount(listener, "test", "/one", on_request, &seen, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    g_assert_false(mcp_listener_mount(listener, "absent", "/x", on_request, &seen, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    unmount("/one");
    expect("GET /one HTTP/1.1\r\n" HEAD "\r\n", "404", "");
    g_assert_cmpuint(seen.requests, ==, 0);
    expect("GET /two HTTP/1.1\r\n" HEAD "\r\n", "200", "");
    unmount("/two");
    mcp_listener_unmount(listener, "absent", "/x");
}

static gboolean
is_kept(gpointer user_data)
{
    return seen.kept != NULL;
}

/* "answers now or later" */
static void
test_later(void)
{
    Client client;
    g_autofree char *answer = NULL;

    mount("/api");
    seen.keep = TRUE;
    client_start(&client, "GET /api HTTP/1.1\r\n" HEAD "\r\n");
    wait_for(is_kept, NULL, "a request");
    settle(30);
    g_assert_false(client_is_done(&client));
    mcp_listener_respond(listener, seen.kept, 202, "text/plain", "later", 5);
    answer = client_finish(&client);
    g_assert_nonnull(strstr(answer, " 202 "));
    g_assert_true(g_str_has_suffix(answer, "later"));
    unmount("/api");
}

static void
begin_stream(Client *client)
{
    mount("/api");
    seen.keep = TRUE;
    client_start(client, "GET /api HTTP/1.1\r\n" HEAD "\r\n");
    wait_for(is_kept, NULL, "a request");
    mcp_listener_stream_begin(listener, seen.kept, "text/event-stream", on_closed, &seen);
}

/* "200 and chunks to come; @closed runs once unless stream_end came first" */
static void
test_stream(void)
{
    Client client;
    g_autofree char *answer = NULL;

    begin_stream(&client);
    g_assert_true(mcp_listener_stream_write(listener, seen.kept, "data: 1\n\n", 9));
    settle(20);
    g_assert_true(mcp_listener_stream_write(listener, seen.kept, "data: 2\n\n", 9));
    mcp_listener_stream_end(listener, seen.kept);
    answer = client_finish(&client);
    g_assert_nonnull(strstr(answer, " 200 "));
    g_assert_nonnull(strstr(answer, "text/event-stream"));
    g_assert_nonnull(strstr(answer, "data: 1"));
    g_assert_nonnull(strstr(answer, "data: 2"));
    settle(20);
    g_assert_cmpuint(seen.closed, ==, 0);
    unmount("/api");
}

static gboolean
is_closed(gpointer user_data)
{
    if (seen.kept != NULL)
        mcp_listener_stream_write(listener, seen.kept, "data: x\n\n", 9);
    return seen.closed > 0;
}

/* "the client of a stream is gone" */
static void
test_stream_gone(void)
{
    Client client;
    g_autofree char *answer = NULL;

    begin_stream(&client);
    g_socket_shutdown(g_socket_connection_get_socket(client.connection), TRUE, TRUE, NULL);
    wait_for(is_closed, NULL, "the end of a stream");
    settle(20);
    g_assert_cmpuint(seen.closed, ==, 1);
    answer = client_finish(&client);
    unmount("/api");
}

/* "or was cut: 5 s or 1 MB behind"; "FALSE when the client was cut for being too slow" */
static void
test_stream_slow(void)
{
    g_autoptr(GSocketClient) maker = g_socket_client_new();
    g_autoptr(GSocketAddress) address = listener_provider.address();
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect(maker, G_SOCKET_CONNECTABLE(address), NULL, NULL);
    static const char request[] = "GET /api HTTP/1.1\r\n" HEAD "\r\n";
    g_autofree char *text = g_strnfill(10000, 'x');
    guint written = 0;

    mount("/api");
    seen.keep = TRUE;
    g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)), request,
                              strlen(request), NULL, NULL, NULL);
    wait_for(is_kept, NULL, "a request");
    mcp_listener_stream_begin(listener, seen.kept, "text/event-stream", on_closed, &seen);
    while (mcp_listener_stream_write(listener, seen.kept, text, 10000)) {
        written += 10000;
        g_assert_cmpuint(written, <, 20 << 20);
        g_main_context_iteration(NULL, FALSE);
    }
    seen.kept = NULL;
    settle(20);
    g_assert_cmpuint(seen.closed, ==, 0);
    unmount("/api");
}

static void
keep_gone(Client *client)
{
    mount("/api");
    seen.keep = TRUE;
    client_start(client, "GET /api HTTP/1.1\r\n" HEAD "\r\n");
    wait_for(is_kept, NULL, "a request");
    g_socket_shutdown(g_socket_connection_get_socket(client->connection), TRUE, TRUE, NULL);
    settle(50);
}

static gboolean
is_told(gpointer user_data)
{
    return seen.closed > 0;
}

/* A request is the handler's until it is answered, also when nobody waits for the answer. */
static void
test_gone_before(void)
{
    Client clients[3];

    keep_gone(&clients[0]);
    mcp_listener_respond(listener, seen.kept, 200, "text/plain", "x", 1);
    unmount("/api");
    keep_gone(&clients[1]);
    mcp_listener_stream_begin(listener, seen.kept, "text/event-stream", on_closed, &seen);
    wait_for(is_told, NULL, "the end of a stream");
    unmount("/api");
    keep_gone(&clients[2]);
    mcp_listener_stream_begin(listener, seen.kept, "text/event-stream", on_closed, &seen);
    mcp_listener_stream_end(listener, seen.kept);
    settle(20);
    g_assert_cmpuint(seen.closed, ==, 0);
    unmount("/api");
    for (guint i = 0; i < G_N_ELEMENTS(clients); i++)
        g_free(client_finish(&clients[i]));
}

#define ADD(name, func) g_test_add_func("/listener/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("requests", test_requests);
    ADD("mounts", test_mounts);
    ADD("later", test_later);
    ADD("stream", test_stream);
    ADD("stream-gone", test_stream_gone);
    ADD("stream-slow", test_stream_slow);
    ADD("gone-before", test_gone_before);
    listener = listener_provider.open();
    result = g_test_run();
    listener_provider.close(listener);
    shard_end();
    return result;
}
