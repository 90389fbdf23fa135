/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client's connections are made of, by the name of a set of credentials. Any thread.
 */
#include "tls_client.h"

#include <mcp/error.h>

McpTlsContext *
mcp_tls_client_context(McpHost *host, const char *credentials, GError **error)
{
    static const McpTlsOptions options = {.wildcards = TRUE};
    g_autoptr(GPtrArray) sets =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_credential_set_unref);
    McpCredentialSet *set = NULL;

    if (credentials == NULL) {
        set = mcp_credential_set_new(&(McpCredentialParts){.name = "system"});
    } else {
        g_autoptr(McpCredentials) service = mcp_host_lookup(host, MCP_CONTRACT_CREDENTIALS, NULL);

        if (service == NULL)
            g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no credentials service is running");
        else
            set = mcp_credentials_get(service, credentials, error);
    }
    if (set == NULL)
        return NULL;
    g_ptr_array_add(sets, set);
    return mcp_tls_context_new(sets, &options, error);
}
