/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call/calls.h"
#include "call/outcome.h"
#include "server/core.h"

#include <mcp/contract/dialog.h>

/* The call as the files of this folder see it. All on the shard but what is marked. */

typedef enum {
    MCP_CALL_PREPARING,  /* the dialog is made ready */
    MCP_CALL_PLACING,    /* outgoing: INVITE is out */
    MCP_CALL_ANSWERING,  /* incoming: 200 is out, ACK awaited */
    MCP_CALL_WAITING,    /* incoming: answered without media, the dialog is not started */
    MCP_CALL_RUNNING,    /* the dialog has the leg */
    MCP_CALL_REDIRECTED, /* media flow past us, the dialog has ended or does so */
    MCP_CALL_CLOSING,    /* the dialog finishes */
    MCP_CALL_RELEASING,  /* the session ends */
    MCP_CALL_ENDED,
    MCP_CALL_N_STATES,
} McpCallState;

typedef enum {
    MCP_CALL_EVENT_PREPARED,
    MCP_CALL_EVENT_REFUSED, /* by the dialog: reject is set */
    MCP_CALL_EVENT_ACKED,
    MCP_CALL_EVENT_ANSWERED,
    MCP_CALL_EVENT_MEDIA,      /* a re-INVITE brought media into a session without */
    MCP_CALL_EVENT_REDIRECTED, /* the other sides of two calls have agreed */
    MCP_CALL_EVENT_SESSION_ENDED,
    MCP_CALL_EVENT_DIALOG_ENDED,
    MCP_CALL_EVENT_HANGUP, /* by us: reason is set */
    MCP_CALL_EVENT_DEADLINE,
    MCP_CALL_N_EVENTS,
} McpCallEvent;

typedef struct _McpRedirect McpRedirect;

typedef struct {
    gint64 wall;
    const char *what;
    char *text;
} McpCallNote;

struct _McpCall {
    GObject parent_instance;
    /* Set before the call is shared; any thread. */
    McpCalls *calls; /* borrowed: outlives its calls */
    McpShard *shard;
    char *id;
    McpInvite *invite; /* NULL: outgoing */
    McpPeer *peer;
    McpRoute *route;
    McpSettings *settings;
    char *remote_uri;
    char *local_uri;
    char *traceparent; /* (nullable): of the caller, when that is believed */
    char *uui;         /* (nullable): text for User-to-User of a placed call */
    gint64 place_deadline;
    gint state; /* atomic, written on the shard */
    gint64 arrived_wall;
    gint64 arrived;

    McpSession *session;
    McpLeg *leg;
    McpLoopLoad *media_loop; /* nullable; atomic pointer, written on the shard */
    McpDialog *dialog;
    McpDialogMedia media; /* NONE or AUDIO */
    gboolean quiet;       /* that no media come ends nothing */
    GCancellable *cancellable;
    McpTimer *progress_timer;
    McpTimer *duration_timer;
    McpTimer *deadline_timer;
    gboolean session_ended;
    gboolean dialog_running;
    gboolean offer_in_answer; /* the ACK brings the answer */
    McpSdp *bare_answer;      /* nullable: sent last with every line refused */
    gint64 answered;
    gint64 answered_wall;
    gint64 ended;
    gint64 ended_wall;
    McpReject *reject;
    guint status; /* final status of the INVITE */
    char *end_reason;
    const char *ended_by; /* "caller", "platform", "network" */
    char *result;         /* JSON of the dialog */
    gboolean failed;
    guint cause; /* SIP status that the dialog ended for; 0: none */
    char *bye_type;
    GBytes *bye_body;
    GQueue notes; /* McpCallNote */
    guint notes_dropped;
    GPtrArray *fields; /* McpHeader: record fields of the dialog */
    McpLegStatistics statistics;
    gboolean has_statistics;
    McpSession *next_session; /* (nullable): placed for a REFER, not yet answered */
    char *next_uri;           /* its target */
    char *moved_to;           /* (nullable): who is on the other side after a transfer */
    gboolean end_held;        /* the session ended while the next one is placed */
    McpSession *departing;    /* (nullable): was the call's, says goodbye */
    McpTimer *departure_timer;
    McpCallReferFunc refer_func; /* (nullable): of a REFER of ours that is under way */
    gpointer refer_data;
    char *refer_target;
    McpTimer *refer_timer;
    gboolean refer_blind;     /* nobody waits for more than that it was accepted */
    gboolean refer_accepted;  /* the last one, by a 2xx */
    McpRedirect *redirect;    /* (nullable): a reference: the pair that the call is of */
    gboolean redirect_agreed; /* its descriptions are for the other side of the pair */
    gboolean restoring;       /* our media are offered again after a redirect that failed */
    char *redirected_to;      /* (nullable): id of the other call; atomic, set once */
    gint64 redirected_wall;
    char *leg_facts; /* JSON kept from the leg when it was closed */
};

