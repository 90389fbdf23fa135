/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipStack: the SIP context with its thread, the agent of the stack and the set of sessions.
 * Start and stop are asked for on the control context and happen on the SIP context.
 */
#include "stack.h"

#include "gate.h"
#include "handle.h"
#include "loop.h"
#include "message_class.h"
#include "ping.h"
#include "tport_hook.h"
#include "transport.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <sofia-sip/su_glib.h>
#include <sofia-sip/su_log.h>

#define STOP_WAIT (2 * G_USEC_PER_SEC)
#define METRICS_INTERVAL G_USEC_PER_SEC

const McpMetricDef mcp_sip_metric_defs[] = {
    {"mcp_sip_requests_total", MCP_METRIC_COUNTER, "requests", "Requests received.", "method",
     "invite|ack|bye|cancel|options|info|update|prack|refer|notify|other", NULL, 1},
    {"mcp_sip_responses_total", MCP_METRIC_COUNTER, "responses", "Responses sent.", "class",
     "1xx|2xx|3xx|4xx|5xx|6xx", NULL, 2},
    {"mcp_sip_refused_total", MCP_METRIC_COUNTER, "requests", "Requests refused.", "cause",
     "peer|method|body|extension|sdp|syntax|dialog|limit|core|auth", NULL, 3},
    {"mcp_sip_retransmissions_total", MCP_METRIC_COUNTER, "messages", "Messages repeated.",
     "direction", "sent|received", NULL, 4},
    {"mcp_sip_sessions", MCP_METRIC_GAUGE, "sessions", "Sessions alive.", NULL, NULL, NULL, 5},
    {"mcp_sip_transactions", MCP_METRIC_GAUGE, "transactions",
     "Transactions kept, finished ones with their timers included.", NULL, NULL, NULL, 6},
    {"mcp_sip_tls_total", MCP_METRIC_COUNTER, "connections",
     "TLS connections by what became of them.", "outcome",
     "accepted|connected|certificate|handshake|timeout|unreachable|limit|source_limit|slow|"
     "intruder",
     NULL, 7},
    {"mcp_sip_tls_connections", MCP_METRIC_GAUGE, "connections",
     "TLS connections, handshakes under way included.", NULL, NULL, NULL, 8},
    {"mcp_sip_responses_sent_total", MCP_METRIC_COUNTER, "responses",
     "Responses sent by method and class, repeated ones included.", "response", MCP_SIP_WIRE_KINDS,
     NULL, 9},
    {"mcp_sip_responses_received_total", MCP_METRIC_COUNTER, "responses",
     "Responses received by method and class, repeated ones included.", "response",
     MCP_SIP_WIRE_KINDS, NULL, 10},
    {"mcp_sip_sessions_ended_total", MCP_METRIC_COUNTER, "sessions", "Sessions ended.", "cause",
     "bye_sent|bye_received|cancel_sent|cancel_received|refused_by_us|refused_by_peer|timeout|"
     "transport|lost",
     NULL, 11},
    {"mcp_sip_dropped_total", MCP_METRIC_COUNTER, "requests",
     "Requests of strangers dropped without an answer.", NULL, NULL, NULL, 12},
    {"mcp_sip_tcp_connections", MCP_METRIC_GAUGE, "connections", "TCP connections open.", NULL,
     NULL, NULL, 13},
    {"mcp_sip_tcp_closed_total", MCP_METRIC_COUNTER, "connections",
     "TCP connections closed by a limit.", "cause", "limit|source_limit|silent|rubbish", NULL, 14},
    {"mcp_sip_registered", MCP_METRIC_GAUGE, "identities", "Identities of trunks registered now.",
     NULL, NULL, NULL, 15},
    {"mcp_sip_registers_total", MCP_METRIC_COUNTER, "requests", "REGISTER requests by outcome.",
     "outcome", "accepted|refused|unreachable", NULL, 16},
    {NULL}};

static void
count(McpSipStack *stack, McpSipMetric metric, guint label, gint64 delta)
{
    if (stack->metrics != NULL)
        mcp_metrics_add(stack->metrics, metric, label, delta);
}

