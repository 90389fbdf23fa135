/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call/call_private.h"

/*
 * Two calls whose other sides talk to each other directly (RFC 3725), as redirect.c and relay.c see
 * them. What concerns both is done on the shard of the first call, the pair's home.
 */

typedef enum {
    MCP_RELAY_IDLE,
    MCP_RELAY_ASKING,   /* the source was asked for an offer */
    MCP_RELAY_OFFERING, /* the target has it, its answer is awaited */
} McpRelayStep;

/** McpRelay: one offer and its answer on their way between both sides. */
typedef struct {
    McpRelayStep step;
    guint source;          /* side whose description travels first */
    gboolean target_asked; /* the target sent a re-INVITE without an offer, to be answered */
    McpSdp *offer;         /* (nullable) */
    gboolean held;         /* a collision: sent again when the back-off is over */
    guint collisions;
    McpTimer *deadline;
} McpRelay;

typedef struct {
    McpCall *call;       /* a reference; used on its shard */
    McpSession *session; /* (nullable): a reference; set once the call is taken */
    gboolean left;       /* the call has ended, or is its own again */
} McpRedirectSide;

struct _McpRedirect {
    gatomicrefcount refs; /* of the calls, the messages and the timer's owner */
    McpRedirectSide sides[2];
    McpRelay relay;
    gboolean joined;
    McpOutcome *outcome; /* (nullable): for who asked, until told */
    guint status;        /* what is told; 0: nothing yet */
    char *verdict;       /* (nullable): the same in words */
};

/** mcp_relay_ask: @source is to offer; @target_asked: because the other side asked us to. */
void mcp_relay_ask(McpRedirect *pair, guint source, gboolean target_asked);
/** mcp_relay_pass: the offer of @source goes to the other side. */
void mcp_relay_pass(McpRedirect *pair, guint source, McpSdp *offer);
/** mcp_relay_take: an event of @side; FALSE when it belongs to no relay. */
gboolean mcp_relay_take(McpRedirect *pair, guint side, const McpSessionEvent *event);
/** mcp_relay_awaited: the side whose word is awaited; not while idle. */
guint mcp_relay_awaited(const McpRedirect *pair);
/** mcp_relay_stop: nothing is under way any more. */
void mcp_relay_stop(McpRedirect *pair);

/* What a relay tells redirect.c. The first two end it; mcp_relay_stop() is theirs to call. */

/** mcp_redirect_agreed: the target's answer is there, the source waits for it. */
void mcp_redirect_agreed(McpRedirect *pair, McpSdp *answer);
/** mcp_redirect_failed: who was awaited refused, or cannot be asked. */
void mcp_redirect_failed(McpRedirect *pair, guint status, const char *reason);
/** mcp_redirect_overdue: who is awaited says nothing, but may do so later. */
void mcp_redirect_overdue(McpRedirect *pair);
