/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From events to records: which event makes which, and into which spool it goes. Control context.
 */
#include "sink.h"

#include <mcp/alert.h>
#include <mcp/log.h>
#include <string.h>

#include "call_detail.h"
#include "tally.h"

#define LOOK (G_USEC_PER_SEC)
#define CALL_TYPES                                                                                 \
    (1u << MCP_EVENT_CALL_ARRIVED | 1u << MCP_EVENT_CALL_REFUSED | 1u << MCP_EVENT_CALL_ANSWERED | \
     1u << MCP_EVENT_CALL_ENDED | 1u << MCP_EVENT_CALL_RECORD)
#define DETAIL_TYPES                                                           \
    (1u << MCP_EVENT_DIALOG | 1u << MCP_EVENT_PROMPT | 1u << MCP_EVENT_INPUT | \
     1u << MCP_EVENT_FETCH | 1u << MCP_EVENT_RECORDING)

struct _McpActivemqSink {
    GObject parent_instance;
    McpHost *host; /* outlives the plugin */
    McpActivemqSpools spools;
    const McpActivemqConfig *config;
    McpActivemqCallTable *calls; /* NULL once closed */
    McpActivemqTally *tally;
    McpTimer *look;
    gint64 interval_ends; /* wall µs */
};

/* Everything delivered so far, in each of the spools. */
typedef struct {
    GError *error; /* nullable: the first */
    guint waiting;
} Flush;

static void iface_init(McpCallSinkInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpActivemqSink, mcp_activemq_sink, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_CALL_SINK, iface_init))

static gint64
wall_of(McpActivemqSink *sink)
{
    return mcp_clock_wall(mcp_host_get_clock(sink->host));
}

static void on_look(gpointer user_data);

static void
arm_look(McpActivemqSink *sink)
{
    sink->look = mcp_clock_after(mcp_host_get_clock(sink->host), NULL, LOOK, on_look, sink);
}

static void
on_look(gpointer user_data)
{
    McpActivemqSink *sink = user_data;
    gint64 now = wall_of(sink);

    mcp_timer_clear(&sink->look);
    mcp_activemq_call_table_flush(sink->calls, now - sink->config->batch_interval);
    if (now >= sink->interval_ends) {
        mcp_activemq_tally_close(sink->tally, now, sink->config);
        sink->interval_ends = now + sink->config->interval;
    }
    arm_look(sink);
}

static guint
get_types(McpCallSink *iface)
{
    McpActivemqSink *sink = MCP_ACTIVEMQ_SINK(iface);

    return sink->calls == NULL ? 0 : CALL_TYPES | DETAIL_TYPES;
}

/* One that no file could keep any more is told by the spool. */
static void
take_record(McpActivemqSink *sink, McpActivemqCall *call, McpEvent *event)
{
    McpActivemqDetailFacts facts;

    mcp_spool_append(sink->spools.billing,
                     mcp_activemq_detail_new(event, call, sink->config->component, &facts));
    mcp_activemq_tally_ended(sink->tally, call, &facts, sink->config);
    if (call != NULL)
        mcp_activemq_call_table_end(sink->calls, call);
}

/* Those are as many as somebody likes to send: they have a limit, and the oldest go. */
static void
take_refused(McpActivemqSink *sink, McpEvent *event)
{
    mcp_activemq_tally_refused(sink->tally);
    mcp_spool_append(sink->spools.events,
                     mcp_activemq_detail_refused(event, sink->config->component));
}

static void
deliver(McpCallSink *iface, McpEvent *event)
{
    McpActivemqSink *sink = MCP_ACTIVEMQ_SINK(iface);
    McpEventType type = mcp_event_get_event_type(event);
    McpActivemqCall *call = NULL;

    if (sink->calls == NULL)
        return;
    if (type == MCP_EVENT_CALL_REFUSED &&
        strcmp(mcp_event_get_what(event), "refused-at-once") == 0) {
        take_refused(sink, event);
        return;
    }
    call = mcp_activemq_call_table_get(sink->calls, event);
    mcp_activemq_tally_event(sink->tally, event, sink->config);
    if (type == MCP_EVENT_CALL_RECORD) {
        take_record(sink, call, event);
        return;
    }
    if (call == NULL)
        return;
    mcp_activemq_call_table_add(sink->calls, call, event, sink->config->call_events);
    if (type == MCP_EVENT_CALL_ARRIVED)
        mcp_activemq_tally_arrived(sink->tally, call);
    if (type == MCP_EVENT_CALL_ANSWERED)
        call->answered = mcp_event_get_wall(event);
    if (type == MCP_EVENT_CALL_ARRIVED || type == MCP_EVENT_CALL_ANSWERED)
        mcp_spool_append(sink->spools.billing, mcp_activemq_detail_start(call));
}

