/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings table of the plugin, and its reading into one immutable structure. Control context.
 */
#include "config.h"

#include "header_text.h"
#include "interfaces.h"

#include <mcp/error.h>
#include <string.h>

#define US_PER_MS 1000

const McpSettingDef mcp_sip_setting_defs[] = {
    {"sip", "identity", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "sip: URI in From of sessions that the platform places; made of its own address if unset"},
    {"sip", "max_message_size", MCP_SETTING_SIZE, "64K", "2K..1M", MCP_SETTING_NONE, "0.1",
     "Larger messages are refused with 413"},
    {"sip", "max_sessions", MCP_SETTING_INT, "20000", "1..1000000", MCP_SETTING_NONE, "0.1",
     "Sessions at a time; an INVITE beyond them is refused with 503"},
    {"sip", "timer_t1", MCP_SETTING_DURATION, "500ms", "10ms..10s", MCP_SETTING_NONE, "0.1",
     "First retransmission interval (RFC 3261 T1); a transaction gives up after 64 times as long"},
    {"sip", "timer_t2", MCP_SETTING_DURATION, "4s", "10ms..60s", MCP_SETTING_NONE, "0.1",
     "Longest retransmission interval (RFC 3261 T2)"},
    {"sip", "timer_t4", MCP_SETTING_DURATION, "5s", "10ms..60s", MCP_SETTING_NONE, "0.1",
     "How long a message may stay in the network (RFC 3261 T4)"},
    {"sip", "tcp_idle_timeout", MCP_SETTING_DURATION, "30m", "1s..1d", MCP_SETTING_NONE, "0.1",
     "Connections without traffic are closed after this time"},
    {"sip", "session_expires", MCP_SETTING_DURATION, "30m", "0s..1d", MCP_SETTING_NONE, "0.1",
     "Session interval to ask for (RFC 4028); 0s: sessions get a timer only if the peer wants one"},
    {"sip", "session_min_se", MCP_SETTING_DURATION, "90s", "1s..1h", MCP_SETTING_NONE, "0.1",
     "A shorter session interval is refused with 422; RFC 4028 forbids less than 90s"},
    {"sip", "session_refresher", MCP_SETTING_ENUM, "peer", "peer|us", MCP_SETTING_NONE, "0.1",
     "Who refreshes a session where the choice is ours"},
    {"sip", "refresh_match", MCP_SETTING_ENUM, "description", "description|version",
     MCP_SETTING_NONE, "0.1",
     "An offer is a mere refresh when it repeats the description, or just its o= line"},
    {"sip", "reliable_provisional", MCP_SETTING_ENUM, "early_media", "off|early_media|always",
     MCP_SETTING_NONE, "0.1",
     "Which 1xx are sent reliably (RFC 3262) to peers that support it; one that requires it gets "
     "it"},
    {"sip.transport *", "transport", MCP_SETTING_ENUM, NULL, "udp|tcp", MCP_SETTING_REQUIRED, "0.1",
     "Transport protocol of the socket"},
    {"sip.transport *", "address", MCP_SETTING_ADDRESS, NULL, NULL, MCP_SETTING_REQUIRED, "0.1",
     "Address to listen on; 0.0.0.0 and [::] stand for every address of the machine"},
    {"sip.transport *", "advertised_address", MCP_SETTING_ADDRESS, NULL, NULL, MCP_SETTING_NONE,
     "0.1", "Address that others reach this socket by, when a translator stands in between"},
    {NULL}};

static void
transport_config_free(gpointer data)
{
    McpSipTransportConfig *transport = data;

    g_free(transport->name);
    g_free(transport->ident);
    g_free(transport->host);
    g_free(transport->advertised_host);
    g_free(transport);
}

static gboolean
read_address(McpSettings *settings, const char *instance, const char *key, guint default_port,
             char **out_host, guint *out_port, GError **error)
{
    const char *text = mcp_settings_get_string(settings, "sip.transport", instance, key);

    if (mcp_sip_split_address(text, default_port, out_host, out_port))
        return TRUE;
    g_set_error(
        error, MCP_ERROR, MCP_ERROR_INVALID, "%s: %s = %s of [sip.transport \"%s\"] is no address",
        mcp_settings_get_origin(settings, "sip.transport", instance, key), key, text, instance);
    return FALSE;
}

static McpSipTransportConfig *
read_transport(McpSettings *settings, const char *instance, GError **error)
{
    McpSipTransportConfig *transport = g_new0(McpSipTransportConfig, 1);
    const char *protocol =
        mcp_settings_get_string(settings, "sip.transport", instance, "transport");

    transport->name = g_strdup(instance);
    transport->tcp = g_strcmp0(protocol, "tcp") == 0;
    if (!read_address(settings, instance, "address", 5060, &transport->host, &transport->port,
                      error) ||
        (mcp_settings_is_set(settings, "sip.transport", instance, "advertised_address") &&
         !read_address(settings, instance, "advertised_address", transport->port,
                       &transport->advertised_host, &transport->advertised_port, error))) {
        transport_config_free(transport);
        return NULL;
    }
    return transport;
}

