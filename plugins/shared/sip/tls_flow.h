/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "inner.h"
#include "tls_connection.h"

#include <mcp/clock.h>

G_BEGIN_DECLS

/** McpSipFlowState: of a flow. */
typedef enum {
    MCP_SIP_FLOW_CONNECTING, /* outgoing: TCP is not yet up */
    MCP_SIP_FLOW_HANDSHAKE,
    MCP_SIP_FLOW_OPEN,
    MCP_SIP_FLOW_ENDING, /* one side is gone, the other gets what is left */
    MCP_SIP_FLOW_CLOSED,
} McpSipFlowState;

/**
 * McpSipFlow: one TLS connection and the inner connection of the stack that carries its plain
 * bytes. Nothing is read from the stack before the other side has been accepted. SIP context.
 */
typedef struct _McpSipFlow McpSipFlow;

/**
 * McpSipFlowEvents: told to the front.
 *
 * @opened: the other side is accepted. Incoming: an inner connection must be attached now
 * @closed: nothing is left but references; may unref
 */
typedef struct {
    void (*opened)(McpSipFlow *flow, gpointer user_data);
    void (*closed)(McpSipFlow *flow, gpointer user_data);
} McpSipFlowEvents;

struct _McpSipFlow {
    guint refs;
    McpSipFlowState state;
    gboolean outgoing;
    gpointer port_owner; /* the front's socket that it belongs to */
    McpSipInner *inner_side;
    GMainContext *main;
    McpClock *clock;
    McpSipFlowEvents events;
    gpointer user_data;

    char *peer;             /* for people: "192.0.2.1:5061", "sbc.example.com:5061" */
    char *host;             /* outgoing: what its certificate must be for */
    char *key;              /* outgoing: what it may be reused for */
    char *source;           /* incoming: address that it is counted under */
    GSocketAddress *remote; /* once connected */
    McpTlsConnection *tls;
    gsize waiting_max;
    gint64 deadline; /* clock time by which the state must have changed; 0: none */
    gint64 last_use;

    GSocket *inner; /* nullable */
    guint inner_port;
    GSource *inner_source;
    gpointer inner_tag;
    GIOCondition inner_wanted;
    GByteArray *to_stack; /* what the inner socket has not yet taken */
    gboolean stack_may_speak;
    gboolean last_to_stack; /* nothing more comes for it: half-closed when @to_stack is empty */
    GError *error;          /* nullable: why it ended */
};

/** mcp_sip_flow_new: (transfer full): without a connection yet. */
McpSipFlow *mcp_sip_flow_new(McpSipInner *inner_side, GMainContext *main, McpClock *clock,
                             const McpSipFlowEvents *events, gpointer user_data);
/** mcp_sip_flow_ref: (transfer full). */
McpSipFlow *mcp_sip_flow_ref(McpSipFlow *flow);
/** mcp_sip_flow_unref: the last one needs a closed flow. */
void mcp_sip_flow_unref(McpSipFlow *flow);

/** mcp_sip_flow_attach: gives it the stack's side; reading from there begins when it is open. */
void mcp_sip_flow_attach(McpSipFlow *flow, GSocket *inner, guint inner_port);
/** mcp_sip_flow_secure: begins TLS over @socket. */
void mcp_sip_flow_secure(McpSipFlow *flow, McpTlsContext *context, GSocket *socket);
/** mcp_sip_flow_fail: ends it for @error (transfer full, nullable: no fault of anybody). */
void mcp_sip_flow_fail(McpSipFlow *flow, GError *error);
/** mcp_sip_flow_kill: closes everything at once; reports nothing. */
void mcp_sip_flow_kill(McpSipFlow *flow);

/** mcp_sip_flow_is_usable: whether requests may go over it: it is open, or on its way there. */
gboolean mcp_sip_flow_is_usable(const McpSipFlow *flow);
/** mcp_sip_flow_get_tport: (transfer none) (nullable): for NTATAG_TPORT(); not to be kept. */
tport_t *mcp_sip_flow_get_tport(McpSipFlow *flow);
/** mcp_sip_flow_get_identities: (transfer none): as mcp_tls_connection_get_identities(). */
const char *const *mcp_sip_flow_get_identities(const McpSipFlow *flow);
/** mcp_sip_flow_get_error: (transfer none) (nullable): text of why it ended. */
const char *mcp_sip_flow_get_error(const McpSipFlow *flow);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSipFlow, mcp_sip_flow_unref)

G_END_DECLS
