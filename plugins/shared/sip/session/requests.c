/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of ours within a session that are neither offers nor its end: INFO (RFC 6086), REFER and
 * NOTIFY (RFC 3515). One at a time. SIP context.
 */
#include "requests.h"

#include "authorize.h"
#include "client.h"
#include "handle.h"

#include <mcp/log.h>

#define WAITING_MAX 16

McpSipRequest *
mcp_sip_request_new(sip_method_t method, const char *name, char *lines, const char *content_type,
                    GBytes *body)
{
    McpSipRequest *request = g_new0(McpSipRequest, 1);

    request->method = method;
    request->name = name;
    request->lines = lines;
    request->content_type = g_strdup(content_type);
    request->body = body != NULL ? g_bytes_ref(body) : NULL;
    return request;
}

void
mcp_sip_request_free(McpSipRequest *request)
{
    g_free(request->lines);
    g_free(request->content_type);
    g_clear_pointer(&request->body, g_bytes_unref);
    g_free(request);
}

const sip_payload_t *
mcp_sip_request_payload(sip_payload_t *payload, GBytes *body)
{
    gsize length = 0;

    if (body == NULL)
        return NULL;
    sip_payload_init(payload);
    payload->pl_data = (char *)(gpointer)g_bytes_get_data(body, &length);
    payload->pl_len = length;
    return payload;
}

static void send_next(McpSipSession *session);

static int
on_response(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);
    guint status = (guint)nta_outgoing_status(outgoing);
    McpSipRequestDone done = session->request_done;

    if (status < 200)
        return 0;
    if (session->state != MCP_SIP_STATE_ENDED && mcp_sip_authorize_take(session, status, sip)) {
        mcp_sip_outgoing_clear(&session->request);
        g_queue_push_head(&session->requests, g_steal_pointer(&session->request_sent));
        send_next(session);
        return 0;
    }
    mcp_sip_outgoing_clear(&session->request);
    g_clear_pointer(&session->request_sent, mcp_sip_request_free);
    session->request_done = NULL;
    if (done != NULL)
        done(session, status);
    if (session->state != MCP_SIP_STATE_ENDED)
        send_next(session);
    return 0;
}

static void
send_next(McpSipSession *session)
{
    McpSipRequest *request = NULL;
    const sip_payload_t *body = NULL;
    g_autofree char *proof = NULL;
    sip_payload_t payload[1];
    McpSipRoute route;

    if (session->request != NULL || g_queue_is_empty(&session->requests))
        return;
    request = g_queue_pop_head(&session->requests);
    session->request_sent = request;
    proof = mcp_sip_authorize_lines(session, request->name);
    body = mcp_sip_request_payload(payload, request->body);
    session->request_done = request->done;
    route = mcp_sip_client_route(session);
    session->request = nta_outgoing_tcreate(
        session->leg, on_response, session, NULL, request->method, request->name, NULL,
        MCP_SIP_ROUTE(route), SIPTAG_CONTACT_STR(session->contact),
        TAG_IF(request->lines != NULL, SIPTAG_HEADER_STR(request->lines)),
        TAG_IF(request->content_type != NULL, SIPTAG_CONTENT_TYPE_STR(request->content_type)),
        TAG_IF(body != NULL, SIPTAG_PAYLOAD(body)), MCP_SIP_ECHO(session), MCP_SIP_PROOF(proof),
        TAG_END());
}

void
mcp_sip_requests_send(McpSipSession *session, McpSipRequest *request)
{
    gboolean full = session->requests.length == WAITING_MAX;

    if (full ||
        (session->state != MCP_SIP_STATE_CONFIRMED && session->state != MCP_SIP_STATE_ANSWERED)) {
        mcp_log_info("request-dropped", session->call_id, "%s of %s dropped: %s", request->name,
                     session->sip_call_id, full ? "too many wait" : "no dialog");
        mcp_sip_request_free(request);
        return;
    }
    g_queue_push_tail(&session->requests, request);
    send_next(session);
}

void
mcp_sip_requests_clear(McpSipSession *session)
{
    mcp_sip_outgoing_clear(&session->request);
    g_clear_pointer(&session->request_sent, mcp_sip_request_free);
    session->request_done = NULL;
    g_queue_clear_full(&session->requests, (GDestroyNotify)mcp_sip_request_free);
}
