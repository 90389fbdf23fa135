/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs of a placed session's account in the requests within it. SIP context.
 */
#include "authorize.h"

#include "message.h"

gboolean
mcp_sip_authorize_take(McpSipSession *session, guint status, const sip_t *sip)
{
    return mcp_sip_authorization_take(&session->authorization, status, sip);
}

char *
mcp_sip_authorize_lines(McpSipSession *session, const char *method)
{
    return mcp_sip_authorize_early(session, session->leg, method);
}

char *
mcp_sip_authorize_early(McpSipSession *session, nta_leg_t *leg, const char *method)
{
    const sip_route_t *route = NULL;
    const sip_contact_t *target = NULL;
    g_autofree char *uri = NULL;

    if (session->authorization.challenges == NULL || nta_leg_get_route(leg, &route, &target) < 0 ||
        target == NULL)
        return NULL;
    uri = mcp_sip_message_url(target->m_url);
    return mcp_sip_authorization_lines(&session->authorization, method, uri);
}

char *
mcp_sip_authorize_invite(McpSipSession *session, const char *target)
{
    char *lines = mcp_sip_authorization_lines(&session->authorization, "INVITE", target);

    /* RFC 3261 §22.3: the ACK has what its INVITE had. */
    g_free(session->invite_proof);
    session->invite_proof = g_strdup(lines);
    return lines;
}
