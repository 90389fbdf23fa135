/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request on the wire and its answer: fields in and out, the policy at the socket that is about
 * to connect, the certificate check, the bounds of the body. On the context of its session.
 */
#include "exchange.h"

#include <mcp/error.h>

#define CHUNK 65536

/* What the signal handlers of a message know; lives as long as the message. */
typedef struct {
    McpHttpAddressPolicy *policy;
    GTlsDatabase *extra_cas; /* nullable */
    McpClock *clock;
    const char *refusal; /* static word of the policy, NULL while it had none */
    char *refused_address;
    GTlsCertificateFlags faults; /* for which the server's certificate was refused */
} Guard;

typedef struct {
    SoupSession *session;
    SoupMessage *message;
    McpClock *clock;
    Guard *guard;      /* owned by the message */
    McpHttpSlot *slot; /* until the exchange ends */
    GInputStream *stream;
    GByteArray *body;
    GCancellable *stop; /* the caller's; ends the exchange when the body is too large */
    gsize max_bytes;
    gboolean too_large;
    gint64 sent;
    gint64 arrived;
} Progress;

static void read_more(GTask *task);

static void
guard_free(gpointer data, GClosure *closure)
{
    Guard *guard = data;

    mcp_http_address_policy_unref(guard->policy);
    g_clear_object(&guard->extra_cas);
    g_object_unref(guard->clock);
    g_free(guard->refused_address);
    g_free(guard);
}

static void
progress_free(gpointer data)
{
    Progress *progress = data;

    g_object_unref(progress->message);
    g_object_unref(progress->session);
    g_object_unref(progress->clock);
    g_object_unref(progress->stop);
    g_byte_array_unref(progress->body);
    g_free(progress);
}

void
mcp_http_exchange_free(McpHttpExchange *exchange)
{
    mcp_http_head_clear(&exchange->head);
    g_bytes_unref(exchange->body);
    g_ptr_array_unref(exchange->set_cookies);
    g_free(exchange);
}

/*
 * A socket is about to connect: its address is the one that counts, whatever the name resolved to
 * before. A closed socket cannot send a SYN.
 */
static void
on_network_event(SoupMessage *message, GSocketClientEvent event, GIOStream *connection,
                 gpointer data)
{
    Guard *guard = data;
    g_autoptr(GSocketAddress) address = NULL;
    const char *refusal = "unknown";

    if (event != G_SOCKET_CLIENT_CONNECTING || !G_IS_SOCKET_CONNECTION(connection))
        return;
    address = g_socket_connection_get_remote_address(G_SOCKET_CONNECTION(connection), NULL);
    if (G_IS_INET_SOCKET_ADDRESS(address)) {
        GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(address);

        refusal = mcp_http_address_policy_check(
            guard->policy, g_inet_socket_address_get_address(inet),
            g_inet_socket_address_get_port(inet), mcp_clock_now(guard->clock));
    }
    if (refusal == NULL)
        return;
    guard->refusal = refusal;
    g_free(guard->refused_address);
    guard->refused_address =
        address != NULL ? g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address)) : NULL;
    g_socket_close(g_socket_connection_get_socket(G_SOCKET_CONNECTION(connection)), NULL);
}

/* The system's authorities did not vouch for the server: those of ca_file may. What is wrong with
 * a certificate says who knows its issuer. */
static gboolean
on_accept_certificate(SoupMessage *message, GTlsCertificate *certificate,
                      GTlsCertificateFlags errors, gpointer data)
{
    Guard *guard = data;
    GUri *uri = soup_message_get_uri(message);
    g_autoptr(GSocketConnectable) identity = NULL;
    GTlsCertificateFlags own = G_TLS_CERTIFICATE_UNKNOWN_CA;

    guard->faults = errors;
    if (guard->extra_cas == NULL)
        return FALSE;
    identity = g_network_address_new(g_uri_get_host(uri), (guint16)g_uri_get_port(uri));
    own = g_tls_database_verify_chain(guard->extra_cas, certificate,
                                      G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity, NULL,
                                      G_TLS_DATABASE_VERIFY_NONE, NULL, NULL);
    if ((own & G_TLS_CERTIFICATE_UNKNOWN_CA) == 0)
        guard->faults = own;
    return own == G_TLS_CERTIFICATE_NO_FLAGS;
}

