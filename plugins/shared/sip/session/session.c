/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipSession: the face of a session towards the core. Functions of the contract may be called on
 * any thread and post to the SIP context; events go the other way, to the context of the handler.
 * The SIP context's own work on a session is in dialog.c (as server) and client.c.
 */
#include "session.h"

#include "attempt.h"
#include "client.h"
#include "dialog.h"
#include "handle.h"
#include "header_text.h"
#include "offer_answer.h"
#include "refer.h"
#include "refresh.h"
#include "reliable.h"
#include "requests.h"

#include <mcp/ledger.h>
#include <mcp/log.h>

/* How long the last event waits for transactions that still run. */
#define LAST_EVENT_WAIT (2 * G_USEC_PER_SEC)

/* One event on its way. */
typedef struct {
    McpSipSession *session;
    McpSessionEvent *event;
} Parcel;

/* Arguments of a call on their way to the SIP context. */
typedef struct {
    guint status;
    McpSdp *sdp;
    GPtrArray *headers;
    McpReject *reject;
    McpSipFarewell *farewell;
    McpSipRequest *request;
    McpRefer *refer;
    McpSipSession *other; /* a reference */
} Request;

MCP_LEDGER_DEFINE(McpSipSession);

static void mcp_sip_session_iface_init(McpSessionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSipSession, mcp_sip_session, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SESSION, mcp_sip_session_iface_init))

static void
parcel_free(gpointer data)
{
    Parcel *parcel = data;

    mcp_sip_session_event_free(parcel->event);
    g_object_unref(parcel->session);
    g_free(parcel);
}

/* Handler's context. */
static gboolean
deliver(gpointer data)
{
    Parcel *parcel = data;
    McpSipSession *session = parcel->session;

    session->handler(MCP_SESSION(session), parcel->event, session->handler_data);
    if (parcel->event->type == MCP_SESSION_ENDED && session->handler_destroy != NULL) {
        session->handler_destroy(session->handler_data);
        session->handler_destroy = NULL;
    }
    return G_SOURCE_REMOVE;
}

/* Always through a source, never at once: a handler runs on its own context only. */
static void
send_event(McpSipSession *session, McpSessionEvent *event)
{
    g_autoptr(GSource) source = g_idle_source_new();
    Parcel *parcel = g_new(Parcel, 1);

    parcel->session = g_object_ref(session);
    parcel->event = event;
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, deliver, parcel, parcel_free);
    g_source_attach(source, session->handler_context);
}

/* Takes @event. */
static void
emit(McpSipSession *session, McpSessionEvent *event)
{
    g_mutex_lock(&session->lock);
    if (session->handler != NULL)
        send_event(session, event);
    else
        g_queue_push_tail(&session->waiting, event);
    g_mutex_unlock(&session->lock);
}

void
mcp_sip_session_emit(McpSipSession *session, const McpSessionEvent *event)
{
    /* After the last event the handler's data are gone. */
    if (session->state == MCP_SIP_STATE_ENDED && session->last == NULL)
        return;
    emit(session, mcp_sip_session_event_copy(event));
}

static void
emit_last(McpSipSession *session)
{
    mcp_timer_clear(&session->deadline);
    if (session->last != NULL)
        emit(session, g_steal_pointer(&session->last));
}

static void
on_last_event_due(gpointer user_data)
{
    emit_last(user_data);
}

static McpSipEnding
early_ending(const McpSipSession *session, guint status, gboolean remote)
{
    if (status == 487)
        return remote ? MCP_SIP_ENDING_CANCEL_RECEIVED : MCP_SIP_ENDING_CANCEL_SENT;
    if (remote)
        return MCP_SIP_ENDING_REFUSED_BY_PEER;
    if (status == 408 || status == 504)
        return MCP_SIP_ENDING_TIMEOUT;
    /* What the library says in the other side's stead: nobody could be reached. */
    return session->outgoing ? MCP_SIP_ENDING_TRANSPORT : MCP_SIP_ENDING_REFUSED_BY_US;
}