void
mcp_sip_stack_count_request(McpSipStack *stack, sip_method_t method)
{
    static const sip_method_t methods[] = {sip_method_invite, sip_method_ack,     sip_method_bye,
                                           sip_method_cancel, sip_method_options, sip_method_info,
                                           sip_method_update, sip_method_prack,   sip_method_refer,
                                           sip_method_notify};
    guint label = 0;

    while (label < G_N_ELEMENTS(methods) && methods[label] != method)
        label++;
    count(stack, MCP_SIP_METRIC_REQUESTS, label, 1);
}

static void
count_response(gboolean sent, guint kind, gpointer user_data)
{
    McpSipStack *stack = user_data;

    count(stack, sent ? MCP_SIP_METRIC_RESPONSES_SENT : MCP_SIP_METRIC_RESPONSES_RECEIVED, kind, 1);
    if (sent)
        count(stack, MCP_SIP_METRIC_RESPONSES, kind % MCP_SIP_WIRE_N_CLASSES, 1);
}

void
mcp_sip_stack_count_ending(McpSipStack *stack, McpSipEnding ending)
{
    count(stack, MCP_SIP_METRIC_ENDED, ending, 1);
}

void
mcp_sip_stack_count_refusal(McpSipStack *stack, McpSipRefusal refusal)
{
    count(stack, MCP_SIP_METRIC_REFUSED, refusal, 1);
}

void
mcp_sip_stack_count_dropped(McpSipStack *stack, guint n)
{
    count(stack, MCP_SIP_METRIC_DROPPED, 0, n);
}

void
mcp_sip_stack_count_connection(McpSipStack *stack, McpSipConnectionEnd why)
{
    count(stack, MCP_SIP_METRIC_CONNECTIONS_CLOSED, why, 1);
}

void
mcp_sip_stack_set_connections(McpSipStack *stack, guint n)
{
    if (stack->metrics != NULL)
        mcp_metrics_set(stack->metrics, MCP_SIP_METRIC_CONNECTIONS, 0, n);
}

void
mcp_sip_stack_count_registered(McpSipStack *stack, gint64 change)
{
    count(stack, MCP_SIP_METRIC_REGISTERED, 0, change);
}

void
mcp_sip_stack_count_register(McpSipStack *stack, McpSipRegisterOutcome outcome)
{
    count(stack, MCP_SIP_METRIC_REGISTERS, outcome, 1);
}

McpSipStack *
mcp_sip_stack_ref(McpSipStack *stack)
{
    g_atomic_ref_count_inc(&stack->refs);
    return stack;
}

void
mcp_sip_stack_unref(McpSipStack *stack)
{
    if (!g_atomic_ref_count_dec(&stack->refs))
        return;
    mcp_sip_mailbox_free(stack->mailbox);
    g_main_context_unref(stack->context);
    mcp_sip_config_free(stack->config);
    g_clear_object(&stack->credentials);
    g_object_unref(stack->host);
    g_free(stack);
}

gboolean
mcp_sip_stack_post(McpSipStack *stack, gpointer object, McpSipMailFunc func, gpointer data,
                   GDestroyNotify destroy, gboolean droppable)
{
    return mcp_sip_mailbox_post(stack->mailbox, object, func, data, destroy, droppable);
}

void
mcp_sip_stack_list(McpSipStack *stack, McpSipSession *session)
{
    g_hash_table_add(stack->sessions, g_object_ref(G_OBJECT(session)));
    count(stack, MCP_SIP_METRIC_SESSIONS, 0, 1);
}

void
mcp_sip_stack_unlist(McpSipStack *stack, McpSipSession *session)
{
    if (!g_hash_table_remove(stack->sessions, session))
        return;
    count(stack, MCP_SIP_METRIC_SESSIONS, 0, -1);
    mcp_sip_stack_check_stop(stack);
}

