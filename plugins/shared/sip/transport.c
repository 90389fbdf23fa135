/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets: binding with a message an operator can act upon, and the addresses that go into Contact
 * and into what the core is told. SIP context.
 */
#include "transport.h"

#include "interfaces.h"
#include "stack.h"

#include <errno.h>
#include <mcp/error.h>
#include <string.h>

/* Half-received messages on a connection are given up after this time. */
#define TCP_MESSAGE_TIMEOUT_MS 30000

static gboolean
bind_tls(McpSipStack *stack, const McpSipTransportConfig *config, GError **error)
{
    g_autofree char *host = mcp_sip_add_brackets(mcp_sip_transport_config_shown_host(config));
    McpSipFrontSocket socket = {
        .ident = config->ident,
        .section = config->name,
        .host = config->host,
        .port = config->port,
        .shown_host = host,
        .shown_port = mcp_sip_transport_config_shown_port(config),
        .credentials = (const char *const *)config->credentials,
        .options = config->tls,
        .dscp = stack->config->dscp,
    };

    return mcp_sip_front_open(stack->front, stack->agent, &socket, error);
}

/* The host stands in Via; maddr is what is bound. */
static char *
bind_url(const McpSipTransportConfig *config)
{
    g_autofree char *host = mcp_sip_add_brackets(mcp_sip_transport_config_shown_host(config));
    g_autofree char *bound = mcp_sip_add_brackets(config->host);

    return g_strdup_printf("sip:%s:%u;transport=%s%s%s", host, config->port, config->protocol,
                           config->advertised_host != NULL ? ";maddr=" : "",
                           config->advertised_host != NULL ? bound : "");
}

gboolean
mcp_sip_transport_bind(McpSipStack *stack, const McpSipTransportConfig *config, GError **error)
{
    g_autofree char *url = bind_url(config);
    int code = 0;

    if (g_str_equal(config->protocol, "tls"))
        return bind_tls(stack, config, error);
    /* One URL a transport: a list in transport= is read after its scope by this stack. */
    if (nta_agent_add_tport(stack->agent, (const url_string_t *)url, TPTAG_IDENT(config->ident),
                            TPTAG_SERVER(1), TPTAG_STUN_SERVER(0), TPTAG_REUSE(1),
                            TPTAG_TIMEOUT(TCP_MESSAGE_TIMEOUT_MS),
                            TPTAG_IDLE(stack->config->tcp_idle), TPTAG_PONG2PING(1),
                            TPTAG_TOS((int)(stack->config->dscp << 2)), TAG_END()) == 0)
        return TRUE;
    code = errno;
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                "cannot listen on %s:%u/%s ([sip.transport \"%s\"]): %s", config->host,
                config->port, config->protocol, config->name, g_strerror(code));
    return FALSE;
}

tport_t *
mcp_sip_transport_primary(nta_agent_t *agent, msg_t *message)
{
    tport_t *transport = tport_delivered_by(nta_agent_tports(agent), message);

    return transport != NULL ? tport_parent(transport) : NULL;
}

/* Where requests within the dialog go (RFC 3261 §12.2.1.1); NULL before there is one. */
static const url_t *
next_hop(nta_leg_t *leg)
{
    const sip_route_t *route = NULL;
    const sip_contact_t *target = NULL;

    if (nta_leg_get_route(leg, &route, &target) < 0)
        return NULL;
    if (route != NULL)
        return route->r_url;
    return target != NULL ? target->m_url : NULL;
}

static McpSipFlow *
connect_to(McpSipStack *stack, tport_t *transport, const url_t *url, GError **error)
{
    g_autofree char *host = mcp_sip_strip_brackets(url->url_host != NULL ? url->url_host : "");
    guint64 port = 5061;

    if (url->url_port != NULL)
        g_ascii_string_to_unsigned(url->url_port, 10, 1, G_MAXUINT16, &port, NULL);
    return mcp_sip_front_connect(stack->front, tport_ident(transport), host, host, (guint)port,
                                 error);
}

gboolean
mcp_sip_transport_has(const char *protocol, gpointer stack)
{
    const GPtrArray *transports = ((McpSipStack *)stack)->config->transports;

    for (guint i = 0; i < transports->len; i++) {
        if (g_str_equal(((const McpSipTransportConfig *)transports->pdata[i])->protocol, protocol))
            return TRUE;
    }
    return FALSE;
}

