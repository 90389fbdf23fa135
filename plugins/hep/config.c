/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings table, and what is read of it. Any thread.
 */
#include "config.h"

#include <gio/gio.h>
#include <mcp/error.h>
#include <string.h>

#include "packet.h"

#define SECTION MCP_HEP_SECTION
#define PORT 9060

static const char *const kind_names[MCP_HEP_KINDS] = {"sip", "rtcp", "log"};
static const char *const transport_names[] = {"udp", "tcp", "tls"};

const McpSettingDef mcp_hep_settings[] = {
    {SECTION, "servers", MCP_SETTING_LIST, "127.0.0.1:9060", NULL, MCP_SETTING_NONE, "0.2",
     "Capture servers, HOST:PORT; the next one is tried when one fails."},
    {SECTION, "transport", MCP_SETTING_ENUM, "udp", "udp|tcp|tls", MCP_SETTING_NONE, "0.2",
     "How packets get to the server."},
    {SECTION, "credentials", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "Set of [credentials] for tls; unset: the system's trust anchors, and no certificate."},
    {SECTION, "capture_id", MCP_SETTING_INT, "2001", "1..4294967295", MCP_SETTING_NONE, "0.2",
     "Number of this capture agent."},
    {SECTION, "auth_key", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "Key that the server asks for; in the clear over udp and tcp."},
    {SECTION, "kinds", MCP_SETTING_LIST, "sip, rtcp, log", NULL, MCP_SETTING_NONE, "0.2",
     "What is captured: sip, rtcp, log."},
    {SECTION, "log_level", MCP_SETTING_ENUM, "info", "error|warning|info|debug", MCP_SETTING_NONE,
     "0.2", "Log lines up to this level are captured, of those that are written."},
    {SECTION, "log_lines", MCP_SETTING_ENUM, "calls", "calls|all", MCP_SETTING_NONE, "0.2",
     "Whether only log lines of calls are captured."},
    {SECTION, "queue", MCP_SETTING_SIZE, "8M", "64K..256M", MCP_SETTING_NONE, "0.2",
     "What may wait for the server; beyond it the oldest is dropped."},
    {NULL},
};

static void
server_free(gpointer data)
{
    McpHepServer *server = data;

    g_free(server->host);
    g_free(server);
}

static gboolean
add_server(McpHepConfig *config, const char *text, GError **error)
{
    g_autoptr(GSocketConnectable) address = g_network_address_parse(text, PORT, NULL);
    McpHepServer *server = NULL;
    const char *host =
        address != NULL ? g_network_address_get_hostname(G_NETWORK_ADDRESS(address)) : "";
    guint port = address != NULL ? g_network_address_get_port(G_NETWORK_ADDRESS(address)) : 0;

    if (*host == '\0' || port == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "[" SECTION "] servers: \"%.80s\" is no HOST:PORT", text);
        return FALSE;
    }
    server = g_new0(McpHepServer, 1);
    server->host = g_strdup(host);
    server->port = port;
    g_ptr_array_add(config->servers, server);
    return TRUE;
}

static gboolean
read_servers(McpHepConfig *config, GError **error)
{
    const char *const *list = mcp_settings_get_list(config->settings, SECTION, NULL, "servers");

    for (guint i = 0; list[i] != NULL; i++) {
        if (!add_server(config, list[i], error))
            return FALSE;
    }
    if (config->servers->len > 0)
        return TRUE;
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "[" SECTION "] servers: there is none");
    return FALSE;
}

static guint
find(const char *const *names, guint count, const char *name)
{
    guint i = 0;

    while (i < count && g_strcmp0(names[i], name) != 0)
        i++;
    return i;
}

static gboolean
read_kinds(McpHepConfig *config, GError **error)
{
    const char *const *list = mcp_settings_get_list(config->settings, SECTION, NULL, "kinds");

    for (guint i = 0; list[i] != NULL; i++) {
        guint kind = find(kind_names, MCP_HEP_KINDS, list[i]);

        if (kind == MCP_HEP_KINDS) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "[" SECTION "] kinds: \"%.80s\" is none of sip, rtcp, log", list[i]);
            return FALSE;
        }
        config->kinds[kind] = TRUE;
    }
    return TRUE;
}

static gboolean
read_key(McpHepConfig *config, GError **error)
{
    const McpSecret *secret = mcp_settings_get_secret(config->settings, SECTION, NULL, "auth_key");
    gsize length = 0;

    if (secret == NULL)
        return TRUE;
    config->key = mcp_secret_peek(secret, &length);
    if (length <= MCP_HEP_TEXT_MAX && strlen(config->key) == length)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "[" SECTION "] auth_key: it has more than %u bytes, or a zero among them",
                MCP_HEP_TEXT_MAX);
    return FALSE;
}

static gboolean
read_credentials(McpHepConfig *config, GError **error)
{
    config->credentials = mcp_settings_get_string(config->settings, SECTION, NULL, "credentials");
    if (config->credentials == NULL || config->transport == MCP_HEP_TLS)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "[" SECTION "] credentials: transport is %s, which has none",
                transport_names[config->transport]);
    return FALSE;
}

McpHepConfig *
mcp_hep_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpHepConfig) config = g_new0(McpHepConfig, 1);
    const char *transport = mcp_settings_get_string(settings, SECTION, NULL, "transport");

    config->settings = mcp_settings_ref(settings);
    config->servers = g_ptr_array_new_with_free_func(server_free);
    config->transport =
        (McpHepTransport)find(transport_names, G_N_ELEMENTS(transport_names) - 1, transport);
    config->agent = (guint32)mcp_settings_get_int(settings, SECTION, NULL, "capture_id");
    mcp_log_level_from_string(mcp_settings_get_string(settings, SECTION, NULL, "log_level"),
                              &config->log_level);
    config->all_lines =
        g_strcmp0(mcp_settings_get_string(settings, SECTION, NULL, "log_lines"), "all") == 0;
    config->queue = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "queue");
    if (!read_servers(config, error) || !read_kinds(config, error) || !read_key(config, error) ||
        !read_credentials(config, error))
        return NULL;
    return g_steal_pointer(&config);
}

void
mcp_hep_config_free(McpHepConfig *config)
{
    g_clear_pointer(&config->servers, g_ptr_array_unref);
    mcp_settings_unref(config->settings);
    g_free(config);
}