void
mcp_sip_stack_check_stop(McpSipStack *stack)
{
    if (stack->stop != NULL && g_hash_table_size(stack->sessions) == 0 &&
        mcp_sip_registrations_is_idle(stack->registrations))
        g_main_loop_quit(stack->loop);
}

/* The library's own messages: at debug level, they name no call. */
static void
log_library(void *stream, const char *format, va_list args)
{
    g_autofree char *text = NULL;

    if (!mcp_log_enabled(MCP_LOG_DEBUG))
        return;
    text = g_strdup_vprintf(format, args);
    mcp_log_debug("sip-library", NULL, "%s", g_strchomp(text));
}

static void
read_statistics(McpSipStack *stack)
{
    usize_t incoming = 0;
    usize_t outgoing = 0;
    usize_t requests = 0;
    usize_t responses = 0;
    usize_t received = 0;
    guint64 sent = 0;

    nta_agent_get_stats(stack->agent, NTATAG_S_IRQ_HASH_USED_REF(incoming),
                        NTATAG_S_ORQ_HASH_USED_REF(outgoing), NTATAG_S_RETRY_REQUEST_REF(requests),
                        NTATAG_S_RETRY_RESPONSE_REF(responses), NTATAG_S_RECV_RETRY_REF(received),
                        TAG_END());
    sent = (guint64)requests + responses;
    mcp_metrics_set(stack->metrics, MCP_SIP_METRIC_TRANSACTIONS, 0, (gint64)incoming + outgoing);
    count(stack, MCP_SIP_METRIC_RETRANSMISSIONS, 0, (gint64)(sent - stack->sent_again));
    count(stack, MCP_SIP_METRIC_RETRANSMISSIONS, 1, (gint64)(received - stack->received_again));
    stack->sent_again = sent;
    stack->received_again = received;
}

static void on_second(gpointer user_data);

static void
schedule_second(McpSipStack *stack)
{
    stack->due = mcp_clock_now(stack->clock) + METRICS_INTERVAL;
    stack->second_timer =
        mcp_clock_after(stack->clock, stack->context, METRICS_INTERVAL, on_second, stack);
}

static void
on_second(gpointer user_data)
{
    McpSipStack *stack = user_data;

    mcp_timer_clear(&stack->second_timer);
    if (stack->metrics != NULL)
        read_statistics(stack);
    mcp_sip_gate_tend(stack, mcp_clock_now(stack->clock) - stack->due);
    schedule_second(stack);
}

static void
count_tls(McpSipTlsOutcome outcome, gpointer user_data)
{
    count(user_data, MCP_SIP_METRIC_TLS_OUTCOMES, outcome, 1);
}

static void
show_tls(guint connections, gpointer user_data)
{
    McpSipStack *stack = user_data;

    if (stack->metrics != NULL)
        mcp_metrics_set(stack->metrics, MCP_SIP_METRIC_TLS_CONNECTIONS, 0, connections);
}

static void
open_front(McpSipStack *stack)
{
    const McpSipConfig *config = stack->config;
    McpSipFrontParams params = {
        .clock = stack->clock,
        .main = stack->context,
        .credentials = stack->credentials,
        .max_connections = config->tls_connections,
        .max_per_source = config->tls_source_connections,
        .max_handshakes = config->tls_handshakes,
        .handshake_timeout = config->tls_handshake_time * G_TIME_SPAN_MILLISECOND,
        .idle_timeout = config->tcp_idle * G_TIME_SPAN_MILLISECOND,
        .dscp = config->dscp,
        .max_message = config->max_message,
        .count = count_tls,
        .gauge = show_tls,
        .user_data = stack,
    };

    stack->front = mcp_sip_front_new(&params);
}

static void
open_wire(McpSipStack *stack)
{
    McpSipWireParams params = {
        .clock = stack->clock,
        .calls = stack->calls,
        .traces = stack->traces,
        .config = stack->config,
        .front = stack->front,
        .count = count_response,
        .user_data = stack,
    };

    if (!mcp_sip_tport_hook_install())
        mcp_log_warning("sip-blind", NULL,
                        "this SIP library is unknown: no ladders, message traces or counts");
    stack->wire = mcp_sip_wire_new(&params);
}

