/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIP over UDP and TCP for one loop's thread.
 */
#include "sip_transport.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define UDP_BUFFER (8 * 1024 * 1024)
#define LARGEST_MESSAGE 8192

typedef struct {
    McpBenchSipTransport *transport;
    guint index;
    int fd;
    gboolean stream;
    struct sockaddr_in remote; /* of a stream */
    GByteArray *in;            /* of a stream: bytes of messages not yet whole */
    GByteArray *out;           /* of a stream: bytes the socket would not take yet */
} Path;

struct _McpBenchSipTransport {
    McpBenchLoop *loop;
    McpBenchSipFunc func;
    gpointer user_data;
    GPtrArray *paths;
    McpBenchInbox *inbox;
    guint64 garbage;
    guint64 send_errors;
};

static void
path_free(gpointer data)
{
    Path *path = data;
    if (path->fd >= 0) {
        mcp_bench_loop_unwatch(path->transport->loop, path->fd);
        close(path->fd);
    }
    g_byte_array_unref(path->in);
    g_byte_array_unref(path->out);
    g_free(path);
}

McpBenchSipTransport *
mcp_bench_sip_transport_new(McpBenchLoop *loop, McpBenchSipFunc func, gpointer user_data)
{
    McpBenchSipTransport *transport = g_new0(McpBenchSipTransport, 1);
    transport->loop = loop;
    transport->func = func;
    transport->user_data = user_data;
    transport->paths = g_ptr_array_new_with_free_func(path_free);
    transport->inbox = mcp_bench_inbox_new(LARGEST_MESSAGE);
    return transport;
}

void
mcp_bench_sip_transport_free(McpBenchSipTransport *transport)
{
    g_ptr_array_unref(transport->paths);
    mcp_bench_inbox_free(transport->inbox);
    g_free(transport);
}

static void
deliver(Path *path, const char *data, gsize length, const struct sockaddr_in *from, gint64 time_us)
{
    McpBenchSipTransport *transport = path->transport;
    g_autoptr(McpBenchSipMessage) message = mcp_bench_sip_parse(data, length, NULL);
    if (message == NULL)
        transport->garbage++;
    else
        transport->func(message, path->index, from, time_us, transport->user_data);
}

static void
on_datagrams(int fd, guint32 events, gpointer user_data)
{
    Path *path = user_data;
    guint n = mcp_bench_inbox_receive(path->transport->inbox, fd);
    for (guint i = 0; i < n; i++) {
        const McpBenchDatagram *datagram = mcp_bench_inbox_at(path->transport->inbox, i);
        if (datagram->length > 4) /* less is a keep-alive */
            deliver(path, datagram->data, datagram->length, &datagram->from,
                    datagram->time_ns / 1000);
    }
}

static Path *
path_new(McpBenchSipTransport *transport, int fd)
{
    Path *path = g_new0(Path, 1);
    path->transport = transport;
    path->index = transport->paths->len;
    path->fd = fd;
    path->in = g_byte_array_new();
    path->out = g_byte_array_new();
    g_ptr_array_add(transport->paths, path);
    return path;
}

gboolean
mcp_bench_sip_transport_add_udp(McpBenchSipTransport *transport, const struct sockaddr_in *local,
                                GError **error)
{
    int fd = mcp_bench_udp_open(local, UDP_BUFFER, error);
    if (fd < 0)
        return FALSE;
    Path *path = path_new(transport, fd);
    return mcp_bench_loop_watch(transport->loop, fd, EPOLLIN, on_datagrams, path, error);
}

static void
stream_close(Path *path)
{
    mcp_bench_loop_unwatch(path->transport->loop, path->fd);
    close(path->fd);
    path->fd = -1;
}

