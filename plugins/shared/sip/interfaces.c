/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's addresses, for sockets that are to listen on all of them. Any thread.
 */
#include "interfaces.h"

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