/** mcp_call_take_traceparent: the trace that the INVITE names, if it does. */
void mcp_call_take_traceparent(McpCall *call);
/** mcp_call_add_traceparent: to the headers of an INVITE that the call causes, if it is wanted. */
void mcp_call_add_traceparent(McpCall *call, GPtrArray *headers);
/** mcp_call_handle: an event for the state machine. */
void mcp_call_handle(McpCall *call, McpCallEvent event);
/** mcp_call_begin: first step on the shard: makes and prepares the dialog. */
void mcp_call_begin(McpCall *call);
/** mcp_call_state_to_string: for people. */
const char *mcp_call_state_to_string(McpCallState state);
/** mcp_call_set_end: who ended the call and why; the first one counts. */
void mcp_call_set_end(McpCall *call, const char *by, const char *reason);
/** mcp_call_on_session: handler of the session's events. */
void mcp_call_on_session(McpSession *session, const McpSessionEvent *event, gpointer user_data);
/** mcp_call_place_session: sends the INVITE of an outgoing call. */
gboolean mcp_call_place_session(McpCall *call, GError **error);
/** mcp_call_make_leg: makes the leg; FALSE with a refusal in call->reject. */
gboolean mcp_call_make_leg(McpCall *call);
/** mcp_call_make_answer: (transfer full) (nullable): the SDP of our 200. */
McpSdp *mcp_call_make_answer(McpCall *call);
/** mcp_call_has_media: whether a line of @sdp may carry media. */
gboolean mcp_call_has_media(McpSdp *sdp);
/** mcp_call_answer_offer: answers a re-INVITE or UPDATE. */
void mcp_call_answer_offer(McpCall *call, McpSdp *offer);
/** mcp_call_on_referred: REFER of the other side: places the session that takes its place. */
void mcp_call_on_referred(McpCall *call, const McpRefer *refer);
/** mcp_call_on_next_session: an event of call->next_session. */
void mcp_call_on_next_session(McpCall *call, const McpSessionEvent *event);
/** mcp_call_on_refer_progress: of a REFER of ours. */
void mcp_call_on_refer_progress(McpCall *call, guint status, const char *reason);
/** mcp_call_refer_done: the REFER of ours is over: its function is told. */
void mcp_call_refer_done(McpCall *call, guint status, const char *reason);
/** mcp_call_transfer_clear: the call ends: what was being placed or referred ends too. */
void mcp_call_transfer_clear(McpCall *call);
/** mcp_call_take_event: what the call itself does about an event of its session. */
void mcp_call_take_event(McpCall *call, const McpSessionEvent *event);
/** mcp_call_redirect_event: TRUE when the pair that the call is of takes the event. */
gboolean mcp_call_redirect_event(McpCall *call, const McpSessionEvent *event);
/** mcp_call_redirect_clear: the call ends: the other one of its pair is told. */
void mcp_call_redirect_clear(McpCall *call);
/** mcp_call_close_leg: keeps the figures and gives the leg back. */
void mcp_call_close_leg(McpCall *call);
/** mcp_call_take_digit_info: whether an INFO body was a digit (application/dtmf-relay, dtmf). */
gboolean mcp_call_take_digit_info(McpCall *call, const char *content_type, GBytes *body);
/** mcp_call_take_invite: what a new call has of @invite: rights, settings, names. */
void mcp_call_take_invite(McpCall *call, McpInvite *invite);
/** mcp_call_no_dialog: sets the refusal of a call whose dialog could not be made, unless it is. */
void mcp_call_no_dialog(McpCall *call);
/**
 * mcp_call_trace: lets traces know the call by what is fixed, and by @dialog (nullable), the SIP
 * Call-ID. Any thread.
 */
void mcp_call_trace(McpCall *call, const char *dialog);
/**
 * mcp_call_write_description: (transfer full): all that "call show" tells, as JSON. @out_record
 * (nullable) (transfer full): the record, much of which is the same.
 */
char *mcp_call_write_description(McpCall *call, char **out_record);
/** mcp_call_write_facts: adds the short facts of a call to an open object. Any thread. */
void mcp_call_write_facts(McpCall *call, McpJson *json);
