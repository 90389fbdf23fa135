/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "authenticator.h"
#include "config.h"
#include "connections.h"
#include "locate.h"
#include "mailbox.h"
#include "registration.h"
#include "sofia.h"
#include "source_table.h"
#include "tls_front.h"
#include "wire.h"

#include <mcp/host.h>
#include <mcp/log_limit.h>

G_BEGIN_DECLS

/** McpSipMetric: rows of the metrics table. */
typedef enum {
    MCP_SIP_METRIC_REQUESTS,
    MCP_SIP_METRIC_RESPONSES,
    MCP_SIP_METRIC_REFUSED,
    MCP_SIP_METRIC_RETRANSMISSIONS,
    MCP_SIP_METRIC_SESSIONS,
    MCP_SIP_METRIC_TRANSACTIONS,
    MCP_SIP_METRIC_TLS_OUTCOMES,
    MCP_SIP_METRIC_TLS_CONNECTIONS,
    MCP_SIP_METRIC_RESPONSES_SENT,
    MCP_SIP_METRIC_RESPONSES_RECEIVED,
    MCP_SIP_METRIC_ENDED,
    MCP_SIP_METRIC_DROPPED,
    MCP_SIP_METRIC_CONNECTIONS,
    MCP_SIP_METRIC_CONNECTIONS_CLOSED,
    MCP_SIP_METRIC_REGISTERED,
    MCP_SIP_METRIC_REGISTERS,
} McpSipMetric;

/** McpSipRefusal: label values of MCP_SIP_METRIC_REFUSED. */
typedef enum {
    MCP_SIP_REFUSAL_PEER,
    MCP_SIP_REFUSAL_METHOD,
    MCP_SIP_REFUSAL_BODY,
    MCP_SIP_REFUSAL_EXTENSION,
    MCP_SIP_REFUSAL_SDP,
    MCP_SIP_REFUSAL_SYNTAX,
    MCP_SIP_REFUSAL_DIALOG,
    MCP_SIP_REFUSAL_LIMIT,
    MCP_SIP_REFUSAL_CORE,
    MCP_SIP_REFUSAL_AUTH,
} McpSipRefusal;

/** McpSipEnding: label values of MCP_SIP_METRIC_ENDED. */
typedef enum {
    MCP_SIP_ENDING_BYE_SENT,
    MCP_SIP_ENDING_BYE_RECEIVED,
    MCP_SIP_ENDING_CANCEL_SENT,
    MCP_SIP_ENDING_CANCEL_RECEIVED,
    MCP_SIP_ENDING_REFUSED_BY_US,
    MCP_SIP_ENDING_REFUSED_BY_PEER,
    MCP_SIP_ENDING_TIMEOUT,   /* no answer, no ACK, no refresh in time */
    MCP_SIP_ENDING_TRANSPORT, /* could not be sent */
    MCP_SIP_ENDING_LOST,      /* the other side knows nothing of it */
} McpSipEnding;

/** mcp_sip_metric_defs: the metrics table. */
extern const McpMetricDef mcp_sip_metric_defs[];

/** McpSipStackFuncs: what the owner of the sessions does; static data. SIP context. */
typedef struct {
    /* A message outside of any transaction and dialog (nta_message_f). */
    int (*receive)(McpSipStack *stack, nta_agent_t *agent, msg_t *message, sip_t *sip);
    /* The stack stops: say goodbye, with @reason in the Reason header. */
    void (*end)(McpSipSession *session, const char *reason);
    /* The stack goes away: release all handles, and the place in the set. */
    void (*release)(McpSipSession *session);
} McpSipStackFuncs;

