/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to one peer of the platform: a session of libsoup with limits of time and size. On the
 * context that the client was made on.
 */
#include "peer_http.h"

#include <libsoup/soup.h>
#include <mcp/error.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK 16384
/* Seconds after which an unused connection is closed; the peer may close it before. */
#define IDLE_SECONDS 30
#define MAX_CONNECTIONS 2

struct _McpPeerHttp {
    McpClock *clock;
    char *url; /* without a final slash */
    gint64 timeout;
    gsize max_body;
    SoupSession *session;
    GTlsDatabase *database;       /* nullable: the system's */
    GTlsCertificate *certificate; /* nullable */
    GCancellable *closing;
};

/* One request; task data. */
typedef struct {
    McpClock *clock;
    SoupSession *session;
    SoupMessage *message;
    GInputStream *stream;
    GByteArray *body;
    GCancellable *stop; /* of all that is done for it */
    GCancellable *closing;
    GCancellable *cancellable; /* nullable: the caller's */
    gulong closing_id;
    gulong cancellable_id;
    McpTimer *timer;
    gint64 timeout;
    gsize max_body;
    char *url;
    gboolean late;
} Exchange;

static void read_more(GTask *task);

gboolean
mcp_peer_http_check_url(const char *url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, error);
    const char *scheme = uri != NULL ? g_uri_get_scheme(uri) : NULL;

    if (uri == NULL)
        return FALSE;
    if ((strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
        g_uri_get_host(uri) != NULL && *g_uri_get_host(uri) != '\0' &&
        g_uri_get_userinfo(uri) == NULL && g_uri_get_query(uri) == NULL &&
        g_uri_get_fragment(uri) == NULL)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "needs http://HOST[:PORT][/PREFIX] or https://…, without user, query and fragment");
    return FALSE;
}

static SoupSession *
session_new(GTlsDatabase *database)
{
    SoupSession *session = soup_session_new_with_options(
        "user-agent", "mcp/" MCP_VERSION, "max-conns", MAX_CONNECTIONS, "max-conns-per-host",
        MAX_CONNECTIONS, "timeout", 0u, "idle-timeout", (guint)IDLE_SECONDS, NULL);

    soup_session_remove_feature_by_type(session, SOUP_TYPE_AUTH_MANAGER);
    soup_session_remove_feature_by_type(session, SOUP_TYPE_CONTENT_DECODER);
    soup_session_set_proxy_resolver(session, NULL);
    if (database != NULL)
        soup_session_set_tls_database(session, database);
    return session;
}

McpPeerHttp *
mcp_peer_http_new(McpClock *clock, const char *url, gint64 timeout, gsize max_body)
{
    McpPeerHttp *http = g_new0(McpPeerHttp, 1);

    http->clock = g_object_ref(clock);
    http->url = g_strdup(url);
    if (g_str_has_suffix(http->url, "/"))
        http->url[strlen(http->url) - 1] = '\0';
    http->timeout = timeout;
    http->max_body = max_body;
    http->closing = g_cancellable_new();
    http->session = session_new(NULL);
    return http;
}

static void
close_file(gpointer data)
{
    close(GPOINTER_TO_INT(data));
}

/*
 * GLib reads trust anchors from files alone, and again for each connection: one in memory has a
 * name, too, for as long as it is open.
 */
static GTlsDatabase *
read_authorities(GBytes *pem, GError **error)
{
    gsize size = 0;
    const char *bytes = g_bytes_get_data(pem, &size);
    int fd = memfd_create("mcp-authorities", MFD_CLOEXEC);
    g_autofree char *name = g_strdup_printf("/proc/self/fd/%d", fd);
    GTlsDatabase *database = NULL;

    if (fd < 0 || write(fd, bytes, size) != (gssize)size)
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "cannot keep trust anchors in memory");
    else
        database = g_tls_file_database_new(name, error);
    if (database != NULL)
        g_object_set_data_full(G_OBJECT(database), "mcp-file", GINT_TO_POINTER(fd), close_file);
    else if (fd >= 0)
        close(fd);
    return database;
}

