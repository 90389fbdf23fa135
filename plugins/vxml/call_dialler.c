/* SPDX-License-Identifier: Apache-2.0 */
/* Has others called on behalf of a call, whose peer has the right to. On the call's shard. */
#include "dialler.h"

typedef struct {
    McpVxmlReferFunc func;
    gpointer user_data;
} Referral;

static GObject *
dial(gpointer data, const McpCalleeParams *params, McpCalleeFunc func, gpointer user_data,
     GError **error)
{
    McpCallee *callee = mcp_callee_dial(MCP_CALL(data), params, error);

    if (callee == NULL)
        return NULL;
    mcp_callee_set_handler(callee, func, user_data);
    return G_OBJECT(callee);
}

static gboolean
join(GObject *party, McpLeg *leg, GError **error)
{
    return mcp_leg_bridge(leg, mcp_callee_get_leg(MCP_CALLEE(party)), error);
}

static void
press(GObject *party, const McpDigit *digit)
{
    mcp_callee_press(MCP_CALLEE(party), digit);
}

static void
send_info(GObject *party, const char *content_type, GBytes *body)
{
    mcp_callee_send_info(MCP_CALLEE(party), content_type, body);
}

static void
hang_up(GObject *party, const char *why)
{
    mcp_callee_hang_up(MCP_CALLEE(party), why);
}

static void
on_referred(McpCall *call, guint status, const char *reason, gpointer user_data)
{
    g_autofree Referral *referral = user_data;

    referral->func(mcp_call_refer_was_accepted(call), status, reason, referral->user_data);
}

static void
refer(gpointer data, const char *target, GObject *party, McpVxmlReferFunc func, gpointer user_data)
{
    Referral *referral = g_new0(Referral, 1);

    referral->func = func;
    referral->user_data = user_data;
    if (party == NULL)
        mcp_call_refer_blind(MCP_CALL(data), target, on_referred, referral);
    else
        mcp_call_refer_session(MCP_CALL(data), mcp_callee_get_session(MCP_CALLEE(party)), target,
                               on_referred, referral);
}

static void
leave(gpointer data, const char *why)
{
    mcp_call_hangup(MCP_CALL(data), why);
}

static void
send_caller_info(gpointer data, const char *content_type, GBytes *body)
{
    McpSession *session = mcp_call_get_session(MCP_CALL(data));

    if (session != NULL)
        mcp_session_send_info(session, content_type, body);
}

const McpVxmlDialler mcp_vxml_call_dialler = {.dial = dial,
                                              .join = join,
                                              .press = press,
                                              .send_info = send_info,
                                              .hang_up = hang_up,
                                              .refer = refer,
                                              .leave = leave,
                                              .send_caller_info = send_caller_info};