static void
stream_take_messages(Path *path)
{
    for (;;) {
        gssize length = mcp_bench_sip_frame((const char *)path->in->data, path->in->len);
        if (length == 0)
            return;
        if (length < 0) {
            path->transport->garbage++;
            stream_close(path);
            return;
        }
        deliver(path, (const char *)path->in->data, (gsize)length, &path->remote,
                mcp_bench_now_us());
        g_byte_array_remove_range(path->in, 0, (guint)length);
    }
}

static void
stream_flush(Path *path)
{
    while (path->out->len > 0) {
        gssize n = send(path->fd, path->out->data, path->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) {
            path->transport->send_errors++;
            stream_close(path);
            return;
        }
        g_byte_array_remove_range(path->out, 0, (guint)n);
    }
    guint32 events = path->out->len > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN;
    mcp_bench_loop_set_events(path->transport->loop, path->fd, events);
}

static void
on_stream(int fd, guint32 events, gpointer user_data)
{
    Path *path = user_data;
    guint8 buffer[65536];
    if ((events & EPOLLOUT) != 0)
        stream_flush(path);
    if (path->fd < 0 || (events & ~EPOLLOUT) == 0)
        return;
    gssize n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        stream_close(path);
        return;
    }
    g_byte_array_append(path->in, buffer, (guint)n);
    stream_take_messages(path);
}

gboolean
mcp_bench_sip_transport_add_tcp(McpBenchSipTransport *transport, const struct sockaddr_in *local,
                                const struct sockaddr_in *remote, GError **error)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)local, sizeof *local) < 0 ||
        connect(fd, (const struct sockaddr *)remote, sizeof *remote) < 0) {
        g_autofree char *address = mcp_bench_address_string(remote);
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot connect to TCP %s:%u: %s", address, ntohs(remote->sin_port),
                    g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Path *path = path_new(transport, fd);
    path->stream = TRUE;
    path->remote = *remote;
    return mcp_bench_loop_watch(transport->loop, fd, EPOLLIN, on_stream, path, error);
}

struct sockaddr_in
mcp_bench_sip_transport_local(McpBenchSipTransport *transport, guint path)
{
    Path *p = g_ptr_array_index(transport->paths, path);
    return mcp_bench_local_address(p->fd);
}

void
mcp_bench_sip_transport_send(McpBenchSipTransport *transport, guint path_index,
                             const struct sockaddr_in *to, const char *text, gsize length)
{
    Path *path = g_ptr_array_index(transport->paths, path_index);
    if (path->fd < 0) {
        transport->send_errors++;
        return;
    }
    if (path->stream) {
        g_byte_array_append(path->out, (const guint8 *)text, (guint)length);
        stream_flush(path);
        return;
    }
    gssize n =
        sendto(path->fd, text, length, MSG_DONTWAIT, (const struct sockaddr *)to, sizeof *to);
    if (n < 0)
        transport->send_errors++;
}

guint64
mcp_bench_sip_transport_garbage(McpBenchSipTransport *transport)
{
    return transport->garbage;
}

guint64
mcp_bench_sip_transport_send_errors(McpBenchSipTransport *transport)
{
    return transport->send_errors;
}

gboolean
mcp_bench_sip_parse_target(const char *uri, struct sockaddr_in *out_server, gboolean *out_tcp,
                           GError **error)
{
    if (!g_str_has_prefix(uri, "sip:")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "\"%s\" is not a sip: URI",
                    uri);
        return FALSE;
    }
    g_autofree char *transport = mcp_bench_sip_parameter(uri, "transport");
    const char *at = strchr(uri, '@');
    const char *host = at != NULL ? at + 1 : uri + 4;
    g_autofree char *name = g_strndup(host, strcspn(host, ":;?"));
    const char *colon = host + strlen(name);
    gulong port = *colon == ':' ? strtoul(colon + 1, NULL, 10) : 5060;
    if (port == 0 || port > 65535) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "bad port in \"%s\"", uri);
        return FALSE;
    }
    *out_tcp = transport != NULL && g_ascii_strcasecmp(transport, "tcp") == 0;
    return mcp_bench_resolve(name, (guint16)port, out_server, error);
}
