/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the master is, and whether it takes connections. The SNMP thread.
 */
#include "master.h"

#include <gio/gunixsocketaddress.h>
#include <mcp/error.h>

#define TCP "tcp:"
#define UNIX "unix:"
#define CONNECT_SECONDS 2

static GSocketConnectable *
parse(const char *text, GError **error)
{
    g_autoptr(GSocketConnectable) address = NULL;

    if (g_str_has_prefix(text, UNIX "/"))
        return G_SOCKET_CONNECTABLE(g_unix_socket_address_new(text + strlen(UNIX)));
    if (g_str_has_prefix(text, TCP))
        address = g_network_address_parse(text + strlen(TCP), 0, NULL);
    if (address != NULL && g_network_address_get_port(G_NETWORK_ADDRESS(address)) != 0)
        return g_steal_pointer(&address);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "'%.80s' is neither tcp:HOST:PORT nor unix:/PATH", text);
    return NULL;
}

gboolean
mcp_snmp_master_check(const char *text, GError **error)
{
    g_autoptr(GSocketConnectable) address = parse(text, error);

    return address != NULL;
}

static char *
literal(GSocketConnection *connection, GError **error)
{
    g_autoptr(GSocketAddress) remote = g_socket_connection_get_remote_address(connection, error);
    g_autofree char *host = NULL;
    GInetAddress *address = NULL;
    guint port = 0;

    if (remote == NULL)
        return NULL;
    address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote));
    port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(remote));
    host = g_inet_address_to_string(address);
    return g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6
               ? g_strdup_printf("tcp6:[%s]:%u", host, port)
               : g_strdup_printf(TCP "%s:%u", host, port);
}

char *
mcp_snmp_master_probe(const char *text, GCancellable *cancellable, GError **error)
{
    g_autoptr(GSocketConnectable) address = parse(text, error);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection = NULL;

    if (address == NULL)
        return NULL;
    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_timeout(client, CONNECT_SECONDS);
    connection = g_socket_client_connect(client, address, cancellable, error);
    if (connection == NULL)
        return NULL;
    return g_str_has_prefix(text, UNIX) ? g_strdup(text) : literal(connection, error);
}