static GTlsCertificate *
read_certificate(GBytes *pem, GError **error)
{
    gsize size = 0;
    const char *bytes = g_bytes_get_data(pem, &size);

    return g_tls_certificate_new_from_pem(bytes, (gssize)size, error);
}

gboolean
mcp_peer_http_set_tls(McpPeerHttp *http, GBytes *authorities, GBytes *certificate, GError **error)
{
    g_autoptr(GTlsDatabase) database = NULL;
    g_autoptr(GTlsCertificate) own = NULL;

    if (authorities != NULL) {
        database = read_authorities(authorities, error);
        if (database == NULL)
            return FALSE;
    }
    if (certificate != NULL) {
        own = read_certificate(certificate, error);
        if (own == NULL)
            return FALSE;
    }
    g_set_object(&http->database, database);
    g_set_object(&http->certificate, own);
    /* What is under way holds the session before. */
    g_object_unref(http->session);
    http->session = session_new(database);
    return TRUE;
}

void
mcp_peer_http_free(McpPeerHttp *http)
{
    g_cancellable_cancel(http->closing);
    g_object_unref(http->closing);
    g_object_unref(http->session);
    g_clear_object(&http->database);
    g_clear_object(&http->certificate);
    g_object_unref(http->clock);
    g_free(http->url);
    g_free(http);
}

const char *
mcp_peer_http_get_url(McpPeerHttp *http)
{
    return http->url;
}

void
mcp_peer_answer_free(McpPeerAnswer *answer)
{
    g_free(answer->etag);
    g_bytes_unref(answer->body);
    g_free(answer);
}

static void
exchange_free(gpointer data)
{
    Exchange *exchange = data;

    mcp_timer_clear(&exchange->timer);
    g_signal_handler_disconnect(exchange->closing, exchange->closing_id);
    if (exchange->cancellable != NULL)
        g_signal_handler_disconnect(exchange->cancellable, exchange->cancellable_id);
    g_clear_object(&exchange->cancellable);
    g_object_unref(exchange->closing);
    g_object_unref(exchange->stop);
    g_clear_object(&exchange->stream);
    g_object_unref(exchange->message);
    g_object_unref(exchange->session);
    g_object_unref(exchange->clock);
    g_byte_array_unref(exchange->body);
    g_free(exchange->url);
    g_free(exchange);
}

/* On the context, whichever of time, caller and owner came first. */
static void
end_badly(GTask *task, const GError *cause)
{
    Exchange *exchange = g_task_get_task_data(task);

    if (exchange->late)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_TIMEOUT, "%s: no answer within %.1f s",
                                exchange->url, (double)exchange->timeout / G_USEC_PER_SEC);
    else if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_task_return_error(task, g_error_copy(cause));
    else
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_FAILED, "%s: %s", exchange->url,
                                cause->message);
    g_object_unref(task);
}

static void
end_well(GTask *task)
{
    Exchange *exchange = g_task_get_task_data(task);
    McpPeerAnswer *answer = g_new0(McpPeerAnswer, 1);
    SoupMessageHeaders *headers = soup_message_get_response_headers(exchange->message);

    answer->status = soup_message_get_status(exchange->message);
    answer->etag = g_strdup(soup_message_headers_get_one(headers, "ETag"));
    answer->body = g_byte_array_free_to_bytes(exchange->body);
    exchange->body = g_byte_array_new();
    mcp_timer_clear(&exchange->timer);
    g_task_return_pointer(task, answer, (GDestroyNotify)mcp_peer_answer_free);
    g_object_unref(task);
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    Exchange *exchange = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes =
        g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, &error);
    gsize size = bytes != NULL ? g_bytes_get_size(bytes) : 0;

    if (bytes == NULL) {
        end_badly(task, error);
    } else if (size == 0) {
        end_well(task);
    } else if (exchange->body->len + size > exchange->max_body) {
        g_cancellable_cancel(exchange->stop);
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_LIMIT,
                                "%s: the answer is larger than %" G_GSIZE_FORMAT " bytes",
                                exchange->url, exchange->max_body);
        g_object_unref(task);
    } else {
        g_byte_array_append(exchange->body, g_bytes_get_data(bytes, NULL), (guint)size);
        read_more(task);
    }
}

