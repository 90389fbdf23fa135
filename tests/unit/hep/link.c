/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of one connection to a capture server, whose end the test has. The clock is the test's. */
#include <gio/gio.h>
#include <link.h>
#include <string.h>

#define SETTLE (250 * G_TIME_SPAN_MILLISECOND)
#define DEADLINE (30 * G_TIME_SPAN_SECOND)

typedef struct {
    McpClock *clock;
    GSocket *server; /* nullable */
    guint port;
    McpHepLink *link;
    gboolean connected;
    gboolean ready;
    gboolean writable;
    char *closed; /* nullable: why */
} Fixture;

static void
on_connected(McpHepLink *link, gpointer user_data)
{
    ((Fixture *)user_data)->connected = TRUE;
    g_assert_cmpint(mcp_hep_link_send(link, (const guint8 *)"hello", 5), ==, MCP_HEP_SENT);
    mcp_hep_link_flush(link);
}

static void
on_ready(McpHepLink *link, gpointer user_data)
{
    ((Fixture *)user_data)->ready = TRUE;
}

static void
on_writable(McpHepLink *link, gpointer user_data)
{
    ((Fixture *)user_data)->writable = TRUE;
}

static void
on_closed(McpHepLink *link, const GError *error, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->closed = g_strdup(error->message);
    g_clear_pointer(&fixture->link, mcp_hep_link_free);
}

/* A server of the test on a port of its own. */
static void
serve(Fixture *fixture, GSocketType type)
{
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0);
    g_autoptr(GSocketAddress) own = NULL;
    GError *error = NULL;

    fixture->server = g_socket_new(G_SOCKET_FAMILY_IPV4, type, G_SOCKET_PROTOCOL_DEFAULT, &error);
    g_assert_no_error(error);
    g_assert_true(g_socket_bind(fixture->server, any, FALSE, &error));
    if (type == G_SOCKET_TYPE_STREAM)
        g_assert_true(g_socket_listen(fixture->server, &error));
    g_socket_set_blocking(fixture->server, FALSE);
    own = g_socket_get_local_address(fixture->server, NULL);
    fixture->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(own));
}

static void
connect_to(Fixture *fixture, const char *host, gboolean datagrams)
{
    static const McpHepLinkEvents events = {on_connected, on_ready, on_writable, on_closed};
    const McpHepLinkOptions options = {.host = host, .port = fixture->port, .datagrams = datagrams};

    fixture->link = mcp_hep_link_new(&options, fixture->clock, &events, fixture);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->clock = mcp_clock_new_virtual();
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    mcp_hep_link_free(fixture->link);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_clear_object(&fixture->server);
    g_assert_finalize_object(fixture->clock);
    g_free(fixture->closed);
}

static gboolean
wake(gpointer user_data)
{
    return G_SOURCE_CONTINUE;
}

/* Turns of the loop until *@flag or its end; the test's clock moves by @step with each. */
static void
turn_until(Fixture *fixture, const gboolean *flag, gint64 step)
{
    gint64 end = g_get_monotonic_time() + DEADLINE;
    guint ticks = g_timeout_add(5, wake, NULL);

    while (!*flag && fixture->closed == NULL && g_get_monotonic_time() < end) {
        g_main_context_iteration(NULL, TRUE);
        mcp_clock_advance(fixture->clock, step);
    }
    g_source_remove(ticks);
}

/* The test's clock stands still but for timers that are due. */
static void
wait_for(Fixture *fixture, const gboolean *flag)
{
    turn_until(fixture, flag, 0);
    g_assert_true(*flag);
}

static void
wait_closed(Fixture *fixture)
{
    static const gboolean never = FALSE;

    turn_until(fixture, &never, 1);
    g_assert_nonnull(fixture->closed);
}

