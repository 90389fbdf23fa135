/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One offer and its answer on their way between the sessions of a redirected pair, from whichever
 * side (RFC 3725 §4.1, §7): asked for or received, handed to the other side, and the answer back.
 * On the pair's home.
 */
#include "call/redirect_private.h"

/* Longer than a session waits for its answer, shorter than a 2xx is repeated without ACK. */
#define DEADLINE (15 * G_USEC_PER_SEC)
#define MAX_COLLISIONS 3

void
mcp_relay_stop(McpRedirect *pair)
{
    mcp_timer_clear(&pair->relay.deadline);
    g_clear_pointer(&pair->relay.offer, mcp_sdp_unref);
    pair->relay.step = MCP_RELAY_IDLE;
    pair->relay.held = FALSE;
}

guint
mcp_relay_awaited(const McpRedirect *pair)
{
    return pair->relay.step == MCP_RELAY_ASKING ? pair->relay.source : !pair->relay.source;
}

static void
on_deadline(gpointer user_data)
{
    McpRedirect *pair = user_data;

    mcp_timer_clear(&pair->relay.deadline);
    mcp_redirect_overdue(pair);
}

static void
send_offer(McpRedirect *pair)
{
    McpRelay *relay = &pair->relay;
    McpSession *session = pair->sides[mcp_relay_awaited(pair)].session;

    relay->held = FALSE;
    if (relay->step == MCP_RELAY_OFFERING && relay->target_asked)
        mcp_session_answer_offer(session, relay->offer);
    else
        mcp_session_offer(session, relay->offer);
}

static void
enter(McpRedirect *pair, McpRelayStep step)
{
    const McpCall *home = pair->sides[0].call;

    mcp_timer_clear(&pair->relay.deadline);
    pair->relay.step = step;
    pair->relay.collisions = 0;
    if (pair->sides[mcp_relay_awaited(pair)].left) {
        mcp_redirect_failed(pair, 487, "the other side of the pair has left");
        return;
    }
    pair->relay.deadline = mcp_clock_after(mcp_calls_get_core(home->calls)->clock,
                                           home->shard->context, DEADLINE, on_deadline, pair);
    send_offer(pair);
}

void
mcp_relay_ask(McpRedirect *pair, guint source, gboolean target_asked)
{
    mcp_relay_stop(pair);
    pair->relay.source = source;
    pair->relay.target_asked = target_asked;
    enter(pair, MCP_RELAY_ASKING);
}

static void
take_offer(McpRedirect *pair, McpSdp *offer)
{
    pair->relay.offer = mcp_sdp_ref(offer);
    enter(pair, MCP_RELAY_OFFERING);
}

void
mcp_relay_pass(McpRedirect *pair, guint source, McpSdp *offer)
{
    mcp_relay_stop(pair);
    pair->relay.source = source;
    pair->relay.target_asked = FALSE;
    take_offer(pair, offer);
}

static gboolean
collided(McpRedirect *pair, guint status)
{
    if (status != 491 || ++pair->relay.collisions > MAX_COLLISIONS)
        return FALSE;
    pair->relay.held = TRUE;
    return TRUE;
}

static void
on_description(McpRedirect *pair, McpSdp *sdp)
{
    if (pair->relay.step == MCP_RELAY_ASKING)
        take_offer(pair, sdp);
    else
        mcp_redirect_agreed(pair, sdp);
}

gboolean
mcp_relay_take(McpRedirect *pair, guint side, const McpSessionEvent *event)
{
    McpRelay *relay = &pair->relay;
    gboolean answers = relay->step == MCP_RELAY_OFFERING && relay->target_asked;
    McpSessionEventType wanted = answers ? MCP_SESSION_ACKED : MCP_SESSION_REOFFER_DONE;

    if (relay->step == MCP_RELAY_IDLE || side != mcp_relay_awaited(pair))
        return FALSE;
    if (event->type == wanted && event->sdp != NULL)
        on_description(pair, event->sdp);
    else if (event->type == MCP_SESSION_REOFFER_DUE && relay->held)
        send_offer(pair);
    else if (event->type != MCP_SESSION_REOFFER_FAILED)
        return FALSE;
    else if (!collided(pair, event->status))
        mcp_redirect_failed(pair, event->status, event->reason);
    return TRUE;
}
