/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The [web.listener "NAME"] sections, checked as a whole before a socket is opened. Control
 * context.
 */
#include "web_config.h"

#include <gio/gio.h>
#include <mcp/error.h>

#define SECTION "web.listener"
#define ROWS "web.listener *"
#define DEFAULT_CLIENTS 64
#define DEFAULT_IDLE 60

const McpSettingDef mcp_web_setting_defs[] = {
    {ROWS, "socket", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Path of a Unix socket, made with mode 0660."},
    {ROWS, "address", MCP_SETTING_ADDRESS, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "TCP address and port; needs credentials, or certificate and key, and a token, unless access "
     "is open."},
    {ROWS, "access", MCP_SETTING_ENUM, "protected", "protected|open", MCP_SETTING_NONE, "0.2",
     "open: whoever reaches it may read what others of its kind publish (metrics, health), over "
     "plain HTTP unless it has credentials; nothing else is mounted on it."},
    {ROWS, "credentials", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Name of the [credentials] of the server, in place of certificate and key."},
    {ROWS, "certificate", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "PEM file of the server's certificate chain."},
    {ROWS, "key", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "PEM file of the certificate's private key."},
    {ROWS, "token", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Bearer token that each request must carry; at least 16 characters."},
    {ROWS, "max_body", MCP_SETTING_SIZE, "1M", "0..64M", MCP_SETTING_NONE, "0.1",
     "Largest request body."},
    {ROWS, "max_clients", MCP_SETTING_INT, G_STRINGIFY(DEFAULT_CLIENTS), "1..4096",
     MCP_SETTING_NONE, "0.1", "Connections open at once; more are closed at once."},
    {ROWS, "idle_timeout", MCP_SETTING_DURATION, G_STRINGIFY(DEFAULT_IDLE) "s", "1s..1h",
     MCP_SETTING_NONE, "0.1", "Time after which a connection that says nothing is closed."},
    {NULL},
};

#define TOKEN_MIN 16

void
mcp_web_config_free(McpWebConfig *config)
{
    g_free(config->name);
    g_free(config->socket);
    g_free(config->credentials);
    g_clear_object(&config->address);
    g_clear_object(&config->certificate);
    g_free(config->token);
    g_free(config);
}

static gboolean
refuse(GError **error, const char *name, const char *why)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "[" SECTION " \"%s\"] %s", name, why);
    return FALSE;
}

static gboolean
read_address(McpWebConfig *config, const char *text, GError **error)
{
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(text, 0, NULL);
    g_autoptr(GInetAddress) address = NULL;
    guint16 port = 0;

    if (parsed != NULL) {
        port = g_network_address_get_port(G_NETWORK_ADDRESS(parsed));
        address = g_inet_address_new_from_string(
            g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed)));
    }
    if (address == NULL || port == 0)
        return refuse(error, config->name, "address: needs a literal address and a port");
    config->address = G_INET_SOCKET_ADDRESS(g_inet_socket_address_new(address, port));
    return TRUE;
}

/* DESIGN §3.8: on TCP only with TLS and a token, but for what anybody may read. */
static gboolean
read_tls(McpWebConfig *config, McpSettings *settings, GError **error)
{
    const char *certificate =
        mcp_settings_get_string(settings, SECTION, config->name, "certificate");
    const char *key = mcp_settings_get_string(settings, SECTION, config->name, "key");

    config->credentials =
        g_strdup(mcp_settings_get_string(settings, SECTION, config->name, "credentials"));
    if (config->credentials != NULL && (certificate != NULL || key != NULL))
        return refuse(error, config->name, "credentials take the place of certificate and key");
    if (config->open && config->credentials == NULL && certificate == NULL && key == NULL)
        return TRUE;
    if ((config->token == NULL && !config->open) ||
        (config->credentials == NULL && (certificate == NULL || key == NULL)))
        return refuse(error, config->name,
                      "a TCP address needs credentials, or certificate and key, and a token");
    if (config->credentials != NULL)
        return TRUE;
    config->certificate = g_tls_certificate_new_from_files(certificate, key, error);
    if (config->certificate == NULL)
        g_prefix_error(error, "[" SECTION " \"%s\"] certificate: ", config->name);
    return config->certificate != NULL;
}

static gboolean
read_token(McpWebConfig *config, McpSettings *settings, GError **error)
{
    const McpSecret *secret = mcp_settings_get_secret(settings, SECTION, config->name, "token");
    gsize length = 0;
    const char *token = secret != NULL ? mcp_secret_peek(secret, &length) : NULL;

    if (token == NULL)
        return TRUE;
    if (length < TOKEN_MIN)
        return refuse(error, config->name, "token: is shorter than 16 characters");
    config->token = g_strdup(token);
    return TRUE;
}

static McpWebConfig *
config_new(McpSettings *settings, const char *name, GError **error)
{
    g_autoptr(McpWebConfig) config = g_new0(McpWebConfig, 1);
    const char *address = mcp_settings_get_string(settings, SECTION, name, "address");

    config->name = g_strdup(name);
    config->socket = g_strdup(mcp_settings_get_string(settings, SECTION, name, "socket"));
    config->open =
        g_strcmp0(mcp_settings_get_string(settings, SECTION, name, "access"), "open") == 0;
    config->max_body = (gsize)mcp_settings_get_int(settings, SECTION, name, "max_body");
    config->max_clients = (guint)mcp_settings_get_int(settings, SECTION, name, "max_clients");
    config->idle_seconds =
        (guint)(mcp_settings_get_int(settings, SECTION, name, "idle_timeout") / G_USEC_PER_SEC);
    if ((config->socket == NULL) == (address == NULL)) {
        refuse(error, name, "needs socket or address, one of them");
        return NULL;
    }
    if (!read_token(config, settings, error))
        return NULL;
    if (address != NULL &&
        (!read_address(config, address, error) || !read_tls(config, settings, error)))
        return NULL;
    return g_steal_pointer(&config);
}

McpWebConfig *
mcp_web_config_new_open(const char *name, const char *address, GError **error)
{
    g_autoptr(McpWebConfig) config = g_new0(McpWebConfig, 1);

    config->name = g_strdup(name);
    config->open = TRUE;
    config->max_clients = DEFAULT_CLIENTS;
    config->idle_seconds = DEFAULT_IDLE;
    return read_address(config, address, error) ? g_steal_pointer(&config) : NULL;
}

GPtrArray *
mcp_web_configs_new(McpSettings *settings, GError **error)
{
    g_autoptr(GPtrArray) configs =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_web_config_free);
    const char *const *names = mcp_settings_get_instances(settings, SECTION);

    for (guint i = 0; names[i] != NULL; i++) {
        McpWebConfig *config = config_new(settings, names[i], error);

        if (config == NULL)
            return NULL;
        g_ptr_array_add(configs, config);
    }
    return g_steal_pointer(&configs);
}
