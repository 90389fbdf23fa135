/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/** McpSipRequestDone: the final status of a request; it may be queued no more. */
typedef void (*McpSipRequestDone)(McpSipSession *session, guint status);

/** McpSipRequest: a request within the dialog that waits for its turn. */
struct _McpSipRequest {
    sip_method_t method;
    const char *name;       /* static */
    char *lines;            /* nullable: further headers, as text */
    char *content_type;     /* nullable */
    GBytes *body;           /* nullable */
    McpSipRequestDone done; /* nullable */
};

/** mcp_sip_request_new: (transfer full): @lines (transfer full), the rest copied; nullable. */
McpSipRequest *mcp_sip_request_new(sip_method_t method, const char *name, char *lines,
                                   const char *content_type, GBytes *body);
/** mcp_sip_request_free: frees it. */
void mcp_sip_request_free(McpSipRequest *request);

/**
 * mcp_sip_requests_send: @request (transfer full) goes out when the ones before it are answered, so
 * that they arrive in order over UDP. Dropped with a log line when too many wait or there is no
 * dialog. SIP context.
 */
void mcp_sip_requests_send(McpSipSession *session, McpSipRequest *request);
/** mcp_sip_requests_clear: forgets all; the session is over. */
void mcp_sip_requests_clear(McpSipSession *session);
/** mcp_sip_request_payload: (nullable): @body in @payload, valid as long as @body. */
const sip_payload_t *mcp_sip_request_payload(sip_payload_t *payload, GBytes *body);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSipRequest, mcp_sip_request_free)

G_END_DECLS
