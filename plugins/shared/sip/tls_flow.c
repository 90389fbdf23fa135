/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipFlow: bytes between one TLS connection and the stack. Both directions are bounded: what the
 * stack does not take stops the reading from TLS, what the other side does not take ends the flow.
 * At an end the stack gets all that came before, so that a BYE and a close right behind it do not
 * overtake each other. SIP context.
 */
#include "tls_flow.h"

#include <mcp/error.h>
#include <mcp/ledger.h>

#define CHUNK 16384
/* Time for the rest of an ended flow to get where it belongs. */
#define ENDING_TIME (5 * G_USEC_PER_SEC)

MCP_LEDGER_DEFINE(McpSipFlow);

static void close_inner(McpSipFlow *flow);

McpSipFlow *
mcp_sip_flow_new(McpSipInner *inner_side, GMainContext *main, McpClock *clock,
                 const McpSipFlowEvents *events, gpointer user_data)
{
    McpSipFlow *flow = g_new0(McpSipFlow, 1);

    flow->refs = 1;
    flow->inner_side = inner_side;
    flow->main = main;
    flow->clock = clock;
    flow->events = *events;
    flow->user_data = user_data;
    flow->to_stack = g_byte_array_new();
    flow->waiting_max = G_MAXSIZE;
    flow->last_use = mcp_clock_now(clock);
    MCP_LEDGER_CREATED(McpSipFlow);
    return flow;
}

McpSipFlow *
mcp_sip_flow_ref(McpSipFlow *flow)
{
    flow->refs++;
    return flow;
}

void
mcp_sip_flow_unref(McpSipFlow *flow)
{
    if (--flow->refs > 0)
        return;
    g_clear_pointer(&flow->tls, mcp_tls_connection_free);
    close_inner(flow);
    g_clear_object(&flow->remote);
    g_clear_error(&flow->error);
    g_byte_array_unref(flow->to_stack);
    g_free(flow->peer);
    g_free(flow->host);
    g_free(flow->key);
    g_free(flow->source);
    g_free(flow);
    MCP_LEDGER_FINALIZED(McpSipFlow);
}

static void
close_inner(McpSipFlow *flow)
{
    if (flow->inner == NULL)
        return;
    g_source_destroy(flow->inner_source);
    g_clear_pointer(&flow->inner_source, g_source_unref);
    g_socket_close(flow->inner, NULL);
    g_clear_object(&flow->inner);
    if (flow->inner_side != NULL)
        mcp_sip_inner_forget(flow->inner_side, flow->inner_port);
}

/* Nothing is left on either side. */
static void
settle(McpSipFlow *flow)
{
    if (flow->state == MCP_SIP_FLOW_CLOSED || flow->tls != NULL || flow->inner != NULL)
        return;
    flow->state = MCP_SIP_FLOW_CLOSED;
    flow->deadline = 0;
    flow->events.closed(flow, flow->user_data);
}

static void
begin_ending(McpSipFlow *flow)
{
    if (flow->state == MCP_SIP_FLOW_ENDING || flow->state == MCP_SIP_FLOW_CLOSED)
        return;
    flow->state = MCP_SIP_FLOW_ENDING;
    flow->deadline = mcp_clock_now(flow->clock) + ENDING_TIME;
}

static void
update_inner(McpSipFlow *flow)
{
    GIOCondition wanted = flow->to_stack->len > 0 ? G_IO_OUT : 0;

    if (flow->stack_may_speak)
        wanted |= G_IO_IN;
    if (flow->inner == NULL || flow->inner_wanted == wanted)
        return;
    flow->inner_wanted = wanted;
    g_source_modify_unix_fd(flow->inner_source, flow->inner_tag, wanted);
}

/* The stack has closed its side, or its socket fails: the other side gets what is under way. */
static void
on_stack_gone(McpSipFlow *flow)
{
    close_inner(flow);
    g_byte_array_set_size(flow->to_stack, 0);
    begin_ending(flow);
    if (flow->tls != NULL) {
        mcp_tls_connection_end(flow->tls);
        if (flow->tls != NULL && mcp_tls_connection_get_waiting(flow->tls) == 0)
            g_clear_pointer(&flow->tls, mcp_tls_connection_free);
    }
    settle(flow);
}

