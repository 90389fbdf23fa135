/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The range of RTP ports: a byte a pair says what is taken, the kernel has the last word. Any
 * thread.
 */
#include "ports.h"

#include "../rtp/source_lock.h"
#include <errno.h>
#include <mcp/error.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <unistd.h>

struct _McpMediaPorts {
    GMutex lock; /* guards taken, used, cursor */
    guint first; /* even */
    guint pairs;
    guint dscp;
    guint8 *taken; /* a byte a pair */
    guint used;
    guint cursor;
};

gboolean
mcp_media_ports_parse(const char *range, guint *out_first, guint *out_last, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(range, "..", 2);
    guint64 first = 0;
    guint64 last = 0;

    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(g_strstrip(parts[0]), 10, 1024, 65535, &first, NULL) ||
        !g_ascii_string_to_unsigned(g_strstrip(parts[1]), 10, 1024, 65535, &last, NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "\"%s\" is not of the form FIRST..LAST with ports from 1024 to 65535", range);
        return FALSE;
    }
    if (last < ((first + 1) & ~(guint64)1) + 1) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "\"%s\" holds no even port with the odd one after it", range);
        return FALSE;
    }
    *out_first = (guint)first;
    *out_last = (guint)last;
    return TRUE;
}

McpMediaPorts *
mcp_media_ports_new(guint first, guint last, guint dscp)
{
    McpMediaPorts *self = g_new0(McpMediaPorts, 1);

    g_mutex_init(&self->lock);
    self->first = (first + 1) & ~1u;
    self->pairs = (last + 1 - self->first) / 2;
    self->dscp = dscp;
    self->taken = g_new0(guint8, self->pairs);
    self->cursor = (guint)g_random_int_range(0, (gint32)self->pairs);
    return self;
}

void
mcp_media_ports_free(McpMediaPorts *ports)
{
    if (ports == NULL)
        return;
    g_mutex_clear(&ports->lock);
    g_free(ports->taken);
    g_free(ports);
}

static void
set_options(McpMediaPorts *self, int fd, int family)
{
    const int on = 1;
    const int tos = (int)self->dscp << 2;

    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
    } else {
        setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    }
}

/* -1 with errno set. */
static int
open_bound(McpMediaPorts *self, const struct sockaddr_storage *address, guint port)
{
    struct sockaddr_storage to = *address;
    int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int failure = 0;

    if (fd < 0)
        return -1;
    mcp_media_address_set_port(&to, port);
    set_options(self, fd, to.ss_family);
    if (bind(fd, (struct sockaddr *)&to, mcp_media_address_length(&to)) == 0)
        return fd;
    failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

static gboolean
open_pair(McpMediaPorts *self, const struct sockaddr_storage *address, guint port,
          McpMediaPair *pair)
{
    int failure = 0;

    pair->rtp = open_bound(self, address, port);
    if (pair->rtp < 0)
        return FALSE;
    pair->rtcp = open_bound(self, address, port + 1);
    if (pair->rtcp >= 0) {
        pair->port = port;
        return TRUE;
    }
    failure = errno;
    close(pair->rtp);
    errno = failure;
    return FALSE;
}

/* Index of a free pair, marked taken; the number of pairs when there is none. */
static guint
reserve(McpMediaPorts *self)
{
    guint index = self->pairs;

    g_mutex_lock(&self->lock);
    for (guint i = 0; i < self->pairs && index == self->pairs; i++) {
        guint place = (self->cursor + i) % self->pairs;

        if (!self->taken[place])
            index = place;
    }
    if (index < self->pairs) {
        self->taken[index] = TRUE;
        self->used++;
        self->cursor = (index + 1) % self->pairs;
    }
    g_mutex_unlock(&self->lock);
    return index;
}

static void
release(McpMediaPorts *self, guint index)
{
    g_mutex_lock(&self->lock);
    self->taken[index] = FALSE;
    self->used--;
    g_mutex_unlock(&self->lock);
}

gboolean
mcp_media_ports_take(McpMediaPorts *ports, const struct sockaddr_storage *address,
                     McpMediaPair *out_pair, GError **error)
{
    McpMediaPair pair;

    for (guint tries = 0; tries < ports->pairs; tries++) {
        guint index = reserve(ports);
        int failure = 0;

        if (index == ports->pairs)
            break;
        if (open_pair(ports, address, ports->first + 2 * index, &pair)) {
            *out_pair = pair;
            return TRUE;
        }
        failure = errno;
        release(ports, index);
        if (failure != EADDRINUSE && failure != EACCES) {
            g_set_error(error, MCP_ERROR,
                        failure == EMFILE || failure == ENFILE ? MCP_ERROR_LIMIT : MCP_ERROR_FAILED,
                        "cannot open an RTP socket on port %u: %s", ports->first + 2 * index,
                        g_strerror(failure));
            return FALSE;
        }
    }
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "no free RTP port among %u pairs from %u on",
                ports->pairs, ports->first);
    return FALSE;
}

void
mcp_media_ports_give(McpMediaPorts *ports, McpMediaPair *pair)
{
    close(pair->rtp);
    close(pair->rtcp);
    release(ports, (pair->port - ports->first) / 2);
}

guint
mcp_media_ports_get_used(McpMediaPorts *ports)
{
    guint used = 0;

    g_mutex_lock(&ports->lock);
    used = ports->used;
    g_mutex_unlock(&ports->lock);
    return used;
}

guint
mcp_media_ports_get_capacity(McpMediaPorts *ports)
{
    return ports->pairs;
}
