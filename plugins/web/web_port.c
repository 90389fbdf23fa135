/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One listener: accepts connections within its limits, checks token and size before a body is read,
 * and hands requests to who mounted the path. Control context.
 */
#include "web_port.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <mcp/error.h>
#include <mcp/log.h>

#include "unix_socket/unix_socket.h"
#include "web_request.h"

/* Owner and group. */
#define SOCKET_MODE 0660

typedef struct {
    char *path; /* without a final slash; "" mounts all */
    McpWebHandler handler;
    gpointer user_data;
    gboolean public; /* nothing but GET and HEAD */
} Mount;

struct _McpWebPort {
    const McpWebConfig *config;
    McpClock *clock;
    GSocketService *service;
    SoupServer *server;
    GPtrArray *mounts;
    GHashTable *clients; /* GSocketConnection, held weakly */
    GCancellable *stopping;
    gboolean bound; /* the path of a Unix socket is ours to remove */
};

typedef struct {
    McpWebPort *port;
    GSocketConnection *connection;
    GIOStream *stream;
} Handshake;

static void
mount_free(gpointer data)
{
    Mount *mount = data;

    g_free(mount->path);
    g_free(mount);
}

static char *
strip_slash(const char *path)
{
    gsize length = strlen(path);

    return g_strndup(path, length > 0 && path[length - 1] == '/' ? length - 1 : length);
}

/* The mount with the longest path that @path is at or below. */
static const Mount *
find_mount(McpWebPort *port, const char *path)
{
    const Mount *best = NULL;

    for (guint i = 0; i < port->mounts->len; i++) {
        const Mount *mount = g_ptr_array_index(port->mounts, i);
        gsize length = strlen(mount->path);

        if (strncmp(path, mount->path, length) == 0 &&
            (path[length] == '/' || path[length] == '\0') &&
            (best == NULL || length > strlen(best->path)))
            best = mount;
    }
    return best;
}

/* In constant time for tokens of equal length. */
static gboolean
token_equals(const char *given, const char *token)
{
    gsize length = strlen(token);
    guint difference = 0;

    if (strlen(given) != length)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        difference |= (guint)((guchar)given[i] ^ (guchar)token[i]);
    return difference == 0;
}

static gboolean
is_authorized(const McpWebConfig *config, SoupMessageHeaders *headers)
{
    const char *field = soup_message_headers_get_one(headers, "Authorization");

    if (config->token == NULL)
        return TRUE;
    return field != NULL && g_ascii_strncasecmp(field, "Bearer ", 7) == 0 &&
           token_equals(field + 7, config->token);
}

static gboolean
is_refused_method(const Mount *mount, SoupServerMessage *message)
{
    const char *method = soup_server_message_get_method(message);

    return mount->public && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
}

/* Before the body is read: whatever is refused here costs its head alone. */
static void
on_head(SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer data)
{
    McpWebPort *port = data;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    SoupMessageHeaders *answer = soup_server_message_get_response_headers(message);
    SoupEncoding encoding = soup_message_headers_get_encoding(headers);
    const Mount *mount = find_mount(port, path);
    goffset length = soup_message_headers_get_content_length(headers);

    if (!is_authorized(port->config, headers)) {
        mcp_log_warning("web-unauthorized", NULL, "listener %s: request without the token",
                        port->config->name);
        soup_message_headers_replace(answer, "WWW-Authenticate", "Bearer");
        mcp_web_set_json_error(message, SOUP_STATUS_UNAUTHORIZED, "the token is missing or wrong");
    } else if (encoding == SOUP_ENCODING_CHUNKED) {
        mcp_web_set_json_error(message, SOUP_STATUS_LENGTH_REQUIRED, "a Content-Length is needed");
    } else if (encoding == SOUP_ENCODING_CONTENT_LENGTH &&
               (guint64)length > port->config->max_body) {
        mcp_web_set_json_error(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
                               "the body is too large");
    } else if (mount == NULL) {
        mcp_web_set_json_error(message, SOUP_STATUS_NOT_FOUND, "no such path");
    } else if (is_refused_method(mount, message)) {
        soup_message_headers_replace(answer, "Allow", "GET, HEAD");
        mcp_web_set_json_error(message, SOUP_STATUS_METHOD_NOT_ALLOWED, "may only be read");
    } else {
        return;
    }
    /* libsoup reads the body all the same before it answers: it is not kept. */
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    soup_message_headers_replace(answer, "Connection", "close");
}

