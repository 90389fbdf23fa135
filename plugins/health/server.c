/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A socket, its clients, and poll(2) on a thread of its own, which nothing of the platform can hold
 * up. A client has one time limit for all it does, and the oldest one makes room for a new one.
 */
#include "server.h"

#include <errno.h>
#include <mcp/log.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64
#define NO_CLIENT (-1)
/* poll's places before the clients': the wake-up and the listening socket. */
#define PLACES 2

typedef struct {
    int fd; /* NO_CLIENT: free */
    gint64 since;
    char head[MCP_HEALTH_HEAD_MAX];
    gsize length;
    GString *answer; /* NULL while the head is read */
    gsize sent;
    gboolean ending; /* all is sent: what the client still sends is read away, then it is closed */
} Client;

struct _McpHealthServer {
    McpHealthServerParams params;
    GThread *thread;
    int fd;
    int wake_fd;
    gint stopping; /* atomic */
    Client *clients;
    struct pollfd *places;
};

static const char *
phrase_of(guint status)
{
    switch (status) {
    case 200:
        return "OK";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Bad Request";
    }
}

static void
client_close(Client *client)
{
    if (client->fd == NO_CLIENT)
        return;
    close(client->fd);
    if (client->answer != NULL)
        g_string_free(client->answer, TRUE);
    client->fd = NO_CLIENT;
    client->answer = NULL;
}

