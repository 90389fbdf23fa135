/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's addresses, for sockets that are to listen on all of them. Any thread.
 */
#include "interfaces.h"

#include <string.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

/* "192.0.2.1" or "2001:db8::1" of an interface that is up; NULL for others. */
static char *
interface_address(const struct ifaddrs *entry, int family)
{
    char text[INET6_ADDRSTRLEN];
    const void *address = NULL;

    if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != family ||
        (entry->ifa_flags & IFF_UP) == 0)
        return NULL;
    if (family == AF_INET) {
        address = &((const struct sockaddr_in *)(gconstpointer)entry->ifa_addr)->sin_addr;
    } else {
        address = &((const struct sockaddr_in6 *)(gconstpointer)entry->ifa_addr)->sin6_addr;
        if (IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)address))
            return NULL;
    }
    return g_strdup(inet_ntop(family, address, text, sizeof text));
}

GPtrArray *
mcp_sip_interface_addresses(gboolean ipv6)
{
    GPtrArray *hosts = g_ptr_array_new_with_free_func(g_free);
    struct ifaddrs *entries = NULL;

    if (getifaddrs(&entries) != 0)
        return hosts;
    for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next) {
        char *host = interface_address(entry, ipv6 ? AF_INET6 : AF_INET);

        if (host != NULL)
            g_ptr_array_add(hosts, host);
    }
    freeifaddrs(entries);
    return hosts;
}

char *
mcp_sip_interface_towards(GInetAddress *remote)
{
    g_autoptr(GSocketAddress) target = g_inet_socket_address_new(remote, 9);
    g_autoptr(GSocketAddress) local = NULL;
    g_autoptr(GSocket) socket = g_socket_new(g_inet_address_get_family(remote),
                                             G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);

    if (socket == NULL || !g_socket_connect(socket, target, NULL, NULL))
        return NULL;
    local = g_socket_get_local_address(socket, NULL);
    if (local == NULL)
        return NULL;
    return g_inet_address_to_string(
        g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local)));
}

char *
mcp_sip_strip_brackets(const char *host)
{
    gsize length = strlen(host);

    if (host[0] == '[' && length > 1 && host[length - 1] == ']')
        return g_strndup(host + 1, length - 2);
    return g_strdup(host);
}

char *
mcp_sip_add_brackets(const char *host)
{
    return g_strdup_printf(strchr(host, ':') != NULL && host[0] != '[' ? "[%s]" : "%s", host);
}

char *
mcp_sip_format_address(GInetAddress *address, guint port)
{
    g_autofree char *text = g_inet_address_to_string(address);
    g_autofree char *host = mcp_sip_add_brackets(text);

    return g_strdup_printf("%s:%u", host, port);
}
