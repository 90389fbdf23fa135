/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <gio/gio.h>
#include <mcp/clock.h>

G_BEGIN_DECLS

/**
 * McpSipInner: the stack's listening socket on loopback behind one TLS socket. Connections to it
 * are made here, from ports that are known before they are used; the kernel gives such a port to
 * nobody else as long as it is held. SIP context.
 */
typedef struct _McpSipInner McpSipInner;

/** McpSipInnerFunc: a connection of another program has been closed; its port. */
typedef void (*McpSipInnerFunc)(guint port, gpointer user_data);

/** McpSipInnerParams: what it is to be. */
typedef struct {
    const char *ident;
    const char *host; /* in Via; IPv6 in brackets */
    guint idle_ms;
    guint max_message; /* bytes, as the agent's */
    McpClock *clock;
    McpSipInnerFunc intruder; /* told of what is closed */
    gpointer user_data;
} McpSipInnerParams;

/** mcp_sip_inner_new: (transfer full): binds it. */
McpSipInner *mcp_sip_inner_new(nta_agent_t *agent, const McpSipInnerParams *params, GError **error);
/** mcp_sip_inner_free: before the agent. Connections stay, their sockets are the callers'. */
void mcp_sip_inner_free(McpSipInner *inner);

/** mcp_sip_inner_watch: begins to close what others connect; @main is the SIP context. */
void mcp_sip_inner_watch(McpSipInner *inner, GMainContext *main);

/**
 * mcp_sip_inner_name: lets requests of ours say "Via: SIP/2.0/TLS HOST:@port". To be called when
 * all sockets are bound: the library makes its Vias anew for each.
 */
void mcp_sip_inner_name(McpSipInner *inner, guint port);

/** mcp_sip_inner_connect: (transfer full): a connection from 127.0.0.1:@out_port. */
GSocket *mcp_sip_inner_connect(McpSipInner *inner, guint *out_port, GError **error);
/** mcp_sip_inner_forget: the connection from @port has been closed by its owner. */
void mcp_sip_inner_forget(McpSipInner *inner, guint port);

/**
 * mcp_sip_inner_find: (transfer none) (nullable): the library's side of the connection from @port;
 * NULL while it has not accepted it, or when it is gone. Not to be kept.
 */
tport_t *mcp_sip_inner_find(McpSipInner *inner, guint port);

G_END_DECLS