/* (transfer full): all that is wrong with a certificate. */
static char *
describe_faults(GTlsCertificateFlags faults)
{
    static const struct {
        GTlsCertificateFlags flag;
        const char *words;
    } rows[] = {
        {G_TLS_CERTIFICATE_UNKNOWN_CA, "its issuer is not trusted"},
        {G_TLS_CERTIFICATE_BAD_IDENTITY, "it is for another host"},
        {G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid yet"},
        {G_TLS_CERTIFICATE_EXPIRED, "it has expired"},
        {G_TLS_CERTIFICATE_REVOKED, "it was revoked"},
        {G_TLS_CERTIFICATE_INSECURE, "its algorithm is insecure"},
    };
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if ((faults & rows[i].flag) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", rows[i].words);
    return g_string_free(text->len > 0 ? text : g_string_append(text, "it cannot be verified"),
                         FALSE);
}

static void
set_header(SoupMessageHeaders *headers, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        soup_message_headers_replace(headers, name, value);
}

static SoupMessage *
make_message(const McpHttpExchangeRequest *request)
{
    SoupMessage *message = soup_message_new_from_uri(request->method, request->uri);
    SoupMessageHeaders *headers = soup_message_get_request_headers(message);

    soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_COLLECT_METRICS);
    set_header(headers, "Accept", request->accept);
    set_header(headers, "Accept-Language", request->accept_language);
    set_header(headers, "Cookie", request->cookie);
    set_header(headers, "traceparent", request->traceparent);
    set_header(headers, "If-None-Match", request->etag);
    set_header(headers, "If-Modified-Since", request->last_modified);
    if (request->max_age >= 0) {
        g_autofree char *value = g_strdup_printf("max-age=%" G_GINT64_FORMAT, request->max_age);

        set_header(headers, "Cache-Control", value);
    }
    if (request->body != NULL)
        soup_message_set_request_body_from_bytes(
            message,
            request->content_type != NULL ? request->content_type : "application/octet-stream",
            request->body);
    return message;
}

static Guard *
guard_message(SoupMessage *message, const McpHttpExchangeRequest *request)
{
    Guard *guard = g_new0(Guard, 1);

    guard->policy = mcp_http_address_policy_ref(request->config->policy);
    guard->extra_cas =
        request->config->extra_cas != NULL ? g_object_ref(request->config->extra_cas) : NULL;
    guard->clock = g_object_ref(request->clock);
    g_signal_connect(message, "accept-certificate", G_CALLBACK(on_accept_certificate), guard);
    g_signal_connect_data(message, "network-event", G_CALLBACK(on_network_event), guard, guard_free,
                          0);
    return guard;
}

static char *
join_field(SoupMessageHeaders *headers, const char *name)
{
    return g_strdup(soup_message_headers_get_list(headers, name));
}

static char *
one_field(SoupMessageHeaders *headers, const char *name)
{
    return g_strdup(soup_message_headers_get_one(headers, name));
}

static void
read_head(SoupMessage *message, McpHttpHead *head)
{
    SoupMessageHeaders *headers = soup_message_get_response_headers(message);
    g_autoptr(GHashTable) params = NULL;
    const char *type = soup_message_headers_get_content_type(headers, &params);

    head->status = soup_message_get_status(message);
    head->cache_control = join_field(headers, "Cache-Control");
    head->vary = join_field(headers, "Vary");
    head->pragma = one_field(headers, "Pragma");
    head->age = one_field(headers, "Age");
    head->date = one_field(headers, "Date");
    head->expires = one_field(headers, "Expires");
    head->etag = one_field(headers, "ETag");
    head->last_modified = one_field(headers, "Last-Modified");
    head->location = one_field(headers, "Location");
    head->content_location = one_field(headers, "Content-Location");
    head->content_type = type != NULL ? g_ascii_strdown(type, -1) : NULL;
    head->charset = params != NULL ? g_strdup(g_hash_table_lookup(params, "charset")) : NULL;
}

static void
collect_cookie(const char *name, const char *value, gpointer data)
{
    if (g_ascii_strcasecmp(name, "Set-Cookie") == 0)
        g_ptr_array_add(data, g_strdup(value));
}

static void
finish_well(GTask *task)
{
    Progress *progress = g_task_get_task_data(task);
    McpHttpExchange *exchange = g_new0(McpHttpExchange, 1);

    read_head(progress->message, &exchange->head);
    exchange->set_cookies = g_ptr_array_new_with_free_func(g_free);
    soup_message_headers_foreach(soup_message_get_response_headers(progress->message),
                                 collect_cookie, exchange->set_cookies);
    exchange->body = g_byte_array_free_to_bytes(g_steal_pointer(&progress->body));
    progress->body = g_byte_array_new();
    exchange->sent = progress->sent;
    exchange->arrived = progress->arrived;
    g_task_return_pointer(task, exchange, (GDestroyNotify)mcp_http_exchange_free);
}

static void
finish_untrusted(GTask *task)
{
    const Progress *progress = g_task_get_task_data(task);
    g_autofree char *faults = describe_faults(progress->guard->faults);

    g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_FAILED, "certificate of %s is refused: %s",
                            g_uri_get_host(soup_message_get_uri(progress->message)), faults);
}