static void
flush_to_stack(McpSipFlow *flow)
{
    while (flow->inner != NULL && flow->to_stack->len > 0) {
        g_autoptr(GError) error = NULL;
        gssize sent = g_socket_send(flow->inner, (const char *)flow->to_stack->data,
                                    flow->to_stack->len, NULL, &error);

        if (sent < 0) {
            if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
                on_stack_gone(flow);
            return;
        }
        g_byte_array_remove_range(flow->to_stack, 0, (guint)sent);
    }
    if (flow->inner != NULL && flow->last_to_stack)
        g_socket_shutdown(flow->inner, FALSE, TRUE, NULL);
    if (flow->tls != NULL)
        mcp_tls_connection_set_reading(flow->tls, TRUE);
}

static void
refuse_slow(McpSipFlow *flow)
{
    mcp_sip_flow_fail(flow, g_error_new(MCP_ERROR, MCP_ERROR_LIMIT,
                                        "reads too slowly: %" G_GSIZE_FORMAT " bytes wait",
                                        mcp_tls_connection_get_waiting(flow->tls)));
}

/* After the end of TLS there is nobody to send it to: it is read all the same, to see the end. */
static void
read_from_stack(McpSipFlow *flow)
{
    char buffer[CHUNK];
    g_autoptr(GError) error = NULL;
    gssize length = g_socket_receive(flow->inner, buffer, sizeof buffer, NULL, &error);

    if (length < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return;
    if (length <= 0) {
        on_stack_gone(flow);
        return;
    }
    flow->last_use = mcp_clock_now(flow->clock);
    if (flow->tls == NULL)
        return;
    mcp_tls_connection_write(flow->tls, buffer, (gsize)length);
    if (flow->tls != NULL && mcp_tls_connection_get_waiting(flow->tls) > flow->waiting_max)
        refuse_slow(flow);
}

static gboolean
on_inner_io(gpointer data)
{
    McpSipFlow *flow = mcp_sip_flow_ref(data);
    GIOCondition seen = g_source_query_unix_fd(flow->inner_source, flow->inner_tag);

    if ((seen & G_IO_OUT) != 0)
        flush_to_stack(flow);
    if (flow->inner != NULL && flow->stack_may_speak && (seen & (G_IO_IN | G_IO_HUP)) != 0)
        read_from_stack(flow);
    else if (flow->inner != NULL && (seen & (G_IO_HUP | G_IO_ERR)) != 0)
        on_stack_gone(flow);
    update_inner(flow);
    mcp_sip_flow_unref(flow);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    return func(data);
}

static GSourceFuncs source_funcs = {.dispatch = dispatch};

void
mcp_sip_flow_attach(McpSipFlow *flow, GSocket *inner, guint inner_port)
{
    flow->inner = g_object_ref(inner);
    flow->inner_port = inner_port;
    flow->inner_wanted = 0;
    flow->inner_source = g_source_new(&source_funcs, sizeof(GSource));
    g_source_set_static_name(flow->inner_source, "sip tls flow");
    g_source_set_callback(flow->inner_source, on_inner_io, flow, NULL);
    g_source_set_can_recurse(flow->inner_source, TRUE);
    flow->inner_tag =
        g_source_add_unix_fd(flow->inner_source, g_socket_get_fd(inner), flow->inner_wanted);
    g_source_attach(flow->inner_source, flow->main);
    flow->stack_may_speak = flow->state == MCP_SIP_FLOW_OPEN;
    update_inner(flow);
}

static void
on_tls_established(McpTlsConnection *connection, gpointer user_data)
{
    McpSipFlow *flow = mcp_sip_flow_ref(user_data);

    flow->state = MCP_SIP_FLOW_OPEN;
    flow->deadline = 0;
    flow->last_use = mcp_clock_now(flow->clock);
    flow->stack_may_speak = TRUE;
    flow->events.opened(flow, flow->user_data);
    update_inner(flow);
    mcp_sip_flow_unref(flow);
}

static void
on_tls_received(McpTlsConnection *connection, const guint8 *data, gsize length, gpointer user_data)
{
    McpSipFlow *flow = mcp_sip_flow_ref(user_data);

    flow->last_use = mcp_clock_now(flow->clock);
    if (flow->inner != NULL) {
        g_byte_array_append(flow->to_stack, data, (guint)length);
        flush_to_stack(flow);
        if (flow->tls != NULL && flow->to_stack->len > 0)
            mcp_tls_connection_set_reading(flow->tls, FALSE);
        update_inner(flow);
    }
    mcp_sip_flow_unref(flow);
}

/* The stack is gone, and what it said last is out. */
static void
on_tls_drained(McpTlsConnection *connection, gpointer user_data)
{
    McpSipFlow *flow = mcp_sip_flow_ref(user_data);

    if (flow->state == MCP_SIP_FLOW_ENDING && flow->inner == NULL) {
        g_clear_pointer(&flow->tls, mcp_tls_connection_free);
        settle(flow);
    }
    mcp_sip_flow_unref(flow);
}

/* "certificate of HOST: reason", or the reason alone. */
static GError *
describe(const McpSipFlow *flow, const GError *error)
{
    const char *who = flow->host != NULL ? flow->host : flow->peer;

    if (error == NULL)
        return NULL;
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_REFUSED) && flow->state != MCP_SIP_FLOW_OPEN)
        return g_error_new(MCP_ERROR, MCP_ERROR_REFUSED, "certificate of %s: %s", who,
                           error->message);
    return g_error_new(MCP_ERROR, error->code, "TLS with %s: %s", who, error->message);
}

