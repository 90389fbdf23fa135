/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/place.h>
#include <mcp/contract/refer.h>
#include <mcp/invite.h>

G_BEGIN_DECLS

/**
 * The signalling contract: sessions (INVITE dialogs, RFC 3261) as calls see them. Functions may be
 * called on any thread and only post to the provider's context; events come back on the context
 * that the handler was set for, in order.
 */
#define MCP_CONTRACT_SIGNALLING "signalling"
#define MCP_CONTRACT_SIGNALLING_MAJOR 1
#define MCP_CONTRACT_SIGNALLING_MINOR 1

/** McpSessionEventType: what the remote side did. */
typedef enum {
    MCP_SESSION_PROGRESS,       /* outgoing: 1xx with @status, @sdp if any */
    MCP_SESSION_ANSWERED,       /* outgoing: 2xx; @sdp is answer, or offer if we sent none */
    MCP_SESSION_ACKED,          /* incoming: ACK came; @sdp is the answer to an offer in our 2xx */
    MCP_SESSION_OFFERED,        /* re-INVITE or UPDATE: @sdp, or NULL when we are to offer */
    MCP_SESSION_REOFFER_DONE,   /* answer to our mcp_session_offer(): @sdp; their offer if NULL */
    MCP_SESSION_REOFFER_FAILED, /* @status: previous session stays in force */
    MCP_SESSION_INFO,           /* @content_type, @body */
    MCP_SESSION_ENDED,          /* last event: @status, @reason say why, @remote whether they did */
    MCP_SESSION_EARLY_ANSWER,   /* incoming: PRACK with @sdp, the answer to an offer in our 1xx */
    MCP_SESSION_REOFFER_DUE, /* the time after a collision (491) is over: offer again if wanted */
    MCP_SESSION_REFERRED,    /* REFER: @refer; answered by mcp_session_answer_refer() */
    MCP_SESSION_REFER_PROGRESS, /* of our REFER: @status of the target; final from 200 on */
} McpSessionEventType;

/** McpSessionEvent: valid during the callback. */
typedef struct {
    McpSessionEventType type;
    guint status;
    const char *reason; /* text: phrase or Reason header */
    gboolean remote;
    McpSdp *sdp;
    const GPtrArray *headers; /* McpHeader, of the message that caused it; may be NULL */
    const char *content_type;
    GBytes *body;
    const McpRefer *refer;
} McpSessionEvent;

/** McpLadderEntry: one SIP message of a session. */
typedef struct {
    gint64 wall;     /* µs since 1970 */
    gboolean sent;   /* by us */
    gboolean repeat; /* retransmission */
    char *summary;   /* "INVITE sip:…" or "200 OK (INVITE)" */
    char *local;     /* nullable: "192.0.2.1:5060", the address that it left or came to */
    char *remote;    /* nullable */
    char *transport; /* nullable: "udp", "tcp", "tls" */
    guint status;    /* of a response, 0: a request */
} McpLadderEntry;

#define MCP_TYPE_SESSION (mcp_session_get_type())
G_DECLARE_INTERFACE(McpSession, mcp_session, MCP, SESSION, GObject)

/** McpSessionFunc: on the context given to mcp_session_set_handler(). */
typedef void (*McpSessionFunc)(McpSession *session, const McpSessionEvent *event,
                               gpointer user_data);

/** McpSessionInterface: implemented by signalling providers; see the functions for each member. */
struct _McpSessionInterface {
    GTypeInterface parent_iface;
    void (*set_handler)(McpSession *self, GMainContext *context, McpSessionFunc func,
                        gpointer user_data, GDestroyNotify destroy);
    void (*progress)(McpSession *self, guint status, McpSdp *sdp);
    void (*answer)(McpSession *self, McpSdp *sdp, const GPtrArray *headers);
    void (*reject)(McpSession *self, const McpReject *reject);
    void (*offer)(McpSession *self, McpSdp *sdp);
    void (*answer_offer)(McpSession *self, McpSdp *sdp);
    void (*reject_offer)(McpSession *self, const McpReject *reject);
    void (*send_info)(McpSession *self, const char *content_type, GBytes *body);
    void (*end)(McpSession *self, const char *reason, const char *content_type, GBytes *body);
    GPtrArray *(*get_ladder)(McpSession *self);
    const char *(*get_sip_call_id)(McpSession *self);
    void (*refer)(McpSession *self, const McpRefer *refer);
    void (*answer_refer)(McpSession *self, guint status, const char *reason);
    void (*notify_refer)(McpSession *self, guint status);
    void (*refer_session)(McpSession *self, McpSession *other, const char *referred_by);
};

/**
 * mcp_session_set_handler: events that came before are delivered first. Set once; @destroy runs
 * after the last event, on @context.
 */
void mcp_session_set_handler(McpSession *session, GMainContext *context, McpSessionFunc func,
                             gpointer user_data, GDestroyNotify destroy);
/**
 * mcp_session_progress: sends a 1xx to an incoming session; @sdp nullable (183 early media). It is
 * sent reliably (RFC 3262) when the other side or the settings want it; with the answer in a
 * reliable one, the 200 has none. The provider repeats the last one for proxies.
 */
void mcp_session_progress(McpSession *session, guint status, McpSdp *sdp);
/**
 * mcp_session_answer: sends 200 with @sdp (answer, or offer to an offerless INVITE); retransmitted
 * until ACK.
 */
