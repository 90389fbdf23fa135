/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <mcp/clock.h>

G_BEGIN_DECLS

/**
 * McpSipConnections: bounds on the TCP connections of the stack: how many in all and of one
 * address, how long one may be there without saying anything. SIP context.
 */
typedef struct _McpSipConnections McpSipConnections;

/** McpSipConnectionEnd: why a connection was closed. */
typedef enum {
    MCP_SIP_CONNECTION_LIMIT,        /* too many in all */
    MCP_SIP_CONNECTION_SOURCE_LIMIT, /* too many of one address */
    MCP_SIP_CONNECTION_SILENT,       /* of a stranger, without a message in time */
    MCP_SIP_CONNECTION_RUBBISH,      /* carried what is no SIP, or too much of it */
    MCP_SIP_CONNECTION_ENDS,         /* how many there are */
} McpSipConnectionEnd;

/** McpSipConnectionsParams: limits and surroundings. */
typedef struct {
    McpClock *clock;
    GMainContext *context;
    GSource *library; /* its part in @context */
    guint max;
    guint max_per_source;
    guint max_strangers;  /* of all addresses that no peer lists */
    gint64 stranger_time; /* µs */
    /* Whether a peer lists the address. */
    gboolean (*is_listed)(const su_sockaddr_t *address, gpointer user_data);
    /* A connection of @address is being closed. */
    void (*closing)(McpSipConnectionEnd why, const su_sockaddr_t *address, gpointer user_data);
    gpointer user_data;
} McpSipConnectionsParams;

/** mcp_sip_connections_new: (transfer full): @params is copied. */
McpSipConnections *mcp_sip_connections_new(const McpSipConnectionsParams *params);
/** mcp_sip_connections_free: before the agent; closes nothing. */
void mcp_sip_connections_free(McpSipConnections *connections);
/** mcp_sip_connections_watch: connections of @primary, which listens on @fd, are bounded. */
void mcp_sip_connections_watch(McpSipConnections *connections, tport_t *primary, int fd);
/** mcp_sip_connections_note: a message, complete but for its body, came from @address. */
void mcp_sip_connections_note(McpSipConnections *connections, const su_sockaddr_t *address);
/**
 * mcp_sip_connections_condemn: closes the connection of @address soon: not at once, the library is
 * still at its message.
 */
void mcp_sip_connections_condemn(McpSipConnections *connections, const su_sockaddr_t *address);
/**
 * mcp_sip_connections_sweep: closes what is over a limit; returns how many are left. About once a
 * second.
 */
guint mcp_sip_connections_sweep(McpSipConnections *connections);

G_END_DECLS
