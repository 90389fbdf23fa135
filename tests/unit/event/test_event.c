/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the event bus: masks, bounded queues, unsubscribing, alerts. */
#include <mcp/alert.h>
#include <mcp/event.h>

typedef struct {
    guint seen;
    guint dropped;
    char *last;
} Seen;

static void
see(McpEvent *event, guint dropped, gpointer user_data)
{
    Seen *seen = user_data;

    seen->seen++;
    seen->dropped += dropped;
    g_free(seen->last);
    seen->last = mcp_event_to_json(event);
}

static void
settle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
test_masks(void)
{
    g_autoptr(McpEvents) events = g_object_new(MCP_TYPE_EVENTS, NULL);
    Seen seen = {0};
    McpEvent *event;
    guint id;

    g_assert_false(mcp_events_wanted(events, MCP_EVENT_FETCH));
    id = mcp_events_subscribe(events, 1u << MCP_EVENT_FETCH, 8, see, &seen);
    g_assert_true(mcp_events_wanted(events, MCP_EVENT_FETCH));
    g_assert_false(mcp_events_wanted(events, MCP_EVENT_INPUT));
    mcp_events_publish(events, mcp_event_new(MCP_EVENT_INPUT, "c", "digit"));
    event = mcp_event_new(MCP_EVENT_FETCH, "c", "done");
    mcp_event_set_string(event, "url", "http://x/");
    mcp_event_set_int(event, "status", 200);
    mcp_events_publish(events, event);
    settle();
    g_assert_cmpuint(seen.seen, ==, 1);
    g_assert_nonnull(strstr(seen.last, "\"url\":\"http://x/\",\"status\":200"));
    mcp_events_publish(events, mcp_event_new(MCP_EVENT_FETCH, "c", "done"));
    mcp_events_unsubscribe(events, id);
    settle();
    g_assert_cmpuint(seen.seen, ==, 1);
    g_free(seen.last);
}

static void
publish(McpEvents *events)
{
    mcp_events_publish(events, mcp_event_new(MCP_EVENT_FETCH, "c", "done"));
}

/* The first one comes at once, those after it together, and nothing is lost by it. */
static void
test_rest(void)
{
    g_autoptr(McpEvents) events = g_object_new(MCP_TYPE_EVENTS, NULL);
    Seen seen = {0};
    guint id = mcp_events_subscribe(events, 1u << MCP_EVENT_FETCH, 8, see, &seen);

    mcp_events_set_rest(events, id, G_TIME_SPAN_HOUR);
    publish(events);
    settle();
    g_assert_cmpuint(seen.seen, ==, 1);
    publish(events);
    publish(events);
    settle();
    g_assert_cmpuint(seen.seen, ==, 1);
    mcp_events_drain(events, id);
    g_assert_cmpuint(seen.seen, ==, 3);
    g_assert_cmpuint(seen.dropped, ==, 0);
    mcp_events_unsubscribe(events, id);
    mcp_events_drain(events, id);

    id = mcp_events_subscribe(events, 1u << MCP_EVENT_FETCH, 8, see, &seen);
    mcp_events_set_rest(events, id, 1);
    publish(events);
    settle();
    publish(events);
    /* The rest ends by itself, with or without more. */
    while (seen.seen < 5)
        g_main_context_iteration(NULL, TRUE);
    publish(events);
    while (seen.seen < 6)
        g_main_context_iteration(NULL, TRUE);
    mcp_events_unsubscribe(events, id);
    g_free(seen.last);
}

static void
test_bounded(void)
{
    g_autoptr(McpEvents) events = g_object_new(MCP_TYPE_EVENTS, NULL);
    Seen seen = {0};
    guint id = mcp_events_subscribe(events, 1u << MCP_EVENT_STATE, 3, see, &seen);

    for (guint i = 0; i < 10; i++)
        mcp_events_publish(events, mcp_event_new(MCP_EVENT_STATE, NULL, "x"));
    settle();
    g_assert_cmpuint(seen.seen, ==, 3);
    g_assert_cmpuint(seen.dropped, ==, 7);
    mcp_events_unsubscribe(events, id);
    g_free(seen.last);
}

static void
test_alerts(void)
{
    g_autoptr(McpEvents) events = g_object_new(MCP_TYPE_EVENTS, NULL);
    Seen seen = {0};
    guint id = 0;

    mcp_alert_raise(events, MCP_ALERT_PEER_DOWN, NULL, "nobody", "listens");
    id = mcp_events_subscribe(events, 1u << MCP_EVENT_ALERT, 8, see, &seen);
    mcp_alert_raise(events, MCP_ALERT_ENGINE_DOWN, "c1", "asr-1", "%d tries", 3);
    settle();
    g_assert_cmpuint(seen.seen, ==, 1);
    g_assert_nonnull(strstr(seen.last, "\"what\":\"engine-down\",\"call\":\"c1\""));
    g_assert_nonnull(strstr(seen.last, "\"subject\":\"asr-1\",\"text\":\"3 tries\""));
    mcp_events_unsubscribe(events, id);
    g_free(seen.last);
    for (guint i = 0; i < MCP_ALERT_LAST; i++)
        for (guint j = 0; j < i; j++) {
            g_assert_cmpstr(mcp_alert_get_def(i)->name, !=, mcp_alert_get_def(j)->name);
            g_assert_cmpuint(mcp_alert_get_def(i)->oid, !=, mcp_alert_get_def(j)->oid);
        }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event/masks", test_masks);
    g_test_add_func("/event/rest", test_rest);
    g_test_add_func("/event/bounded", test_bounded);
    g_test_add_func("/event/alerts", test_alerts);
    return g_test_run();
}
