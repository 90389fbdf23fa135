/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ladder.h"
#include "session_event.h"
#include "stack.h"

#include <mcp/clock.h>

G_BEGIN_DECLS

/** McpSipState: of a session, as the SIP context sees it. */
typedef enum {
    MCP_SIP_STATE_CALLING,   /* our INVITE is out */
    MCP_SIP_STATE_INCOMING,  /* their INVITE is not yet answered finally */
    MCP_SIP_STATE_ANSWERED,  /* 2xx is out or in, the ACK is missing */
    MCP_SIP_STATE_CONFIRMED, /* ACK done */
    MCP_SIP_STATE_ENDED,     /* told so; transactions may still run */
} McpSipState;

/** McpSipSession: one INVITE dialog. @lock guards the handler part; the rest is SIP context. */
struct _McpSipSession {
    GObject parent_instance;
    McpSipStack *stack;
    char *sip_call_id;
    char *call_id; /* nullable: id of the platform, of placed sessions */
    McpSipLadder ladder;

    GMutex lock;
    GQueue waiting; /* events before the handler was set */
    GMainContext *handler_context;
    McpSessionFunc handler;
    gpointer handler_data;
    GDestroyNotify handler_destroy;

    McpSipState state;
    gboolean outgoing;
    gboolean listed;          /* in the stack's set, which holds a reference */
    gboolean answer_awaited;  /* our 2xx had the offer: the ACK must have the answer */
    gboolean reoffer_is_ours; /* the 2xx to their offerless re-INVITE had the offer */
    guint32 invite_cseq;      /* of our INVITE or re-INVITE that a 2xx was received for */
    char *contact;            /* our Contact */
    char *warning_host;       /* host in Warning headers */
    tport_t *transport;       /* that the session began on; lives as long as the agent */
    nta_leg_t *leg;
    nta_incoming_t *invite_in;  /* their INVITE: until final failure or ACK */
    nta_incoming_t *offer_in;   /* their re-INVITE or UPDATE: until answered and ACKed */
    nta_outgoing_t *invite_out; /* our INVITE: until final failure or ACK sent */
    nta_outgoing_t *offer_out;  /* our re-INVITE */
    nta_outgoing_t *bye;
    GQueue infos; /* McpSipFarewell: INFO waiting for its turn */
    nta_outgoing_t *info;
    McpSipFarewell *farewell; /* BYE to be sent once their ACK is in */
    McpTimer *deadline;
    McpSessionEvent *last; /* (nullable): the last event, held back while transactions run */
};

#define MCP_TYPE_SIP_SESSION (mcp_sip_session_get_type())
G_DECLARE_FINAL_TYPE(McpSipSession, mcp_sip_session, MCP, SIP_SESSION, GObject)

/** mcp_sip_session_new: (transfer full): not in the stack's set yet. */
McpSipSession *mcp_sip_session_new(McpSipStack *stack, const char *sip_call_id, gboolean outgoing);

/** mcp_sip_session_emit: hands a copy of @event to the handler's context. */
void mcp_sip_session_emit(McpSipSession *session, const McpSessionEvent *event);

/**
 * mcp_sip_session_note: adds a message to the ladder. @format makes its summary.
 */
void mcp_sip_session_note(McpSipSession *session, gboolean sent, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/**
 * mcp_sip_session_finish: the session is over, for this reason (nullable); the first call counts.
 * The last event is emitted when its transactions are over, so that the ladder of the call's record
 * has the final answers, but after 2 s at the latest.
 */
void mcp_sip_session_finish(McpSipSession *session, guint status, const char *reason,
                            gboolean remote, const GPtrArray *headers);

/**
 * mcp_sip_session_settle: releases handles and reference when nothing runs any more. To be called
 * after each step that may have ended a transaction or the session.
 */
void mcp_sip_session_settle(McpSipSession *session);

/** mcp_sip_session_release: the same without waiting for what runs. */
void mcp_sip_session_release(McpSipSession *session);

G_END_DECLS
