/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events on their way to HTTP clients, one subscription a client. Control context, where the bus
 * delivers; a client that lags is cut by the listener.
 */
#include "event_stream.h"

#include <mcp/clock.h>
#include <mcp/event.h>

/* Events that may wait for the control context. */
#define QUEUE 4096
/* A comment now and then finds out that a client is gone. */
#define KEEP_ALIVE (10 * G_TIME_SPAN_SECOND)

struct _McpControlStreams {
    McpHost *host;
    McpListener *listener;
    GHashTable *open; /* McpControlStream */
};

struct _McpControlStream {
    McpControlStreams *streams;
    McpWebRequest *request;
    guint subscription;
    McpTimer *keep_alive;
    char *call_id;
    guint types;
    guint other_types;
    gboolean until_record;
};

static void on_keep_alive(gpointer data);

static void
stream_free(gpointer data)
{
    McpControlStream *stream = data;

    mcp_events_unsubscribe(mcp_host_get_events(stream->streams->host), stream->subscription);
    mcp_timer_clear(&stream->keep_alive);
    g_free(stream->call_id);
    g_free(stream);
}

void
mcp_control_stream_drop(McpControlStream *stream)
{
    g_hash_table_remove(stream->streams->open, stream);
}

static void
finish(McpControlStream *stream)
{
    McpListener *listener = stream->streams->listener;
    McpWebRequest *request = stream->request;

    mcp_control_stream_drop(stream);
    mcp_listener_stream_end(listener, request);
}

/* FALSE: the client was cut and the stream is no more. */
static gboolean
write_text(McpControlStream *stream, const char *text)
{
    if (mcp_listener_stream_write(stream->streams->listener, stream->request, text, strlen(text)))
        return TRUE;
    mcp_control_stream_drop(stream);
    return FALSE;
}

static void
watch(McpControlStream *stream)
{
    mcp_timer_clear(&stream->keep_alive);
    stream->keep_alive = mcp_clock_after(mcp_host_get_clock(stream->streams->host), NULL,
                                         KEEP_ALIVE, on_keep_alive, stream);
}

static void
on_keep_alive(gpointer data)
{
    McpControlStream *stream = data;

    if (write_text(stream, ":\n\n"))
        watch(stream);
}

static gboolean
wants(const McpControlStream *stream, const McpEvent *event)
{
    guint bit = 1u << mcp_event_get_event_type(event);

    if (stream->call_id == NULL || g_strcmp0(mcp_event_get_call_id(event), stream->call_id) == 0)
        return (stream->types & bit) != 0;
    return (stream->other_types & bit) != 0;
}

static void
on_event(McpEvent *event, guint dropped, gpointer data)
{
    McpControlStream *stream = data;
    McpEventType type = mcp_event_get_event_type(event);
    g_autofree char *json = NULL;
    g_autofree char *text = NULL;
    gboolean last = stream->until_record && type == MCP_EVENT_CALL_RECORD &&
                    g_strcmp0(mcp_event_get_call_id(event), stream->call_id) == 0;

    if (dropped > 0) {
        g_autofree char *lost = g_strdup_printf("event: lost\ndata: {\"events\":%u}\n\n", dropped);

        if (!write_text(stream, lost))
            return;
    }
    if (!wants(stream, event))
        return;
    json = mcp_event_to_json(event);
    text = g_strdup_printf("event: %s\ndata: %s\n\n", mcp_event_type_to_string(type), json);
    if (write_text(stream, text) && last)
        finish(stream);
}

static void
on_closed(McpWebRequest *request, gpointer data)
{
    mcp_control_stream_drop(data);
}

McpControlStreams *
mcp_control_streams_new(McpHost *host, McpListener *listener)
{
    McpControlStreams *streams = g_new0(McpControlStreams, 1);

    streams->host = g_object_ref(host);
    streams->listener = g_object_ref(listener);
    streams->open = g_hash_table_new_full(NULL, NULL, stream_free, NULL);
    return streams;
}

void
mcp_control_streams_free(McpControlStreams *streams)
{
    GHashTableIter iter;
    gpointer stream = NULL;

    for (;;) {
        g_hash_table_iter_init(&iter, streams->open);
        if (!g_hash_table_iter_next(&iter, &stream, NULL))
            break;
        finish(stream);
    }
    g_hash_table_unref(streams->open);
    g_object_unref(streams->listener);
    g_object_unref(streams->host);
    g_free(streams);
}

McpControlStream *
mcp_control_streams_subscribe(McpControlStreams *streams, const McpControlFilter *filter)
{
    McpControlStream *stream = g_new0(McpControlStream, 1);
    guint record = filter->until_record ? 1u << MCP_EVENT_CALL_RECORD : 0;

    stream->streams = streams;
    stream->call_id = g_strdup(filter->call_id);
    stream->types = filter->types;
    stream->other_types = filter->other_types;
    stream->until_record = filter->until_record;
    g_hash_table_add(streams->open, stream);
    stream->subscription =
        mcp_events_subscribe(mcp_host_get_events(streams->host),
                             stream->types | stream->other_types | record, QUEUE, on_event, stream);
    return stream;
}

void
mcp_control_stream_open(McpControlStream *stream, McpWebRequest *request, const char *call_id)
{
    stream->request = request;
    if (call_id != NULL) {
        g_free(stream->call_id);
        stream->call_id = g_strdup(call_id);
    }
    mcp_listener_stream_begin(stream->streams->listener, request, "text/event-stream", on_closed,
                              stream);
    /* The head goes out with the first bytes: the client knows that nothing is missed from here. */
    if (write_text(stream, ":\n\n"))
        watch(stream);
}

gboolean
mcp_control_event_types(const char *names, guint *out_types)
{
    g_auto(GStrv) list = g_strsplit(names != NULL ? names : "", ",", -1);
    guint types = 0;

    for (guint i = 0; list[i] != NULL; i++) {
        gboolean known = list[i][0] == '\0';

        for (guint type = 0; type < MCP_EVENT_LAST && !known; type++) {
            if (strcmp(list[i], mcp_event_type_to_string((McpEventType)type)) == 0) {
                types |= 1u << type;
                known = TRUE;
            }
        }
        if (!known)
            return FALSE;
    }
    *out_types = types != 0 ? types : (1u << MCP_EVENT_LAST) - 1;
    return TRUE;
}