static void
advance(Fixture *fixture, gint64 time)
{
    mcp_clock_advance(fixture->clock, time);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void
get_ready(Fixture *fixture)
{
    wait_for(fixture, &fixture->connected);
    g_assert_false(fixture->ready);
    advance(fixture, SETTLE);
    wait_for(fixture, &fixture->ready);
}

static void
test_datagrams(Fixture *fixture, gconstpointer data)
{
    McpTraceEnd local;
    McpTraceEnd remote;
    char text[16];

    serve(fixture, G_SOCKET_TYPE_DATAGRAM);
    connect_to(fixture, "127.0.0.1", TRUE);
    get_ready(fixture);
    g_assert_false(mcp_hep_link_is_full(fixture->link));
    mcp_hep_link_get_ends(fixture->link, &local, &remote);
    g_assert_false(remote.ipv6);
    g_assert_cmpuint(remote.port, ==, fixture->port);
    g_assert_cmpmem(remote.address, 4, ((const guint8[]){127, 0, 0, 1}), 4);
    g_assert_cmpuint(local.port, !=, 0);
    g_assert_cmpint(g_socket_receive(fixture->server, text, sizeof text, NULL, NULL), ==, 5);
    g_assert_cmpmem(text, 5, "hello", 5);
}

/* Longer than a datagram can be: it is lost, and the connection is as good as before. */
static void
test_too_long(Fixture *fixture, gconstpointer data)
{
    g_autofree guint8 *packet = g_malloc0(70000);

    serve(fixture, G_SOCKET_TYPE_DATAGRAM);
    connect_to(fixture, "127.0.0.1", TRUE);
    get_ready(fixture);
    g_assert_cmpint(mcp_hep_link_send(fixture->link, packet, 70000), ==, MCP_HEP_LOST);
    g_assert_cmpint(mcp_hep_link_send(fixture->link, packet, 65507), !=, MCP_HEP_LOST);
    g_assert_null(fixture->closed);
}

/* Nobody is there: the host says so to what is sent first, before anything that matters. */
static void
test_refused_datagrams(Fixture *fixture, gconstpointer data)
{
    serve(fixture, G_SOCKET_TYPE_DATAGRAM);
    g_clear_object(&fixture->server);
    connect_to(fixture, "127.0.0.1", TRUE);
    wait_closed(fixture);
    g_assert_true(fixture->connected);
    g_assert_false(fixture->ready);
    g_assert_nonnull(strstr(fixture->closed, "127.0.0.1:"));
    g_assert_nonnull(strstr(fixture->closed, "refused"));
}

static void
test_refused_stream(Fixture *fixture, gconstpointer data)
{
    serve(fixture, G_SOCKET_TYPE_STREAM);
    g_clear_object(&fixture->server);
    connect_to(fixture, "127.0.0.1", FALSE);
    wait_closed(fixture);
    g_assert_false(fixture->connected);
}

static void
test_no_address(Fixture *fixture, gconstpointer data)
{
    fixture->port = 9;
    connect_to(fixture, "no host has a blank", FALSE);
    wait_closed(fixture);
    g_assert_false(fixture->connected);
}

static GSocket *
accept_one(Fixture *fixture)
{
    GError *error = NULL;
    GSocket *socket = NULL;

    wait_for(fixture, &fixture->connected);
    socket = g_socket_accept(fixture->server, NULL, &error);
    g_assert_no_error(error);
    return socket;
}

/* A server that takes the connection and ends it at once was never ready. */
static void
test_ended_at_once(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GSocket) socket = NULL;

    serve(fixture, G_SOCKET_TYPE_STREAM);
    connect_to(fixture, "127.0.0.1", FALSE);
    socket = accept_one(fixture);
    g_socket_close(socket, NULL);
    wait_closed(fixture);
    g_assert_false(fixture->ready);
}

static void
fill(Fixture *fixture)
{
    g_autofree guint8 *packet = g_malloc0(60000);

    for (guint i = 0; i < 10000 && !mcp_hep_link_is_full(fixture->link); i++) {
        g_assert_cmpint(mcp_hep_link_send(fixture->link, packet, 60000), ==, MCP_HEP_SENT);
        mcp_hep_link_flush(fixture->link);
    }
    g_assert_true(mcp_hep_link_is_full(fixture->link));
}

/* It takes nothing for five seconds. */
static void
test_hangs(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GSocket) socket = NULL;

    serve(fixture, G_SOCKET_TYPE_STREAM);
    connect_to(fixture, "127.0.0.1", FALSE);
    socket = accept_one(fixture);
    advance(fixture, SETTLE);
    wait_for(fixture, &fixture->ready);
    fill(fixture);
    g_assert_false(fixture->writable);
    /* The kernel may have taken some more after the first look. */
    for (guint i = 0; i < 10 && fixture->closed == NULL; i++)
        advance(fixture, 5 * G_TIME_SPAN_SECOND);
    g_assert_nonnull(fixture->closed);
    g_assert_nonnull(strstr(fixture->closed, "takes nothing"));
}

/* It is slow, but it takes: the connection stays, and there is room again. */
static void
test_slow(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GSocket) socket = NULL;
    g_autofree char *taken = g_malloc(1 << 20);
    gint64 end = g_get_monotonic_time() + DEADLINE;

    serve(fixture, G_SOCKET_TYPE_STREAM);
    connect_to(fixture, "127.0.0.1", FALSE);
    socket = accept_one(fixture);
    g_socket_set_blocking(socket, FALSE);
    advance(fixture, SETTLE);
    wait_for(fixture, &fixture->ready);
    fill(fixture);
    while (!fixture->writable && fixture->closed == NULL && g_get_monotonic_time() < end) {
        g_socket_receive(socket, taken, 1 << 20, NULL, NULL);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_true(fixture->writable);
    g_assert_false(mcp_hep_link_is_full(fixture->link));
    advance(fixture, 20 * G_TIME_SPAN_SECOND);
    g_assert_null(fixture->closed);
}