static void
on_tls_closed(McpTlsConnection *connection, const GError *error, gpointer user_data)
{
    McpSipFlow *flow = user_data;

    mcp_sip_flow_fail(flow, describe(flow, error));
}

void
mcp_sip_flow_secure(McpSipFlow *flow, McpTlsContext *context, GSocket *socket)
{
    static const McpTlsEvents events = {on_tls_established, on_tls_received, on_tls_drained,
                                        on_tls_closed};

    flow->state = MCP_SIP_FLOW_HANDSHAKE;
    if (flow->remote == NULL)
        flow->remote = g_socket_get_remote_address(socket, NULL);
    if (flow->remote == NULL) {
        mcp_sip_flow_fail(flow,
                          g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "%s has hung up", flow->peer));
        return;
    }
    flow->tls = mcp_tls_connection_new(context, socket, flow->host, flow->main, &events, flow);
}

void
mcp_sip_flow_fail(McpSipFlow *flow, GError *error)
{
    McpSipFlow *keep = mcp_sip_flow_ref(flow);

    if (flow->error == NULL)
        flow->error = error;
    else
        g_clear_error(&error);
    begin_ending(flow);
    g_clear_pointer(&flow->tls, mcp_tls_connection_free);
    if (flow->inner != NULL) {
        flow->last_to_stack = TRUE;
        flow->stack_may_speak = TRUE;
        flush_to_stack(flow);
        update_inner(flow);
    }
    settle(flow);
    mcp_sip_flow_unref(keep);
}

void
mcp_sip_flow_kill(McpSipFlow *flow)
{
    g_clear_pointer(&flow->tls, mcp_tls_connection_free);
    close_inner(flow);
    flow->state = MCP_SIP_FLOW_CLOSED;
    flow->inner_side = NULL;
}

gboolean
mcp_sip_flow_is_usable(const McpSipFlow *flow)
{
    return flow->state <= MCP_SIP_FLOW_OPEN && flow->inner != NULL;
}

tport_t *
mcp_sip_flow_get_tport(McpSipFlow *flow)
{
    if (!mcp_sip_flow_is_usable(flow))
        return NULL;
    return mcp_sip_inner_find(flow->inner_side, flow->inner_port);
}

const char *const *
mcp_sip_flow_get_identities(const McpSipFlow *flow)
{
    static const char *const none[] = {NULL};

    return flow->tls != NULL ? mcp_tls_connection_get_identities(flow->tls) : none;
}

const char *
mcp_sip_flow_get_error(const McpSipFlow *flow)
{
    return flow->error != NULL ? flow->error->message : NULL;
}
