/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the way from the bus to the call sinks: who comes and who goes loses nothing. */
#include "event/sinks.h"

#include <mcp/contract/call_sink.h>

#define TYPE_FAKE_SINK (fake_sink_get_type())
G_DECLARE_FINAL_TYPE(FakeSink, fake_sink, FAKE, SINK, GObject)

struct _FakeSink {
    GObject parent_instance;
    guint types;
    guint seen;
};

static void
deliver(McpCallSink *sink, McpEvent *event)
{
    FAKE_SINK(sink)->seen++;
}

static guint
get_types(McpCallSink *sink)
{
    return FAKE_SINK(sink)->types;
}

static void
sink_iface_init(McpCallSinkInterface *iface)
{
    iface->get_types = get_types;
    iface->deliver = deliver;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeSink, fake_sink, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_CALL_SINK, sink_iface_init))

static void
fake_sink_class_init(FakeSinkClass *klass)
{
}

static void
fake_sink_init(FakeSink *self)
{
}

typedef struct {
    McpEvents *events;
    McpRegistry *registry;
    McpSinks *sinks;
    FakeSink *one;
} Fixture;

static FakeSink *
come(Fixture *fixture, const char *name, McpEventType type)
{
    FakeSink *sink = g_object_new(TYPE_FAKE_SINK, NULL);

    sink->types = 1u << type;
    mcp_registry_publish(fixture->registry, MCP_CONTRACT_CALL_SINK, name, 0, G_OBJECT(sink));
    mcp_sinks_update(fixture->sinks);
    return sink;
}

/* One event was delivered, so that the next ones have to wait. */
static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->events = g_object_new(MCP_TYPE_EVENTS, NULL);
    fixture->registry = mcp_registry_new();
    fixture->sinks = mcp_sinks_new(fixture->events, fixture->registry);
    g_assert_false(mcp_events_wanted(fixture->events, MCP_EVENT_CALL_RECORD));
    fixture->one = come(fixture, "one", MCP_EVENT_CALL_RECORD);
    mcp_events_publish(fixture->events, mcp_event_new(MCP_EVENT_CALL_RECORD, "a", "x"));
    while (fixture->one->seen == 0)
        g_main_context_iteration(NULL, TRUE);
    mcp_events_publish(fixture->events, mcp_event_new(MCP_EVENT_CALL_RECORD, "b", "x"));
    g_assert_cmpuint(fixture->one->seen, ==, 1);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_object_unref(fixture->one);
    mcp_sinks_free(fixture->sinks);
    mcp_registry_free(fixture->registry);
    g_object_unref(fixture->events);
}

static void
test_waits(Fixture *fixture, gconstpointer data)
{
    while (fixture->one->seen < 2)
        g_main_context_iteration(NULL, TRUE);
}

static void
test_drain(Fixture *fixture, gconstpointer data)
{
    mcp_sinks_drain(fixture->sinks);
    g_assert_cmpuint(fixture->one->seen, ==, 2);
}

/* Another one wants more: the bus is subscribed to anew. */
static void
test_comes(Fixture *fixture, gconstpointer data)
{
    g_autoptr(FakeSink) other = come(fixture, "other", MCP_EVENT_FETCH);

    g_assert_cmpuint(fixture->one->seen, ==, 2);
    g_assert_true(mcp_events_wanted(fixture->events, MCP_EVENT_FETCH));
    mcp_events_publish(fixture->events, mcp_event_new(MCP_EVENT_FETCH, "a", "done"));
    while (other->seen == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(fixture->one->seen, ==, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/event/sinks/waits", Fixture, NULL, set_up, test_waits, tear_down);
    g_test_add("/event/sinks/drain", Fixture, NULL, set_up, test_drain, tear_down);
    g_test_add("/event/sinks/comes", Fixture, NULL, set_up, test_comes, tear_down);
    return g_test_run();
}