static void
add_socket(McpSipConfig *config, const McpSipTransportConfig *section, const char *host)
{
    McpSipTransportConfig *transport = g_new0(McpSipTransportConfig, 1);

    *transport = *section;
    transport->name = g_strdup(section->name);
    transport->ident = g_strdup_printf("%s@%s", section->name, host);
    transport->host = g_strdup(host);
    transport->advertised_host = g_strdup(section->advertised_host);
    g_ptr_array_add(config->transports, transport);
}

/*
 * One socket for each address: with a socket for all of them nobody could tell which address a call
 * came to, and the library would send from any of them.
 */
static void
add_sockets(McpSipConfig *config, const McpSipTransportConfig *section)
{
    gboolean ipv6 = strcmp(section->host, "::") == 0;
    g_autoptr(GPtrArray) hosts = NULL;

    if (ipv6 || strcmp(section->host, "0.0.0.0") == 0)
        hosts = mcp_sip_interface_addresses(ipv6);
    for (guint i = 0; hosts != NULL && i < hosts->len; i++)
        add_socket(config, section, hosts->pdata[i]);
    if (hosts == NULL || hosts->len == 0)
        add_socket(config, section, section->host);
}

static gboolean
check_identity(McpSettings *settings, const char *identity, GError **error)
{
    if (identity == NULL || (g_str_has_prefix(identity, "sip:") && identity[4] != '\0' &&
                             strpbrk(identity, " \t\r\n<>\"") == NULL))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: identity = %s is no sip: URI",
                mcp_settings_get_origin(settings, "sip", NULL, "identity"), identity);
    return FALSE;
}

static guint
read_milliseconds(McpSettings *settings, const char *key)
{
    return (guint)(mcp_settings_get_int(settings, "sip", NULL, key) / US_PER_MS);
}

static guint
read_seconds(McpSettings *settings, const char *key)
{
    return (guint)(mcp_settings_get_int(settings, "sip", NULL, key) / G_USEC_PER_SEC);
}

static gboolean
is_word(McpSettings *settings, const char *key, const char *word)
{
    return g_strcmp0(mcp_settings_get_string(settings, "sip", NULL, key), word) == 0;
}

static void
read_session_rules(McpSipConfig *config, McpSettings *settings)
{
    config->session_timer.expires = read_seconds(settings, "session_expires");
    config->session_timer.min_se = read_seconds(settings, "session_min_se");
    config->session_timer.refresh_us = is_word(settings, "session_refresher", "us");
    config->match_version = is_word(settings, "refresh_match", "version");
    config->reliable = MCP_SIP_RELIABLE_EARLY_MEDIA;
    if (is_word(settings, "reliable_provisional", "off"))
        config->reliable = MCP_SIP_RELIABLE_OFF;
    else if (is_word(settings, "reliable_provisional", "always"))
        config->reliable = MCP_SIP_RELIABLE_ALWAYS;
}

McpSipConfig *
mcp_sip_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpSipConfig) config = g_new0(McpSipConfig, 1);
    const char *const *names = mcp_settings_get_instances(settings, "sip.transport");

    config->transports = g_ptr_array_new_with_free_func(transport_config_free);
    config->identity = g_strdup(mcp_settings_get_string(settings, "sip", NULL, "identity"));
    config->max_message = (guint)mcp_settings_get_int(settings, "sip", NULL, "max_message_size");
    config->max_sessions = (guint)mcp_settings_get_int(settings, "sip", NULL, "max_sessions");
    config->t1 = read_milliseconds(settings, "timer_t1");
    config->t2 = MAX(read_milliseconds(settings, "timer_t2"), config->t1);
    config->t4 = read_milliseconds(settings, "timer_t4");
    config->tcp_idle = read_milliseconds(settings, "tcp_idle_timeout");
    read_session_rules(config, settings);
    if (!check_identity(settings, config->identity, error))
        return NULL;
    for (; *names != NULL; names++) {
        McpSipTransportConfig *transport = read_transport(settings, *names, error);

        if (transport == NULL)
            return NULL;
        add_sockets(config, transport);
        transport_config_free(transport);
    }
    if (config->transports->len == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "no [sip.transport \"NAME\"] section: the plugin has nowhere to listen");
        return NULL;
    }
    return g_steal_pointer(&config);
}

void
mcp_sip_config_free(McpSipConfig *config)
{
    g_ptr_array_unref(config->transports);
    g_free(config->identity);
    g_free(config);
}
