/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session's side of a call: placing it, and its events. On the call's shard.
 */
#include "call/call_private.h"

#include <mcp/dial.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <mcp/trace_context.h>
#include <string.h>

/* RFC 7433 §4.1: hexadecimal, so that any text can be sent. (transfer full) */
static GPtrArray *
place_headers(McpCall *call)
{
    GPtrArray *headers = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    g_autoptr(GString) value = g_string_new(NULL);

    mcp_call_add_traceparent(call, headers);
    if (call->uui == NULL)
        return headers;
    for (const char *p = call->uui; *p != '\0'; p++)
        g_string_append_printf(value, "%02x", (guchar)*p);
    g_string_append(value, ";encoding=hex");
    g_ptr_array_add(headers, mcp_header_new("User-to-User", value->str));
    return headers;
}

gboolean
mcp_call_place_session(McpCall *call, GError **error)
{
    McpCore *core = mcp_calls_get_core(call->calls);
    g_autoptr(McpSignalling) signalling =
        mcp_registry_lookup(core->registry, MCP_CONTRACT_SIGNALLING, NULL);
    g_autoptr(McpSdp) offer = mcp_leg_create_offer(call->leg, error);
    g_autoptr(GPtrArray) headers = place_headers(call);
    McpPlaceParams params = {
        .purpose = MCP_PURPOSE_CALLER,
        .headers = headers,
        .call_id = call->id,
        .target = call->remote_uri,
        .from = *call->local_uri != '\0' ? call->local_uri : NULL,
        .offer = offer,
        .deadline = call->place_deadline,
    };

    if (offer == NULL)
        return FALSE;
    if (signalling == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no signalling service is running");
        return FALSE;
    }
    call->session = mcp_signalling_place(signalling, &params, error);
    if (call->session == NULL)
        return FALSE;
    mcp_calls_tag_session(call->session, call);
    mcp_session_set_handler(call->session, call->shard->context, mcp_call_on_session,
                            g_object_ref(call), g_object_unref);
    return TRUE;
}

gboolean
mcp_call_may_dial(McpCall *call, const char *target, GError **error)
{
    const char *const *service = (const char *const *)call->route->dial;
    const char *who = NULL;

    if (call->peer == NULL || !mcp_peer_allows_dial(call->peer, target))
        who = "peer";
    else if (service != NULL && service[0] != NULL && !mcp_dial_match(service, target))
        who = "service";
    if (who == NULL)
        return TRUE;
    mcp_log_warning("dial-refused", call->id, "dialling %s refused: the %s %s may not", target, who,
                    who[0] == 's'        ? call->route->service
                    : call->peer != NULL ? mcp_peer_get_name(call->peer)
                                         : "of a placed call");
    g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "the call's %s may not have %s dialled", who,
                target);
    return FALSE;
}

/* (transfer full): @given (nullable), and the trace that the session belongs to. */
static GPtrArray *
dial_headers(McpCall *call, const GPtrArray *given)
{
    GPtrArray *headers = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);

    for (guint i = 0; given != NULL && i < given->len; i++) {
        const McpHeader *header = g_ptr_array_index(given, i);

        g_ptr_array_add(headers, mcp_header_new(header->name, header->value));
    }
    if (mcp_headers_get(headers, MCP_TRACEPARENT) == NULL)
        mcp_call_add_traceparent(call, headers);
    return headers;
}

/* Any thread: what the call may is fixed. */
static gboolean
may_redirect(const char *target, gpointer user_data)
{
    return mcp_call_may_dial(user_data, target, NULL);
}

McpSession *
mcp_call_dial(McpCall *call, const McpPlaceParams *params, GError **error)
{
    McpCore *core = mcp_calls_get_core(call->calls);
    g_autoptr(McpSignalling) signalling = NULL;
    g_autoptr(GPtrArray) headers = dial_headers(call, params->headers);
    McpPlaceParams own = *params;
    McpSession *session = NULL;

    if (!mcp_call_may_dial(call, params->target, error))
        return NULL;
    signalling = mcp_registry_lookup(core->registry, MCP_CONTRACT_SIGNALLING, NULL);
    if (signalling == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no signalling service is running");
        return NULL;
    }
    own.headers = headers;
    own.may_redirect = may_redirect;
    own.redirect_data = g_object_ref(call);
    own.redirect_destroy = g_object_unref;
    session = mcp_signalling_place(signalling, &own, error);
    if (session == NULL)
        g_object_unref(call);
    return session;
}

static gboolean
apply_answer(McpCall *call, McpSdp *sdp)
{
    g_autoptr(GError) error = NULL;

    if (sdp != NULL && mcp_leg_apply_answer(call->leg, sdp, &error))
        return TRUE;
    mcp_log_warning("answer-refused", call->id, "%s",
                    error != NULL ? error->message : "the other side gave no SDP answer");
    mcp_call_hangup(call, error != NULL ? error->message : "no SDP answer");
    return FALSE;
}

