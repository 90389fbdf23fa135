/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of our addresses another host would see. A connected datagram socket knows, and sends
 * nothing for it. Any thread.
 */
#include <mcp/route.h>

#include <gio/gio.h>
#include <string.h>

/* (transfer full) (nullable): "sip:x@[2001:db8::1]:5060" → 2001:db8::1 */
static GInetAddress *
read_host(const char *uri)
{
    const char *colon = strchr(uri, ':');
    const char *start = colon != NULL ? colon + 1 : uri;
    const char *at = NULL;
    g_autofree char *host = NULL;

    start += strspn(start, "/");
    at = memchr(start, '@', strcspn(start, "/?"));
    if (at != NULL)
        start = at + 1;
    host = *start == '[' ? g_strndup(start + 1, strcspn(start + 1, "]"))
                         : g_strndup(start, strcspn(start, "/:;?>"));
    return g_inet_address_new_from_string(host);
}

char *
mcp_route_local_address(const char *uri)
{
    g_autoptr(GInetAddress) remote = read_host(uri);
    g_autoptr(GSocketAddress) target = NULL;
    g_autoptr(GSocketAddress) local = NULL;
    g_autoptr(GSocket) probe = NULL;

    if (remote == NULL)
        return NULL;
    probe = g_socket_new(g_inet_address_get_family(remote), G_SOCKET_TYPE_DATAGRAM,
                         G_SOCKET_PROTOCOL_UDP, NULL);
    target = g_inet_socket_address_new(remote, 9);
    if (probe == NULL || !g_socket_connect(probe, target, NULL, NULL))
        return NULL;
    local = g_socket_get_local_address(probe, NULL);
    return local != NULL ? g_inet_address_to_string(
                               g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local)))
                         : NULL;
}
