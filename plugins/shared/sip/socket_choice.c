/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the stack's sockets a request goes out from, and what a socket is. The identifier of a
 * socket begins with its protocol, since what stands behind TLS is TCP to the library. SIP context.
 */
#include "socket_choice.h"

#include "interfaces.h"

#include <string.h>

static gboolean
is_protocol(const char *ident, const char *protocol)
{
    return ident != NULL && g_str_has_prefix(ident, protocol) && ident[strlen(protocol)] == ':';
}

gboolean
mcp_sip_transport_is_tls(const tport_t *transport)
{
    return is_protocol(tport_ident(transport), "tls");
}

const char *
mcp_sip_transport_protocol(const tport_t *transport)
{
    if (mcp_sip_transport_is_tls(transport))
        return "tls";
    return tport_is_tcp(transport) ? "tcp" : "udp";
}

/* The address that a socket is told by; what stands behind TLS is bound to loopback. */
static char *
own_host(const tport_t *transport)
{
    const tp_name_t *name = tport_name(transport);

    return mcp_sip_strip_brackets(mcp_sip_transport_is_tls(transport) ? name->tpn_canon
                                                                      : name->tpn_host);
}

/*
 * How well a socket fits: protocol before family before address; 0 is not at all. UDP and TCP stand
 * in for each other when there is but one of them, TLS neither for them nor they for it.
 */
static guint
fitness(const tport_t *transport, const char *protocol, GInetAddress *remote, const char *local)
{
    g_autofree char *host = own_host(transport);
    gboolean ipv6 = strchr(host, ':') != NULL;
    guint score = is_protocol(tport_ident(transport), protocol) ? 5 : 1;

    if (mcp_sip_transport_is_tls(transport) != g_str_equal(protocol, "tls"))
        return 0;
    if (remote == NULL)
        return score;
    if (ipv6 != (g_inet_address_get_family(remote) == G_SOCKET_FAMILY_IPV6))
        return 0;
    return score + (g_strcmp0(host, local) == 0 ? 2 : 0);
}

const char *
mcp_sip_url_protocol(const url_t *url)
{
    char protocol[8] = "";

    url_param(url->url_params, "transport", protocol, sizeof protocol);
    if (url->url_type == url_sips || g_ascii_strcasecmp(protocol, "tls") == 0)
        return "tls";
    if (g_ascii_strcasecmp(protocol, "tcp") == 0)
        return "tcp";
    return g_ascii_strcasecmp(protocol, "udp") == 0 ? "udp" : NULL;
}

/* RFC 3261 §19.1.1: UDP unless the URI says otherwise. */
static const char *
protocol_of(const url_t *url)
{
    const char *protocol = mcp_sip_url_protocol(url);

    return protocol != NULL ? protocol : "udp";
}

/* Idents are "PROTOCOL:SECTION@ADDRESS". */
static gboolean
is_of_section(const tport_t *transport, const char *section)
{
    const char *ident = tport_ident(transport);
    const char *name = ident != NULL ? strchr(ident, ':') : NULL;
    gsize length = section != NULL ? strlen(section) : 0;

    return section == NULL ||
           (name != NULL && strncmp(name + 1, section, length) == 0 && name[1 + length] == '@');
}

/* @section (nullable): of these sockets only. */
static tport_t *
best_transport(nta_agent_t *agent, const char *protocol, GInetAddress *remote, const char *section)
{
    g_autofree char *local = remote != NULL ? mcp_sip_interface_towards(remote) : NULL;
    tport_t *best = NULL;
    guint best_score = 0;

    for (tport_t *transport = tport_primaries(nta_agent_tports(agent)); transport != NULL;
         transport = tport_next(transport)) {
        guint score = fitness(transport, protocol, remote, local);

        if (score > best_score && is_of_section(transport, section)) {
            best = transport;
            best_score = score;
        }
    }
    return best;
}

tport_t *
mcp_sip_transport_for_url(nta_agent_t *agent, const url_t *url, tport_t *preferred)
{
    const char *protocol = protocol_of(url);
    g_autofree char *host = mcp_sip_strip_brackets(url->url_host != NULL ? url->url_host : "");
    g_autoptr(GInetAddress) remote = g_inet_address_new_from_string(host);

    if (preferred != NULL && is_protocol(tport_ident(preferred), protocol) &&
        fitness(preferred, protocol, remote, NULL) > 0)
        return preferred;
    return best_transport(agent, protocol, remote, NULL);
}

tport_t *
mcp_sip_transport_for_peer(nta_agent_t *agent, McpCalls *calls, const url_t *url)
{
    g_autofree char *host = mcp_sip_strip_brackets(url->url_host != NULL ? url->url_host : "");
    g_autoptr(GInetAddress) remote = g_inet_address_new_from_string(host);
    g_autoptr(McpPeer) peer = remote != NULL ? mcp_calls_match_peer(calls, remote) : NULL;
    const char *section = peer != NULL ? mcp_peer_get_transport(peer) : NULL;
    tport_t *best =
        section != NULL ? best_transport(agent, protocol_of(url), remote, section) : NULL;

    return best != NULL ? best : mcp_sip_transport_for_url(agent, url, NULL);
}

const char *
mcp_sip_transport_host(const tport_t *primary)
{
    return tport_name(primary)->tpn_canon;
}
