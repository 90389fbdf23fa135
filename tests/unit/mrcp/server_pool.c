/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is among servers, which are left alone, and which are asked whether they are there:
 * with a clock of the test's own. */
#include "client/probe.h"

#include <gio/gio.h>
#include <mcp/error.h>

#define SECOND G_USEC_PER_SEC

/* What was told of servers: "one down, " … */
typedef struct {
    McpClock *clock;
    McpMrcpPool *pool;
    GString *told;
} Case;

static void
on_changed(const McpMrcpServer *server, const GError *error, gpointer user_data)
{
    g_string_append_printf(user_data, "%s %s, ", server->name, error != NULL ? "down" : "up");
}

/* Servers "one" and, twice as often, "two"; with @target, or none that matters. */
static void
case_open(Case *test, const char *target)
{
    static const char *const languages[] = {"en", "de", NULL};
    const McpMrcpServer servers[] = {
        {.name = "one",
         .version = MCP_MRCP_V1,
         .target = target,
         .resources = 1u << MCP_MRCP_SPEECHRECOG,
         .weight = 1,
         .connect_timeout = SECOND,
         .probe = 30 * SECOND},
        {.name = "two",
         .version = MCP_MRCP_V2,
         .target = "sip:192.0.2.2",
         .languages = languages,
         .resources = 1u << MCP_MRCP_SPEECHRECOG | 1u << MCP_MRCP_SPEECHSYNTH,
         .weight = 2,
         .connect_timeout = SECOND},
    };
    McpMrcpPoolConfig config = {.servers = servers,
                                .n_servers = G_N_ELEMENTS(servers),
                                .failures = 2,
                                .pause = 2 * SECOND,
                                .longest = 60 * SECOND,
                                .changed = on_changed};

    test->told = g_string_new(NULL);
    config.user_data = test->told;
    test->clock = mcp_clock_new_virtual();
    test->pool = mcp_mrcp_pool_new(&config, test->clock);
}

static void
case_close(Case *test)
{
    mcp_mrcp_pool_unref(test->pool);
    g_object_unref(test->clock);
    g_string_free(test->told, TRUE);
}

static const McpMrcpServer *
take(Case *test, McpMrcpResource resource, const char *language)
{
    g_autoptr(GPtrArray) tried = g_ptr_array_new();

    return mcp_mrcp_pool_take(test->pool, resource, language, tried);
}

static void
test_turns(void)
{
    guint ones = 0;
    Case test;

    case_open(&test, "rtsp://192.0.2.1");
    for (guint i = 0; i < 6; i++) {
        const McpMrcpServer *server = take(&test, MCP_MRCP_SPEECHRECOG, "en-US");

        ones += server == mcp_mrcp_pool_get(test.pool, 0) ? 1 : 0;
        mcp_mrcp_pool_succeeded(test.pool, server);
    }
    g_assert_cmpuint(ones, ==, 2);
    g_assert_true(mcp_mrcp_pool_has(test.pool, MCP_MRCP_SPEECHSYNTH));
    g_assert_false(mcp_mrcp_pool_has(test.pool, MCP_MRCP_RECORDER));
    g_assert_cmpstr(take(&test, MCP_MRCP_SPEECHSYNTH, "de")->name, ==, "two");
    g_assert_null(take(&test, MCP_MRCP_SPEECHSYNTH, "fr"));
    g_assert_null(mcp_mrcp_pool_get(test.pool, 2));
    case_close(&test);
}

static void
test_failures(void)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "gone");
    const McpMrcpServer *one = NULL;
    Case test;

    case_open(&test, "rtsp://192.0.2.1");
    one = mcp_mrcp_pool_get(test.pool, 0);
    for (guint i = 0; i < 2; i++) {
        g_assert_cmpstr(test.told->str, ==, "");
        g_assert_true(take(&test, MCP_MRCP_SPEECHRECOG, "fr") == one);
        g_assert_true(mcp_mrcp_pool_is_in_use(test.pool, one));
        mcp_mrcp_pool_failed(test.pool, one, error);
        g_assert_false(mcp_mrcp_pool_is_in_use(test.pool, one));
    }
    g_assert_cmpstr(test.told->str, ==, "one down, ");
    g_assert_null(take(&test, MCP_MRCP_SPEECHRECOG, "fr"));
    /* After the pause one may try; that it fails again is no news. */
    mcp_clock_advance(test.clock, 2 * SECOND);
    g_assert_true(take(&test, MCP_MRCP_SPEECHRECOG, "fr") == one);
    g_assert_null(take(&test, MCP_MRCP_SPEECHRECOG, "fr"));
    mcp_mrcp_pool_failed(test.pool, one, error);
    mcp_clock_advance(test.clock, 4 * SECOND);
    g_assert_true(take(&test, MCP_MRCP_SPEECHRECOG, "fr") == one);
    mcp_mrcp_pool_unknown(test.pool, one);
    g_assert_true(take(&test, MCP_MRCP_SPEECHRECOG, "fr") == one);
    g_assert_cmpstr(test.told->str, ==, "one down, ");
    mcp_mrcp_pool_succeeded(test.pool, one);
    g_assert_cmpstr(test.told->str, ==, "one down, one up, ");
    case_close(&test);
}

