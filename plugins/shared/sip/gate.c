/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Admission of requests that belong to no session: by source, by peer, by what the core says; in
 * the order of what a look costs. SIP context.
 */
#include "gate.h"

#include "message.h"
#include "message_class.h"
#include "socket_options.h"
#include "stateless.h"
#include "transport.h"

#include <mcp/log.h>

/* Log lines of refused requests a second; INVITEs are the core's to log. */
#define REFUSALS_PER_SOURCE 10
#define REFUSALS_TOTAL 50

static GInetAddress *
inet_address(const su_sockaddr_t *address)
{
    if (address->su_family == AF_INET)
        return g_inet_address_new_from_bytes((const guint8 *)&address->su_sin.sin_addr,
                                             G_SOCKET_FAMILY_IPV4);
    return g_inet_address_new_from_bytes((const guint8 *)&address->su_sin6.sin6_addr,
                                         G_SOCKET_FAMILY_IPV6);
}

static gboolean
is_listed(const su_sockaddr_t *address, gpointer user_data)
{
    McpSipStack *stack = user_data;
    g_autoptr(GInetAddress) inet = inet_address(address);
    g_autoptr(McpPeer) peer = mcp_calls_match_peer(stack->calls, inet);

    return !mcp_peer_is_anonymous(peer);
}

/* (transfer full): whose the message is, by its source and what a TLS connection has shown. */
static McpPeer *
match_peer(McpSipStack *stack, msg_t *message)
{
    tport_t *connection = tport_delivered_by(nta_agent_tports(stack->agent), message);
    McpSipFlow *flow = mcp_sip_front_find(stack->front, connection);
    g_autoptr(GInetAddress) source = inet_address(msg_addr(message));

    return mcp_calls_match_tls_peer(stack->calls, source,
                                    flow != NULL ? mcp_sip_flow_get_identities(flow) : NULL);
}

static void
on_closing(McpSipConnectionEnd why, const su_sockaddr_t *address, gpointer user_data)
{
    static const char *const reasons[] = {"too many connections", "too many of its address",
                                          "no message in time", "carried no SIP"};
    McpSipStack *stack = user_data;
    g_autoptr(GInetAddress) inet = inet_address(address);
    g_autofree char *text = g_inet_address_to_string(inet);

    mcp_sip_stack_count_connection(stack, why);
    if (mcp_log_limit_pass(stack->refusals, text, mcp_clock_now(stack->clock)))
        mcp_log_info("connection-closed", NULL, "connection of %s:%u closed: %s", text,
                     ntohs(address->su_port), reasons[why]);
}

gboolean
mcp_sip_gate_admit_stranger(McpSipStack *stack, msg_t *message)
{
    gint64 now = mcp_clock_now(stack->clock);
    g_autoptr(McpPeer) peer = match_peer(stack, message);

    if (!mcp_peer_is_anonymous(peer) ||
        mcp_sip_sources_note_stranger(stack->sources, msg_addr(message), now))
        return TRUE;
    mcp_sip_connections_condemn(stack->connections, msg_addr(message));
    return FALSE;
}

/* RFC 3261 has no limit; ours is far from what real messages have. */
static gboolean
has_too_many_headers(const McpSipStack *stack, const sip_t *sip)
{
    const sip_header_t *header = sip->sip_request != NULL ? (const sip_header_t *)sip->sip_request
                                                          : (const sip_header_t *)sip->sip_status;
    guint n = 0;

    for (; header != NULL && n <= stack->config->max_headers;
         header = (const sip_header_t *)header->sh_succ)
        n++;
    return n > stack->config->max_headers;
}

/*
 * Each message, before the library acts upon it. What it would refuse by itself is not answered
 * either to strangers who have had their answers: without a Via there is nowhere to answer to.
 */
static void
on_head(msg_t *message, sip_t *sip, gpointer user_data)
{
    McpSipStack *stack = user_data;

    mcp_sip_connections_note(stack->connections, msg_addr(message));
    if (has_too_many_headers(stack, sip)) {
        mcp_sip_stack_count_refusal(stack, MCP_SIP_REFUSAL_LIMIT);
        sip->sip_flags |= MSG_FLG_TOOLARGE;
    } else if (sip->sip_error == NULL) {
        return;
    }
    if (sip->sip_request != NULL &&
        (!mcp_sip_gate_enter(stack, message) || !mcp_sip_gate_admit_stranger(stack, message))) {
        sip->sip_flags = (sip->sip_flags & ~MSG_FLG_TOOLARGE) | MSG_FLG_ERROR;
        sip->sip_via = NULL;
    }
}

