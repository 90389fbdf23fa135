/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a broker of the list, with the credentials that the settings name. Control
 * context.
 */
#include "broker.h"

#include <mcp/contract/credentials.h>
#include <mcp/error.h>

static McpTlsContext *
make_tls(McpHost *host, const McpActivemqConfig *config, GError **error)
{
    static const McpTlsOptions options = {.wildcards = TRUE};
    g_autoptr(GPtrArray) sets =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_credential_set_unref);
    McpCredentialSet *set = NULL;

    if (config->credentials == NULL) {
        set = mcp_credential_set_new(&(McpCredentialParts){.name = "system"});
    } else {
        g_autoptr(McpCredentials) credentials =
            mcp_host_lookup(host, MCP_CONTRACT_CREDENTIALS, NULL);

        if (credentials == NULL)
            g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no credentials service is running");
        else
            set = mcp_credentials_get(credentials, config->credentials, error);
    }
    if (set == NULL)
        return NULL;
    g_ptr_array_add(sets, set);
    return mcp_tls_context_new(sets, &options, error);
}

McpOpenwireLink *
mcp_activemq_broker_connect(McpHost *host, const McpActivemqConfig *config, guint turn,
                            const char *connection, const McpOpenwireLinkEvents *events,
                            gpointer user_data, GError **error)
{
    const McpActivemqBroker *broker = config->brokers->pdata[turn % config->brokers->len];
    g_autoptr(McpTlsContext) tls = broker->tls ? make_tls(host, config, error) : NULL;
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
