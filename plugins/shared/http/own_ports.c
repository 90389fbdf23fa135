/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TCP ports that this process itself listens on, read from its open descriptors, so that no
 * page can make the platform talk to its own SIP or control port. Any thread; the lock guards the
 * picture.
 */
#include "own_ports.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

/* How long a picture holds. Ports are opened at start, reload and nowhere else. */
#define PICTURE_AGE (10 * G_TIME_SPAN_SECOND)

struct _McpHttpOwnPorts {
    GMutex lock;           /* guards all below */
    GHashTable *ports;     /* port as pointer */
    GHashTable *addresses; /* char*: addresses of this machine */
    gint64 taken;          /* monotonic µs; 0 never */
};

McpHttpOwnPorts *
mcp_http_own_ports_new(void)
{
    McpHttpOwnPorts *own = g_new0(McpHttpOwnPorts, 1);

    g_mutex_init(&own->lock);
    own->ports = g_hash_table_new(NULL, NULL);
    own->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return own;
}

void
mcp_http_own_ports_free(McpHttpOwnPorts *own)
{
    g_hash_table_unref(own->ports);
    g_hash_table_unref(own->addresses);
    g_mutex_clear(&own->lock);
    g_free(own);
}

static void
look_at_descriptor(McpHttpOwnPorts *own, int fd)
{
    struct sockaddr_storage storage;
    socklen_t length = sizeof(storage);
    socklen_t flag_length = sizeof(int);
    g_autoptr(GSocketAddress) address = NULL;
    int listening = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &flag_length) != 0 || !listening)
        return;
    if (getsockname(fd, (struct sockaddr *)&storage, &length) != 0)
        return;
    address = g_socket_address_new_from_native(&storage, length);
    if (G_IS_INET_SOCKET_ADDRESS(address)) {
        guint port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));

        g_hash_table_add(own->ports, GUINT_TO_POINTER(port));
    }
}

static void
read_descriptors(McpHttpOwnPorts *own)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name = NULL;

    g_hash_table_remove_all(own->ports);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        look_at_descriptor(own, (int)g_ascii_strtoll(name, NULL, 10));
}

static void
read_addresses(McpHttpOwnPorts *own)
{
    struct ifaddrs *list = NULL;

    g_hash_table_remove_all(own->addresses);
    if (getifaddrs(&list) != 0)
        return;
    for (struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
        g_autoptr(GInetAddress) address = NULL;

        if (at->ifa_addr == NULL)
            continue;
        if (at->ifa_addr->sa_family == AF_INET)
            address = g_inet_address_new_from_bytes(
                (const guint8 *)&((struct sockaddr_in *)(gpointer)at->ifa_addr)->sin_addr,
                G_SOCKET_FAMILY_IPV4);
        else if (at->ifa_addr->sa_family == AF_INET6)
            address = g_inet_address_new_from_bytes(
                (const guint8 *)&((struct sockaddr_in6 *)(gpointer)at->ifa_addr)->sin6_addr,
                G_SOCKET_FAMILY_IPV6);
        if (address != NULL)
            g_hash_table_add(own->addresses, g_inet_address_to_string(address));
    }
    freeifaddrs(list);
}

gboolean
mcp_http_own_ports_contain(McpHttpOwnPorts *own, GInetAddress *address, guint16 port, gint64 now)
{
    g_autofree char *text = g_inet_address_to_string(address);
    gboolean contained = FALSE;

    g_mutex_lock(&own->lock);
    if (own->taken == 0 || now - own->taken > PICTURE_AGE) {
        read_descriptors(own);
        read_addresses(own);
        own->taken = MAX(now, 1);
    }
    contained =
        g_hash_table_contains(own->ports, GUINT_TO_POINTER((guint)port)) &&
        (g_inet_address_get_is_loopback(address) || g_hash_table_contains(own->addresses, text));
    g_mutex_unlock(&own->lock);
    return contained;
}
