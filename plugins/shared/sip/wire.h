/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "ladder.h"
#include "sofia.h"
#include "tls_front.h"

#include <mcp/call.h>
#include <mcp/clock.h>
#include <mcp/metrics.h>
#include <mcp/trace.h>

G_BEGIN_DECLS

/**
 * McpSipWire: what is done with each message that leaves or arrives: responses are counted, those of
 * a session noted in its ladder, and all shown to the traces that run. SIP context.
 */
typedef struct _McpSipWire McpSipWire;

/** McpSipWireCount: counts a response; @kind is an index into MCP_SIP_WIRE_KINDS. */
typedef void (*McpSipWireCount)(gboolean sent, guint kind, gpointer user_data);

/** MCP_SIP_WIRE_N_CLASSES: the class of a kind is its rest by this, from 1xx on. */
#define MCP_SIP_WIRE_N_CLASSES 6
/** MCP_SIP_WIRE_KINDS: label values of the metrics for responses, by method and class. */
#define MCP_SIP_WIRE_CLASSES(method)                                                           \
    method "_1xx|" method "_2xx|" method "_3xx|" method "_4xx|" method "_5xx|" method "_6xx"
#define MCP_SIP_WIRE_KINDS                                                                     \
    MCP_SIP_WIRE_CLASSES("invite")                                                             \
    "|" MCP_SIP_WIRE_CLASSES("bye") "|" MCP_SIP_WIRE_CLASSES("cancel") "|" MCP_SIP_WIRE_CLASSES( \
        "options") "|" MCP_SIP_WIRE_CLASSES("info") "|" MCP_SIP_WIRE_CLASSES("update") "|"     \
        MCP_SIP_WIRE_CLASSES("prack") "|" MCP_SIP_WIRE_CLASSES("refer") "|" MCP_SIP_WIRE_CLASSES("notify") "|" MCP_SIP_WIRE_CLASSES("other")

/** McpSipWireParams: all borrowed; must outlive it. */
typedef struct {
    McpClock *clock;
    McpCalls *calls;
    McpTraces *traces;
    const McpSipConfig *config;
    McpSipFront *front; /* tells the ends of what comes over TLS */
    McpSipWireCount count;
    gpointer user_data;
} McpSipWireParams;

/** mcp_sip_wire_new: (transfer full): sees the messages of this thread from now on. */
McpSipWire *mcp_sip_wire_new(const McpSipWireParams *params);
/** mcp_sip_wire_free: on the same thread. */
void mcp_sip_wire_free(McpSipWire *wire);

/**
 * mcp_sip_wire_watch: messages of this dialog are noted in @ladder from now on.
 * @tag: of who sent the INVITE
 * @received: (nullable): that INVITE, while it is being received; NULL when we are to send it
 */
void mcp_sip_wire_watch(McpSipWire *wire, McpSipLadder *ladder, const char *sip_call_id,
                        const char *tag, const msg_t *received);
/** mcp_sip_wire_unwatch: nothing more is noted; may be called without a watch. */
void mcp_sip_wire_unwatch(McpSipWire *wire, McpSipLadder *ladder);

G_END_DECLS