static void
on_flushed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    Flush *flush = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;

    if (!mcp_spool_flush_finish(MCP_SPOOL(source), result, &error) && flush->error == NULL)
        flush->error = g_steal_pointer(&error);
    if (--flush->waiting > 0)
        return;
    if (flush->error != NULL)
        g_task_return_error(task, g_steal_pointer(&flush->error));
    else
        g_task_return_boolean(task, TRUE);
}

static void
flush_async(McpCallSink *iface, GAsyncReadyCallback callback, gpointer user_data)
{
    McpActivemqSink *sink = MCP_ACTIVEMQ_SINK(iface);
    g_autoptr(GTask) task = g_task_new(sink, NULL, callback, user_data);
    Flush *flush = g_new0(Flush, 1);

    g_task_set_task_data(task, flush, g_free);
    if (sink->calls == NULL) {
        g_task_return_boolean(task, TRUE);
        return;
    }
    flush->waiting = 3;
    mcp_spool_flush_async(sink->spools.billing, on_flushed, g_object_ref(task));
    mcp_spool_flush_async(sink->spools.events, on_flushed, g_object_ref(task));
    mcp_spool_flush_async(sink->spools.quality, on_flushed, g_object_ref(task));
}

static gboolean
flush_finish(McpCallSink *iface, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
iface_init(McpCallSinkInterface *iface)
{
    iface->get_types = get_types;
    iface->deliver = deliver;
    iface->flush_async = flush_async;
    iface->flush_finish = flush_finish;
}

static void
mcp_activemq_sink_finalize(GObject *object)
{
    McpActivemqSink *sink = MCP_ACTIVEMQ_SINK(object);

    mcp_activemq_sink_close(sink);
    g_object_unref(sink->spools.billing);
    g_object_unref(sink->spools.events);
    g_object_unref(sink->spools.quality);
    G_OBJECT_CLASS(mcp_activemq_sink_parent_class)->finalize(object);
}

static void
mcp_activemq_sink_class_init(McpActivemqSinkClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_activemq_sink_finalize;
}

static void
mcp_activemq_sink_init(McpActivemqSink *sink)
{
}

McpActivemqSink *
mcp_activemq_sink_new(McpHost *host, const McpActivemqSpools *spools,
                      const McpActivemqConfig *config)
{
    McpActivemqSink *sink = g_object_new(MCP_TYPE_ACTIVEMQ_SINK, NULL);
    gint64 now = 0;

    sink->host = host;
    sink->spools.billing = g_object_ref(spools->billing);
    sink->spools.events = g_object_ref(spools->events);
    sink->spools.quality = g_object_ref(spools->quality);
    sink->config = config;
    now = wall_of(sink);
    sink->calls = mcp_activemq_call_table_new(sink->spools.events);
    sink->tally = mcp_activemq_tally_new(sink->spools.quality, now);
    sink->interval_ends = now + config->interval;
    arm_look(sink);
    return sink;
}

void
mcp_activemq_sink_configure(McpActivemqSink *sink, const McpActivemqConfig *config)
{
    sink->config = config;
    sink->interval_ends = MIN(sink->interval_ends, wall_of(sink) + config->interval);
}

void
mcp_activemq_sink_recover(McpActivemqSink *sink, const GPtrArray *starts)
{
    const char *name = mcp_spool_get_name(sink->spools.billing);
    gint64 now = wall_of(sink);

    if (starts->len == 0)
        return;
    for (guint i = 0; i < starts->len; i++)
        mcp_spool_append(sink->spools.billing, mcp_activemq_detail_abnormal(
                                                   starts->pdata[i], sink->config->component, now));
    mcp_log_warning("crash-recovered", NULL,
                    "%u calls of an earlier run were cut off and have their records now",
                    starts->len);
    mcp_host_count_cut(sink->host, starts->len);
    mcp_alert_raise(mcp_host_get_events(sink->host), MCP_ALERT_CRASH_RECOVERED, NULL, name,
                    "%u calls were cut off and have their records now", starts->len);
}

void
mcp_activemq_sink_close(McpActivemqSink *sink)
{
    mcp_timer_clear(&sink->look);
    g_clear_pointer(&sink->calls, mcp_activemq_call_table_free);
    g_clear_pointer(&sink->tally, mcp_activemq_tally_free);
}
