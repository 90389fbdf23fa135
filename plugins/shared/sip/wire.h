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
 * McpSipWire: what is done with each message that leaves or arrives: responses are counted, those
 * of a session noted in its ladder, and all shown to the traces that run. SIP context.
 */
typedef struct _McpSipWire McpSipWire;

/** McpSipWireCount: counts a response; @kind is an index into MCP_SIP_WIRE_KINDS. */
typedef void (*McpSipWireCount)(gboolean sent, guint kind, gpointer user_data);

/** MCP_SIP_WIRE_N_CLASSES: the class of a kind is its rest by this, from 1xx on. */
#define MCP_SIP_WIRE_N_CLASSES 6
/** MCP_SIP_WIRE_KINDS: label values of the metrics for responses, by method and class. */
#define MCP_SIP_WIRE_KINDS                                                     \
    "invite_1xx|invite_2xx|invite_3xx|invite_4xx|invite_5xx|invite_6xx|"       \
    "bye_1xx|bye_2xx|bye_3xx|bye_4xx|bye_5xx|bye_6xx|"                         \
    "cancel_1xx|cancel_2xx|cancel_3xx|cancel_4xx|cancel_5xx|cancel_6xx|"       \
    "options_1xx|options_2xx|options_3xx|options_4xx|options_5xx|options_6xx|" \
    "info_1xx|info_2xx|info_3xx|info_4xx|info_5xx|info_6xx|"                   \
    "update_1xx|update_2xx|update_3xx|update_4xx|update_5xx|update_6xx|"       \
    "prack_1xx|prack_2xx|prack_3xx|prack_4xx|prack_5xx|prack_6xx|"             \
    "refer_1xx|refer_2xx|refer_3xx|refer_4xx|refer_5xx|refer_6xx|"             \
    "notify_1xx|notify_2xx|notify_3xx|notify_4xx|notify_5xx|notify_6xx|"       \
    "other_1xx|other_2xx|other_3xx|other_4xx|other_5xx|other_6xx"

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
