/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets: binding with a message an operator can act upon, and the addresses that go into Contact
 * and into what the core is told. SIP context.
 */
#include "transport.h"

#include <errno.h>
#include <mcp/error.h>
#include <string.h>

/* Half-received messages on a connection are given up after this time. */
#define TCP_MESSAGE_TIMEOUT_MS 30000

static gboolean
is_ipv6(const char *host)
{
    return strchr(host, ':') != NULL;
}

static char *
bind_url(const McpSipTransportConfig *config)
{
    const char *host = config->advertised_host != NULL ? config->advertised_host : config->host;
    GString *url = g_string_new("sip:");

    g_string_append_printf(url, is_ipv6(host) ? "[%s]" : "%s", host);
    g_string_append_printf(url, ":%u;transport=%s", config->port, config->tcp ? "tcp" : "udp");
    /* The host stands in Via; maddr is what is bound. */
    if (config->advertised_host != NULL)
        g_string_append_printf(url, is_ipv6(config->host) ? ";maddr=[%s]" : ";maddr=%s",
                               config->host);
    return g_string_free(url, FALSE);
}

gboolean
mcp_sip_transport_bind(nta_agent_t *agent, const McpSipTransportConfig *config,
                       const McpSipConfig *all, GError **error)
{
    g_autofree char *url = bind_url(config);
    int code = 0;

    /* One URL a transport: a list in transport= is read after its scope by this stack. */
    if (nta_agent_add_tport(agent, (const url_string_t *)url, TPTAG_IDENT(config->ident),
                            TPTAG_SERVER(1), TPTAG_STUN_SERVER(0), TPTAG_REUSE(1),
                            TPTAG_TIMEOUT(TCP_MESSAGE_TIMEOUT_MS), TPTAG_IDLE(all->tcp_idle),
                            TAG_END()) == 0)
        return TRUE;
    code = errno;
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                "cannot listen on %s:%u/%s ([sip.transport \"%s\"]): %s", config->host,
                config->port, config->tcp ? "tcp" : "udp", config->name, g_strerror(code));
    return FALSE;
}

tport_t *
mcp_sip_transport_primary(nta_agent_t *agent, msg_t *message)
{
    tport_t *transport = tport_delivered_by(nta_agent_tports(agent), message);

    return transport != NULL ? tport_parent(transport) : NULL;
}

/* The local address that the kernel would send from; asks its routing table, sends nothing. */
static char *
local_address_to(GInetAddress *remote)
{
    g_autoptr(GSocketAddress) target = g_inet_socket_address_new(remote, 9);
    g_autoptr(GSocketAddress) local = NULL;
    g_autoptr(GSocket) socket = g_socket_new(g_inet_address_get_family(remote),
                                             G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);

    if (socket == NULL || !g_socket_connect(socket, target, NULL, NULL))
        return NULL;
    local = g_socket_get_local_address(socket, NULL);
    if (local == NULL)
        return NULL;
    return g_inet_address_to_string(
        g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local)));
}

static char *
strip_brackets(const char *host)
{
    gsize length = strlen(host);

    if (host[0] == '[' && length > 1 && host[length - 1] == ']')
        return g_strndup(host + 1, length - 2);
    return g_strdup(host);
}

/* How well a socket fits: protocol before family before address; 0 is not at all. */
static guint
fitness(const tport_t *transport, gboolean tcp, GInetAddress *remote, const char *local)
{
    g_autofree char *host = strip_brackets(tport_name(transport)->tpn_host);
    guint score = 1;

    if (!tport_is_tcp(transport) == !tcp)
        score += 4;
    if (remote == NULL)
        return score;
    if (!tport_has_ip6(transport) != (g_inet_address_get_family(remote) != G_SOCKET_FAMILY_IPV6))
        return 0;
    return score + (g_strcmp0(host, local) == 0 ? 2 : 0);
}

/* RFC 3261 §19.1.1: UDP unless the URI says otherwise. */
static gboolean
is_tcp_url(const url_t *url)
{
    char protocol[8] = "";

    url_param(url->url_params, "transport", protocol, sizeof protocol);
    return g_ascii_strcasecmp(protocol, "tcp") == 0;
}

static tport_t *
best_transport(nta_agent_t *agent, gboolean tcp, GInetAddress *remote)
{
    g_autofree char *local = remote != NULL ? local_address_to(remote) : NULL;
    tport_t *best = NULL;
    guint best_score = 0;

    for (tport_t *transport = tport_primaries(nta_agent_tports(agent)); transport != NULL;
         transport = tport_next(transport)) {
        guint score = fitness(transport, tcp, remote, local);

        if (score > best_score) {
            best = transport;
            best_score = score;
        }
    }
    return best;
}

tport_t *
mcp_sip_transport_for_url(nta_agent_t *agent, const url_t *url, tport_t *preferred)
{
    gboolean tcp = is_tcp_url(url);
    g_autofree char *host = strip_brackets(url->url_host != NULL ? url->url_host : "");
    g_autoptr(GInetAddress) remote = g_inet_address_new_from_string(host);
    gboolean ipv6 = remote != NULL && g_inet_address_get_family(remote) == G_SOCKET_FAMILY_IPV6;

    if (preferred != NULL && !tport_is_tcp(preferred) == !tcp &&
        (remote == NULL || !tport_has_ip6(preferred) == !ipv6))
        return preferred;
    return best_transport(agent, tcp, remote);
}

tport_t *
mcp_sip_transport_for_leg(nta_agent_t *agent, nta_leg_t *leg, tport_t *preferred)
{
    const sip_route_t *route = NULL;
    const sip_contact_t *target = NULL;

    if (nta_leg_get_route(leg, &route, &target) < 0)
        return preferred;
    if (route != NULL)
        return mcp_sip_transport_for_url(agent, route->r_url, preferred);
    if (target != NULL)
        return mcp_sip_transport_for_url(agent, target->m_url, preferred);
    return preferred;
}

char *
mcp_sip_transport_local(const tport_t *primary)
{
    const tp_name_t *name = tport_name(primary);

    return g_strdup_printf("%s:%s", name->tpn_host, name->tpn_port);
}

static const McpSipTransportConfig *
find_config(const McpSipConfig *config, const tport_t *primary)
{
    const char *ident = tport_ident(primary);

    for (guint i = 0; i < config->transports->len; i++) {
        const McpSipTransportConfig *transport = config->transports->pdata[i];

        if (g_strcmp0(transport->ident, ident) == 0)
            return transport;
    }
    return NULL;
}

const char *
mcp_sip_transport_host(const tport_t *primary)
{
    return tport_name(primary)->tpn_canon;
}

char *
mcp_sip_transport_contact(const McpSipConfig *config, const tport_t *primary)
{
    const McpSipTransportConfig *transport = find_config(config, primary);
    const tp_name_t *name = tport_name(primary);
    guint port = 0;

    if (transport == NULL || transport->advertised_host == NULL)
        return g_strdup_printf("<sip:mcp@%s:%s%s>", name->tpn_canon, name->tpn_port,
                               tport_is_tcp(primary) ? ";transport=tcp" : "");
    port = transport->advertised_port;
    return g_strdup_printf("<sip:mcp@%s:%u%s>", name->tpn_canon, port,
                           transport->tcp ? ";transport=tcp" : "");
}
