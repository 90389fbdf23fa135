/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/call.h>
#include <mcp/json.h>

G_BEGIN_DECLS

/** McpCallee: the party that is called for a caller: its session and leg. On the call's shard. */
#define MCP_TYPE_CALLEE (mcp_callee_get_type())
G_DECLARE_FINAL_TYPE(McpCallee, mcp_callee, MCP, CALLEE, GObject)

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
    gboolean local; /* ENDED before an answer: @status is of our making */
} McpCalleeEvent;

/** McpCalleeFunc: on the call's shard. */
typedef void (*McpCalleeFunc)(const McpCalleeEvent *event, gpointer user_data);

/** McpCalleeParams: who is called, and how. Everything is copied or referenced. */
typedef struct {
    McpMedia *media;
    const char *target;        /* sip: or sips: URI */
    const char *from;          /* nullable: the configured identity */
    gint64 ring_timeout;       /* µs; then CANCEL */
    const char *const *codecs; /* nullable: all */
} McpCalleeParams;

/**
 * mcp_callee_dial: (transfer full): sends an INVITE on behalf of @call; no event comes before this
 * returns. MCP_ERROR_REFUSED: the call has no right to.
 */
McpCallee *mcp_callee_dial(McpCall *call, const McpCalleeParams *params, GError **error);
/**
 * mcp_callee_number: (transfer full): the URI at which the number of a tel: URI is called at
 * @gateway, HOST[:PORT] (RFC 3261 §19.1.6). MCP_ERROR_INVALID: @number is none.
 */
char *mcp_callee_number(const char *number, const char *gateway, GError **error);
/** mcp_callee_set_handler: NULL for none. */
void mcp_callee_set_handler(McpCallee *callee, McpCalleeFunc func, gpointer user_data);
/** mcp_callee_get_leg: (transfer none). */
McpLeg *mcp_callee_get_leg(McpCallee *callee);
/** mcp_callee_get_session: (transfer none). */
McpSession *mcp_callee_get_session(McpCallee *callee);
/** mcp_callee_send_info: passes an INFO on to it, once it has answered. */
void mcp_callee_send_info(McpCallee *callee, const char *content_type, GBytes *body);
/** mcp_callee_press: a digit that the caller's signalling brought. */
void mcp_callee_press(McpCallee *callee, const McpDigit *digit);
/**
 * mcp_callee_hang_up: its session and leg end, by CANCEL or BYE; no event comes any more.
 * @why: text for the Reason header
 */
void mcp_callee_hang_up(McpCallee *callee, const char *why);
/** mcp_callee_describe: adds members about it to an open object. */
void mcp_callee_describe(McpCallee *callee, McpJson *json);

G_END_DECLS
