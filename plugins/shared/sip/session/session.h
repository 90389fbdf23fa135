/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "authorization.h"
#include "ladder.h"
#include "session_event.h"
#include "session_timer.h"
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

/** McpSipEarly: an early dialog of an INVITE of ours: one a fork. */
typedef struct {
    char *tag; /* of the other side */
    nta_leg_t *leg;
    guint32 rseq; /* of the last reliable response, 0 none */
    guint32 cseq; /* of the INVITE that it answers */
} McpSipEarly;

/** McpSipPlacement: what a placed session was asked for; immutable once set. */
typedef struct {
    char *target;
    char *from;                   /* nullable */
    char *lines;                  /* nullable: further headers, as text */
    McpSdp *offer;                /* nullable: offerless */
    gint64 deadline;              /* µs to the final answer; 0 none */
    McpRedirectFunc may_redirect; /* nullable */
    gpointer redirect_data;
    GDestroyNotify redirect_destroy;
} McpSipPlacement;

/** McpSipAttempt: of placed sessions: attempt.h. */
typedef struct _McpSipAttempt McpSipAttempt;
/** McpSipRequest: requests.h. */
typedef struct _McpSipRequest McpSipRequest;

/** McpSipSession: one INVITE dialog. @lock guards the handler part; the rest is SIP context. */
struct _McpSipSession {
    GObject parent_instance;
    McpSipStack *stack;
    char *sip_call_id;
    char *call_id; /* nullable: id of the platform */
    McpSipLadder ladder;

    GMutex lock;
    GQueue waiting; /* events before the handler was set */
    GMainContext *handler_context;
    McpSessionFunc handler;
    gpointer handler_data;
    GDestroyNotify handler_destroy;

    McpSipState state;
    McpSipPlacement *placement; /* (nullable): of placed sessions */
    McpSipAttempt *attempt;     /* (nullable): of them too */
    McpSipAuthorization authorization;
    char *invite_proof; /* (nullable): headers that the INVITE answered them with */
    gboolean outgoing;
    gboolean answer_awaited;  /* the INVITE had no offer, and theirs or ours is not yet answered */
    gboolean reoffer_is_ours; /* the 2xx to their offerless re-INVITE had the offer */
    gboolean early_agreed;    /* offer and answer have met in reliable 1xx */
    gboolean prack_awaited;   /* a reliable 1xx with a description is not yet acknowledged */
    gboolean peer_reliable;   /* they know 100rel */
    gboolean peer_requires_reliable;
    gboolean peer_update; /* their Allow has UPDATE */
    char *contact;        /* our Contact */
    char *echo;           /* (nullable): headers of theirs that go on every message, as text */
    char *warning_host;   /* host in Warning headers */
    tport_t *transport;   /* that the session began on; lives as long as the agent */
    McpSipFlow *flow;     /* (nullable): its connection, of TLS */
    nta_leg_t *leg;
    nta_incoming_t *invite_in; /* their INVITE: until final failure or ACK */
    McpSdp *held_sdp;          /* (nullable): of our 2xx that waits for a PRACK */
    GPtrArray *held_headers;   /* (nullable) */
    gboolean answer_held;
    nta_incoming_t *offer_in;   /* their re-INVITE or UPDATE: until answered and ACKed */
    nta_outgoing_t *invite_out; /* our INVITE: until final failure or ACK sent */
    nta_outgoing_t *offer_out;  /* our re-INVITE, or UPDATE with an offer */
    nta_outgoing_t *refresh;    /* our UPDATE without one */
    nta_outgoing_t *prack;
    GPtrArray *early;         /* (nullable): McpSipEarly */
    McpSipEarly *prack_early; /* (nullable): borrowed: its 1xx is to be acknowledged */
    McpSipEarly *prack_sent;  /* (nullable): borrowed: that of @prack */
    McpSdp *prack_sdp;        /* (nullable): in @prack */
    McpSdp *local_sdp;        /* (nullable): in force */
    McpSdp *remote_sdp;       /* (nullable) */
    McpSdp *offered;          /* (nullable): theirs in @offer_in */
    McpSdp *offer_sent;       /* (nullable): ours in @offer_out */
    gboolean offer_is_refresh;
    gboolean ack_owed;      /* the 2xx to @offer_out had their offer, which is not yet answered */
    McpTimer *answer_timer; /* until @offer_out is given up */
    McpTimer *back_off;     /* after a collision of offers */
    McpSipSessionTimer timer;
    McpTimer *refresh_timer;
    gint64 expires_at; /* µs of the clock, when @timer has an interval */
    gboolean refresh_due;
    guint progress; /* last 1xx that is repeated for proxies, 0 none */
    McpTimer *progress_timer;
    nta_outgoing_t *bye;
    GQueue requests; /* McpSipRequest: waiting for their turn */
    nta_outgoing_t *request;
    McpSipRequest *request_sent; /* (nullable): what @request carries */
    void (*request_done)(McpSipSession *session, guint status); /* of @request, nullable */
    nta_incoming_t *refer_in;                                   /* REFER that is not yet answered */
    guint32 refer_id;          /* of the Event header of our NOTIFY, 0 none */
    gboolean refer_seen;       /* there was one */
    gboolean refer_notifies;   /* theirs was accepted, and is told the progress */
    gboolean refer_silent;     /* but wants no NOTIFY */
    gboolean refer_out;        /* ours has no final status */
    gboolean refer_told;       /* a NOTIFY has come for it */
    McpSipFarewell *farewell;  /* BYE to be sent once their ACK is in */
    McpSipFarewell *bye_words; /* (nullable): of the BYE that was sent */
    McpTimer *deadline;
    McpSessionEvent *last; /* (nullable): the last event, held back while transactions run */
};

/** MCP_SIP_ECHO: the tag of these headers, for requests and responses within the dialog. */
#define MCP_SIP_ECHO(session) TAG_IF((session)->echo != NULL, SIPTAG_HEADER_STR((session)->echo))

#define MCP_TYPE_SIP_SESSION (mcp_sip_session_get_type())
G_DECLARE_FINAL_TYPE(McpSipSession, mcp_sip_session, MCP, SIP_SESSION, GObject)

/** mcp_sip_session_new: (transfer full): not in the stack's set yet. */
McpSipSession *mcp_sip_session_new(McpSipStack *stack, const char *sip_call_id, gboolean outgoing);

/** mcp_sip_session_emit: hands a copy of @event to the handler's context. */
void mcp_sip_session_emit(McpSipSession *session, const McpSessionEvent *event);

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

/**
 * mcp_sip_session_target: a target refresh (RFC 3261 §12.2): Contact and Allow of a request or 2xx.
 */
void mcp_sip_session_target(McpSipSession *session, const sip_t *sip);

/** mcp_sip_session_release: the same without waiting for what runs. */
void mcp_sip_session_release(McpSipSession *session);

G_END_DECLS
