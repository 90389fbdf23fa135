/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipFront: all flows, their limits and deadlines, and which of them a message came over. SIP
 * context.
 */
#include "tls_front.h"

#include "interfaces.h"
#include "message_class.h"
#include "socket_options.h"
#include "tls_port.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define TICK G_USEC_PER_SEC
/* Lines about refused connections in one tick; more are counted only. */
#define LINES_A_TICK 20

struct _McpSipFront {
    McpSipFrontParams params;
    GPtrArray *ports;       /* McpSipTlsPort */
    GHashTable *flows;      /* McpSipFlow, a reference each */
    GHashTable *by_inner;   /* inner port → McpSipFlow, borrowed */
    GHashTable *by_key;     /* outgoing: key → McpSipFlow, borrowed */
    GHashTable *per_source; /* address → number of its connections */
    GCancellable *stopping; /* connecting */
    guint attempts;         /* connections being made */
    guint handshakes;       /* incoming flows before their end */
    guint lines;            /* written in this tick */
    McpTimer *timer;
};

static void
count(McpSipFront *front, McpSipTlsOutcome outcome)
{
    front->params.count(outcome, front->params.user_data);
}

static void
show_number(McpSipFront *front)
{
    front->params.gauge(g_hash_table_size(front->flows), front->params.user_data);
}

static gboolean
may_log(McpSipFront *front)
{
    return front->lines++ < LINES_A_TICK;
}

static char *
format_address(GSocketAddress *address, char **out_host)
{
    GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(address);

    *out_host = g_inet_address_to_string(g_inet_socket_address_get_address(inet));
    return mcp_sip_format_address(g_inet_socket_address_get_address(inet),
                                  g_inet_socket_address_get_port(inet));
}

/* How many connections an address has, with @change added. */
static guint
count_source(McpSipFront *front, const char *source, gint change)
{
    gint number = GPOINTER_TO_INT(g_hash_table_lookup(front->per_source, source)) + change;

    if (number <= 0)
        g_hash_table_remove(front->per_source, source);
    else if (change != 0)
        g_hash_table_insert(front->per_source, g_strdup(source), GINT_TO_POINTER(number));
    return (guint)MAX(number, 0);
}

static McpSipTlsOutcome
outcome_of(const McpSipFlow *flow)
{
    if (g_error_matches(flow->error, MCP_ERROR, MCP_ERROR_REFUSED))
        return MCP_SIP_TLS_CERTIFICATE;
    if (g_error_matches(flow->error, MCP_ERROR, MCP_ERROR_TIMEOUT))
        return MCP_SIP_TLS_TIMEOUT;
    if (g_error_matches(flow->error, MCP_ERROR, MCP_ERROR_LIMIT))
        return MCP_SIP_TLS_SLOW;
    return flow->remote != NULL ? MCP_SIP_TLS_HANDSHAKE : MCP_SIP_TLS_UNREACHABLE;
}

/* One line and one count for what failed; an end without fault is told at debug level. */
static void
report_end(McpSipFront *front, const McpSipFlow *flow)
{
    gboolean slow = g_error_matches(flow->error, MCP_ERROR, MCP_ERROR_LIMIT);
    gboolean refused = g_error_matches(flow->error, MCP_ERROR, MCP_ERROR_REFUSED);

    /* In TLS 1.3 a server refuses a certificate after its client has finished the handshake. */
    if (flow->last_use != 0 && !slow && !refused) {
        mcp_log_debug("sip-tls-closed", NULL, "TLS connection with %s closed%s%s", flow->peer,
                      flow->error != NULL ? ": " : "",
                      flow->error != NULL ? flow->error->message : "");
        return;
    }
    count(front, outcome_of(flow));
    if (may_log(front))
        mcp_log_info("sip-tls-refused", NULL, "TLS connection %s %s: %s",
                     flow->outgoing ? "to" : "from", flow->peer,
                     flow->error != NULL ? flow->error->message : "closed by the other side");
}

/* Requests find another connection from here on. */
static void
forget_key(McpSipFront *front, McpSipFlow *flow)
{
    if (flow->key != NULL && g_hash_table_lookup(front->by_key, flow->key) == flow)
        g_hash_table_remove(front->by_key, flow->key);
}

static void
on_closed(McpSipFlow *flow, gpointer user_data)
{
    McpSipFront *front = user_data;

    report_end(front, flow);
    forget_key(front, flow);
    if (flow->source != NULL)
        count_source(front, flow->source, -1);
    if (!flow->outgoing && flow->last_use == 0)
        front->handshakes--;
    /* A port that was let go before may be that of another flow by now. */
    if (g_hash_table_lookup(front->by_inner, GUINT_TO_POINTER(flow->inner_port)) == flow)
        g_hash_table_remove(front->by_inner, GUINT_TO_POINTER(flow->inner_port));
    g_hash_table_remove(front->flows, flow);
    show_number(front);
}