static McpSipEnding
ending_of(const McpSipSession *session, guint status, gboolean remote)
{
    if (session->state == MCP_SIP_STATE_CALLING || session->state == MCP_SIP_STATE_INCOMING)
        return early_ending(session, status, remote);
    if (remote)
        return MCP_SIP_ENDING_BYE_RECEIVED;
    if (status == 408)
        return MCP_SIP_ENDING_TIMEOUT;
    return status == 481 ? MCP_SIP_ENDING_LOST : MCP_SIP_ENDING_BYE_SENT;
}

void
mcp_sip_session_finish(McpSipSession *session, guint status, const char *reason, gboolean remote,
                       const GPtrArray *headers)
{
    McpSessionEvent event = {.type = MCP_SESSION_ENDED,
                             .status = status,
                             .reason = reason,
                             .remote = remote,
                             .headers = headers};

    if (session->state == MCP_SIP_STATE_ENDED)
        return;
    mcp_sip_stack_count_ending(session->stack, ending_of(session, status, remote));
    session->state = MCP_SIP_STATE_ENDED;
    mcp_log_debug("session-ended", session->call_id, "session %s ended by %s: %u %s",
                  session->sip_call_id, remote ? "the other side" : "us", status,
                  reason != NULL ? reason : "");
    session->last = mcp_sip_session_event_copy(&event);
    mcp_timer_clear(&session->deadline);
    session->deadline = mcp_clock_after(session->stack->clock, session->stack->context,
                                        LAST_EVENT_WAIT, on_last_event_due, session);
}

void
mcp_sip_session_release(McpSipSession *session)
{
    emit_last(session);
    mcp_timer_clear(&session->progress_timer);
    mcp_sip_attempt_stop(session);
    mcp_sip_offer_clear(session);
    mcp_sip_refresh_clear(session);
    mcp_sip_reliable_clear(session);
    mcp_sip_incoming_clear(&session->invite_in);
    mcp_sip_outgoing_clear(&session->invite_out);
    mcp_sip_outgoing_clear(&session->bye);
    mcp_sip_requests_clear(session);
    mcp_sip_refer_clear(session);
    mcp_sip_leg_clear(&session->leg);
    g_clear_pointer(&session->flow, mcp_sip_flow_unref);
    if (session->stack->wire != NULL)
        mcp_sip_wire_unwatch(session->stack->wire, &session->ladder);
    mcp_sip_stack_unlist(session->stack, session);
}

void
mcp_sip_session_settle(McpSipSession *session)
{
    if (session->state != MCP_SIP_STATE_ENDED || session->invite_in != NULL ||
        session->invite_out != NULL || session->bye != NULL)
        return;
    mcp_sip_session_release(session);
}

void
mcp_sip_session_target(McpSipSession *session, const sip_t *sip)
{
    if (sip->sip_contact != NULL && sip->sip_request != NULL)
        nta_leg_server_route(session->leg, NULL, sip->sip_contact);
    else if (sip->sip_contact != NULL)
        nta_leg_client_reroute(session->leg, NULL, sip->sip_contact, 0);
    if (sip->sip_allow != NULL)
        session->peer_update = sip_is_allowed(sip->sip_allow, SIP_METHOD_UPDATE);
}

McpSipSession *
mcp_sip_session_new(McpSipStack *stack, const char *sip_call_id, gboolean outgoing)
{
    McpSipSession *session = g_object_new(MCP_TYPE_SIP_SESSION, NULL);

    session->stack = mcp_sip_stack_ref(stack);
    session->sip_call_id = g_strdup(sip_call_id);
    session->outgoing = outgoing;
    session->state = outgoing ? MCP_SIP_STATE_CALLING : MCP_SIP_STATE_INCOMING;
    return session;
}

static void
request_free(gpointer data)
{
    Request *request = data;

    g_clear_pointer(&request->sdp, mcp_sdp_unref);
    g_clear_pointer(&request->headers, g_ptr_array_unref);
    g_clear_pointer(&request->reject, mcp_reject_free);
    g_clear_pointer(&request->farewell, mcp_sip_farewell_free);
    g_clear_pointer(&request->request, mcp_sip_request_free);
    g_clear_pointer(&request->refer, mcp_refer_free);
    g_clear_object(&request->other);
    g_free(request);
}

static Request *
request_new(McpSdp *sdp)
{
    Request *request = g_new0(Request, 1);

    request->sdp = sdp != NULL ? mcp_sdp_ref(sdp) : NULL;
    return request;
}