static void
make_answer(McpHealthServer *server, Client *client, const McpHealthRequest *request)
{
    g_autofree char *body = NULL;
    gboolean good = FALSE;
    guint status = request->status;

    if (status == 200) {
        body = server->params.ask(request->probe, &good, server->params.user_data);
        status = good ? 200 : 503;
    } else {
        body = g_strdup_printf("{\"error\":\"%s\"}", phrase_of(status));
    }
    client->answer = g_string_new(NULL);
    g_string_append_printf(client->answer,
                           "HTTP/1.1 %u %s\r\nContent-Type: application/json\r\n"
                           "Content-Length: %" G_GSIZE_FORMAT "\r\nCache-Control: no-store\r\n"
                           "%sConnection: close\r\n\r\n",
                           status, phrase_of(status), strlen(body),
                           status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (!request->head)
        g_string_append(client->answer, body);
    server->params.count(status, server->params.user_data);
}

static gboolean
is_over(gssize n)
{
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void
client_read(McpHealthServer *server, Client *client)
{
    McpHealthRequest request;
    gssize n =
        recv(client->fd, client->head + client->length, sizeof client->head - client->length, 0);

    if (n > 0)
        client->length += (gsize)n;
    if (is_over(n))
        client_close(client);
    else if (n > 0 && mcp_health_request_read(client->head, client->length, &request))
        make_answer(server, client, &request);
}

/* Closed before it is read, what came after the head would make the kernel take the answer back. */
static void
client_drain(Client *client)
{
    if (is_over(recv(client->fd, client->head, sizeof client->head, 0)))
        client_close(client);
}

static void
client_write(Client *client)
{
    gssize n = send(client->fd, client->answer->str + client->sent,
                    client->answer->len - client->sent, MSG_NOSIGNAL);

    if (n > 0)
        client->sent += (gsize)n;
    if (is_over(n)) {
        client_close(client);
    } else if (client->sent == client->answer->len) {
        client->ending = TRUE;
        shutdown(client->fd, SHUT_WR);
    }
}

static Client *
find_place(McpHealthServer *server)
{
    Client *oldest = &server->clients[0];

    for (guint i = 0; i < server->params.max_clients; i++) {
        if (server->clients[i].fd == NO_CLIENT)
            return &server->clients[i];
        if (server->clients[i].since < oldest->since)
            oldest = &server->clients[i];
    }
    client_close(oldest);
    return oldest;
}

static void
take_client(McpHealthServer *server)
{
    int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    Client *client;

    if (fd < 0)
        return;
    client = find_place(server);
    client->fd = fd;
    client->since = mcp_clock_now(server->params.clock);
    client->length = client->sent = 0;
    client->ending = FALSE;
}

static void
client_serve(McpHealthServer *server, Client *client)
{
    if (client->ending)
        client_drain(client);
    else if (client->answer == NULL)
        client_read(server, client);
    if (client->fd != NO_CLIENT && client->answer != NULL && !client->ending)
        client_write(client);
}

/* Returns: ms until the first client has had its time; -1 without one. */
static int
prepare(McpHealthServer *server, gint64 now)
{
    gint64 wait = -1;

    for (guint i = 0; i < server->params.max_clients; i++) {
        Client *client = &server->clients[i];
        struct pollfd *place = &server->places[PLACES + i];
        gint64 left = client->since + server->params.timeout - now;

        if (client->fd != NO_CLIENT && left <= 0)
            client_close(client);
        place->fd = client->fd;
        place->events = client->answer != NULL && !client->ending ? POLLOUT : POLLIN;
        place->revents = 0;
        if (client->fd != NO_CLIENT && (wait < 0 || left < wait))
            wait = left;
    }
    return wait < 0 ? -1 : (int)(wait / G_TIME_SPAN_MILLISECOND + 1);
}

static gpointer
run(gpointer data)
{
    McpHealthServer *server = data;

    server->places[0] = (struct pollfd){.fd = server->wake_fd, .events = POLLIN};
    server->places[1] = (struct pollfd){.fd = server->fd, .events = POLLIN};
    while (!g_atomic_int_get(&server->stopping)) {
        int wait = prepare(server, mcp_clock_now(server->params.clock));

        if (poll(server->places, PLACES + server->params.max_clients, wait) <= 0)
            continue;
        for (guint i = 0; i < server->params.max_clients; i++) {
            if (server->places[PLACES + i].revents != 0)
                client_serve(server, &server->clients[i]);
        }
        if (server->places[1].revents != 0)
            take_client(server);
    }
    for (guint i = 0; i < server->params.max_clients; i++)
        client_close(&server->clients[i]);
    return NULL;
}

static gboolean
open_socket(McpHealthServer *server, GError **error)
{
    GSocketAddress *address = server->params.address;
    struct sockaddr_storage native;
    gssize size = g_socket_address_get_native_size(address);
    int family = (int)g_socket_address_get_family(address);
    int on = 1;
    int code;

    if (!g_socket_address_to_native(address, &native, sizeof native, error))
        return FALSE;
    server->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    server->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (server->fd >= 0)
        setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (server->fd >= 0 && server->wake_fd >= 0 &&
        bind(server->fd, (struct sockaddr *)&native, (socklen_t)size) == 0 &&
        listen(server->fd, BACKLOG) == 0)
        return TRUE;
    code = errno;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "[health] address: %s",
                g_strerror(code));
    return FALSE;
}

McpHealthServer *
mcp_health_server_new(const McpHealthServerParams *params, GError **error)
{
    McpHealthServer *server = g_new0(McpHealthServer, 1);

    server->params = *params;
    server->fd = server->wake_fd = -1;
    g_object_ref(params->address);
    g_object_ref(params->clock);
    server->clients = g_new0(Client, params->max_clients);
    server->places = g_new0(struct pollfd, PLACES + params->max_clients);
    for (guint i = 0; i < params->max_clients; i++)
        server->clients[i].fd = NO_CLIENT;
    if (open_socket(server, error))
        server->thread = g_thread_try_new("mcp-health", run, server, error);
    if (server->thread == NULL) {
        mcp_health_server_free(server);
        return NULL;
    }
    return server;
}

void
mcp_health_server_free(McpHealthServer *server)
{
    const guint64 one = 1;

    g_atomic_int_set(&server->stopping, TRUE);
    if (server->thread != NULL && write(server->wake_fd, &one, sizeof one) < 0)
        mcp_log_debug("health-wake", NULL, "eventfd: %s", g_strerror(errno));
    if (server->thread != NULL)
        g_thread_join(server->thread);
    if (server->fd >= 0)
        close(server->fd);
    if (server->wake_fd >= 0)
        close(server->wake_fd);
    g_free(server->clients);
    g_free(server->places);
    g_object_unref(server->params.address);
    g_object_unref(server->params.clock);
    g_free(server);
}
