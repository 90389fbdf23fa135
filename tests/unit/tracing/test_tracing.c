/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of traces: fields and ids, spans made of events, limits, a collector that is dead. */
#include <call_spans.h>
#include <collector.h>
#include <mcp/log.h>
#include <string.h>
#include <tracer.h>

#include "event/event.h"
#include "plugin/metrics.h"

#define CALL "00000000000000ab"
#define FIELD "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void
test_fields(void)
{
    static const char *const faulty[] = {
        "",
        "00",
        "canary",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
    };
    McpTraceContext context;
    char text[MCP_TRACEPARENT_LENGTH + 1];

    for (guint i = 0; i < G_N_ELEMENTS(faulty); i++) {
        g_test_message("%s", faulty[i]);
        g_assert_false(mcp_trace_context_parse(faulty[i], &context));
    }
    g_assert_true(mcp_trace_context_parse(FIELD, &context));
    g_assert_cmpstr(context.trace_id, ==, "0af7651916cd43dd8448eb211c80319c");
    g_assert_cmpstr(context.parent_id, ==, "b7ad6b7169203331");
    g_assert_true(context.sampled);
    mcp_trace_context_print(&context, "b7ad6b7169203331", text);
    g_assert_cmpstr(text, ==, FIELD);
    g_assert_true(mcp_trace_context_parse(
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-later", &context));
    g_assert_false(context.sampled);
}

static void
test_ids(void)
{
    McpTraceContext context;
    guint sampled = 0;

    mcp_trace_context_derive("7fffffffffffffff", 1, &context);
    g_assert_cmpstr(context.trace_id, ==, "00000000000000007fffffffffffffff");
    g_assert_cmpstr(context.parent_id, ==, "");
    g_assert_true(context.sampled);
    mcp_trace_context_derive("7fffffffffffffff", 0, &context);
    g_assert_false(context.sampled);
    mcp_trace_context_derive("0000000000000000", 0, &context);
    g_assert_false(context.sampled);
    for (guint i = 0; i < 1000; i++) {
        char id[MCP_SPAN_ID_LENGTH + 1];

        mcp_span_id_new(id);
        g_assert_cmpuint(strlen(id), ==, MCP_SPAN_ID_LENGTH);
        g_assert_cmpstr(id, !=, "0000000000000000");
        mcp_trace_context_derive(id, 0.25, &context);
        sampled += context.sampled;
    }
    g_assert_cmpuint(sampled, >, 100);
    g_assert_cmpuint(sampled, <, 500);
}

static McpEvent *
event_of(McpEventType type, const char *what, const char *key, const char *value)
{
    McpEvent *event = mcp_event_new(type, CALL, what);

    if (key != NULL)
        mcp_event_set_string(event, key, value);
    mcp_event_stamp(event);
    return event;
}

static void
take(McpCallSpans *spans, McpEventType type, const char *what, const char *key, const char *value)
{
    g_autoptr(McpEvent) event = event_of(type, what, key, value);

    mcp_call_spans_take(spans, event);
}

static McpCallSpans *
begin(guint limit)
{
    g_autoptr(McpEvent) event = event_of(MCP_EVENT_CALL_ARRIVED, "incoming", "service", "test");
    McpTraceContext context;

    mcp_trace_context_derive(CALL, 1, &context);
    return mcp_call_spans_new(&context, event, limit);
}

static guint
occurrences(const char *text, const char *part)
{
    guint n = 0;

    for (const char *p = strstr(text, part); p != NULL; p = strstr(p + 1, part))
        n++;
    return n;
}

static void
take_record(McpCallSpans *spans, const char *record)
{
    g_autoptr(McpEvent) event = mcp_event_new(MCP_EVENT_CALL_RECORD, CALL, "record");

    mcp_event_take_json(event, g_strdup(record));
    mcp_event_stamp(event);
    mcp_call_spans_take(spans, event);
}

typedef struct {
    const char *second; /* of the first minute of 2026 */
    gboolean sent;
    const char *message;
} Entry;

/* (transfer full): a record with a ladder. */
static char *
record_of(const Entry *entries)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_begin_array(json, "ladder");
    for (; entries->message != NULL; entries++) {
        g_autofree char *time = g_strdup_printf("2026-01-01T00:00:0%sZ", entries->second);

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "time", time);
        mcp_json_bool(json, "sent", entries->sent);
        mcp_json_string(json, "message", entries->message);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

static void
test_call(void)
{
    static const Entry ladder[] = {
        {"1.000", FALSE, "INVITE sip:a@b"},
        {"1.100", TRUE, "100 Trying (INVITE)"},
        {"1.500", TRUE, "200 OK (INVITE)"},
        {"1.600", FALSE, "ACK"},
        {"2.000", TRUE, "BYE"},
        {"2.500", FALSE, "481 Gone (BYE)"},
        {"3.000", TRUE, "INFO"},
        {NULL},
    };
    McpCallSpans *spans = begin(100);
    g_autofree char *record = record_of(ladder);
    guint n = 0;
    guint dropped = 0;
    g_autofree char *text = NULL;

    take(spans, MCP_EVENT_CALL_ANSWERED, "answered", NULL, NULL);
    take(spans, MCP_EVENT_DIALOG, "page", "url", "http://x/a.vxml?pin=canary");
    take(spans, MCP_EVENT_DIALOG, "item", "name", "one");
    take(spans, MCP_EVENT_PROMPT, "started", "text", "canary");
    take(spans, MCP_EVENT_PROMPT, "ended", "how", "completed");
    take(spans, MCP_EVENT_INPUT, "match", "digits", "canary");
    take(spans, MCP_EVENT_RECORDING, "opened", "name", "vxml/ab/1.wav");
    take(spans, MCP_EVENT_INPUT, "recorded", "text", "vxml/ab/1.wav");
    take(spans, MCP_EVENT_FETCH, "failed", "error", "no route");
    take(spans, MCP_EVENT_DIALOG, "event", "event", "error.badfetch");
    take(spans, MCP_EVENT_DIALOG, "page", "url", "http://x/b.vxml");
    take(spans, MCP_EVENT_CALL_ENDED, "ended", "reason", "session ended");
    take_record(spans, record);
    text = mcp_call_spans_finish(spans, &n, &dropped);
    g_assert_cmpuint(n, ==, 10);
    g_assert_cmpuint(occurrences(text, "\"vxml/ab/1.wav\""), ==, 1);
    g_assert_cmpuint(dropped, ==, 0);
    g_assert_cmpuint(occurrences(text, "\"traceId\":\"000000000000000000000000000000ab\""), ==, n);
    g_assert_cmpuint(occurrences(text, "\"parentSpanId\":\"" CALL "\""), ==, 5);
    g_assert_cmpuint(occurrences(text, "\"name\":\"page\""), ==, 2);
    g_assert_null(strstr(text, "canary"));
    g_assert_nonnull(strstr(text, "\"startTimeUnixNano\":\"1767225601000000000\","
                                  "\"endTimeUnixNano\":\"1767225601500000000\""));
    g_assert_nonnull(strstr(text, "481 Gone (BYE)"));
    g_assert_nonnull(strstr(text, "no final response"));
    g_assert_nonnull(strstr(text, "no route"));
}

/* Whatever events and records say, spans are bounded and nothing breaks. */
static void
test_limits(void)
{
    static const char *const records[] = {
        "", "[", "[]", "{}", "{\"ladder\":1}", "{\"ladder\":[1,null,{}]}",
    };
    static const Entry odd[] = {
        {"1.000", TRUE, "200 OK (INVITE)"}, {"1.000", TRUE, "999"}, {"x", TRUE, "BYE"}, {NULL}};
    g_autofree char *record = record_of(odd);
    McpCallSpans *spans = begin(10);
    g_autofree char *long_name = g_strnfill(100000, 'n');
    guint n = 0;
    guint dropped = 0;
    g_autofree char *text = NULL;

    for (guint i = 0; i < 1000; i++) {
        take(spans, MCP_EVENT_DIALOG, "event", "event", "\xff\x01");
        take(spans, MCP_EVENT_DIALOG, "page", "url", long_name);
        take(spans, MCP_EVENT_DIALOG, "item", NULL, NULL);
        take(spans, MCP_EVENT_PROMPT, "ended", NULL, NULL);
    }
    for (guint i = 0; i < G_N_ELEMENTS(records); i++)
        take_record(spans, records[i]);
    take_record(spans, record);
    text = mcp_call_spans_finish(spans, &n, &dropped);
    g_assert_cmpuint(n, ==, 11);
    g_assert_cmpuint(dropped, >, 1900);
    g_assert_cmpuint(strlen(text), <, 20000);
    g_assert_true(g_utf8_validate(text, -1, NULL));
}

static const McpMetricDef metric_defs[] = {
    {"calls_total", MCP_METRIC_COUNTER, "calls", "Calls.", "sampled", "yes|no", NULL, 1},
    {"spans_total", MCP_METRIC_COUNTER, "spans", "Spans.", "result", "sent|dropped|refused", NULL,
     2},
    {"requests_total", MCP_METRIC_COUNTER, "requests", "Requests.", "result", "ok|failed", NULL, 3},
    {"queue_bytes", MCP_METRIC_GAUGE, "bytes", "Queue.", NULL, NULL, NULL, 4},
    {NULL},
};

/* Nobody listens at the discard port of the loopback: the queue keeps its bound, and the newest. */
static void
test_dead_collector(void)
{
    const McpCollectorConfig config = {.endpoint = "http://127.0.0.1:9/v1/traces",
                                       .service = "s",
                                       .instance = "i",
                                       .max_queue = 100000};
    g_autoptr(McpClock) clock = mcp_clock_new();
    McpMetrics *metrics = mcp_metrics_new(metric_defs);
    McpCollector *collector = mcp_collector_new(&config, clock, metrics);

    mcp_log_set_level(MCP_LOG_ERROR);
    for (guint i = 0; i < 1000; i++)
        mcp_collector_add(collector, g_strnfill(1000, 'x'), 2);
    mcp_collector_add(collector, g_strnfill(200000, 'x'), 5);
    while (mcp_metrics_get(metrics, MCP_TRACING_METRIC_REQUESTS, 1) < 2)
        g_main_context_iteration(NULL, TRUE);
    for (guint i = 0; i < 1000; i++)
        mcp_collector_add(collector, g_strnfill(1000, 'x'), 2);
    g_assert_cmpint(mcp_metrics_get(metrics, MCP_TRACING_METRIC_QUEUE, 0), <=, 100000);
    g_assert_cmpint(mcp_metrics_get(metrics, MCP_TRACING_METRIC_SPANS, MCP_TRACING_DROPPED), >,
                    3500);
    g_assert_cmpint(mcp_metrics_get(metrics, MCP_TRACING_METRIC_SPANS, MCP_TRACING_SENT), ==, 0);
    mcp_collector_free(collector);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    mcp_metrics_free(metrics);
}

static void
publish(McpEvents *events, McpEventType type, const char *id)
{
    mcp_events_publish(events, mcp_event_new(type, id, "x"));
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

/* Events come together, a moment later. */
static void
wait_metric(McpMetrics *metrics, guint row, guint label, gint64 least)
{
    while (mcp_metrics_get(metrics, row, label) < least)
        g_main_context_iteration(NULL, TRUE);
}

/* Calls whose end never comes make way for new ones. */
static void
test_calls_without_end(void)
{
    const McpCollectorConfig config = {.endpoint = "http://127.0.0.1:9/v1/traces",
                                       .service = "s",
                                       .instance = "i",
                                       .max_queue = 1000000,
                                       .delay = G_TIME_SPAN_HOUR};
    const McpTracerConfig limits = {.ratio = 1, .max_calls = 10, .max_spans = 10};
    g_autoptr(McpClock) clock = mcp_clock_new();
    g_autoptr(McpEvents) events = g_object_new(MCP_TYPE_EVENTS, NULL);
    McpMetrics *metrics = mcp_metrics_new(metric_defs);
    McpCollector *collector = mcp_collector_new(&config, clock, metrics);
    McpTracer *tracer = mcp_tracer_new(&limits, events, metrics, collector);
    gint64 one = 0;

    for (guint i = 1; i <= 30; i++) {
        g_autofree char *id = g_strdup_printf("%016x", i);

        publish(events, MCP_EVENT_CALL_ARRIVED, id);
    }
    wait_metric(metrics, MCP_TRACING_METRIC_SPANS, MCP_TRACING_DROPPED, 20);
    publish(events, MCP_EVENT_CALL_RECORD, "0000000000000001");
    publish(events, MCP_EVENT_CALL_RECORD, "000000000000001e");
    wait_metric(metrics, MCP_TRACING_METRIC_QUEUE, 0, 1);
    /* Bytes of one: of the first one nothing is known any more. */
    one = mcp_metrics_get(metrics, MCP_TRACING_METRIC_QUEUE, 0);
    publish(events, MCP_EVENT_CALL_RECORD, "000000000000001d");
    wait_metric(metrics, MCP_TRACING_METRIC_QUEUE, 0, one + 1);
    g_assert_cmpint(mcp_metrics_get(metrics, MCP_TRACING_METRIC_QUEUE, 0), ==, 2 * one);
    g_assert_cmpint(mcp_metrics_get(metrics, MCP_TRACING_METRIC_SPANS, MCP_TRACING_DROPPED), ==,
                    20);
    mcp_tracer_free(tracer);
    g_assert_false(mcp_events_wanted(events, MCP_EVENT_CALL_ARRIVED));
    mcp_collector_free(collector);
    mcp_metrics_free(metrics);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tracing/fields", test_fields);
    g_test_add_func("/tracing/ids", test_ids);
    g_test_add_func("/tracing/call", test_call);
    g_test_add_func("/tracing/limits", test_limits);
    g_test_add_func("/tracing/dead-collector", test_dead_collector);
    g_test_add_func("/tracing/calls-without-end", test_calls_without_end);
    return g_test_run();
}