static void
post(McpSession *self, McpSipMailFunc func, Request *request, gboolean droppable)
{
    McpSipSession *session = MCP_SIP_SESSION(self);

    mcp_sip_stack_post(session->stack, session, func, request, request_free, droppable);
}

static void
set_handler(McpSession *self, GMainContext *context, McpSessionFunc func, gpointer user_data,
            GDestroyNotify destroy)
{
    McpSipSession *session = MCP_SIP_SESSION(self);
    McpSessionEvent *event = NULL;

    g_return_if_fail(session->handler == NULL);

    g_mutex_lock(&session->lock);
    session->handler_context = context != NULL ? g_main_context_ref(context) : NULL;
    session->handler = func;
    session->handler_data = user_data;
    session->handler_destroy = destroy;
    while ((event = g_queue_pop_head(&session->waiting)) != NULL)
        send_event(session, event);
    g_mutex_unlock(&session->lock);
}

static void
do_progress(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_dialog_progress(object, request->status, request->sdp);
}

static void
progress(McpSession *self, guint status, McpSdp *sdp)
{
    Request *request = request_new(sdp);

    request->status = status;
    post(self, do_progress, request, TRUE);
}

static void
do_answer(gpointer object, gpointer data)
{
    McpSipSession *session = object;
    Request *request = data;

    if (session->outgoing)
        mcp_sip_client_answer(session, request->sdp);
    else
        mcp_sip_dialog_answer(session, request->sdp, request->headers);
}

static void
answer(McpSession *self, McpSdp *sdp, const GPtrArray *headers)
{
    Request *request = request_new(sdp);

    request->headers = mcp_sip_headers_copy(headers);
    post(self, do_answer, request, FALSE);
}

static void
do_reject(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_dialog_reject(object, request->reject);
}

static void
reject(McpSession *self, const McpReject *reject_)
{
    Request *request = request_new(NULL);

    request->reject = mcp_reject_copy(reject_);
    post(self, do_reject, request, FALSE);
}

static void
do_offer(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_offer_send(object, request->sdp);
}

static void
offer(McpSession *self, McpSdp *sdp)
{
    post(self, do_offer, request_new(sdp), FALSE);
}

static void
do_answer_offer(gpointer object, gpointer data)
{
    McpSipSession *session = object;
    Request *request = data;

    /* An offer in answer to our offerless INVITE is answered in the ACK, or in a PRACK. */
    if (session->outgoing && session->answer_awaited)
        mcp_sip_client_answer(session, request->sdp);
    else
        mcp_sip_offer_answer(session, request->sdp);
}

static void
answer_offer(McpSession *self, McpSdp *sdp)
{
    post(self, do_answer_offer, request_new(sdp), FALSE);
}

static void
do_reject_offer(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_offer_reject(object, request->reject);
}

static void
reject_offer(McpSession *self, const McpReject *reject_)
{
    Request *request = request_new(NULL);

    request->reject = mcp_reject_copy(reject_);
    post(self, do_reject_offer, request, FALSE);
}

static void
do_request(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_requests_send(object, g_steal_pointer(&request->request));
}

static void
send_info(McpSession *self, const char *content_type, GBytes *body)
{
    Request *request = request_new(NULL);

    request->request = mcp_sip_request_new(SIP_METHOD_INFO, NULL, content_type, body);
    post(self, do_request, request, TRUE);
}

static void
do_refer(gpointer object, gpointer data)
{
    Request *request = data;

    if (request->other != NULL)
        mcp_sip_refer_send_session(object, request->other, request->refer->referred_by);
    else
        mcp_sip_refer_send(object, request->refer);
}

static void
refer(McpSession *self, const McpRefer *refer_)
{
    Request *request = request_new(NULL);

    request->refer = mcp_refer_copy(refer_);
    post(self, do_refer, request, FALSE);
}

static void
refer_session(McpSession *self, McpSession *other, const char *referred_by)
{
    Request *request = request_new(NULL);

    request->refer = mcp_refer_new(NULL, NULL, referred_by);
    request->other = g_object_ref(MCP_SIP_SESSION(other));
    post(self, do_refer, request, FALSE);
}

