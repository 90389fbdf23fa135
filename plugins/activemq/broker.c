/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a broker of the list, with the credentials that the settings name. Control
 * context.
 */
#include "broker.h"

#include <tls/tls_client.h>

McpOpenwireLink *
mcp_activemq_broker_connect(McpHost *host, const McpActivemqConfig *config, guint turn,
                            const char *connection, const McpOpenwireLinkEvents *events,
                            gpointer user_data, GError **error)
{
    const McpActivemqBroker *broker = config->brokers->pdata[turn % config->brokers->len];
    g_autoptr(McpTlsContext) tls =
        broker->tls ? mcp_tls_client_context(host, config->credentials, error) : NULL;
    const McpOpenwireLinkOptions options = {
        .host = broker->host,
        .port = broker->port,
        .tls = tls,
        .connection = connection,
        .user = config->user,
        .password = config->password,
        .timeout = config->connect_timeout,
        .inactivity = config->inactivity,
    };

    if (broker->tls && tls == NULL)
        return NULL;
    return mcp_openwire_link_new(&options, mcp_host_get_clock(host), events, user_data);
}