static void
finish_badly(GTask *task, GError *cause)
{
    Progress *progress = g_task_get_task_data(task);
    g_autoptr(GError) owned = cause;

    if (progress->too_large)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_LIMIT,
                                "body is larger than %" G_GSIZE_FORMAT " bytes",
                                progress->max_bytes);
    else if (g_error_matches(owned, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_task_return_error(task, g_steal_pointer(&owned));
    else if (progress->guard->refusal != NULL)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_REFUSED, "address %s is refused: %s",
                                progress->guard->refused_address, progress->guard->refusal);
    else if (g_error_matches(owned, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
        finish_untrusted(task);
    else
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_FAILED, "%s", owned->message);
}

/* With its stream the message gives the connection back to its session, or has it closed. */
static void
leave_connection(Progress *progress, gboolean well)
{
    gboolean keep = well && soup_message_is_keepalive(progress->message);

    g_clear_object(&progress->stream);
    mcp_http_slot_release(g_steal_pointer(&progress->slot), keep);
}

static void
end(GTask *task, GError *error)
{
    leave_connection(g_task_get_task_data(task), error == NULL);
    if (error == NULL)
        finish_well(task);
    else
        finish_badly(task, error);
    g_object_unref(task);
}

/* Whether @size more bytes pass the limit, unpacked or as they came. */
static gboolean
is_too_large(Progress *progress, gsize size)
{
    SoupMessageMetrics *metrics = soup_message_get_metrics(progress->message);

    return progress->body->len + size > progress->max_bytes ||
           (metrics != NULL &&
            soup_message_metrics_get_response_body_bytes_received(metrics) > progress->max_bytes);
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer data)
{
    GTask *task = data;
    Progress *progress = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(GBytes) bytes =
        g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, &error);
    gsize size = bytes != NULL ? g_bytes_get_size(bytes) : 0;

    if (bytes == NULL || size == 0) {
        end(task, error);
        return;
    }
    if (is_too_large(progress, size)) {
        progress->too_large = TRUE;
        g_cancellable_cancel(progress->stop);
    } else {
        g_byte_array_append(progress->body, g_bytes_get_data(bytes, NULL), (guint)size);
    }
    read_more(task);
}

static void
read_more(GTask *task)
{
    Progress *progress = g_task_get_task_data(task);

    g_input_stream_read_bytes_async(progress->stream, CHUNK, G_PRIORITY_DEFAULT, progress->stop,
                                    on_read, task);
}

static void
on_sent(GObject *source, GAsyncResult *result, gpointer data)
{
    GTask *task = data;
    Progress *progress = g_task_get_task_data(task);
    GError *error = NULL;
    goffset length = 0;

    progress->stream = soup_session_send_finish(SOUP_SESSION(source), result, &error);
    if (progress->stream == NULL) {
        end(task, error);
        return;
    }
    progress->arrived = mcp_clock_now(progress->clock);
    length = soup_message_headers_get_content_length(
        soup_message_get_response_headers(progress->message));
    if (length > 0 && (guint64)length > progress->max_bytes) {
        progress->too_large = TRUE;
        g_cancellable_cancel(progress->stop);
    }
    read_more(task);
}

void
mcp_http_exchange_async(const McpHttpExchangeRequest *request, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    Progress *progress = g_new0(Progress, 1);

    progress->session = g_object_ref(request->session);
    progress->message = make_message(request);
    progress->clock = g_object_ref(request->clock);
    progress->guard = guard_message(progress->message, request);
    progress->slot = request->slot;
    progress->body = g_byte_array_new();
    progress->stop = g_object_ref(cancellable);
    progress->max_bytes = request->max_bytes;
    progress->sent = mcp_clock_now(request->clock);
    g_task_set_task_data(task, progress, progress_free);
    mcp_http_slot_attach(progress->slot, progress->session, progress->message);
    soup_session_send_async(progress->session, progress->message, G_PRIORITY_DEFAULT,
                            progress->stop, on_sent, task);
}

McpHttpExchange *
mcp_http_exchange_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
