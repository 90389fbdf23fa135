/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/call.h>
#include <mcp/json.h>

#include "services.h"

G_BEGIN_DECLS

/** McpBridgeCallee: the party that a caller is bridged with: its session and leg. On the shard. */
#define MCP_TYPE_BRIDGE_CALLEE (mcp_bridge_callee_get_type())
G_DECLARE_FINAL_TYPE(McpBridgeCallee, mcp_bridge_callee, MCP, BRIDGE_CALLEE, GObject)

/** McpCalleeEventType: what it did. */
typedef enum {
    MCP_CALLEE_RINGING,  /* 18x without media */
    MCP_CALLEE_EARLY,    /* its leg has a codec: it may be heard before it answers */
    MCP_CALLEE_ANSWERED, /* its leg has a codec */
    MCP_CALLEE_INFO,     /* @content_type, @body */
    MCP_CALLEE_ENDED,    /* last event: @status of its INVITE, 0 after an answer; @reason */
} McpCalleeEventType;

/** McpCalleeEvent: valid during the callback. */
typedef struct {
    McpCalleeEventType type;
    guint status;
    const char *reason; /* never NULL with ENDED */
    const char *content_type;
    GBytes *body;
} McpCalleeEvent;

/** McpCalleeFunc: on the call's shard. */
typedef void (*McpCalleeFunc)(const McpCalleeEvent *event, gpointer user_data);

/**
 * mcp_bridge_callee_dial: (transfer full): sends an INVITE to @target on behalf of @call; no event
 * comes before this returns.
 */
McpBridgeCallee *mcp_bridge_callee_dial(const McpConferenceServices *services, McpCall *call,
                                        const McpBridgeParams *params, const char *target,
                                        GError **error);
/** mcp_bridge_callee_set_handler: NULL for none. */
void mcp_bridge_callee_set_handler(McpBridgeCallee *callee, McpCalleeFunc func, gpointer user_data);
/** mcp_bridge_callee_get_leg: (transfer none). */
McpLeg *mcp_bridge_callee_get_leg(McpBridgeCallee *callee);
/** mcp_bridge_callee_send_info: passes an INFO on to it, once it has answered. */
void mcp_bridge_callee_send_info(McpBridgeCallee *callee, const char *content_type, GBytes *body);
/** mcp_bridge_callee_press: a digit that the caller's signalling brought. */
void mcp_bridge_callee_press(McpBridgeCallee *callee, const McpDigit *digit);
/**
 * mcp_bridge_callee_hang_up: its session and leg end, by CANCEL or BYE; no event comes any more.
 * @why: text for the Reason header
 */
void mcp_bridge_callee_hang_up(McpBridgeCallee *callee, const char *why);
/** mcp_bridge_callee_describe: adds members about it to an open object. */
void mcp_bridge_callee_describe(McpBridgeCallee *callee, McpJson *json);

G_END_DECLS
