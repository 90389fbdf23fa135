/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of the library's sockets that it does not set itself and gives no handle for. SIP
 * context.
 */
#include "socket_options.h"

#include <errno.h>
#include <mcp/log.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The library accepts one connection a turn of its loop. */
#define BACKLOG 512

static gboolean
is_bound_to(int fd, const su_addrinfo_t *wanted)
{
    const su_sockaddr_t *address = (const su_sockaddr_t *)(gconstpointer)wanted->ai_addr;
    su_sockaddr_t bound;
    socklen_t length = sizeof bound;
    int type = 0;
    socklen_t type_length = sizeof type;
    su_sockaddr_t peer;
    socklen_t peer_length = sizeof peer;

    memset(&bound, 0, sizeof bound);
    if (getsockname(fd, &bound.su_sa, &length) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) != 0)
        return FALSE;
    return type == wanted->ai_socktype && bound.su_family == address->su_family &&
           bound.su_port == address->su_port &&
           memcmp(SU_ADDR(&bound), SU_ADDR(address), (gsize)SU_ADDRLEN(address)) == 0 &&
           getpeername(fd, &peer.su_sa, &peer_length) != 0;
}

int
mcp_sip_socket_find(const tport_t *primary)
{
    const su_addrinfo_t *wanted = tport_get_address(primary);
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name = NULL;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        guint64 fd = 0;

        if (g_ascii_string_to_unsigned(name, 10, 0, G_MAXINT, &fd, NULL) &&
            is_bound_to((int)fd, wanted))
            return (int)fd;
    }
    return -1;
}

void
mcp_sip_socket_set_dscp(int fd, gboolean ipv6, guint dscp)
{
    int class = (int)(dscp << 2);
    int result = ipv6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof class)
                      : setsockopt(fd, IPPROTO_IP, IP_TOS, &class, sizeof class);

    if (result != 0)
        mcp_log_warning("dscp-refused", NULL, "traffic class %d: %s", class, g_strerror(errno));
}

void
mcp_sip_socket_prepare(const tport_t *primary, int fd, guint dscp)
{
    if (tport_has_ip6(primary))
        mcp_sip_socket_set_dscp(fd, TRUE, dscp);
    if (tport_is_tcp(primary) && listen(fd, BACKLOG) != 0)
        mcp_log_warning("listen-refused", NULL, "backlog of %s: %s", tport_ident(primary),
                        g_strerror(errno));
}
