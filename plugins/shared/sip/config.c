/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings table of the plugin, and its reading into one immutable structure. Control context.
 */
#include "config.h"

#include <mcp/dial.h>
#include <mcp/error.h>
#include <string.h>

#define US_PER_MS 1000

const McpSettingDef mcp_sip_setting_defs[] = {
    {"sip", "identity", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "sip: URI in From of sessions that the platform places; made of its own address if unset"},
    {"sip", "realm", MCP_SETTING_STRING, "mcp", NULL, MCP_SETTING_NONE, "0.1",
     "Realm in which callers prove the username and password of a peer (digest)"},
    {"sip", "digest_algorithms", MCP_SETTING_LIST, "SHA-256, MD5", NULL, MCP_SETTING_NONE, "0.1",
     "Algorithms that they may prove it with, the preferred one first; some callers look at the "
     "first one only and know just MD5"},
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
    {"sip", "tcp_stranger_timeout", MCP_SETTING_DURATION, "10s", "1s..1h", MCP_SETTING_NONE, "0.1",
     "A connection of an address that no peer lists is closed when it brings no message for so "
     "long"},
    {"sip", "max_connections", MCP_SETTING_INT, "1000", "1..100000", MCP_SETTING_NONE, "0.1",
     "TCP connections at a time; for a listed peer's, one of a stranger makes room"},
    {"sip", "max_source_connections", MCP_SETTING_INT, "100", "1..100000", MCP_SETTING_NONE, "0.1",
     "TCP connections of one address at a time; further ones are closed"},
    {"sip", "max_stranger_connections", MCP_SETTING_INT, "200", "1..100000", MCP_SETTING_NONE,
     "0.1",
     "TCP connections of all addresses together that no peer lists; further ones are closed"},
    {"sip", "max_headers", MCP_SETTING_INT, "500", "20..10000", MCP_SETTING_NONE, "0.1",
     "Headers of a message, elements of lists counted one by one; one with more is refused with "
     "413"},
    {"sip", "stranger_requests_per_second", MCP_SETTING_INT, "20", "1..100000", MCP_SETTING_NONE,
     "0.1",
     "Requests of an address that no peer lists that are answered; further ones are dropped for a "
     "second"},
    {"sip", "strangers_requests_per_second", MCP_SETTING_INT, "500", "1..100000", MCP_SETTING_NONE,
     "0.1", "Requests of all such addresses together that are answered"},
    {"sip", "source_calls_per_second", MCP_SETTING_INT, "0", "0..100000", MCP_SETTING_NONE, "0.1",
     "New calls a second of one address, whatever peer it is of; 0 sets no limit"},
    {"sip", "dscp", MCP_SETTING_INT, "24", "0..63", MCP_SETTING_NONE, "0.1",
     "DSCP of signalling packets (RFC 2474); 24 is CS3"},
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
    {"sip", "tls_max_connections", MCP_SETTING_INT, "5000", "1..100000", MCP_SETTING_NONE, "0.1",
     "TLS connections at a time, in and out; further ones are closed at once"},
    {"sip", "tls_max_connections_per_source", MCP_SETTING_INT, "200", "1..100000", MCP_SETTING_NONE,
     "0.1", "TLS connections from one address; further ones are closed at once"},
    {"sip", "tls_max_handshakes", MCP_SETTING_INT, "500", "1..100000", MCP_SETTING_NONE, "0.1",
     "Incoming TLS connections that have not finished their handshake; further ones are closed"},
    {"sip", "tls_handshake_timeout", MCP_SETTING_DURATION, "10s", "100ms..60s", MCP_SETTING_NONE,
     "0.1", "A TLS connection that is not up after this time is closed"},
    {"sip", "max_redirects", MCP_SETTING_INT, "5", "0..70", MCP_SETTING_NONE, "0.1",
     "How often an INVITE of ours is sent on because of a 3xx"},
    {"sip", "redirect_targets", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Patterns, as in dial, of where a 3xx may lead calls that the operator placed; a call that a "
     "peer's call caused may go where that peer's dial rights let it"},
    {"sip", "failover_timeout", MCP_SETTING_DURATION, "4s", "100ms..32s", MCP_SETTING_NONE, "0.1",
     "A destination that says nothing for so long is left for the next one, if there is one"},
    {"sip.trunk *", "targets", MCP_SETTING_LIST, "*", NULL, MCP_SETTING_NONE, "0.1",
     "Patterns, as in dial, of what is called over this trunk; the first trunk that fits counts"},
    {"sip.trunk *", "proxy", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "sip: URI of the outbound proxy or resource manager; found by NAPTR, SRV and address records "
     "(RFC 3263)"},
    {"sip.trunk *", "identity", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "sip: URI in From, and what is registered"},
    {"sip.trunk *", "asserted_identity", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "URI in P-Asserted-Identity (RFC 3325); \"from\" is that of From"},
    {"sip.trunk *", "privacy", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Values of Privacy (RFC 3323): none, header, session, user, id, critical, history; with any "
     "but none, From is anonymous"},
    {"sip.trunk *", "username", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Account for digest authentication (MD5, SHA-256)"},
    {"sip.trunk *", "password", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Its password"},
    {"sip.trunk *", "realms", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Realms that get a proof of the password; any other challenge fails the call"},
    {"sip.trunk *", "registrar", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "sip: URI of the registrar that identity is registered with; unset: no registration. Without "
     "it the platform is degraded: dependency registrar:NAME"},
    {"sip.trunk *", "register_interval", MCP_SETTING_DURATION, "1h", "10s..1d", MCP_SETTING_NONE,
     "0.1", "Interval to ask for; the registration is renewed before it is over"},
    {"sip.transport *", "transport", MCP_SETTING_ENUM, NULL, "udp|tcp|tls", MCP_SETTING_REQUIRED,
     "0.1", "Transport protocol of the socket"},
    {"sip.transport *", "address", MCP_SETTING_ADDRESS, NULL, NULL, MCP_SETTING_REQUIRED, "0.1",
     "Address to listen on; 0.0.0.0 or auto and [::] stand for every address of the machine"},
    {"sip.transport *", "advertised_address", MCP_SETTING_ADDRESS, NULL, NULL, MCP_SETTING_NONE,
     "0.1",
     "Address that others reach this socket by, when a translator stands in between; unset or "
     "auto: "
     "its own"},
    {"sip.transport *", "credentials", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Names of [credentials] for TLS: the name that a client asks for chooses, else the first; the "
     "first is also for connections that the platform makes"},
    {"sip.transport *", "tls_min_version", MCP_SETTING_ENUM, "1.2", "1.2|1.3", MCP_SETTING_NONE,
     "0.1", "Lowest version of TLS"},
    {"sip.transport *", "client_certificate", MCP_SETTING_ENUM, "off", "off|optional|required",
     MCP_SETTING_NONE, "0.1",
     "Whether TLS clients are asked for a certificate; one that is shown "
     "must be good"},
    {"sip.transport *", "wildcard_names", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_NONE, "0.1",
     "Whether *.example.com in a server's certificate stands for a host; RFC 5922 forbids it"},
    {NULL}};

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

static gboolean
check_algorithms(McpSettings *settings, GError **error)
{
    static const char *const known[] = {"SHA-256", "MD5", NULL};
    const char *const *names = mcp_settings_get_list(settings, "sip", NULL, "digest_algorithms");
    guint n = 0;

    for (; names[n] != NULL && g_strv_contains(known, names[n]); n++)
        ;
    if (n > 0 && names[n] == NULL)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: digest_algorithms takes SHA-256 and MD5",
                mcp_settings_get_origin(settings, "sip", NULL, "digest_algorithms"));
    return FALSE;
}

/* It stands between quotes in headers. */
static gboolean
check_realm(McpSettings *settings, GError **error)
{
    const char *realm = mcp_settings_get_string(settings, "sip", NULL, "realm");

    if (*realm != '\0' && strpbrk(realm, "\"\\\r\n") == NULL)
        return check_algorithms(settings, error);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: realm is empty or has quotes",
                mcp_settings_get_origin(settings, "sip", NULL, "realm"));
    return FALSE;
}

static guint
read_number(McpSettings *settings, const char *key)
{
    return (guint)mcp_settings_get_int(settings, "sip", NULL, key);
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
read_bounds(McpSipConfig *config, McpSettings *settings)
{
    config->max_message = read_number(settings, "max_message_size");
    config->max_headers = read_number(settings, "max_headers");
    config->max_sessions = read_number(settings, "max_sessions");
    config->max_connections = read_number(settings, "max_connections");
    config->max_source_connections = read_number(settings, "max_source_connections");
    config->max_stranger_connections = read_number(settings, "max_stranger_connections");
    config->stranger_requests = read_number(settings, "stranger_requests_per_second");
    config->strangers_requests = read_number(settings, "strangers_requests_per_second");
    config->source_calls = read_number(settings, "source_calls_per_second");
    config->dscp = read_number(settings, "dscp");
    config->stranger_time = read_milliseconds(settings, "tcp_stranger_timeout");
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

static gboolean
read_redirect_targets(McpSipConfig *config, McpSettings *settings, GError **error)
{
    const char *const *targets = mcp_settings_get_list(settings, "sip", NULL, "redirect_targets");

    for (guint i = 0; targets[i] != NULL; i++) {
        if (mcp_dial_is_pattern(targets[i]))
            continue;
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "%s: redirect_targets: \"%s\" is no pattern of sip: URIs",
                    mcp_settings_get_origin(settings, "sip", NULL, "redirect_targets"), targets[i]);
        return FALSE;
    }
    config->redirect_targets = g_strdupv((char **)(gpointer)targets);
    return TRUE;
}

McpSipConfig *
mcp_sip_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpSipConfig) config = g_new0(McpSipConfig, 1);

    config->identity = g_strdup(mcp_settings_get_string(settings, "sip", NULL, "identity"));
    config->digest_algorithms = g_strdupv(
        (char **)(gpointer)mcp_settings_get_list(settings, "sip", NULL, "digest_algorithms"));
    config->realm = g_strdup(mcp_settings_get_string(settings, "sip", NULL, "realm"));
    config->t1 = read_milliseconds(settings, "timer_t1");
    config->t2 = MAX(read_milliseconds(settings, "timer_t2"), config->t1);
    config->t4 = read_milliseconds(settings, "timer_t4");
    config->tcp_idle = read_milliseconds(settings, "tcp_idle_timeout");
    read_bounds(config, settings);
    read_session_rules(config, settings);
    config->tls_connections = read_number(settings, "tls_max_connections");
    config->tls_source_connections = read_number(settings, "tls_max_connections_per_source");
    config->tls_handshakes = read_number(settings, "tls_max_handshakes");
    config->tls_handshake_time = read_milliseconds(settings, "tls_handshake_timeout");
    if (!check_identity(settings, config->identity, error) || !check_realm(settings, error))
        return NULL;
    config->max_redirects = read_number(settings, "max_redirects");
    config->failover_time = mcp_settings_get_int(settings, "sip", NULL, "failover_timeout");
    if (!read_redirect_targets(config, settings, error))
        return NULL;
    config->transports = mcp_sip_transport_configs_new(settings, error);
    config->trunks = config->transports != NULL ? mcp_sip_trunks_new(settings, error) : NULL;
    if (config->trunks == NULL)
        return NULL;
    return g_steal_pointer(&config);
}

void
mcp_sip_config_free(McpSipConfig *config)
{
    g_clear_pointer(&config->transports, g_ptr_array_unref);
    g_clear_pointer(&config->trunks, g_ptr_array_unref);
    g_strfreev(config->redirect_targets);
    g_free(config->identity);
    g_free(config->realm);
    g_strfreev(config->digest_algorithms);
    g_free(config);
}