void mcp_session_answer(McpSession *session, McpSdp *sdp, const GPtrArray *headers);
/** mcp_session_reject: sends a final failure to an incoming session not yet answered. */
void mcp_session_reject(McpSession *session, const McpReject *reject);
/**
 * mcp_session_offer: re-INVITE or UPDATE with @sdp, or without to ask for their offer (RFC 3725),
 * which wants mcp_session_answer_offer() within seconds; one at a time (RFC 3264 §4). After a
 * collision MCP_SESSION_REOFFER_FAILED comes with 491, and MCP_SESSION_REOFFER_DUE when the
 * back-off (RFC 3261 §14.1) is over. After 10 s without answer it fails with 487, or the session
 * ends. The provider refreshes the session, and keeps its origin and lines (RFC 3264 §8) whoever
 * made @sdp.
 */
void mcp_session_offer(McpSession *session, McpSdp *sdp);
/** mcp_session_answer_offer: @sdp answers MCP_SESSION_OFFERED, or the offer that was asked for. */
void mcp_session_answer_offer(McpSession *session, McpSdp *sdp);
/** mcp_session_reject_offer: refuses an offer; one asked for: the session ends, else it goes on. */
void mcp_session_reject_offer(McpSession *session, const McpReject *reject);
/** mcp_session_send_info: INFO within the dialog (RFC 6086). */
void mcp_session_send_info(McpSession *session, const char *content_type, GBytes *body);
/**
 * mcp_session_end: BYE, CANCEL or nothing, as the state asks; @reason (nullable) is the value of
 * the Reason header; @content_type, @body (nullable) go with a BYE. MCP_SESSION_ENDED follows.
 */
void mcp_session_end(McpSession *session, const char *reason, const char *content_type,
                     GBytes *body);
/**
 * mcp_session_get_ladder: (transfer full): GPtrArray of McpLadderEntry, the oldest first, bounded.
 */
GPtrArray *mcp_session_get_ladder(McpSession *session);
/** mcp_session_get_sip_call_id: (transfer none): Call-ID of the dialog. */
const char *mcp_session_get_sip_call_id(McpSession *session);

/** McpExplainParams: an INVITE as text, and where it would come from. */
typedef struct {
    const char *text;
    gsize length;
    const char *source;    /* nullable: "192.0.2.1" or "192.0.2.1:5060"; loopback */
    const char *transport; /* nullable: "udp" */
    const char *identity;  /* nullable: SIP identity of its TLS certificate */
} McpExplainParams;

#define MCP_TYPE_SIGNALLING (mcp_signalling_get_type())
G_DECLARE_INTERFACE(McpSignalling, mcp_signalling, MCP, SIGNALLING, GObject)

/** McpSignallingInterface: members as the functions of the same names. */
struct _McpSignallingInterface {
    GTypeInterface parent_iface;
    McpSession *(*place)(McpSignalling *self, const McpPlaceParams *params, GError **error);
    void (*explain_async)(McpSignalling *self, const McpExplainParams *params,
                          GAsyncReadyCallback callback, gpointer user_data);
    char *(*explain_finish)(McpSignalling *self, GAsyncResult *result, GError **error);
    void (*ping_async)(McpSignalling *self, const char *target, gint64 deadline,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
    guint (*ping_finish)(McpSignalling *self, GAsyncResult *result, GError **error);
};

/**
 * mcp_signalling_explain_async: what would become of an INVITE, decided as for a real one, without
 * a call. Fails with MCP_ERROR_INVALID when it is no INVITE or @params are faulty.
 */
void mcp_signalling_explain_async(McpSignalling *signalling, const McpExplainParams *params,
                                  GAsyncReadyCallback callback, gpointer user_data);
/**
 * mcp_signalling_explain_finish: (transfer full): a JSON object {accepted, status, reason, warning,
 * retry_after, steps}.
 */
char *mcp_signalling_explain_finish(McpSignalling *signalling, GAsyncResult *result,
                                    GError **error);

/**
 * mcp_signalling_ping_async: OPTIONS (RFC 3261 §11) to @target, a SIP URI, on the way of an INVITE.
 * @deadline: µs to the answer; a cancelled one ends by then, too. Any thread.
 */
void mcp_signalling_ping_async(McpSignalling *signalling, const char *target, gint64 deadline,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
/**
 * mcp_signalling_ping_finish: the status of the answer, whatever it is (503: it takes no calls); 0:
 * MCP_ERROR_INVALID (no SIP URI), FAILED (out of reach), TIMEOUT, CLOSED, UNSUPPORTED.
 */
guint mcp_signalling_ping_finish(McpSignalling *signalling, GAsyncResult *result, GError **error);

/**
 * mcp_signalling_place: starts an outgoing session. Returns: (transfer full): the session, set its
 * handler next; or NULL when the target cannot be parsed or routed. Failures on the wire come as
 * MCP_SESSION_ENDED. Any thread.
 */
McpSession *mcp_signalling_place(McpSignalling *signalling, const McpPlaceParams *params,
                                 GError **error);

/** mcp_ladder_entry_copy: (transfer full). */
McpLadderEntry *mcp_ladder_entry_copy(const McpLadderEntry *entry);
/** mcp_ladder_entry_free: frees an entry. */
void mcp_ladder_entry_free(McpLadderEntry *entry);

G_END_DECLS