static gboolean
attach(McpSipFront *front, McpSipFlow *flow)
{
    guint inner_port = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) inner = mcp_sip_inner_connect(flow->inner_side, &inner_port, &error);

    if (inner == NULL) {
        mcp_sip_flow_fail(flow, g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "no inner connection: %s",
                                            error->message));
        return FALSE;
    }
    g_hash_table_insert(front->by_inner, GUINT_TO_POINTER(inner_port), flow);
    mcp_sip_flow_attach(flow, inner, inner_port);
    return TRUE;
}

static void
on_opened(McpSipFlow *flow, gpointer user_data)
{
    McpSipFront *front = user_data;
    g_autofree char *tls = mcp_tls_connection_describe(flow->tls);
    g_autofree char *names = g_strjoinv(", ", (char **)(gpointer)mcp_sip_flow_get_identities(flow));

    count(front, flow->outgoing ? MCP_SIP_TLS_CONNECTED : MCP_SIP_TLS_ACCEPTED);
    mcp_log_debug("sip-tls-opened", NULL, "TLS connection %s %s: %s, certificate for %s",
                  flow->outgoing ? "to" : "from", flow->peer, tls,
                  names[0] != '\0' ? names : "nobody");
    if (flow->outgoing)
        return;
    front->handshakes--;
    attach(front, flow);
}

static McpSipFlow *
add_flow(McpSipFront *front, McpSipTlsPort *port)
{
    static const McpSipFlowEvents events = {on_opened, on_closed};
    McpSipFlow *flow = mcp_sip_flow_new(mcp_sip_tls_port_get_inner(port), front->params.main,
                                        front->params.clock, &events, front);

    flow->port_owner = port;
    flow->last_use = 0;
    flow->waiting_max = (gsize)4 * front->params.max_message;
    flow->deadline = mcp_clock_now(front->params.clock) + front->params.handshake_timeout;
    g_hash_table_add(front->flows, flow);
    show_number(front);
    return flow;
}

/* Whether one more connection may come in from @source. */
static gboolean
may_accept(McpSipFront *front, const char *source, const char *peer)
{
    McpSipTlsOutcome outcome = MCP_SIP_TLS_LIMIT;
    const char *why = NULL;

    if (count_source(front, source, 0) >= front->params.max_per_source) {
        outcome = MCP_SIP_TLS_SOURCE_LIMIT;
        why = "too many connections of this address";
    } else if (g_hash_table_size(front->flows) >= front->params.max_connections) {
        why = "too many connections";
    } else if (front->handshakes >= front->params.max_handshakes) {
        why = "too many handshakes under way";
    }
    if (why == NULL)
        return TRUE;
    count(front, outcome);
    if (may_log(front))
        mcp_log_info("sip-tls-refused", NULL, "TLS connection from %s: %s", peer, why);
    return FALSE;
}

static void
on_accept(McpSipTlsPort *port, GSocket *socket, gpointer user_data)
{
    McpSipFront *front = user_data;
    g_autoptr(GSocketAddress) remote = g_socket_get_remote_address(socket, NULL);
    g_autofree char *source = NULL;
    g_autofree char *peer = NULL;
    McpSipFlow *flow = NULL;

    /* Gone again already. */
    if (remote == NULL)
        return;
    peer = format_address(remote, &source);
    if (!may_accept(front, source, peer)) {
        g_socket_close(socket, NULL);
        return;
    }
    flow = add_flow(front, port);
    flow->peer = g_steal_pointer(&peer);
    flow->source = g_steal_pointer(&source);
    flow->remote = g_object_ref(remote);
    count_source(front, flow->source, 1);
    front->handshakes++;
    mcp_sip_flow_secure(flow, mcp_sip_tls_port_get_context(port, TRUE), socket);
}

/* Those of this moment, with a reference each: what is done to them changes the set. */
static GPtrArray *
list_flows(McpSipFront *front)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_sip_flow_unref);
    GHashTableIter iter;
    gpointer flow = NULL;

    g_hash_table_iter_init(&iter, front->flows);
    while (g_hash_table_iter_next(&iter, &flow, NULL))
        g_ptr_array_add(all, mcp_sip_flow_ref(flow));
    return all;
}

