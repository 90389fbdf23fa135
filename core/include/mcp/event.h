/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/json.h>

G_BEGIN_DECLS

/**
 * McpEventType: what happened. The fields of each are listed in core/event/README.md.
 */
typedef enum {
    MCP_EVENT_CALL_ARRIVED, /* an INVITE was accepted for routing, or a call is placed */
    MCP_EVENT_CALL_REFUSED, /* code, reason */
    MCP_EVENT_CALL_ANSWERED,
    MCP_EVENT_CALL_ENDED,
    MCP_EVENT_CALL_RECORD, /* one a call, after CALL_ENDED: the whole record (see json) */
    MCP_EVENT_DIALOG,      /* page loaded, form item visited, event thrown, dialog ended */
    MCP_EVENT_PROMPT,      /* queued text or URI, started, ended */
    MCP_EVENT_INPUT,       /* digits, match, no-input, no-match */
    MCP_EVENT_FETCH,       /* url, status, bytes, cache, duration */
    MCP_EVENT_RECORDING,   /* opened, committed */
    MCP_EVENT_STATE,       /* plugin or process state changed */
    MCP_EVENT_ALERT,       /* an operator is to act on it; see mcp/alert.h */
    MCP_EVENT_LAST,
} McpEventType;

/** McpEvent: one event with its fields; immutable once published. Shared by reference. */
typedef struct _McpEvent McpEvent;

/** mcp_event_type_to_string: for example "call-arrived". */
const char *mcp_event_type_to_string(McpEventType type);
/**
 * mcp_event_new:
 * @call_id: (nullable): the call it belongs to
 * @what: static short name within the type, for example "digit"
 */
McpEvent *mcp_event_new(McpEventType type, const char *call_id, const char *what);
/** mcp_event_ref: (transfer full). Any thread. */
McpEvent *mcp_event_ref(McpEvent *event);
/** mcp_event_unref: Any thread. */
void mcp_event_unref(McpEvent *event);
/** mcp_event_set_string: adds a field before publishing; @key static, @value copied. */
void mcp_event_set_string(McpEvent *event, const char *key, const char *value);
/** mcp_event_set_int: adds a field before publishing. */
void mcp_event_set_int(McpEvent *event, const char *key, gint64 value);
/** mcp_event_take_json: (transfer full): the event's fields are the members of this JSON object. */
void mcp_event_take_json(McpEvent *event, char *object);
/** mcp_event_get_event_type: the type. */
McpEventType mcp_event_get_event_type(const McpEvent *event);
/** mcp_event_get_what: the short name within the type. */
const char *mcp_event_get_what(const McpEvent *event);
/** mcp_event_get_call_id: (nullable). */
const char *mcp_event_get_call_id(const McpEvent *event);
/** mcp_event_get_string: (nullable): a string field. */
const char *mcp_event_get_string(const McpEvent *event, const char *key);
/** mcp_event_get_int: a number among the fields; @fallback when there is none of that name. */
gint64 mcp_event_get_int(const McpEvent *event, const char *key, gint64 fallback);
/** mcp_event_get_object: (nullable): what mcp_event_take_json() was given. */
const char *mcp_event_get_object(const McpEvent *event);
/** mcp_event_has: whether there is a field @key. */
gboolean mcp_event_has(const McpEvent *event, const char *key);
/** mcp_event_get_wall: µs since 1970, set when published. */
gint64 mcp_event_get_wall(const McpEvent *event);
/** mcp_event_to_json: (transfer full): one line with time, type, what, call and the fields. */
char *mcp_event_to_json(const McpEvent *event);

/** McpEvents: the bus. Publishing never runs a subscriber on the publisher's thread. */
#define MCP_TYPE_EVENTS (mcp_events_get_type())
G_DECLARE_FINAL_TYPE(McpEvents, mcp_events, MCP, EVENTS, GObject)

/**
 * mcp_events_wanted: whether anybody listens to @type; ask before building an event. Any thread.
 */
gboolean mcp_events_wanted(McpEvents *events, McpEventType type);
/** mcp_events_publish: (transfer full): hands the event to all who want it. Any thread. */
void mcp_events_publish(McpEvents *events, McpEvent *event);

/** McpEventFunc: runs on the subscriber's context. @dropped: events lost just before this one. */
typedef void (*McpEventFunc)(McpEvent *event, guint dropped, gpointer user_data);

/**
 * mcp_events_subscribe:
 * @types: bit mask 1 << McpEventType
 * @limit: how many events may wait; beyond it the oldest are dropped and counted
 * @func: called on the caller's thread-default context
 *
 * Returns: id for mcp_events_unsubscribe(), which is to be called on the same context.
 */
guint mcp_events_subscribe(McpEvents *events, guint types, guint limit, McpEventFunc func,
                           gpointer user_data);
/**
 * mcp_events_set_rest: for who bears it that events come late: after some were delivered the next
 * ones wait up to @rest µs, so that a loop is not woken for each. On the subscriber's context.
 */
void mcp_events_set_rest(McpEvents *events, guint id, gint64 rest);
/** mcp_events_drain: what waits for the subscriber is delivered now. On its context. */
void mcp_events_drain(McpEvents *events, guint id);
/** mcp_events_unsubscribe: @func does not run any more after it. */
void mcp_events_unsubscribe(McpEvents *events, guint id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEvent, mcp_event_unref)

G_END_DECLS
