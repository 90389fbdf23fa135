/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One typed event with a few fields. Written by its maker, immutable once published; shared between
 * threads by an atomic counter.
 */
#include "event/event.h"

#include <mcp/ledger.h>
#include <string.h>

#define MAX_FIELDS 12

MCP_LEDGER_DEFINE(McpEvent);

typedef struct {
    const char *key;
    char *text; /* NULL: @number counts */
    gint64 number;
} Field;

struct _McpEvent {
    gatomicrefcount refs;
    McpEventType type;
    const char *what;
    char *call_id;
    gint64 wall;
    char *object;
    guint n_fields;
    Field fields[MAX_FIELDS];
};

static const char *const type_names[] = {
    "call-arrived", "call-refused", "call-answered", "call-ended", "call-record", "dialog",
    "prompt",       "input",        "fetch",         "recording",  "state",       "alert",
};
G_STATIC_ASSERT(G_N_ELEMENTS(type_names) == MCP_EVENT_LAST);

const char *
mcp_event_type_to_string(McpEventType type)
{
    return type_names[type];
}

McpEvent *
mcp_event_new(McpEventType type, const char *call_id, const char *what)
{
    McpEvent *event = g_new0(McpEvent, 1);

    g_atomic_ref_count_init(&event->refs);
    event->type = type;
    event->what = what;
    event->call_id = g_strdup(call_id);
    MCP_LEDGER_CREATED(McpEvent);
    return event;
}

McpEvent *
mcp_event_ref(McpEvent *event)
{
    g_atomic_ref_count_inc(&event->refs);
    return event;
}

void
mcp_event_unref(McpEvent *event)
{
    if (!g_atomic_ref_count_dec(&event->refs))
        return;
    for (guint i = 0; i < event->n_fields; i++)
        g_free(event->fields[i].text);
    g_free(event->call_id);
    g_free(event->object);
    g_free(event);
    MCP_LEDGER_FINALIZED(McpEvent);
}

static Field *
add_field(McpEvent *event, const char *key)
{
    Field *field = &event->fields[event->n_fields];

    g_return_val_if_fail(event->n_fields < MAX_FIELDS, NULL);
    event->n_fields++;
    field->key = key;
    return field;
}

void
mcp_event_set_string(McpEvent *event, const char *key, const char *value)
{
    Field *field = value != NULL ? add_field(event, key) : NULL;

    if (field != NULL)
        field->text = g_strdup(value);
}

void
mcp_event_set_int(McpEvent *event, const char *key, gint64 value)
{
    Field *field = add_field(event, key);

    if (field != NULL)
        field->number = value;
}

void
mcp_event_take_json(McpEvent *event, char *object)
{
    g_free(event->object);
    event->object = object;
}

McpEventType
mcp_event_get_event_type(const McpEvent *event)
{
    return event->type;
}

const char *
mcp_event_get_what(const McpEvent *event)
{
    return event->what;
}

const char *
mcp_event_get_call_id(const McpEvent *event)
{
    return event->call_id;
}

static const Field *
find_field(const McpEvent *event, const char *key)
{
    for (guint i = 0; i < event->n_fields; i++) {
        if (strcmp(event->fields[i].key, key) == 0)
            return &event->fields[i];
    }
    return NULL;
}

const char *
mcp_event_get_string(const McpEvent *event, const char *key)
{
    const Field *field = find_field(event, key);

    return field != NULL ? field->text : NULL;
}

gboolean
mcp_event_has(const McpEvent *event, const char *key)
{
    return find_field(event, key) != NULL;
}

gint64
mcp_event_get_int(const McpEvent *event, const char *key, gint64 fallback)
{
    const Field *field = find_field(event, key);

    return field != NULL && field->text == NULL ? field->number : fallback;
}

const char *
mcp_event_get_object(const McpEvent *event)
{
    return event->object;
}

gint64
mcp_event_get_wall(const McpEvent *event)
{
    return event->wall;
}

void
mcp_event_stamp(McpEvent *event)
{
    event->wall = g_get_real_time();
}

char *
mcp_event_to_json(const McpEvent *event)
{
    McpJson *json;

    if (event->type == MCP_EVENT_CALL_RECORD && event->object != NULL)
        return g_strdup(event->object);
    json = mcp_json_new();
    mcp_json_begin_object(json, NULL);
    mcp_json_time(json, "time", event->wall);
    mcp_json_string(json, "type", type_names[event->type]);
    mcp_json_string(json, "what", event->what);
    if (event->call_id != NULL)
        mcp_json_string(json, "call", event->call_id);
    for (guint i = 0; i < event->n_fields; i++) {
        const Field *field = &event->fields[i];

        if (field->text != NULL)
            mcp_json_string(json, field->key, field->text);
        else
            mcp_json_int(json, field->key, field->number);
    }
    if (event->object != NULL)
        mcp_json_raw(json, "data", event->object);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}