/** McpSipStack: thread, context and agent. Members below the line belong to the SIP context. */
struct _McpSipStack {
    gatomicrefcount refs; /* the plugin and each session hold one */
    McpHost *host;
    McpCalls *calls;
    McpClock *clock;
    McpMetrics *metrics;         /* nullable */
    McpCredentials *credentials; /* nullable */
    McpSipConfig *config;
    const McpSipStackFuncs *funcs;
    GMainContext *context;
    McpSipMailbox *mailbox;
    McpTraces *traces;
    GThread *thread;
    /* -- */
    GMainLoop *loop;
    su_root_t *root;
    GSource *root_source;
    nta_agent_t *agent;
    McpSipFront *front; /* TLS */
    McpSipLocator *locator;
    McpSipRegistrations *registrations; /* nullable: not begun yet */
    GList *pings;                       /* McpSipPing, owned, under way */
    msg_mclass_t *message_class;
    McpSipWire *wire;
    su_home_t *home;
    sip_allow_t *allow;
    sip_accept_t *accept;
    sip_supported_t *supported;
    GHashTable *sessions; /* McpSipSession, a reference each */
    McpSipSources *sources;
    McpSipAuthenticator *authenticator;
    McpSipConnections *connections;
    McpLogLimit *refusals;
    McpLoopLoad *load;
    McpLoopBeat *beat; /* NULL: the stack did not open */
    GTask *start;
    GTask *stop;
    McpTimer *stop_timer;
    McpTimer *second_timer;
    gint64 due;         /* clock µs of its end */
    guint64 sent_again; /* retransmissions counted so far */
    guint64 received_again;
};

/**
 * mcp_sip_stack_start: (transfer full): begins in a thread of its own; @task (transfer full)
 * returns TRUE or the error when the sockets are open or not.
 */
McpSipStack *mcp_sip_stack_start(McpHost *host, McpSipConfig *config, const McpSipStackFuncs *funcs,
                                 GTask *task);

/**
 * mcp_sip_stack_stop: ends all sessions, waits for their BYEs at most 2 s; @task (transfer full)
 * returns TRUE when the thread is about to end; join it with mcp_sip_stack_join().
 */
void mcp_sip_stack_stop(McpSipStack *stack, GTask *task);

/** mcp_sip_stack_join: waits for the end of the thread. Control context. */
void mcp_sip_stack_join(McpSipStack *stack);

/** mcp_sip_stack_ref: (transfer full). Any thread. */
McpSipStack *mcp_sip_stack_ref(McpSipStack *stack);
/** mcp_sip_stack_unref: Any thread. */
void mcp_sip_stack_unref(McpSipStack *stack);

/** mcp_sip_stack_post: as mcp_sip_mailbox_post(). Any thread. */
gboolean mcp_sip_stack_post(McpSipStack *stack, gpointer object, McpSipMailFunc func, gpointer data,
                            GDestroyNotify destroy, gboolean droppable);

/** mcp_sip_stack_list: puts @session into the set and counts it. */
void mcp_sip_stack_list(McpSipStack *stack, McpSipSession *session);
/** mcp_sip_stack_unlist: takes it out, if it is there; its reference is dropped. */
void mcp_sip_stack_unlist(McpSipStack *stack, McpSipSession *session);

/** mcp_sip_stack_count_request: counts a received request. */
void mcp_sip_stack_count_request(McpSipStack *stack, sip_method_t method);
/** mcp_sip_stack_count_refusal: counts a refused request. */
void mcp_sip_stack_count_refusal(McpSipStack *stack, McpSipRefusal refusal);
/** mcp_sip_stack_count_ending: counts the end of a session. */
void mcp_sip_stack_count_ending(McpSipStack *stack, McpSipEnding ending);

/** mcp_sip_stack_count_dropped: counts requests that were not answered. */
void mcp_sip_stack_count_dropped(McpSipStack *stack, guint n);
/** mcp_sip_stack_count_connection: counts a connection that was closed. */
void mcp_sip_stack_count_connection(McpSipStack *stack, McpSipConnectionEnd why);
/** mcp_sip_stack_set_connections: how many there are. */
void mcp_sip_stack_set_connections(McpSipStack *stack, guint n);
/** mcp_sip_stack_count_registered: a trunk's identity is registered (1), or no more (-1). */
void mcp_sip_stack_count_registered(McpSipStack *stack, gint64 change);
/** mcp_sip_stack_count_register: counts what became of a REGISTER. */
void mcp_sip_stack_count_register(McpSipStack *stack, McpSipRegisterOutcome outcome);
/** mcp_sip_stack_check_stop: ends the loop of one that stops when nothing is under way any more. */
void mcp_sip_stack_check_stop(McpSipStack *stack);

G_END_DECLS