void
mcp_sip_gate_open(McpSipStack *stack)
{
    const McpSipConfig *config = stack->config;
    McpSipConnectionsParams params = {
        .clock = stack->clock,
        .context = stack->context,
        .library = stack->root_source,
        .max = config->max_connections,
        .max_strangers = config->max_stranger_connections,
        .max_per_source = config->max_source_connections,
        .stranger_time = config->stranger_time * G_TIME_SPAN_MILLISECOND,
        .is_listed = is_listed,
        .closing = on_closing,
        .user_data = stack,
    };

    stack->authenticator =
        mcp_sip_authenticator_new(config->realm, (const char *const *)config->digest_algorithms);
    stack->sources = mcp_sip_sources_new(config->stranger_requests, config->strangers_requests);
    stack->refusals =
        mcp_log_limit_new(REFUSALS_PER_SOURCE, REFUSALS_TOTAL, G_LOG_DOMAIN, "requests-refused");
    stack->connections = mcp_sip_connections_new(&params);
    mcp_sip_message_class_set_head(on_head, stack);
}

void
mcp_sip_gate_watch(McpSipStack *stack)
{
    tport_t *primary = tport_primaries(nta_agent_tports(stack->agent));

    for (; primary != NULL; primary = tport_next(primary)) {
        /* What stands behind TLS is bounded by the front. */
        int fd = mcp_sip_transport_is_tls(primary) ? -1 : mcp_sip_socket_find(primary);

        if (fd < 0)
            continue;
        mcp_sip_socket_prepare(primary, fd, stack->config->dscp);
        if (tport_is_tcp(primary))
            mcp_sip_connections_watch(stack->connections, primary, fd);
    }
}

void
mcp_sip_gate_close(McpSipStack *stack)
{
    mcp_sip_message_class_set_head(NULL, NULL);
    g_clear_pointer(&stack->connections, mcp_sip_connections_free);
    g_clear_pointer(&stack->sources, mcp_sip_sources_free);
    g_clear_pointer(&stack->authenticator, mcp_sip_authenticator_free);
    g_clear_pointer(&stack->refusals, mcp_log_limit_free);
}

void
mcp_sip_gate_tend(McpSipStack *stack, gint64 delay)
{
    mcp_sip_stack_set_connections(stack, mcp_sip_connections_sweep(stack->connections));
    mcp_sip_stack_count_dropped(stack, mcp_sip_sources_flush(stack->sources));
    mcp_log_limit_flush(stack->refusals, mcp_clock_now(stack->clock));
    mcp_loop_load_sample(stack->load, delay);
}

gboolean
mcp_sip_gate_enter(McpSipStack *stack, msg_t *message)
{
    if (!mcp_sip_sources_is_silenced(stack->sources, msg_addr(message),
                                     mcp_clock_now(stack->clock)))
        return TRUE;
    mcp_sip_connections_condemn(stack->connections, msg_addr(message));
    return FALSE;
}

static void
log_refusal(McpSipStack *stack, msg_t *message, guint status, const char *reason)
{
    const sip_t *sip = sip_object(message);
    guint port = 0;
    g_autoptr(GInetAddress) source = mcp_sip_message_source(message, &port);
    g_autofree char *from = source != NULL ? g_inet_address_to_string(source) : g_strdup("?");

    if (mcp_log_limit_pass(stack->refusals, from, mcp_clock_now(stack->clock)))
        mcp_log_info("request-refused", NULL, "%s (%s) from %s:%u refused with %u: %s",
                     sip->sip_request->rq_method_name, sip->sip_call_id->i_id, from, port, status,
                     reason);
}

void
mcp_sip_gate_refuse(McpSipStack *stack, msg_t *message, guint status, McpSipRefusal cause,
                    const char *reason)
{
    mcp_sip_stack_count_refusal(stack, cause);
    if (!mcp_sip_gate_admit_stranger(stack, message)) {
        msg_destroy(message);
        return;
    }
    log_refusal(stack, message, status, reason);
    mcp_sip_stateless_reply(stack, message, status, reason, 0, NULL);
}

gboolean
mcp_sip_gate_take_call(McpSipStack *stack, msg_t *message)
{
    return mcp_sip_sources_take_call(stack->sources, msg_addr(message), mcp_clock_now(stack->clock),
                                     stack->config->source_calls);
}