static void
on_request(SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
           gpointer data)
{
    McpWebPort *port = data;
    const Mount *mount = find_mount(port, path);
    const char *below = NULL;

    if (mount == NULL) {
        mcp_web_set_json_error(message, SOUP_STATUS_NOT_FOUND, "no such path");
        return;
    }
    below = path + strlen(mount->path);
    mcp_web_request_begin(message, port->clock, below[0] == '/' ? below : "/", query,
                          mount->handler, mount->user_data);
}

static void
on_client_gone(gpointer data, GObject *where)
{
    g_hash_table_remove(data, where);
    g_hash_table_unref(data);
}

/* @stream is @connection, or TLS above it. */
static void
serve(McpWebPort *port, GSocketConnection *connection, GIOStream *stream)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketAddress) local = g_socket_connection_get_local_address(connection, NULL);
    g_autoptr(GSocketAddress) remote = g_socket_connection_get_remote_address(connection, NULL);

    /* A client of a Unix socket has no address of its own. */
    if (local == NULL || !soup_server_accept_iostream(port->server, stream, local,
                                                      remote != NULL ? remote : local, &error))
        mcp_log_debug("web-accept", NULL, "listener %s: %s", port->config->name,
                      error != NULL ? error->message : "client is gone");
}

static void
on_handshake(GObject *source, GAsyncResult *result, gpointer data)
{
    Handshake *handshake = data;
    g_autoptr(GError) error = NULL;

    if (g_tls_connection_handshake_finish(G_TLS_CONNECTION(source), result, &error))
        serve(handshake->port, handshake->connection, handshake->stream);
    else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        mcp_log_info("web-handshake", NULL, "listener %s: %s", handshake->port->config->name,
                     error->message);
    g_object_unref(handshake->stream);
    g_object_unref(handshake->connection);
    g_free(handshake);
}

static void
start_tls(McpWebPort *port, GSocketConnection *connection)
{
    g_autoptr(GError) error = NULL;
    GIOStream *stream =
        g_tls_server_connection_new(G_IO_STREAM(connection), port->config->certificate, &error);
    Handshake *handshake = NULL;

    if (stream == NULL) {
        mcp_log_warning("web-tls", NULL, "listener %s: %s", port->config->name, error->message);
        return;
    }
    handshake = g_new0(Handshake, 1);
    handshake->port = port;
    handshake->connection = g_object_ref(connection);
    handshake->stream = stream;
    g_tls_connection_handshake_async(G_TLS_CONNECTION(stream), G_PRIORITY_DEFAULT, port->stopping,
                                     on_handshake, handshake);
}

static gboolean
on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
    McpWebPort *port = data;

    if (g_hash_table_size(port->clients) >= port->config->max_clients) {
        mcp_log_warning("web-full", NULL, "listener %s: more than %u connections",
                        port->config->name, port->config->max_clients);
        return TRUE;
    }
    g_hash_table_add(port->clients, connection);
    g_object_weak_ref(G_OBJECT(connection), on_client_gone, g_hash_table_ref(port->clients));
    g_socket_set_timeout(g_socket_connection_get_socket(connection), port->config->idle_seconds);
    if (port->config->certificate != NULL)
        start_tls(port, connection);
    else
        serve(port, connection, G_IO_STREAM(connection));
    return TRUE;
}

