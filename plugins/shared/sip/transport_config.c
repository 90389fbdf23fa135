/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The [sip.transport "NAME"] sections, read into one structure a socket. Control context.
 */
#include "transport_config.h"

#include "header_text.h"
#include "interfaces.h"

#include <mcp/error.h>
#include <string.h>

void
mcp_sip_transport_config_free(McpSipTransportConfig *transport)
{
    g_free(transport->name);
    g_free(transport->ident);
    g_free(transport->host);
    g_free(transport->advertised_host);
    g_strfreev(transport->credentials);
    g_free(transport);
}

static gboolean
read_address(McpSettings *settings, const char *instance, const char *key, guint default_port,
             char **out_host, guint *out_port, GError **error)
{
    const char *text = mcp_settings_get_string(settings, "sip.transport", instance, key);

    /* Every IPv4 address of the machine, each a socket of its own. */
    if (g_strcmp0(text, "auto") == 0)
        text = "0.0.0.0";
    if (mcp_sip_split_address(text, default_port, out_host, out_port))
        return TRUE;
    g_set_error(
        error, MCP_ERROR, MCP_ERROR_INVALID, "%s: %s = %s of [sip.transport \"%s\"] is no address",
        mcp_settings_get_origin(settings, "sip.transport", instance, key), key, text, instance);
    return FALSE;
}

static gboolean
is_tls(const McpSipTransportConfig *transport)
{
    return g_str_equal(transport->protocol, "tls");
}

static gboolean
read_tls(McpSettings *settings, McpSipTransportConfig *transport, GError **error)
{
    const char *name = transport->name;
    const char *policy =
        mcp_settings_get_string(settings, "sip.transport", name, "client_certificate");

    transport->credentials = g_strdupv(
        (char **)(gpointer)mcp_settings_get_list(settings, "sip.transport", name, "credentials"));
    transport->tls.only_1_3 = g_str_equal(
        mcp_settings_get_string(settings, "sip.transport", name, "tls_min_version"), "1.3");
    transport->tls.wildcards =
        mcp_settings_get_bool(settings, "sip.transport", name, "wildcard_names");
    if (g_str_equal(policy, "required"))
        transport->tls.client_certificates = MCP_TLS_CLIENT_CERTIFICATE_REQUIRED;
    else if (g_str_equal(policy, "optional"))
        transport->tls.client_certificates = MCP_TLS_CLIENT_CERTIFICATE_OPTIONAL;
    if (is_tls(transport) == (transport->credentials[0] != NULL))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: [sip.transport \"%s\"] credentials: %s",
                mcp_settings_get_origin(settings, "sip.transport", name, "transport"), name,
                is_tls(transport) ? "TLS needs them" : "only TLS has them");
    return FALSE;
}

/* Unset and auto: each socket shows the address that it is bound to. */
static gboolean
is_advertised(McpSettings *settings, const char *instance)
{
    const char *text =
        mcp_settings_get_string(settings, "sip.transport", instance, "advertised_address");

    return text != NULL && strcmp(text, "auto") != 0;
}

static McpSipTransportConfig *
read_transport(McpSettings *settings, const char *instance, GError **error)
{
    McpSipTransportConfig *transport = g_new0(McpSipTransportConfig, 1);
    gboolean valid = FALSE;

    transport->name = g_strdup(instance);
    transport->protocol =
        g_intern_string(mcp_settings_get_string(settings, "sip.transport", instance, "transport"));
    valid = read_tls(settings, transport, error);
    if (!valid ||
        !read_address(settings, instance, "address", is_tls(transport) ? 5061 : 5060,
                      &transport->host, &transport->port, error) ||
        (is_advertised(settings, instance) &&
         !read_address(settings, instance, "advertised_address", transport->port,
                       &transport->advertised_host, &transport->advertised_port, error))) {
        mcp_sip_transport_config_free(transport);
        return NULL;
    }
    return transport;
}

static void
add_socket(GPtrArray *sockets, const McpSipTransportConfig *section, const char *host)
{
    McpSipTransportConfig *transport = g_new0(McpSipTransportConfig, 1);

    *transport = *section;
    transport->name = g_strdup(section->name);
    transport->ident = g_strdup_printf("%s:%s@%s", section->protocol, section->name, host);
    transport->credentials = g_strdupv(section->credentials);
    transport->host = g_strdup(host);
    transport->advertised_host = g_strdup(section->advertised_host);
    g_ptr_array_add(sockets, transport);
}

/*
 * One socket for each address: with a socket for all of them nobody could tell which address a call
 * came to, and the library would send from any of them.
 */
static void
add_sockets(GPtrArray *sockets, const McpSipTransportConfig *section)
{
    gboolean ipv6 = strcmp(section->host, "::") == 0;
    g_autoptr(GPtrArray) hosts = NULL;

    if (ipv6 || strcmp(section->host, "0.0.0.0") == 0)
        hosts = mcp_sip_interface_addresses(ipv6);
    for (guint i = 0; hosts != NULL && i < hosts->len; i++)
        add_socket(sockets, section, hosts->pdata[i]);
    if (hosts == NULL || hosts->len == 0)
        add_socket(sockets, section, section->host);
}

GPtrArray *
mcp_sip_transport_configs_new(McpSettings *settings, GError **error)
{
    g_autoptr(GPtrArray) sockets =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_sip_transport_config_free);
    const char *const *names = mcp_settings_get_instances(settings, "sip.transport");

    for (; *names != NULL; names++) {
        McpSipTransportConfig *section = read_transport(settings, *names, error);

        if (section == NULL)
            return NULL;
        add_sockets(sockets, section);
        mcp_sip_transport_config_free(section);
    }
    if (sockets->len > 0)
        return g_steal_pointer(&sockets);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "no [sip.transport \"NAME\"] section: the plugin has nowhere to listen");
    return NULL;
}

const char *
mcp_sip_transport_config_shown_host(const McpSipTransportConfig *config)
{
    return config->advertised_host != NULL ? config->advertised_host : config->host;
}

guint
mcp_sip_transport_config_shown_port(const McpSipTransportConfig *config)
{
    return config->advertised_host != NULL ? config->advertised_port : config->port;
}