/* What it says is thrown away, and is enough at some time. */
static void
test_talks(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GSocket) socket = NULL;
    char text[4096] = "HEP3";

    serve(fixture, G_SOCKET_TYPE_STREAM);
    connect_to(fixture, "127.0.0.1", FALSE);
    socket = accept_one(fixture);
    advance(fixture, SETTLE);
    wait_for(fixture, &fixture->ready);
    g_assert_cmpint(g_socket_send(socket, text, 1000, NULL, NULL), ==, 1000);
    advance(fixture, G_TIME_SPAN_SECOND);
    g_assert_null(fixture->closed);
    for (guint i = 0; i < 17; i++)
        g_assert_cmpint(g_socket_send(socket, text, sizeof text, NULL, NULL), ==, sizeof text);
    wait_closed(fixture);
    g_assert_nonnull(strstr(fixture->closed, "talks"));
}

/* Datagrams of a server do no harm, however many. */
static void
test_talks_datagrams(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GSocketAddress) from = NULL;
    char text[1000] = "HEP3";

    serve(fixture, G_SOCKET_TYPE_DATAGRAM);
    connect_to(fixture, "127.0.0.1", TRUE);
    get_ready(fixture);
    g_assert_cmpint(g_socket_receive_from(fixture->server, &from, text, sizeof text, NULL, NULL),
                    ==, 5);
    for (guint i = 0; i < 200; i++) {
        g_socket_send_to(fixture->server, from, text, sizeof text, NULL, NULL);
        g_main_context_iteration(NULL, FALSE);
    }
    advance(fixture, G_TIME_SPAN_SECOND);
    g_assert_null(fixture->closed);
    g_assert_cmpint(mcp_hep_link_send(fixture->link, (const guint8 *)"on", 2), ==, MCP_HEP_SENT);
}

/* Freed while it looks up, connects or proves itself. */
static void
test_freed(Fixture *fixture, gconstpointer data)
{
    serve(fixture, G_SOCKET_TYPE_STREAM);
    connect_to(fixture, "127.0.0.1", FALSE);
    g_clear_pointer(&fixture->link, mcp_hep_link_free);
    connect_to(fixture, "127.0.0.1", FALSE);
    g_main_context_iteration(NULL, FALSE);
    g_clear_pointer(&fixture->link, mcp_hep_link_free);
    connect_to(fixture, "127.0.0.1", FALSE);
    wait_for(fixture, &fixture->connected);
    g_clear_pointer(&fixture->link, mcp_hep_link_free);
    advance(fixture, G_TIME_SPAN_MINUTE);
    g_assert_null(fixture->closed);
    g_assert_false(fixture->ready);
}

/* Freed at each turn of the loop on the way to a connection, the one amid it and its news too. */
static void
test_freed_each_turn(Fixture *fixture, gconstpointer data)
{
    guint ticks = g_timeout_add(1, wake, NULL);

    serve(fixture, G_SOCKET_TYPE_STREAM);
    for (guint turns = 0; !fixture->connected; turns++) {
        g_assert_cmpuint(turns, <, 1000);
        connect_to(fixture, "127.0.0.1", FALSE);
        for (guint i = 0; i < turns && !fixture->connected; i++)
            g_main_context_iteration(NULL, TRUE);
        g_clear_pointer(&fixture->link, mcp_hep_link_free);
        for (guint i = 0; i < 20; i++)
            g_main_context_iteration(NULL, FALSE);
        g_clear_object(&fixture->server);
        serve(fixture, G_SOCKET_TYPE_STREAM);
    }
    g_source_remove(ticks);
    g_assert_null(fixture->closed);
    g_assert_false(fixture->ready);
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/hep/link/datagrams", test_datagrams);
    add("/hep/link/too-long", test_too_long);
    add("/hep/link/refused-datagrams", test_refused_datagrams);
    add("/hep/link/refused-stream", test_refused_stream);
    add("/hep/link/no-address", test_no_address);
    add("/hep/link/ended-at-once", test_ended_at_once);
    add("/hep/link/hangs", test_hangs);
    add("/hep/link/slow", test_slow);
    add("/hep/link/talks", test_talks);
    add("/hep/link/talks-datagrams", test_talks_datagrams);
    add("/hep/link/freed", test_freed);
    add("/hep/link/freed-each-turn", test_freed_each_turn);
    return g_test_run();
}