static gboolean
listen_on(McpWebPort *port, GError **error)
{
    GSocketListener *listener = G_SOCKET_LISTENER(port->service);
    g_autoptr(GSocket) socket = NULL;

    if (port->config->socket == NULL)
        return g_socket_listener_add_address(listener, G_SOCKET_ADDRESS(port->config->address),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                             NULL, error);
    socket = mcp_unix_socket_listen(port->config->socket, SOCKET_MODE, error);
    port->bound = socket != NULL;
    return port->bound && g_socket_listener_add_socket(listener, socket, NULL, error);
}

McpWebPort *
mcp_web_port_new(const McpWebConfig *config, McpClock *clock, GError **error)
{
    McpWebPort *port = g_new0(McpWebPort, 1);

    port->config = config;
    port->clock = g_object_ref(clock);
    port->mounts = g_ptr_array_new_with_free_func(mount_free);
    port->clients = g_hash_table_new(NULL, NULL);
    port->stopping = g_cancellable_new();
    port->server = soup_server_new("server-header", "mcp/" MCP_VERSION, NULL);
    soup_server_add_early_handler(port->server, NULL, on_head, port, NULL);
    soup_server_add_handler(port->server, NULL, on_request, port, NULL);
    port->service = g_socket_service_new();
    g_signal_connect(port->service, "incoming", G_CALLBACK(on_incoming), port);
    if (!listen_on(port, error)) {
        g_prefix_error(error, "[web.listener \"%s\"] ", config->name);
        mcp_web_port_free(port);
        return NULL;
    }
    g_socket_service_start(port->service);
    return port;
}

void
mcp_web_port_free(McpWebPort *port)
{
    g_signal_handlers_disconnect_by_data(port->service, port);
    g_cancellable_cancel(port->stopping);
    g_socket_service_stop(port->service);
    g_socket_listener_close(G_SOCKET_LISTENER(port->service));
    soup_server_disconnect(port->server);
    if (port->bound)
        g_unlink(port->config->socket);
    g_object_unref(port->service);
    g_object_unref(port->server);
    g_ptr_array_unref(port->mounts);
    g_hash_table_unref(port->clients);
    g_object_unref(port->stopping);
    g_object_unref(port->clock);
    g_free(port);
}

static gboolean
add_mount(McpWebPort *port, const char *path, Mount mount, GError **error)
{
    mount.path = strip_slash(path);
    for (guint i = 0; i < port->mounts->len; i++) {
        const Mount *other = g_ptr_array_index(port->mounts, i);

        if (strcmp(other->path, mount.path) == 0) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "%s on listener %s is taken", path,
                        port->config->name);
            g_free(mount.path);
            return FALSE;
        }
    }
    g_ptr_array_add(port->mounts, g_memdup2(&mount, sizeof mount));
    return TRUE;
}

gboolean
mcp_web_port_mount(McpWebPort *port, const char *path, McpWebHandler handler, gpointer user_data,
                   GError **error)
{
    const Mount mount = {.handler = handler, .user_data = user_data};

    if (port->config->open) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED,
                    "listener %s is open to anybody: %s is not mounted on it", port->config->name,
                    path);
        return FALSE;
    }
    return add_mount(port, path, mount, error);
}

gboolean
mcp_web_port_mount_public(McpWebPort *port, const char *path, McpWebHandler handler,
                          gpointer user_data, GError **error)
{
    const Mount mount = {.handler = handler, .user_data = user_data, .public = TRUE};

    return add_mount(port, path, mount, error);
}

gboolean
mcp_web_port_unmount(McpWebPort *port, const char *path)
{
    g_autofree char *stripped = strip_slash(path);

    for (guint i = port->mounts->len; i-- > 0;) {
        const Mount *mount = g_ptr_array_index(port->mounts, i);

        if (strcmp(mount->path, stripped) == 0)
            g_ptr_array_remove_index(port->mounts, i);
    }
    return port->mounts->len > 0;
}
