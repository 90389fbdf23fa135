/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host allows: descriptors, ports, addresses. Control context, at start.
 */
#include "host_limits.h"

#include "../rtp/source_lock.h"
#include <arpa/inet.h>
#include <mcp/error.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Two sockets of media and a signalling connection a call, a fetch and a file now and then. */
#define FILES_A_LEG 4
#define FILES_BASE 1024

gboolean
mcp_media_host_raise_files(guint legs, GError **error)
{
    const rlim_t needed = (rlim_t)legs * FILES_A_LEG + FILES_BASE;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return TRUE;
    if (limit.rlim_max < needed) {
        /* A privileged process may raise its hard limit too. */
        limit.rlim_max = needed;
    }
    limit.rlim_cur = needed;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                "%u legs need %" G_GUINT64_FORMAT
                " open files: raise the limit (LimitNOFILE= or ulimit -n), or lower max_legs",
                legs, (guint64)needed);
    return FALSE;
}

/* Whether all of @first…@last stands in a list such as "2000,3000-4000". */
static gboolean
is_reserved(guint first, guint last, const char *reserved)
{
    g_auto(GStrv) items = g_strsplit(reserved, ",", -1);

    for (guint i = 0; items[i] != NULL; i++) {
        char *end = NULL;
        guint64 from = g_ascii_strtoull(items[i], &end, 10);
        guint64 to = *end == '-' ? g_ascii_strtoull(end + 1, NULL, 10) : from;

        if (end != items[i] && from <= first && last <= to)
            return TRUE;
    }
    return FALSE;
}

char *
mcp_media_host_check_ports(guint first, guint last, const char *local_range, const char *reserved)
{
    char *end = NULL;
    guint from = (guint)g_ascii_strtoull(local_range, &end, 10);
    char *rest = end;
    guint to = (guint)g_ascii_strtoull(rest, &end, 10);

    if (rest == local_range || end == rest || last < from || first > to)
        return NULL;
    from = MAX(first, from);
    to = MIN(last, to);
    if (is_reserved(from, to, reserved))
        return NULL;
    return g_strdup_printf("RTP ports %u to %u are also given to outgoing connections; set "
                           "net.ipv4.ip_local_reserved_ports = %u-%u in /etc/sysctl.d",
                           from, to, first, last);
}

char *
mcp_media_host_default_address(gboolean ipv6)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char text[INET6_ADDRSTRLEN] = "";
    int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return g_strdup(ipv6 ? "::1" : "127.0.0.1");
    /* Connecting a datagram socket sends nothing: it only asks the routing table. */
    mcp_media_address_set(&address, ipv6 ? "2001:db8::1" : "192.0.2.1", 9);
    if (connect(fd, (struct sockaddr *)&address, mcp_media_address_length(&address)) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &length) == 0) {
        if (ipv6)
            inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&address)->sin6_addr, text, sizeof text);
        else
            inet_ntop(AF_INET, &((struct sockaddr_in *)&address)->sin_addr, text, sizeof text);
    }
    close(fd);
    if (text[0] == '\0')
        return g_strdup(ipv6 ? "::1" : "127.0.0.1");
    return g_strdup(text);
}
