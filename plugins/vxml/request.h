/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call asks for: the first page from the service or from the request-URI (RFC 5552 §2.1,
 * §2.2), and the session variables (§2.4). On the call's shard.
 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/** McpVxmlRequest: the start of a session with memory of its own. */
typedef struct {
    char *url;
    char *method;
    char *body; /* nullable */
    gint64 max_age;
    gint64 max_stale;
    char *aai;   /* nullable: JSON */
    char *ccxml; /* nullable: JSON */
    char *variables;
    char *extra; /* JSON of session.com */
    gboolean no_media;
} McpVxmlRequest;

/** mcp_vxml_request_new: (transfer full) (nullable): NULL with @out_reject 400 or 403. */
McpVxmlRequest *mcp_vxml_request_new(McpCall *call, McpReject **out_reject);
/**
 * mcp_vxml_request_parse: the part that looks at nothing but the request-URI's parameters and the
 * service's page (nullable). FALSE with @out_reject 400.
 */
gboolean mcp_vxml_request_parse(McpVxmlRequest *request, const char *page,
                                const GPtrArray *parameters, McpReject **out_reject);
void mcp_vxml_request_free(McpVxmlRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlRequest, mcp_vxml_request_free)

/** McpVxmlParties: what the session variables say of the connection. */
typedef struct {
    const char *local_uri;
    const char *remote_uri;
    gboolean outgoing;
    const McpInvite *invite; /* nullable: placed calls */
    const char *aai;         /* nullable: JSON */
    const char *ccxml;       /* nullable: JSON */
    const char *call_id;     /* nullable: ours */
} McpVxmlParties;

/** mcp_vxml_session_variables: (transfer full): JSON of session.connection. */
char *mcp_vxml_session_variables(const McpVxmlParties *parties);
/** mcp_vxml_session_extra: (transfer full): JSON of session.com. */
char *mcp_vxml_session_extra(const McpVxmlParties *parties);

G_END_DECLS
