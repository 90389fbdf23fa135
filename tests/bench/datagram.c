/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batched receiving with kernel time stamps. The stamps are wall-clock times: each batch is moved
 * to the monotonic clock by the difference of the two clocks at that moment, so that a clock that
 * is being slewed does not show up as drift of the streams.
 */
#include "datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_SIZE 128
#define CLOCK_TRIES 5
#define CLOCK_GAP_NS 5000

struct _McpBenchInbox {
    gsize size;
    char *buffers;
    struct mmsghdr messages[MCP_BENCH_BATCH];
    struct iovec vectors[MCP_BENCH_BATCH];
    struct sockaddr_in names[MCP_BENCH_BATCH];
    char control[MCP_BENCH_BATCH][CONTROL_SIZE];
    McpBenchDatagram datagrams[MCP_BENCH_BATCH];
    GHashTable *drops; /* fd -> the kernel's running count of that socket */
};

McpBenchInbox *
mcp_bench_inbox_new(gsize size)
{
    McpBenchInbox *inbox = g_new0(McpBenchInbox, 1);
    inbox->size = size;
    inbox->buffers = g_malloc(size * MCP_BENCH_BATCH);
    inbox->drops = g_hash_table_new(NULL, NULL);
    return inbox;
}

void
mcp_bench_inbox_free(McpBenchInbox *inbox)
{
    g_hash_table_unref(inbox->drops);
    g_free(inbox->buffers);
    g_free(inbox);
}

static gint64
timespec_ns(const struct timespec *time)
{
    return (gint64)time->tv_sec * 1000000000 + time->tv_nsec;
}

/*
 * Wall-clock less monotonic time. A thread that loses its processor between the two readings would
 * see all of a batch as late: such a reading is taken again.
 */
static gint64
clock_difference(void)
{
    gint64 best = 0;
    gint64 narrowest = G_MAXINT64;
    for (guint i = 0; i < CLOCK_TRIES && narrowest > CLOCK_GAP_NS; i++) {
        struct timespec before;
        struct timespec real;
        struct timespec after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        clock_gettime(CLOCK_REALTIME, &real);
        clock_gettime(CLOCK_MONOTONIC, &after);
        gint64 gap = timespec_ns(&after) - timespec_ns(&before);
        if (gap < narrowest) {
            narrowest = gap;
            best = timespec_ns(&real) - timespec_ns(&before) - gap / 2;
        }
    }
    return best;
}

static void
prepare(McpBenchInbox *inbox)
{
    for (guint i = 0; i < MCP_BENCH_BATCH; i++) {
        inbox->vectors[i].iov_base = inbox->buffers + i * inbox->size;
        inbox->vectors[i].iov_len = inbox->size;
        struct msghdr *header = &inbox->messages[i].msg_hdr;
        header->msg_name = &inbox->names[i];
        header->msg_namelen = sizeof inbox->names[i];
        header->msg_iov = &inbox->vectors[i];
        header->msg_iovlen = 1;
        header->msg_control = inbox->control[i];
        header->msg_controllen = CONTROL_SIZE;
        header->msg_flags = 0;
    }
}

static void
read_control(McpBenchInbox *inbox, int fd, struct msghdr *header, gint64 difference,
             McpBenchDatagram *datagram)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
            datagram->time_ns = timespec_ns(&stamp) - difference;
        } else if (c->cmsg_type == SO_RXQ_OVFL) {
            guint32 count = 0;
            memcpy(&count, CMSG_DATA(c), sizeof count);
            g_hash_table_insert(inbox->drops, GINT_TO_POINTER(fd), GUINT_TO_POINTER(count));
        }
    }
}

guint
mcp_bench_inbox_receive(McpBenchInbox *inbox, int fd)
{
    prepare(inbox);
    int n = recvmmsg(fd, inbox->messages, MCP_BENCH_BATCH, MSG_DONTWAIT, NULL);
    if (n <= 0)
        return 0;
    gint64 difference = clock_difference();
    for (int i = 0; i < n; i++) {
        McpBenchDatagram *datagram = &inbox->datagrams[i];
        datagram->data = inbox->vectors[i].iov_base;
        datagram->length = inbox->messages[i].msg_len;
        datagram->from = inbox->names[i];
        datagram->time_ns = 0;
        read_control(inbox, fd, &inbox->messages[i].msg_hdr, difference, datagram);
        if (datagram->time_ns == 0) { /* a socket without stamps */
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            datagram->time_ns = timespec_ns(&now);
        }
    }
    return (guint)n;
}

const McpBenchDatagram *
mcp_bench_inbox_at(const McpBenchInbox *inbox, guint i)
{
    return &inbox->datagrams[i];
}

guint64
mcp_bench_inbox_drops(const McpBenchInbox *inbox)
{
    guint64 sum = 0;
    GHashTableIter iter;
    gpointer count = NULL;
    g_hash_table_iter_init(&iter, inbox->drops);
    while (g_hash_table_iter_next(&iter, NULL, &count))
        sum += GPOINTER_TO_UINT(count);
    return sum;
}

int
mcp_bench_udp_open(const struct sockaddr_in *local, int receive_buffer, GError **error)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)local, sizeof *local) < 0) {
        g_autofree char *address = mcp_bench_address_string(local);
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot bind UDP %s:%u: %s",
                    address, ntohs(local->sin_port), g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    int size = receive_buffer;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return fd;
}

struct sockaddr_in
mcp_bench_local_address(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &length);
    return address;
}

gboolean
mcp_bench_resolve(const char *host, guint16 port, struct sockaddr_in *out_address, GError **error)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(host, NULL, &hints, &found);
    if (code != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, "cannot resolve \"%s\": %s", host,
                    gai_strerror(code));
        return FALSE;
    }
    memcpy(out_address, found->ai_addr, sizeof *out_address);
    out_address->sin_port = htons(port);
    freeaddrinfo(found);
    return TRUE;
}

char *
mcp_bench_address_string(const struct sockaddr_in *address)
{
    char text[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
    return g_strdup(text);
}
