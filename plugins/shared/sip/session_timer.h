/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * Session timers (RFC 4028): what both sides agreed upon, and when something is due. Pure
 * functions; the owner of a McpSipSessionTimer calls them on its context.
 */

/** McpSipRefresher: who repeats the session's description in time. */
typedef enum {
    MCP_SIP_REFRESHER_NONE,
    MCP_SIP_REFRESHER_US,
    MCP_SIP_REFRESHER_THEM,
} McpSipRefresher;

/** McpSipTimerPolicy: what we want. */
typedef struct {
    guint expires;       /* s; 0: no timer of our own wish */
    guint min_se;        /* s; a shorter interval is refused with 422 */
    gboolean refresh_us; /* we refresh where the choice is ours */
} McpSipTimerPolicy;

/** McpSipSessionTimer: what is agreed; all 0 at first. */
typedef struct {
    guint interval; /* s; 0: the session has no timer */
    McpSipRefresher refresher;
    guint min_se; /* s: the largest Min-SE that a 422 named; 0 none */
} McpSipSessionTimer;

/**
 * mcp_sip_session_timer_answer: agrees as server (§9) on what @request asks for.
 * Returns: FALSE, with nothing changed, when the answer must be 422 with Min-SE @policy->min_se.
 */
gboolean mcp_sip_session_timer_answer(McpSipSessionTimer *timer, const McpSipTimerPolicy *policy,
                                      const sip_t *request);
/** mcp_sip_session_timer_take: agrees as client (§7.2) on what a 2xx says. */
void mcp_sip_session_timer_take(McpSipSessionTimer *timer, const sip_t *response);
/**
 * mcp_sip_session_timer_raise: takes the Min-SE of a 422 (§7.4). Returns: FALSE when to try again
 * would ask for the same.
 */
gboolean mcp_sip_session_timer_raise(McpSipSessionTimer *timer, const McpSipTimerPolicy *policy,
                                     const sip_t *response);
/**
 * mcp_sip_session_timer_request: (transfer full) (nullable): value of Session-Expires in a request
 * of ours, the first one or a refresh; NULL: none.
 */
char *mcp_sip_session_timer_request(const McpSipSessionTimer *timer,
                                    const McpSipTimerPolicy *policy);
/** mcp_sip_session_timer_response: (transfer full) (nullable): the same in a 2xx of ours. */
char *mcp_sip_session_timer_response(const McpSipSessionTimer *timer);
/**
 * mcp_sip_session_timer_refresh_after: µs from an agreement to our refresh (half of the interval),
 * 0 when it is not ours.
 */
gint64 mcp_sip_session_timer_refresh_after(const McpSipSessionTimer *timer);
/**
 * mcp_sip_session_timer_expires_after: µs from an agreement to our BYE when no refresh succeeded
 * (§10: the interval less the smaller of 32 s and a third), 0 when there is no timer.
 */
gint64 mcp_sip_session_timer_expires_after(const McpSipSessionTimer *timer);

G_END_DECLS