static void
read_more(GTask *task)
{
    Exchange *exchange = g_task_get_task_data(task);

    g_input_stream_read_bytes_async(exchange->stream, CHUNK, G_PRIORITY_DEFAULT, exchange->stop,
                                    on_read, task);
}

static void
on_sent(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    Exchange *exchange = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;

    exchange->stream = soup_session_send_finish(SOUP_SESSION(source), result, &error);
    if (exchange->stream == NULL)
        end_badly(task, error);
    else
        read_more(task);
}

static void
on_late(gpointer user_data)
{
    Exchange *exchange = user_data;

    mcp_timer_clear(&exchange->timer);
    exchange->late = TRUE;
    g_cancellable_cancel(exchange->stop);
}

static void
pass_on(GCancellable *cancellable, gpointer stop)
{
    g_cancellable_cancel(stop);
}

static SoupMessage *
message_new(McpPeerHttp *http, const McpPeerRequest *request)
{
    g_autofree char *url = g_strconcat(http->url, request->path, NULL);
    SoupMessage *message = soup_message_new(request->method, url);
    SoupMessageHeaders *headers = NULL;

    if (message == NULL)
        return NULL;
    headers = soup_message_get_request_headers(message);
    soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
    for (guint i = 0; request->headers != NULL && request->headers[i] != NULL; i += 2)
        soup_message_headers_replace(headers, request->headers[i], request->headers[i + 1]);
    if (request->body != NULL) {
        g_autoptr(GBytes) body = g_bytes_new(request->body, strlen(request->body));

        soup_message_set_request_body_from_bytes(message, "application/json", body);
    }
    if (http->certificate != NULL)
        soup_message_set_tls_client_certificate(message, http->certificate);
    return message;
}

static Exchange *
exchange_new(McpPeerHttp *http, SoupMessage *message, GCancellable *cancellable)
{
    Exchange *exchange = g_new0(Exchange, 1);

    exchange->clock = g_object_ref(http->clock);
    exchange->session = g_object_ref(http->session);
    exchange->message = message;
    exchange->body = g_byte_array_new();
    exchange->stop = g_cancellable_new();
    exchange->closing = g_object_ref(http->closing);
    exchange->timeout = http->timeout;
    exchange->max_body = http->max_body;
    exchange->url = g_strdup(http->url);
    /* Not by g_cancellable_connect(): the end may come from within the signal. */
    exchange->closing_id =
        g_signal_connect(http->closing, "cancelled", G_CALLBACK(pass_on), exchange->stop);
    if (cancellable != NULL) {
        exchange->cancellable = g_object_ref(cancellable);
        exchange->cancellable_id =
            g_signal_connect(cancellable, "cancelled", G_CALLBACK(pass_on), exchange->stop);
        if (g_cancellable_is_cancelled(cancellable))
            g_cancellable_cancel(exchange->stop);
    }
    return exchange;
}

void
mcp_peer_http_send_async(McpPeerHttp *http, const McpPeerRequest *request,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    SoupMessage *message = message_new(http, request);
    Exchange *exchange = NULL;

    g_task_set_source_tag(task, mcp_peer_http_send_async);
    if (message == NULL) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "%s: the path is none",
                                http->url);
        g_object_unref(task);
        return;
    }
    exchange = exchange_new(http, message, cancellable);
    g_task_set_task_data(task, exchange, exchange_free);
    exchange->timer = mcp_clock_after(http->clock, NULL, http->timeout, on_late, exchange);
    soup_session_send_async(exchange->session, message, G_PRIORITY_DEFAULT, exchange->stop, on_sent,
                            task);
}

McpPeerAnswer *
mcp_peer_http_send_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