static void
do_answer_refer(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_refer_answer(object, request->status, request->farewell->reason);
}

static void
answer_refer(McpSession *self, guint status, const char *reason)
{
    Request *request = request_new(NULL);

    request->status = status;
    request->farewell = mcp_sip_farewell_new(reason, NULL, NULL);
    post(self, do_answer_refer, request, FALSE);
}

static void
do_notify_refer(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_refer_notify(object, request->status);
}

static void
notify_refer(McpSession *self, guint status)
{
    Request *request = request_new(NULL);

    request->status = status;
    post(self, do_notify_refer, request, FALSE);
}

static void
do_end(gpointer object, gpointer data)
{
    Request *request = data;

    mcp_sip_client_end(object, g_steal_pointer(&request->farewell));
}

static void
end(McpSession *self, const char *reason, const char *content_type, GBytes *body)
{
    Request *request = request_new(NULL);
    g_autofree char *value = reason != NULL ? mcp_sip_reason_value(200, reason) : NULL;

    request->farewell = mcp_sip_farewell_new(value, content_type, body);
    post(self, do_end, request, FALSE);
}

static GPtrArray *
get_ladder(McpSession *self)
{
    return mcp_sip_ladder_copy(&MCP_SIP_SESSION(self)->ladder);
}

static const char *
get_sip_call_id(McpSession *self)
{
    return MCP_SIP_SESSION(self)->sip_call_id;
}

static void
mcp_sip_session_init(McpSipSession *session)
{
    g_mutex_init(&session->lock);
    g_queue_init(&session->waiting);
    g_queue_init(&session->requests);
    mcp_sip_ladder_init(&session->ladder);
    MCP_LEDGER_CREATED(McpSipSession);
}

static void
mcp_sip_session_finalize(GObject *object)
{
    McpSipSession *session = MCP_SIP_SESSION(object);

    g_queue_clear_full(&session->waiting, (GDestroyNotify)mcp_sip_session_event_free);
    g_clear_pointer(&session->last, mcp_sip_session_event_free);
    g_queue_clear_full(&session->requests, (GDestroyNotify)mcp_sip_request_free);
    g_clear_pointer(&session->farewell, mcp_sip_farewell_free);
    g_clear_pointer(&session->bye_words, mcp_sip_farewell_free);
    g_clear_pointer(&session->handler_context, g_main_context_unref);
    g_clear_pointer(&session->stack, mcp_sip_stack_unref);
    g_clear_pointer(&session->local_sdp, mcp_sdp_unref);
    g_clear_pointer(&session->remote_sdp, mcp_sdp_unref);
    g_clear_pointer(&session->offered, mcp_sdp_unref);
    g_clear_pointer(&session->held_sdp, mcp_sdp_unref);
    g_clear_pointer(&session->held_headers, g_ptr_array_unref);
    g_clear_pointer(&session->offer_sent, mcp_sdp_unref);
    mcp_sip_attempt_clear(session);
    mcp_sip_authorization_clear(&session->authorization);
    g_clear_pointer(&session->placement, mcp_sip_placement_free);
    g_free(session->invite_proof);
    g_free(session->sip_call_id);
    g_free(session->call_id);
    g_free(session->contact);
    g_free(session->echo);
    g_free(session->warning_host);
    mcp_sip_ladder_clear(&session->ladder);
    g_mutex_clear(&session->lock);
    MCP_LEDGER_FINALIZED(McpSipSession);
    G_OBJECT_CLASS(mcp_sip_session_parent_class)->finalize(object);
}

static void
mcp_sip_session_class_init(McpSipSessionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_sip_session_finalize;
}

static void
mcp_sip_session_iface_init(McpSessionInterface *iface)
{
    iface->set_handler = set_handler;
    iface->progress = progress;
    iface->answer = answer;
    iface->reject = reject;
    iface->offer = offer;
    iface->answer_offer = answer_offer;
    iface->reject_offer = reject_offer;
    iface->send_info = send_info;
    iface->end = end;
    iface->refer = refer;
    iface->refer_session = refer_session;
    iface->answer_refer = answer_refer;
    iface->notify_refer = notify_refer;
    iface->get_ladder = get_ladder;
    iface->get_sip_call_id = get_sip_call_id;
}
