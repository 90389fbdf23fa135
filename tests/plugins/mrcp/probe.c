/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that nobody uses: that they are there, or not, is known before a caller needs them. */
#include "fixture.h"

#include <string.h>

/* Rows of the plugin's metrics, in its order. */
enum { CHANGES, DOWN };

/* What the events said of the server, and alerts before them: "engine-up up engine-down down ". */
typedef struct {
    GString *words;
    const char *wanted;
} Seen;

static void
on_event(McpEvent *event, guint dropped, gpointer user_data)
{
    Seen *seen = user_data;

    if (mcp_event_get_event_type(event) == MCP_EVENT_ALERT) {
        g_assert_cmpstr(mcp_event_get_string(event, "subject"), ==, "one");
        g_string_append_printf(seen->words, "%s ", mcp_event_get_what(event));
        return;
    }
    if (strcmp(mcp_event_get_what(event), "mrcp-server") != 0)
        return;
    g_assert_cmpstr(mcp_event_get_string(event, "name"), ==, "one");
    g_string_append_printf(seen->words, "%s ", mcp_event_get_string(event, "state"));
    g_assert_cmpint(mcp_event_get_string(event, "reason") != NULL, ==,
                    g_str_has_suffix(seen->words->str, "down "));
}

static gboolean
has_seen(gpointer user_data)
{
    const Seen *seen = user_data;

    return g_str_has_suffix(seen->words->str, seen->wanted);
}

static void
wait_seen(Seen *seen, const char *words)
{
    seen->wanted = words;
    wait_until(has_seen, seen, words);
}

static McpMetrics *
metrics_of(const Platform *platform)
{
    for (guint i = 0; i < platform->core->units->len; i++) {
        McpUnit *unit = platform->core->units->pdata[i];

        if (strcmp(unit->desc->name, "mrcp") == 0)
            return unit->metrics;
    }
    g_assert_not_reached();
}

static void
check_metrics(const Platform *platform, gint64 went_down, gint64 came_up)
{
    McpMetrics *metrics = metrics_of(platform);

    g_assert_cmpint(mcp_metrics_get(metrics, CHANGES, 0), ==, went_down);
    g_assert_cmpint(mcp_metrics_get(metrics, CHANGES, 1), ==, came_up);
    g_assert_cmpint(mcp_metrics_get(metrics, DOWN, 0), ==, went_down - came_up);
}

static gboolean
is_down(gpointer user_data)
{
    return mcp_metrics_get(metrics_of(user_data), DOWN, 0) == 1;
}

/* @what: the protocol; @before, @behind: of host and port in a target */
static void
come_and_go(const char *what, const char *before, const char *behind)
{
    guint port = unused_port();
    Seen seen = {.words = g_string_new(NULL)};
    g_autofree char *report = NULL;
    guint id = 0;
    Server server;
    Platform platform;
    Turn turn;

    platform_open(&platform,
                  "[sip.transport \"tcp\"]\ntransport = tcp\naddress = 127.0.0.1:%u\n"
                  "[mrcp]\npause = 50ms\nlongest_pause = 100ms\n[mrcp.server \"one\"]\n"
                  "target = %s127.0.0.1:%u%s\nprobe = 100ms\n"
                  "connect_timeout = 20s\ntimeout = 20s\n",
                  unused_port(), before, port, behind);
    id = mcp_events_subscribe(platform.core->events, 1u << MCP_EVENT_STATE | 1u << MCP_EVENT_ALERT,
                              100, on_event, &seen);
    /* Maybe before anybody could listen to events. */
    wait_until(is_down, &platform, "the server to be down");
    check_metrics(&platform, 1, 0);
    server_start_at(&server, "one", NULL, what, port);
    wait_seen(&seen, "engine-up up ");
    check_metrics(&platform, 1, 1);
    turn_init(&turn);
    turn_run(&turn, &platform);
    g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_MATCH);
    turn_clear(&turn);
    server_wait_report(&server, strcmp(what, "sip") == 0 ? "\"BYE\"" : "\"TEARDOWN\"");
    report = server_end(&server);
    g_assert_nonnull(strstr(report, "\"method\": \"OPTIONS\""));
    wait_seen(&seen, "engine-up up engine-down down ");
    check_metrics(&platform, 2, 1);
    mcp_events_unsubscribe(platform.core->events, id);
    g_string_free(seen.words, TRUE);
    platform_close(&platform);
}

static void
test_v1(void)
{
    come_and_go("rtsp", "rtsp://", "");
}

/* Over TCP it is known at once that nobody is there. */
static void
test_v2(void)
{
    come_and_go("sip", "sip:", ";transport=tcp");
}

/* It takes the connection and says nothing. */
static void
test_silent(void)
{
    Server server;
    Platform platform;
    Turn turn;

    server_start(&server, "one", "{\"rtsp\": {\"silent\": true}}");
    platform_open(&platform,
                  "[mrcp]\npause = 1h\nlongest_pause = 1h\n"
                  "[mrcp.server \"one\"]\ntarget = rtsp://127.0.0.1:%u\nprobe = 1h\n"
                  "connect_timeout = 100ms\n",
                  server_port(&server, "rtsp"));
    wait_until(is_down, &platform, "the server to be down");
    /* Nobody is kept waiting by it. */
    turn_init(&turn);
    turn_run(&turn, &platform);
    g_assert_error(turn.error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    turn_clear(&turn);
    platform_close(&platform);
    g_free(server_end_by(&server));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/probe/v1", test_v1);
    g_test_add_func("/mrcp/probe/v2", test_v2);
    g_test_add_func("/mrcp/probe/silent", test_silent);
    return g_test_run();
}
