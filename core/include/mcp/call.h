/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/media.h>
#include <mcp/contract/signalling.h>
#include <mcp/json.h>
#include <mcp/peer.h>

G_BEGIN_DECLS

/**
 * McpCall: one call. It belongs to a shard: all functions on that context unless said otherwise.
 */
#define MCP_TYPE_CALL (mcp_call_get_type())
G_DECLARE_FINAL_TYPE(McpCall, mcp_call, MCP, CALL, GObject)

/** mcp_call_get_id: id that stands in log lines, events and the record. Any thread. */
const char *mcp_call_get_id(McpCall *call);
/** mcp_call_get_context: (transfer none): the shard. Any thread. */
GMainContext *mcp_call_get_context(McpCall *call);
/**
 * mcp_call_get_invite: (transfer none) (nullable): what the caller sent; NULL for placed calls.
 * Any thread.
 */
McpInvite *mcp_call_get_invite(McpCall *call);
/** mcp_call_get_peer: (transfer none) (nullable): whose rights the call has. Any thread. */
McpPeer *mcp_call_get_peer(McpCall *call);
/**
 * mcp_call_get_settings: (transfer none): the settings that were in force when the call came, with
 * what it sets for itself (gvp.config). Any thread.
 */
McpSettings *mcp_call_get_settings(McpCall *call);
/** mcp_call_get_service: name of the [service "NAME"] section; "" for placed calls. Any thread. */
const char *mcp_call_get_service(McpCall *call);
/** mcp_call_is_outgoing: whether we placed it. Any thread. */
gboolean mcp_call_is_outgoing(McpCall *call);
/**
 * mcp_call_get_remote_uri: (transfer none): From of a caller, target of a placed call. Any thread.
 */
const char *mcp_call_get_remote_uri(McpCall *call);
/**
 * mcp_call_get_local_uri: (transfer none): To of an incoming call, own identity otherwise. Any
 * thread.
 */
const char *mcp_call_get_local_uri(McpCall *call);
/**
 * mcp_call_get_parameter: (nullable) (transfer none): parameter of the dialog: from the service
 * section, or for placed calls from McpPlaceRequest. Any thread.
 */
const char *mcp_call_get_parameter(McpCall *call, const char *name);
/** mcp_call_get_leg: (transfer none) (nullable). */
McpLeg *mcp_call_get_leg(McpCall *call);
/** mcp_call_get_session: (transfer none) (nullable). */
McpSession *mcp_call_get_session(McpCall *call);
/** mcp_call_is_connected: whether the other side is still there. */
gboolean mcp_call_is_connected(McpCall *call);
/**
 * mcp_call_note: adds a line to the call's timeline (bounded; shown by "mcpctl call show" and at
 * debug
 * level in the log). @what: static short name.
 */
void mcp_call_note(McpCall *call, const char *what, const char *format, ...) G_GNUC_PRINTF(3, 4);
/**
 * mcp_call_set_record_field: adds a string to the object "dialog" of the call's record; replaces
 * an equal key.
 */
void mcp_call_set_record_field(McpCall *call, const char *key, const char *value);
/** McpCallReferFunc: @status is that of the target, or of the refusal; on the shard, once. */
typedef void (*McpCallReferFunc)(McpCall *call, guint status, const char *reason,
                                 gpointer user_data);
/**
 * mcp_call_refer: asks the other side to call @target instead of us (blind transfer, RFC 5589 §6).
 * The call goes on whatever comes of it: who asked decides.
 */
void mcp_call_refer(McpCall *call, const char *target, McpCallReferFunc func, gpointer user_data);
/**
 * mcp_call_refer_blind: the same, but @func is told 202 as soon as the other side has accepted
 * (RFC 5552 §6.1): what becomes of its call is not awaited.
 */
void mcp_call_refer_blind(McpCall *call, const char *target, McpCallReferFunc func,
                          gpointer user_data);
/**
 * mcp_call_refer_session: as mcp_call_refer(), to the other side of @other, whose place it is to
 * take (attended transfer). @other was placed on behalf of @call; @name is for log lines.
 */
void mcp_call_refer_session(McpCall *call, McpSession *other, const char *name,
                            McpCallReferFunc func, gpointer user_data);
/** mcp_call_refer_was_accepted: whether the other side accepted the last REFER, whatever came. */
gboolean mcp_call_refer_was_accepted(McpCall *call);
/**
 * mcp_call_may_dial: whether this call may cause @target (sip:, sips: or tel: URI) to be dialled:
 * the right of its peer and, where it has a list of its own, of its service; never of the page. A
 * refusal is logged. To be asked for whatever makes somebody dial: a new session, a REFER, a
 * redirection that is followed. MCP_ERROR_REFUSED. Any thread.
 */
