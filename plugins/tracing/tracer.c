/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls that are traced: a table of those under way, from their first event to their record.
 * On the control context.
 */
#include "tracer.h"

#include <mcp/trace_context.h>

#include "call_spans.h"

#define EVENTS_LIMIT 8192
/* Spans wait for others anyway. */
#define EVENTS_REST (50 * G_TIME_SPAN_MILLISECOND)

typedef struct {
    char *id;
    McpCallSpans *spans;
    GList link; /* in McpTracer.oldest */
} Call;

struct _McpTracer {
    McpTracerConfig config;
    McpEvents *events;
    McpMetrics *metrics; /* nullable */
    McpCollector *collector;
    GHashTable *calls; /* id → Call */
    GQueue oldest;     /* Call, the oldest first: it makes way when there are too many */
    guint subscription;
};

static void
count(McpTracer *self, guint row, guint label, gint64 n)
{
    if (self->metrics != NULL)
        mcp_metrics_add(self->metrics, row, label, n);
}

static void
hand_over(McpTracer *self, McpCallSpans *spans)
{
    guint n = 0;
    guint dropped = 0;
    char *text = mcp_call_spans_finish(spans, &n, &dropped);

    if (dropped > 0)
        count(self, MCP_TRACING_METRIC_SPANS, MCP_TRACING_DROPPED, dropped);
    mcp_collector_add(self->collector, text, n);
}

static void
read_context(McpTracer *self, const McpEvent *event, McpTraceContext *out_context)
{
    const char *traceparent = mcp_event_get_string(event, MCP_TRACEPARENT);

    if (traceparent == NULL || !mcp_trace_context_parse(traceparent, out_context))
        mcp_trace_context_derive(mcp_event_get_call_id(event), self->config.ratio, out_context);
}

/* (transfer full): its spans; the call is not under way any more. */
static McpCallSpans *
take_out(McpTracer *self, Call *call)
{
    McpCallSpans *spans = call->spans;

    g_hash_table_remove(self->calls, call->id);
    g_queue_unlink(&self->oldest, &call->link);
    g_free(call->id);
    g_free(call);
    return spans;
}

/* Of a call whose end was lost in a flood of events, or of one too many. */
static void
drop_oldest(McpTracer *self)
{
    count(self, MCP_TRACING_METRIC_SPANS, MCP_TRACING_DROPPED, 1);
    mcp_call_spans_free(take_out(self, g_queue_peek_head(&self->oldest)));
}

static void
put_in(McpTracer *self, const char *id, McpCallSpans *spans)
{
    Call *call = g_new0(Call, 1);

    if (g_hash_table_size(self->calls) >= self->config.max_calls)
        drop_oldest(self);
    call->id = g_strdup(id);
    call->spans = spans;
    call->link.data = call;
    g_hash_table_insert(self->calls, call->id, call);
    g_queue_push_tail_link(&self->oldest, &call->link);
}

/* A call's first event. A refusal without a call before it is all that comes. */
static void
begin(McpTracer *self, const McpEvent *event)
{
    McpTraceContext context;
    McpCallSpans *spans = NULL;

    read_context(self, event, &context);
    count(self, MCP_TRACING_METRIC_CALLS, context.sampled ? 0 : 1, 1);
    if (!context.sampled)
        return;
    spans = mcp_call_spans_new(&context, event, self->config.max_spans);
    if (mcp_event_get_event_type(event) == MCP_EVENT_CALL_REFUSED) {
        mcp_call_spans_take(spans, event);
        hand_over(self, spans);
    } else {
        put_in(self, mcp_event_get_call_id(event), spans);
    }
}

static void
on_event(McpEvent *event, guint dropped, gpointer user_data)
{
    McpTracer *self = user_data;
    const char *call_id = mcp_event_get_call_id(event);
    McpEventType type = mcp_event_get_event_type(event);
    Call *call = call_id != NULL ? g_hash_table_lookup(self->calls, call_id) : NULL;

    if (dropped > 0)
        count(self, MCP_TRACING_METRIC_SPANS, MCP_TRACING_DROPPED, dropped);
    if (call != NULL)
        mcp_call_spans_take(call->spans, event);
    else if (call_id != NULL && (type == MCP_EVENT_CALL_ARRIVED || type == MCP_EVENT_CALL_REFUSED))
        begin(self, event);
    if (type == MCP_EVENT_CALL_RECORD && call != NULL)
        hand_over(self, take_out(self, call));
}

McpTracer *
mcp_tracer_new(const McpTracerConfig *config, McpEvents *events, McpMetrics *metrics,
               McpCollector *collector)
{
    McpTracer *self = g_new0(McpTracer, 1);
    guint types = 1u << MCP_EVENT_CALL_ARRIVED | 1u << MCP_EVENT_CALL_REFUSED |
                  1u << MCP_EVENT_CALL_ANSWERED | 1u << MCP_EVENT_CALL_ENDED |
                  1u << MCP_EVENT_CALL_RECORD | 1u << MCP_EVENT_DIALOG | 1u << MCP_EVENT_PROMPT |
                  1u << MCP_EVENT_INPUT | 1u << MCP_EVENT_FETCH | 1u << MCP_EVENT_RECORDING;

    self->config = *config;
    self->events = g_object_ref(events);
    self->metrics = metrics;
    self->collector = collector;
    self->calls = g_hash_table_new(g_str_hash, g_str_equal);
    g_queue_init(&self->oldest);
    self->subscription = mcp_events_subscribe(events, types, EVENTS_LIMIT, on_event, self);
    mcp_events_set_rest(events, self->subscription, EVENTS_REST);
    return self;
}

void
mcp_tracer_free(McpTracer *self)
{
    mcp_events_drain(self->events, self->subscription);
    mcp_events_unsubscribe(self->events, self->subscription);
    g_object_unref(self->events);
    while (!g_queue_is_empty(&self->oldest))
        mcp_call_spans_free(take_out(self, g_queue_peek_head(&self->oldest)));
    g_hash_table_unref(self->calls);
    g_free(self);
}