static gboolean
open_agent(McpSipStack *stack, GError **error)
{
    const McpSipConfig *config = stack->config;

    stack->message_class = mcp_sip_message_class_new();
    open_wire(stack);
    stack->root = su_glib_root_create(NULL);
    if (stack->root == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "the SIP library has no event loop");
        return FALSE;
    }
    stack->root_source = mcp_sip_loop_attach(stack->root, stack->context);
    /*
     * Stateless: what belongs to no transaction and no dialog comes to us as a bare message. Copies
     * are extracted so that headers keep their text, which applications and traces get.
     */
    stack->agent = nta_agent_create(
        stack->root, (const url_string_t *)-1, stack->funcs->receive, stack, NTATAG_UA(1),
        NTATAG_MCLASS(stack->message_class), NTATAG_SIPFLAGS(MSG_DO_CANONIC | MSG_DO_EXTRACT_COPY),
        NTATAG_STATELESS(1), NTATAG_MERGE_482(1), NTATAG_CANCEL_487(0), NTATAG_SERVER_RPORT(1),
        NTATAG_CLIENT_RPORT(1), NTATAG_TCP_RPORT(1), NTATAG_TLS_RPORT(1), NTATAG_USE_TIMESTAMP(0),
        NTATAG_MAXSIZE(config->max_message), NTATAG_SIP_T1(config->t1),
        NTATAG_SIP_T1X64(64 * config->t1), NTATAG_SIP_T2(config->t2), NTATAG_SIP_T4(config->t4),
        TAG_END());
    if (stack->agent == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "the SIP library makes no agent");
        return FALSE;
    }
    mcp_sip_gate_open(stack);
    stack->locator = mcp_sip_locator_new(stack->root, stack->context, stack->clock,
                                         mcp_sip_transport_has, stack);
    for (guint i = 0; i < config->transports->len; i++) {
        if (!mcp_sip_transport_bind(stack, config->transports->pdata[i], error))
            return FALSE;
    }
    mcp_sip_gate_watch(stack);
    mcp_sip_front_start(stack->front);
    stack->registrations = mcp_sip_registrations_new(stack);
    return TRUE;
}

static gboolean
open_stack(McpSipStack *stack, GError **error)
{
    stack->loop = g_main_loop_new(stack->context, FALSE);
    stack->sessions = g_hash_table_new_full(NULL, NULL, g_object_unref, NULL);
    stack->home = su_home_new(sizeof *stack->home);
    stack->allow = sip_allow_make(
        stack->home, "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY");
    stack->accept = sip_accept_make(stack->home, "application/sdp, multipart/mixed");
    stack->supported = sip_supported_make(stack->home, "timer, 100rel, replaces, norefersub");
    open_front(stack);
    if (!open_agent(stack, error))
        return FALSE;
    schedule_second(stack);
    stack->beat = mcp_loop_beat_new(stack->load, stack->clock, stack->context, FALSE);
    return TRUE;
}

/* The sessions of this moment, with a reference each: what is done to them changes the set. */
static GPtrArray *
list_sessions(McpSipStack *stack)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_object_unref);
    GHashTableIter iter;
    gpointer session = NULL;

    g_hash_table_iter_init(&iter, stack->sessions);
    while (g_hash_table_iter_next(&iter, &session, NULL))
        g_ptr_array_add(all, g_object_ref(session));
    return all;
}