static void
test_probed(void)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "nothing");
    const McpMrcpServer *one = NULL;
    gint64 pause = 0;
    Case test;

    case_open(&test, "rtsp://192.0.2.1");
    one = mcp_mrcp_pool_get(test.pool, 0);
    g_assert_cmpint(mcp_mrcp_pool_probed(test.pool, one, NULL), ==, 30 * SECOND);
    g_assert_cmpstr(test.told->str, ==, "");
    /* One silence is enough, and until the next question nobody tries. */
    pause = mcp_mrcp_pool_probed(test.pool, one, error);
    g_assert_cmpint(pause, <=, 2 * SECOND);
    g_assert_cmpstr(test.told->str, ==, "one down, ");
    mcp_clock_advance(test.clock, pause);
    g_assert_null(take(&test, MCP_MRCP_SPEECHRECOG, "fr"));
    for (guint i = 0; i < 10; i++) {
        pause = mcp_mrcp_pool_probed(test.pool, one, error);
        mcp_clock_advance(test.clock, pause);
        g_assert_null(take(&test, MCP_MRCP_SPEECHRECOG, "fr"));
    }
    g_assert_cmpint(pause, <=, 30 * SECOND);
    g_assert_cmpint(pause, >, 10 * SECOND);
    g_assert_cmpstr(test.told->str, ==, "one down, ");
    g_assert_cmpint(mcp_mrcp_pool_probed(test.pool, one, NULL), ==, 30 * SECOND);
    g_assert_cmpstr(test.told->str, ==, "one down, one up, ");
    g_assert_true(take(&test, MCP_MRCP_SPEECHRECOG, "fr") == one);
    case_close(&test);
}

/* --- who is asked, and when --- */

typedef struct {
    GSocketService *service;
    guint came;
} Listener;

static gboolean
on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source,
            gpointer user_data)
{
    ((Listener *)user_data)->came++;
    return TRUE;
}

static guint
listen_somewhere(Listener *listener)
{
    listener->service = g_socket_service_new();
    listener->came = 0;
    g_signal_connect(listener->service, "incoming", G_CALLBACK(on_incoming), listener);
    return g_socket_listener_add_any_inet_port(G_SOCKET_LISTENER(listener->service), NULL, NULL);
}

/* What it closes at once is no answer; it came, though. */
static void
wait_came(const Listener *listener, const GString *told, guint n, const char *words)
{
    while (listener->came < n || !g_str_has_suffix(told->str, words))
        g_main_context_iteration(NULL, TRUE);
}

static void
test_not_in_use(void)
{
    Listener listener;
    guint port = listen_somewhere(&listener);
    g_autofree char *target = g_strdup_printf("rtsp://127.0.0.1:%u", port);
    McpMrcpServices services = {0};
    McpMrcpProbes *probes = NULL;
    const McpMrcpServer *one = NULL;
    Case test;

    case_open(&test, target);
    one = mcp_mrcp_pool_get(test.pool, 0);
    /* Somebody uses it: that tells enough. */
    g_assert_true(take(&test, MCP_MRCP_SPEECHRECOG, "fr") == one);
    services.clock = test.clock;
    probes = mcp_mrcp_probes_new(test.pool, &services);
    for (guint i = 0; i < 10; i++) {
        mcp_clock_advance(test.clock, 30 * SECOND);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
    mcp_mrcp_pool_succeeded(test.pool, one);
    mcp_clock_advance(test.clock, 30 * SECOND);
    wait_came(&listener, test.told, 1, "one down, ");
    g_assert_cmpuint(listener.came, ==, 1);
    mcp_mrcp_probes_free(probes);
    g_object_unref(listener.service);
    case_close(&test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/pool/turns", test_turns);
    g_test_add_func("/mrcp/pool/failures", test_failures);
    g_test_add_func("/mrcp/pool/probed", test_probed);
    g_test_add_func("/mrcp/pool/not-in-use", test_not_in_use);
    return g_test_run();
}