tport_t *
mcp_sip_transport_reach(McpSipStack *stack, const McpSipDestination *destination,
                        McpSipFlow **out_flow, GError **error)
{
    g_autofree char *text = mcp_sip_destination_to_url(destination);
    su_home_t home[1] = {SU_HOME_INIT(home)};
    tport_t *transport = NULL;

    su_home_init(home);
    transport = mcp_sip_transport_for_peer(stack->agent, stack->calls, url_make(home, text));
    su_home_deinit(home);
    if (transport == NULL) {
        g_autofree char *place = mcp_sip_destination_to_string(destination);

        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no [sip.transport] leads to %s", place);
    } else if (mcp_sip_transport_is_tls(transport)) {
        *out_flow = mcp_sip_front_connect(stack->front, tport_ident(transport), destination->name,
                                          destination->address, destination->port, error);
        transport = *out_flow != NULL ? transport : NULL;
    }
    return transport;
}

void
mcp_sip_transport_follow(McpSipStack *stack, nta_incoming_t *incoming, McpSipFlow **flow)
{
    tport_t *connection = NULL;
    McpSipFlow *other = NULL;

    if (*flow == NULL || mcp_sip_flow_is_usable(*flow))
        return;
    connection = nta_transport(stack->agent, incoming, NULL);
    other = connection != NULL ? mcp_sip_front_find(stack->front, connection) : NULL;
    if (other != NULL) {
        mcp_sip_flow_unref(*flow);
        *flow = mcp_sip_flow_ref(other);
    }
    if (connection != NULL)
        tport_unref(connection);
}

/* What is over TLS stays on its connection, then on one to the next hop; never without TLS. */
static tport_t *
connection_of(McpSipStack *stack, const url_t *url, tport_t *transport, McpSipFlow **flow)
{
    tport_t *connection = *flow != NULL ? mcp_sip_flow_get_tport(*flow) : NULL;
    McpSipFlow *other = NULL;

    if (connection != NULL || url == NULL)
        return connection;
    other = connect_to(stack, transport, url, NULL);
    if (other == NULL)
        return NULL;
    g_clear_pointer(flow, mcp_sip_flow_unref);
    *flow = other;
    return mcp_sip_flow_get_tport(other);
}

McpSipRoute
mcp_sip_transport_route(McpSipStack *stack, nta_leg_t *leg, tport_t *transport, McpSipFlow **flow)
{
    const url_t *url = next_hop(leg);
    McpSipRoute route = {"none", NULL};

    if (transport != NULL && mcp_sip_transport_is_tls(transport)) {
        route.connection = connection_of(stack, url, transport, flow);
        if (route.connection != NULL)
            route.ident = tport_ident(transport);
        return route;
    }
    if (url != NULL)
        transport = mcp_sip_transport_for_url(stack->agent, url, transport);
    if (transport != NULL)
        route.ident = tport_ident(transport);
    return route;
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

char *
mcp_sip_transport_local(const McpSipConfig *config, const tport_t *primary)
{
    const McpSipTransportConfig *transport = find_config(config, primary);
    const tp_name_t *name = tport_name(primary);
    g_autofree char *host = NULL;

    if (transport == NULL || !mcp_sip_transport_is_tls(primary))
        return g_strdup_printf("%s:%s", name->tpn_host, name->tpn_port);
    host = mcp_sip_add_brackets(transport->host);
    return g_strdup_printf("%s:%u", host, transport->port);
}

char *
mcp_sip_transport_contact(const McpSipConfig *config, const tport_t *primary, gboolean sips)
{
    const McpSipTransportConfig *transport = find_config(config, primary);
    const char *protocol = mcp_sip_transport_protocol(primary);
    gboolean plain = sips || g_str_equal(protocol, "udp");

    return g_strdup_printf(
        "<%s:mcp@%s:%u%s%s>", sips ? "sips" : "sip", mcp_sip_transport_host(primary),
        transport != NULL ? mcp_sip_transport_config_shown_port(transport) : 5060,
        plain ? "" : ";transport=", plain ? "" : protocol);
}