gboolean mcp_call_may_dial(McpCall *call, const char *target, GError **error);
/**
 * mcp_call_dial: (transfer full): places a session on behalf of @call; the only way for dialogs.
 * @params as for mcp_signalling_place(); MCP_ERROR_REFUSED where mcp_call_may_dial() says no, which
 * drain changes nothing about.
 */
McpSession *mcp_call_dial(McpCall *call, const McpPlaceParams *params, GError **error);
/** mcp_call_hangup: ends the call from our side; @reason is text for Reason header and record. */
void mcp_call_hangup(McpCall *call, const char *reason);

/** McpCalls: all calls of the process. Functions may be called on any thread. */
#define MCP_TYPE_CALLS (mcp_calls_get_type())
G_DECLARE_FINAL_TYPE(McpCalls, mcp_calls, MCP, CALLS, GObject)

/**
 * mcp_calls_offer: hands an INVITE that its peer may send to the core: routed, prepared, answered
 * or refused from here on. The session's handler is set by the core.
 *
 * Returns: (transfer full) (nullable): the call's id; NULL when it was refused at once.
 */
char *mcp_calls_offer(McpCalls *calls, McpSession *session, McpInvite *invite);

/** mcp_calls_get_running: number of calls. */
guint mcp_calls_get_running(McpCalls *calls);

/**
 * mcp_calls_match_peer: (transfer full): the peer that @address belongs to; "anonymous" if none
 * lists it.
 */
McpPeer *mcp_calls_match_peer(McpCalls *calls, GInetAddress *address);
/**
 * mcp_calls_match_tls_peer: (transfer full): the same for a connection over TLS: @tls_names are the
 * SIP identities (RFC 5922 §7.1) of the verified client certificate, empty without one, NULL when
 * it is not TLS.
 */
McpPeer *mcp_calls_match_tls_peer(McpCalls *calls, GInetAddress *address,
                                  const char *const *tls_names);

/** McpPlaceRequest: a call that we place, and the dialog that runs on it once answered. */
typedef struct {
    const char *target;     /* sip: URI */
    const char *from;       /* nullable */
    const char *uui;        /* nullable: text for User-to-User (RFC 7433) */
    const char *dialog;     /* name of a dialog service */
    GHashTable *parameters; /* char* → char*, for the dialog; nullable */
    gint64 deadline;        /* µs to an answer; 0: 60 s */
} McpPlaceRequest;

/**
 * mcp_calls_place: (transfer full): the new call's id. Failures after this come as events and in
 * the record.
 */
char *mcp_calls_place(McpCalls *calls, const McpPlaceRequest *request, GError **error);

/** mcp_calls_hangup: FALSE when there is no such call. */
gboolean mcp_calls_hangup(McpCalls *calls, const char *call_id, const char *reason);

/** McpTransferFunc: @status 200 when the other side is where it should be. */
typedef void (*McpTransferFunc)(guint status, const char *reason, gpointer user_data);
/**
 * mcp_calls_transfer: refers the other side of a call to @target, a URI (blind) or the id of
 * another call, whose other side it then talks to (attended); a call that was transferred is hung
 * up. @func runs on the caller's thread-default context. Returns: FALSE when there is no such call.
 */
gboolean mcp_calls_transfer(McpCalls *calls, const char *call_id, const char *target,
                            McpTransferFunc func, gpointer user_data);

/**
 * mcp_calls_redirect: joins two running calls so that media flow between their other sides and no
 * longer through us (RFC 3725). @func is told 200 when both have agreed: both dialogs end then and
 * the calls go on as a pair, one ending with the other; or what went wrong (491: one is being moved
 * already): both go on as before. It runs on the caller's thread-default context. An operator's
 * right. Returns: FALSE when there is no such call.
 */
gboolean mcp_calls_redirect(McpCalls *calls, const char *call_id, const char *other_call_id,
                            McpTransferFunc func, gpointer user_data);

/**
 * mcp_calls_replace: (transfer none): an INVITE whose Replaces names @old (RFC 3891 §3): @session
 * takes its place in the call, whose dialog goes on, or is refused.
 */
void mcp_calls_replace(McpCalls *calls, McpSession *old, McpSession *session, McpInvite *invite);

/** mcp_calls_list: adds an array "calls" with one short object a call. */
void mcp_calls_list(McpCalls *calls, McpJson *json);

/** McpCallDescribeFunc: @object is a JSON object, or NULL when there is no such call. */
typedef void (*McpCallDescribeFunc)(const char *object, gpointer user_data);

/**
 * mcp_calls_describe: facts, timeline, ladder, leg and dialog of one call (running, or one of the
 * last
 * ended ones) as JSON; @func runs on the caller's thread-default context.
 */
void mcp_calls_describe(McpCalls *calls, const char *call_id, McpCallDescribeFunc func,
                        gpointer user_data);

G_END_DECLS
