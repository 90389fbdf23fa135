/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request from its arrival to its answer, or to the end of its stream. A stream whose
 * client falls behind is cut. Control context.
 */
#include "web_request.h"

#include <mcp/json.h>
#include <mcp/ledger.h>
#include <mcp/log.h>

/* DESIGN §3.15: how far a client may lag before it is cut. */
#define LAG_BYTES (1024 * 1024)
#define LAG_TIME (5 * G_TIME_SPAN_SECOND)

MCP_LEDGER_DEFINE(McpWebRequest);

struct _McpWebRequest {
    SoupServerMessage *message;
    McpClock *clock;
    char *path;
    GHashTable *query;
    GBytes *body;
    gulong on_finished;
    gulong on_written;
    gboolean gone; /* the client is, before it was answered */
    /* of a stream */
    gboolean streaming;
    gsize waiting; /* bytes handed over and not yet written */
    McpTimer *lag; /* runs while bytes wait; written bytes start it anew */
    McpWebClosedFunc closed;
    gpointer closed_data;
};

static void on_lag(gpointer data);

static void
request_free(McpWebRequest *request)
{
    mcp_timer_clear(&request->lag);
    g_signal_handler_disconnect(request->message, request->on_finished);
    if (request->on_written != 0)
        g_signal_handler_disconnect(request->message, request->on_written);
    g_object_unref(request->message);
    g_object_unref(request->clock);
    g_free(request->path);
    g_hash_table_unref(request->query);
    g_bytes_unref(request->body);
    g_free(request);
    MCP_LEDGER_FINALIZED(McpWebRequest);
}

void
mcp_web_set_json_error(SoupServerMessage *message, guint status, const char *text)
{
    McpJson *json = mcp_json_new();
    g_autofree char *body = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "error", text);
    mcp_json_end_object(json);
    body = mcp_json_finish(json);
    soup_server_message_set_status(message, status, NULL);
    soup_server_message_set_response(message, "application/json", SOUP_MEMORY_COPY, body,
                                     strlen(body));
}

/* The client is gone, or what we sent last is out. A stream's owner is told, once. */
static void
on_finished(SoupServerMessage *message, gpointer data)
{
    McpWebRequest *request = data;

    request->gone = TRUE;
    if (!request->streaming)
        return;
    if (request->closed != NULL)
        request->closed(request, request->closed_data);
    request_free(request);
}

static GHashTable *
copy_query(GHashTable *query)
{
    GHashTable *copy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer key = NULL;
    gpointer value = NULL;

    if (query == NULL)
        return copy;
    g_hash_table_iter_init(&iter, query);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_hash_table_insert(copy, g_strdup(key), g_strdup(value));
    return copy;
}

void
mcp_web_request_begin(SoupServerMessage *message, McpClock *clock, const char *path,
                      GHashTable *query, McpWebHandler handler, gpointer user_data)
{
    McpWebRequest *request = g_new0(McpWebRequest, 1);
    SoupMessageBody *body = soup_server_message_get_request_body(message);
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    McpWebFacts facts = {0};

    MCP_LEDGER_CREATED(McpWebRequest);
    request->message = g_object_ref(message);
    request->clock = g_object_ref(clock);
    request->path = g_strdup(path);
    request->query = copy_query(query);
    request->body = soup_message_body_flatten(body);
    request->on_finished = g_signal_connect(message, "finished", G_CALLBACK(on_finished), request);
    soup_server_message_pause(message);
    facts.method = soup_server_message_get_method(message);
    facts.path = request->path;
    facts.query = request->query;
    facts.content_type = soup_message_headers_get_content_type(headers, NULL);
    facts.body = request->body;
    facts.accept = soup_message_headers_get_list(headers, "Accept");
    handler(request, &facts, user_data);
}

void
mcp_web_request_respond(McpWebRequest *request, guint status, const char *content_type,
                        const char *body, gsize length)
{
    g_autoptr(SoupServerMessage) message = g_object_ref(request->message);
    gboolean gone = request->gone;

    request_free(request);
    if (gone)
        return;
    soup_server_message_set_status(message, status, NULL);
    soup_message_headers_replace(soup_server_message_get_response_headers(message), "Cache-Control",
                                 "no-store");
    soup_server_message_set_response(message, content_type, SOUP_MEMORY_COPY, body, length);
    soup_server_message_unpause(message);
}

static void
watch_lag(McpWebRequest *request)
{
    mcp_timer_clear(&request->lag);
    if (request->waiting > 0)
        request->lag = mcp_clock_after(request->clock, NULL, LAG_TIME, on_lag, request);
}

static void
on_written(SoupServerMessage *message, guint size, gpointer data)
{
    McpWebRequest *request = data;

    request->waiting -= MIN(request->waiting, size);
    watch_lag(request);
}

/* Ends a stream from our side without its last chunk: the client sees that it is incomplete. */
static void
cut(McpWebRequest *request)
{
    g_autoptr(SoupServerMessage) message = g_object_ref(request->message);
    g_autoptr(GIOStream) stream = NULL;

    mcp_log_warning("web-stream-cut", NULL, "a client of %s lagged by %" G_GSIZE_FORMAT " bytes",
                    request->path, request->waiting);
    if (request->closed != NULL)
        request->closed(request, request->closed_data);
    request_free(request);
    stream = soup_server_message_steal_connection(message);
    if (stream != NULL)
        g_io_stream_close(stream, NULL, NULL);
}

static void
on_lag(gpointer data)
{
    cut(data);
}

/* The client had gone before the stream began. */
static void
on_gone(gpointer data)
{
    McpWebRequest *request = data;

    if (request->closed != NULL)
        request->closed(request, request->closed_data);
    request_free(request);
}

void
mcp_web_request_stream_begin(McpWebRequest *request, const char *content_type,
                             McpWebClosedFunc closed, gpointer user_data)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(request->message);

    request->streaming = TRUE;
    request->closed = closed;
    request->closed_data = user_data;
    if (request->gone) {
        request->lag = mcp_clock_after(request->clock, NULL, 0, on_gone, request);
        return;
    }
    soup_server_message_set_status(request->message, SOUP_STATUS_OK, NULL);
    soup_message_headers_set_encoding(headers, SOUP_ENCODING_CHUNKED);
    soup_message_headers_set_content_type(headers, content_type, NULL);
    soup_message_headers_replace(headers, "Cache-Control", "no-store");
    soup_message_body_set_accumulate(soup_server_message_get_response_body(request->message),
                                     FALSE);
    request->on_written =
        g_signal_connect(request->message, "wrote-body-data", G_CALLBACK(on_written), request);
    soup_server_message_unpause(request->message);
}

gboolean
mcp_web_request_stream_write(McpWebRequest *request, const char *text, gsize length)
{
    if (request->gone) {
        request_free(request);
        return FALSE;
    }
    if (request->waiting + length > LAG_BYTES) {
        request->closed = NULL;
        cut(request);
        return FALSE;
    }
    request->waiting += length;
    if (request->lag == NULL)
        watch_lag(request);
    soup_message_body_append(soup_server_message_get_response_body(request->message),
                             SOUP_MEMORY_COPY, text, length);
    soup_server_message_unpause(request->message);
    return TRUE;
}

void
mcp_web_request_stream_end(McpWebRequest *request)
{
    g_autoptr(SoupServerMessage) message = g_object_ref(request->message);
    gboolean gone = request->gone;

    request_free(request);
    if (gone)
        return;
    soup_message_body_complete(soup_server_message_get_response_body(message));
    soup_server_message_unpause(message);
}