static void
close_stack(McpSipStack *stack)
{
    g_autoptr(GPtrArray) left = list_sessions(stack);

    for (guint i = 0; i < left->len; i++)
        stack->funcs->release(left->pdata[i]);
    mcp_timer_clear(&stack->stop_timer);
    mcp_timer_clear(&stack->second_timer);
    g_clear_pointer(&stack->beat, mcp_loop_beat_free);
    mcp_sip_ping_end_all(stack);
    g_clear_pointer(&stack->registrations, mcp_sip_registrations_free);
    mcp_sip_mailbox_close(stack->mailbox);
    mcp_sip_gate_close(stack);
    g_clear_pointer(&stack->wire, mcp_sip_wire_free);
    mcp_sip_front_free(stack->front);
    g_clear_pointer(&stack->locator, mcp_sip_locator_free);
    mcp_sip_agent_clear(&stack->agent);
    if (stack->root_source != NULL)
        g_source_destroy(stack->root_source);
    mcp_sip_root_clear(&stack->root);
    mcp_sip_home_clear(&stack->home);
    free(stack->message_class);
    g_hash_table_unref(stack->sessions);
    g_main_loop_unref(stack->loop);
}

static gpointer
run(gpointer data)
{
    McpSipStack *stack = data;
    g_autoptr(GError) error = NULL;

    g_main_context_push_thread_default(stack->context);
    if (open_stack(stack, &error)) {
        g_task_return_boolean(stack->start, TRUE);
        g_clear_object(&stack->start);
        g_main_loop_run(stack->loop);
        close_stack(stack);
        g_task_return_boolean(stack->stop, TRUE);
        g_clear_object(&stack->stop);
    } else {
        close_stack(stack);
        g_task_return_error(stack->start, g_steal_pointer(&error));
        g_clear_object(&stack->start);
    }
    g_main_context_pop_thread_default(stack->context);
    return NULL;
}

McpSipStack *
mcp_sip_stack_start(McpHost *host, McpSipConfig *config, const McpSipStackFuncs *funcs, GTask *task)
{
    static gsize prepared = 0;
    McpSipStack *stack = g_new0(McpSipStack, 1);

    if (g_once_init_enter(&prepared)) {
        su_init();
        su_log_redirect(NULL, log_library, NULL);
        g_once_init_leave(&prepared, 1);
    }
    g_atomic_ref_count_init(&stack->refs);
    stack->host = g_object_ref(host);
    stack->calls = mcp_host_get_calls(host);
    stack->traces = mcp_host_get_traces(host);
    stack->clock = mcp_host_get_clock(host);
    stack->metrics = mcp_host_get_metrics(host);
    stack->credentials = mcp_host_lookup(host, MCP_CONTRACT_CREDENTIALS, NULL);
    stack->load = mcp_host_add_loop(host, "sip");
    stack->config = config;
    stack->funcs = funcs;
    stack->context = g_main_context_new();
    stack->mailbox = mcp_sip_mailbox_new(stack->context);
    stack->start = task;
    stack->thread = g_thread_new("mcp-sip", run, stack);
    return stack;
}

static void
on_stop_timer(gpointer user_data)
{
    McpSipStack *stack = user_data;

    mcp_log_info("sip-stop", NULL, "%u sessions did not end in time, or a registration",
                 g_hash_table_size(stack->sessions));
    g_main_loop_quit(stack->loop);
}

static void
do_stop(gpointer object, gpointer data)
{
    GTask *task = data;
    McpSipStack *stack = g_task_get_task_data(task);
    g_autoptr(GPtrArray) all = list_sessions(stack);

    stack->stop = g_object_ref(task);
    for (guint i = 0; i < all->len; i++)
        stack->funcs->end(all->pdata[i], "SIP;cause=503;text=\"shutting down\"");
    mcp_sip_registrations_stop(stack->registrations);
    mcp_sip_ping_end_all(stack);
    stack->stop_timer =
        mcp_clock_after(stack->clock, stack->context, STOP_WAIT, on_stop_timer, stack);
    mcp_sip_stack_check_stop(stack);
}

void
mcp_sip_stack_stop(McpSipStack *stack, GTask *task)
{
    g_task_set_task_data(task, stack, NULL);
    mcp_sip_stack_post(stack, NULL, do_stop, task, g_object_unref, FALSE);
}

void
mcp_sip_stack_join(McpSipStack *stack)
{
    if (stack->thread != NULL)
        g_thread_join(g_steal_pointer(&stack->thread));
}
