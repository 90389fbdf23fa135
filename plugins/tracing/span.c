/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One span with its attributes and events, bounded in number and length, and how OTLP writes it in
 * JSON. On the control context.
 */
#include "span.h"

#define MAX_ATTRIBUTES 16
#define MAX_EVENTS 32
#define MAX_TEXT 512

typedef struct {
    const char *key;
    char *text; /* NULL: @number counts */
    gint64 number;
} Attribute;

typedef struct {
    gint64 wall;
    const char *name;
    const char *key;
    char *text;
} Event;

struct _McpSpan {
    char id[MCP_SPAN_ID_LENGTH + 1];
    char parent[MCP_SPAN_ID_LENGTH + 1];
    McpSpanKind kind;
    const char *name;
    gint64 start;
    gint64 end; /* 0: not yet */
    gboolean failed;
    char *message;
    guint n_attributes;
    Attribute attributes[MAX_ATTRIBUTES];
    GArray *events; /* Event; NULL without any */
    guint events_dropped;
};

static void
event_clear(gpointer data)
{
    g_free(((Event *)data)->text);
}

McpSpan *
mcp_span_new(const char *id, const char *parent, McpSpanKind kind, const char *name, gint64 start)
{
    McpSpan *span = g_new0(McpSpan, 1);

    if (id != NULL)
        g_strlcpy(span->id, id, sizeof span->id);
    else
        mcp_span_id_new(span->id);
    g_strlcpy(span->parent, parent, sizeof span->parent);
    span->kind = kind;
    span->name = name;
    span->start = start;
    return span;
}

void
mcp_span_free(McpSpan *span)
{
    for (guint i = 0; i < span->n_attributes; i++)
        g_free(span->attributes[i].text);
    g_clear_pointer(&span->events, g_array_unref);
    g_free(span->message);
    g_free(span);
}

const char *
mcp_span_get_id(const McpSpan *span)
{
    return span->id;
}

/* (transfer full) (nullable): no more of it than is kept, cut between characters. */
static char *
short_text(const char *text)
{
    g_autofree char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;

    if (valid == NULL)
        return NULL;
    if (g_utf8_strlen(valid, -1) > MAX_TEXT)
        *g_utf8_offset_to_pointer(valid, MAX_TEXT) = '\0';
    return g_steal_pointer(&valid);
}

static Attribute *
add_attribute(McpSpan *span, const char *key)
{
    Attribute *attribute = &span->attributes[span->n_attributes];

    if (span->n_attributes == MAX_ATTRIBUTES)
        return NULL;
    span->n_attributes++;
    attribute->key = key;
    return attribute;
}

void
mcp_span_set_string(McpSpan *span, const char *key, const char *value)
{
    Attribute *attribute = value != NULL ? add_attribute(span, key) : NULL;

    if (attribute != NULL)
        attribute->text = short_text(value);
}

void
mcp_span_set_int(McpSpan *span, const char *key, gint64 value)
{
    Attribute *attribute = add_attribute(span, key);

    if (attribute != NULL)
        attribute->number = value;
}

void
mcp_span_add_event(McpSpan *span, gint64 wall, const char *name, const char *key, const char *text)
{
    const Event event = {wall, name, key, short_text(text)};

    if (span->events == NULL) {
        span->events = g_array_new(FALSE, FALSE, sizeof(Event));
        g_array_set_clear_func(span->events, event_clear);
    }
    if (span->events->len < MAX_EVENTS) {
        g_array_append_val(span->events, event);
    } else {
        span->events_dropped++;
        g_free(event.text);
    }
}

void
mcp_span_fail(McpSpan *span, const char *text)
{
    span->failed = TRUE;
    if (span->message == NULL)
        span->message = short_text(text);
}

void
mcp_span_end(McpSpan *span, gint64 end)
{
    if (span->end == 0)
        span->end = MAX(end, span->start);
}

/* 64-bit numbers are strings in protobuf's JSON. */
static void
write_number(McpJson *json, const char *key, gint64 number, const char *unit)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "%s", number, unit);

    mcp_json_string(json, key, text);
}

void
mcp_span_write_string(McpJson *json, const char *key, const char *value)
{
    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "key", key);
    mcp_json_begin_object(json, "value");
    mcp_json_string(json, "stringValue", value);
    mcp_json_end_object(json);
    mcp_json_end_object(json);
}

static void
write_attributes(const McpSpan *span, McpJson *json)
{
    mcp_json_begin_array(json, "attributes");
    for (guint i = 0; i < span->n_attributes; i++) {
        const Attribute *attribute = &span->attributes[i];

        if (attribute->text != NULL) {
            mcp_span_write_string(json, attribute->key, attribute->text);
            continue;
        }
        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "key", attribute->key);
        mcp_json_begin_object(json, "value");
        write_number(json, "intValue", attribute->number, "");
        mcp_json_end_object(json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

static void
write_events(const McpSpan *span, McpJson *json)
{
    if (span->events == NULL)
        return;
    mcp_json_begin_array(json, "events");
    for (guint i = 0; i < span->events->len; i++) {
        const Event *event = &g_array_index(span->events, Event, i);

        mcp_json_begin_object(json, NULL);
        write_number(json, "timeUnixNano", event->wall, "000");
        mcp_json_string(json, "name", event->name);
        if (event->text != NULL) {
            mcp_json_begin_array(json, "attributes");
            mcp_span_write_string(json, event->key, event->text);
            mcp_json_end_array(json);
        }
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    if (span->events_dropped > 0)
        mcp_json_int(json, "droppedEventsCount", span->events_dropped);
}

void
mcp_span_write(const McpSpan *span, const char *trace_id, McpJson *json)
{
    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "traceId", trace_id);
    mcp_json_string(json, "spanId", span->id);
    if (span->parent[0] != '\0')
        mcp_json_string(json, "parentSpanId", span->parent);
    mcp_json_string(json, "name", span->name);
    mcp_json_int(json, "kind", span->kind);
    write_number(json, "startTimeUnixNano", span->start, "000");
    write_number(json, "endTimeUnixNano", MAX(span->end, span->start), "000");
    write_attributes(span, json);
    write_events(span, json);
    if (span->failed) {
        mcp_json_begin_object(json, "status");
        if (span->message != NULL)
            mcp_json_string(json, "message", span->message);
        mcp_json_int(json, "code", 2);
        mcp_json_end_object(json);
    }
    mcp_json_end_object(json);
}