static void
check_flow(McpSipFront *front, McpSipFlow *flow, gint64 now)
{
    if (flow->deadline != 0 && now >= flow->deadline) {
        if (flow->state == MCP_SIP_FLOW_ENDING) {
            on_closed(flow, front);
            mcp_sip_flow_kill(flow);
            return;
        }
        mcp_sip_flow_fail(
            flow, g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "TLS with %s: %s", flow->peer,
                              flow->state == MCP_SIP_FLOW_CONNECTING ? "no connection in time"
                                                                     : "no handshake in time"));
    } else if (flow->state == MCP_SIP_FLOW_OPEN &&
               now - flow->last_use >= front->params.idle_timeout) {
        mcp_sip_flow_fail(flow, NULL);
    }
}

static void
on_tick(gpointer user_data)
{
    McpSipFront *front = user_data;
    g_autoptr(GPtrArray) flows = list_flows(front);
    gint64 now = mcp_clock_now(front->params.clock);

    front->lines = 0;
    for (guint i = 0; i < flows->len; i++)
        check_flow(front, flows->pdata[i], now);
    for (guint i = 0; i < front->ports->len; i++)
        mcp_sip_tls_port_tick(front->ports->pdata[i]);
    mcp_timer_clear(&front->timer);
    front->timer = mcp_clock_after(front->params.clock, front->params.main, TICK, on_tick, front);
}

/* Only while the port is held it is certain that nobody else sends from it. */
static McpSipFlow *
flow_of_port(McpSipFront *front, guint inner_port)
{
    McpSipFlow *flow = g_hash_table_lookup(front->by_inner, GUINT_TO_POINTER(inner_port));

    return flow != NULL && flow->inner != NULL ? flow : NULL;
}

/* The true source of what comes over an inner connection. */
static gboolean
find_origin(su_sockaddr_t *address, gpointer user_data)
{
    McpSipFront *front = user_data;
    const McpSipFlow *flow = NULL;

    if (address->su_family != AF_INET || address->su_sin.sin_addr.s_addr != htonl(INADDR_LOOPBACK))
        return FALSE;
    flow = flow_of_port(front, ntohs(address->su_port));
    return flow != NULL && g_socket_address_to_native(flow->remote, address, sizeof *address, NULL);
}

McpSipFront *
mcp_sip_front_new(const McpSipFrontParams *params)
{
    McpSipFront *front = g_new0(McpSipFront, 1);

    front->params = *params;
    if (params->credentials != NULL)
        g_object_ref(params->credentials);
    front->ports = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_sip_tls_port_free);
    front->flows = g_hash_table_new_full(NULL, NULL, (GDestroyNotify)mcp_sip_flow_unref, NULL);
    front->by_inner = g_hash_table_new(NULL, NULL);
    front->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    front->per_source = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    front->stopping = g_cancellable_new();
    mcp_sip_message_class_set_origin(find_origin, front);
    return front;
}

void
mcp_sip_front_free(McpSipFront *front)
{
    g_autoptr(GPtrArray) flows = list_flows(front);

    mcp_sip_message_class_set_origin(NULL, NULL);
    g_cancellable_cancel(front->stopping);
    mcp_timer_clear(&front->timer);
    for (guint i = 0; i < flows->len; i++)
        mcp_sip_flow_kill(flows->pdata[i]);
    /* Cancelled, they end soon; each has a reference to its flow. */
    while (front->attempts > 0)
        g_main_context_iteration(front->params.main, TRUE);
    g_hash_table_unref(front->by_key);
    g_hash_table_unref(front->by_inner);
    g_hash_table_unref(front->flows);
    g_hash_table_unref(front->per_source);
    g_ptr_array_unref(front->ports);
    g_object_unref(front->stopping);
    g_clear_object(&front->params.credentials);
    g_free(front);
}

gboolean
mcp_sip_front_open(McpSipFront *front, nta_agent_t *agent, const McpSipFrontSocket *socket,
                   GError **error)
{
    McpSipTlsPort *port =
        mcp_sip_tls_port_new(&front->params, agent, socket, on_accept, front, error);

    if (port == NULL)
        return FALSE;
    g_ptr_array_add(front->ports, port);
    return TRUE;
}

void
mcp_sip_front_start(McpSipFront *front)
{
    gint64 end = mcp_clock_now(front->params.clock) + TICK;

    if (front->ports->len == 0)
        return;
    for (guint i = 0; i < front->ports->len; i++) {
        McpSipTlsPort *port = front->ports->pdata[i];

        mcp_sip_tls_port_start(port);
        while (!mcp_sip_tls_port_is_stocked(port) && mcp_clock_now(front->params.clock) < end)
            g_main_context_iteration(front->params.main, FALSE);
    }
    front->timer = mcp_clock_after(front->params.clock, front->params.main, TICK, on_tick, front);
}