/*
 * RFC 5552 §2.3: who answers our offer with ports of 0 wants the dialog prepared. The leg keeps its
 * offer: a later one of the other side is answered in the same session.
 */
static gboolean
stays_prepared(McpCall *call, McpSdp *sdp)
{
    if (call->state == MCP_CALL_RUNNING || sdp == NULL || mcp_call_has_media(sdp))
        return FALSE;
    call->media = MCP_DIALOG_MEDIA_NONE;
    return TRUE;
}

static void
on_acked(McpCall *call, McpSdp *sdp)
{
    if (call->offer_in_answer && call->leg != NULL) {
        call->offer_in_answer = FALSE;
        if (!stays_prepared(call, sdp)) {
            if (!apply_answer(call, sdp))
                return;
            mcp_call_handle(call, MCP_CALL_EVENT_MEDIA);
        }
    }
    mcp_call_handle(call, MCP_CALL_EVENT_ACKED);
}

static void
on_answered(McpCall *call, McpSdp *sdp)
{
    if (call->state == MCP_CALL_PLACING && apply_answer(call, sdp))
        mcp_call_handle(call, MCP_CALL_EVENT_ANSWERED);
}

/* Early media (RFC 3960): the leg may hear before the 2xx, whose answer counts. */
static void
on_progress(McpCall *call, const McpSessionEvent *event)
{
    g_autoptr(GError) error = NULL;

    mcp_call_note(call, "session", "progress %u%s", event->status,
                  event->sdp != NULL ? " with early media" : "");
    if (event->sdp != NULL && call->state == MCP_CALL_PLACING && call->leg != NULL &&
        !mcp_leg_apply_answer(call->leg, event->sdp, &error))
        mcp_log_info("early-answer-refused", call->id, "%s", error->message);
}

static void
on_ended(McpCall *call, const McpSessionEvent *event)
{
    call->session_ended = TRUE;
    if (call->next_session != NULL) {
        /* Many hang up as soon as their REFER is accepted: the next session takes the call over. */
        call->end_held = TRUE;
        mcp_call_note(call, "session", "ended while the next one is placed");
        return;
    }
    if (call->answered == 0 && call->status == 0)
        call->status = event->status != 0 ? event->status : 487;
    if (event->remote)
        mcp_call_set_end(call, call->invite != NULL ? "caller" : "callee",
                         event->reason != NULL ? event->reason : "hung up");
    else
        mcp_call_set_end(call, "network", event->reason);
    mcp_call_note(call, "session", "ended: %s", event->reason != NULL ? event->reason : "");
    mcp_call_handle(call, MCP_CALL_EVENT_SESSION_ENDED);
}

static void
on_info(McpCall *call, const McpSessionEvent *event)
{
    if (event->content_type == NULL || event->body == NULL ||
        mcp_call_take_digit_info(call, event->content_type, event->body))
        return;
    if (call->dialog_running)
        mcp_dialog_message(call->dialog, event->content_type, event->body);
}

void
mcp_call_take_event(McpCall *call, const McpSessionEvent *event)
{
    switch (event->type) {
    case MCP_SESSION_PROGRESS:
        on_progress(call, event);
        break;
    case MCP_SESSION_ANSWERED:
        on_answered(call, event->sdp);
        break;
    case MCP_SESSION_ACKED:
        on_acked(call, event->sdp);
        break;
    case MCP_SESSION_OFFERED:
        mcp_call_answer_offer(call, event->sdp);
        break;
    case MCP_SESSION_REOFFER_DONE:
        apply_answer(call, event->sdp);
        break;
    case MCP_SESSION_REOFFER_FAILED:
        if (call->leg != NULL)
            mcp_leg_rollback(call->leg);
        break;
    case MCP_SESSION_INFO:
        on_info(call, event);
        break;
    case MCP_SESSION_ENDED:
        on_ended(call, event);
        break;
    case MCP_SESSION_EARLY_ANSWER:
        call->offer_in_answer = FALSE;
        apply_answer(call, event->sdp);
        break;
    case MCP_SESSION_REOFFER_DUE:
        mcp_call_note(call, "session", "collision of offers is over");
        break;
    case MCP_SESSION_REFERRED:
        mcp_call_on_referred(call, event->refer);
        break;
    case MCP_SESSION_REFER_PROGRESS:
        mcp_call_on_refer_progress(call, event->status, event->reason);
        break;
    }
}

void
mcp_call_on_session(McpSession *session, const McpSessionEvent *event, gpointer user_data)
{
    g_autoptr(McpCall) call = g_object_ref(user_data);

    if (call->state == MCP_CALL_ENDED)
        return;
    if (session == call->next_session)
        mcp_call_on_next_session(call, event);
    /* One that was replaced has nothing to say any more. */
    else if (session == call->session && !mcp_call_redirect_event(call, event))
        mcp_call_take_event(call, event);
}
