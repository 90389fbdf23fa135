/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "tls_flow.h"

G_BEGIN_DECLS

/**
 * McpSipFront: SIP over TLS in front of a stack that has none of use: it accepts and makes TLS
 * connections, and gives each that is accepted by both sides an inner connection to the stack. The
 * source of a message tells its flow, and so who sent it. SIP context.
 */
typedef struct _McpSipFront McpSipFront;

/** McpSipTlsOutcome: what became of connections. */
typedef enum {
    MCP_SIP_TLS_ACCEPTED,     /* incoming, after its handshake */
    MCP_SIP_TLS_CONNECTED,    /* outgoing, after its handshake */
    MCP_SIP_TLS_CERTIFICATE,  /* one side refused the other's */
    MCP_SIP_TLS_HANDSHAKE,    /* failed otherwise */
    MCP_SIP_TLS_TIMEOUT,      /* handshake or connecting took too long */
    MCP_SIP_TLS_UNREACHABLE,  /* outgoing: no name, no connection */
    MCP_SIP_TLS_LIMIT,        /* too many connections or handshakes */
    MCP_SIP_TLS_SOURCE_LIMIT, /* too many of one address */
    MCP_SIP_TLS_SLOW,         /* cut: does not read */
    MCP_SIP_TLS_INTRUDER,     /* another program on the inner socket */
} McpSipTlsOutcome;

/** McpSipTlsCountFunc: counts an outcome. */
typedef void (*McpSipTlsCountFunc)(McpSipTlsOutcome outcome, gpointer user_data);
/** McpSipTlsGaugeFunc: how many connections there are. */
typedef void (*McpSipTlsGaugeFunc)(guint connections, gpointer user_data);

/** McpSipFrontParams: limits and surroundings; times in µs. */
typedef struct {
    McpClock *clock;
    GMainContext *main;
    McpCredentials *credentials; /* nullable: no socket can be opened then */
    guint max_connections;
    guint max_per_source;
    guint max_handshakes;
    gint64 handshake_timeout;
    gint64 idle_timeout;
    guint dscp;        /* of connections that are made */
    guint max_message; /* bytes, as the agent's; four may wait for a slow reader */
    McpSipTlsCountFunc count;
    McpSipTlsGaugeFunc gauge;
    gpointer user_data;
} McpSipFrontParams;

/** McpSipFrontSocket: one socket to listen on; copied. */
typedef struct {
    const char *ident;
    const char *section; /* of the settings, for messages */
    const char *host;    /* to bind, without brackets */
    guint port;
    const char *shown_host; /* in Via, with brackets */
    guint shown_port;
    guint dscp;                     /* of what is sent */
    const char *const *credentials; /* names, the first one is the default and the client's */
    McpTlsOptions options;          /* its member server counts for nothing */
} McpSipFrontSocket;

/** mcp_sip_front_new: (transfer full): listens on nothing yet. */
McpSipFront *mcp_sip_front_new(const McpSipFrontParams *params);
/** mcp_sip_front_free: closes all, before the agent is destroyed. */
void mcp_sip_front_free(McpSipFront *front);
/** mcp_sip_front_open: listens; FALSE with a message that names address and cause. */
gboolean mcp_sip_front_open(McpSipFront *front, nta_agent_t *agent, const McpSipFrontSocket *socket,
                            GError **error);
/**
 * mcp_sip_front_start: after the last socket of the agent; runs the context, which must not yet
 * run, until connections can be made.
 */
void mcp_sip_front_start(McpSipFront *front);

/** mcp_sip_front_find: (transfer none) (nullable): the flow of a connection of the stack. */
McpSipFlow *mcp_sip_front_find(McpSipFront *front, const tport_t *connection);

/**
 * mcp_sip_front_admits: FALSE when @connection is that of another program to an inner socket; it
 * has been closed then.
 */
gboolean mcp_sip_front_admits(McpSipFront *front, tport_t *connection);

/** mcp_sip_front_owns: whether @transport is a socket of the front, or a connection to one. */
gboolean mcp_sip_front_owns(McpSipFront *front, const tport_t *transport);

/**
 * mcp_sip_front_connect: (transfer full) (nullable): a flow to @address and @port, whose
 * certificate must be for @host (both without brackets), from the socket @ident, a new one or one
 * that is there; requests may go over it at once. NULL with MCP_ERROR_LIMIT.
 */
McpSipFlow *mcp_sip_front_connect(McpSipFront *front, const char *ident, const char *host,
                                  const char *address, guint port, GError **error);

G_END_DECLS