static McpSipTlsPort *
find_port(McpSipFront *front, const char *ident)
{
    for (guint i = 0; i < front->ports->len; i++) {
        McpSipTlsPort *port = front->ports->pdata[i];

        if (g_strcmp0(mcp_sip_tls_port_get_ident(port), ident) == 0)
            return port;
    }
    return NULL;
}

gboolean
mcp_sip_front_owns(McpSipFront *front, const tport_t *transport)
{
    return find_port(front, tport_ident(transport)) != NULL;
}

McpSipFlow *
mcp_sip_front_find(McpSipFront *front, const tport_t *connection)
{
    const tp_name_t *name = tport_name(connection);
    guint64 port = 0;

    if (!mcp_sip_front_owns(front, connection) || g_strcmp0(name->tpn_host, "127.0.0.1") != 0 ||
        !g_ascii_string_to_unsigned(name->tpn_port, 10, 1, G_MAXUINT16, &port, NULL))
        return NULL;
    return flow_of_port(front, (guint)port);
}

gboolean
mcp_sip_front_admits(McpSipFront *front, tport_t *connection)
{
    if (connection == NULL || !mcp_sip_front_owns(front, connection) ||
        mcp_sip_front_find(front, connection) != NULL)
        return TRUE;
    count(front, MCP_SIP_TLS_INTRUDER);
    tport_shutdown(connection, 2);
    return FALSE;
}

typedef struct {
    McpSipFront *front; /* waits for all attempts before it is freed */
    McpSipFlow *flow;   /* a reference */
} Attempt;

static void
secure(McpSipFront *front, McpSipFlow *flow, GSocket *socket)
{
    mcp_sip_socket_set_dscp(g_socket_get_fd(socket),
                            g_socket_get_family(socket) == G_SOCKET_FAMILY_IPV6,
                            front->params.dscp);
    mcp_sip_flow_secure(flow, mcp_sip_tls_port_get_context(flow->port_owner, FALSE), socket);
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autofree Attempt *attempt = user_data;
    g_autoptr(McpSipFlow) flow = attempt->flow;
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &error);

    attempt->front->attempts--;
    if (flow->state != MCP_SIP_FLOW_CONNECTING)
        return;
    if (connection == NULL)
        mcp_sip_flow_fail(flow, g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "no connection to %s: %s",
                                            flow->peer, error->message));
    else
        secure(attempt->front, flow, g_socket_connection_get_socket(connection));
}

static void
begin_connecting(McpSipFront *front, McpSipFlow *flow, const char *host, guint port)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnectable) target = g_network_address_new(host, (guint16)port);
    Attempt *attempt = g_new0(Attempt, 1);

    attempt->flow = mcp_sip_flow_ref(flow);
    attempt->front = front;
    front->attempts++;
    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_connect_async(client, target, front->stopping, on_connected, attempt);
}

static McpSipFlow *
new_outgoing(McpSipFront *front, McpSipTlsPort *port, const char *key, const char *host,
             const char *address, guint number)
{
    guint inner_port = 0;
    g_autoptr(GSocket) inner = mcp_sip_tls_port_take(port, &inner_port);
    g_autofree char *shown = mcp_sip_add_brackets(host);
    McpSipFlow *flow = NULL;

    if (inner == NULL)
        return NULL;
    flow = add_flow(front, port);
    flow->outgoing = TRUE;
    flow->host = g_strdup(host);
    flow->peer = g_strdup_printf("%s:%u", shown, number);
    flow->key = g_strdup(key);
    g_hash_table_insert(front->by_key, flow->key, flow);
    g_hash_table_insert(front->by_inner, GUINT_TO_POINTER(inner_port), flow);
    mcp_sip_flow_attach(flow, inner, inner_port);
    begin_connecting(front, flow, address, number);
    return flow;
}

McpSipFlow *
mcp_sip_front_connect(McpSipFront *front, const char *ident, const char *host, const char *address,
                      guint port, GError **error)
{
    g_autofree char *name = g_ascii_strdown(host, -1);
    g_autofree char *key = g_strdup_printf("%s %s %s:%u", ident, name, address, port);
    McpSipFlow *flow = g_hash_table_lookup(front->by_key, key);
    McpSipTlsPort *own = find_port(front, ident);

    if (flow != NULL && mcp_sip_flow_get_tport(flow) != NULL)
        return mcp_sip_flow_ref(flow);
    if (flow != NULL)
        forget_key(front, flow);
    flow = NULL;
    if (own != NULL && g_hash_table_size(front->flows) < front->params.max_connections)
        flow = new_outgoing(front, own, key, name, address, port);
    if (flow != NULL)
        return mcp_sip_flow_ref(flow);
    count(front, MCP_SIP_TLS_LIMIT);
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "too many TLS connections");
    return NULL;
}
