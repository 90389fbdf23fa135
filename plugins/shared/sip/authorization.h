/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "digest.h"
#include "trunk.h"

G_BEGIN_DECLS

/** McpSipAuthorization: the challenges that requests of ours answer. SIP context. */
typedef struct {
    const McpSipTrunk *trunk; /* (nullable): whose account; borrowed */
    const char *call_id;      /* (nullable): for log lines; borrowed */
    GPtrArray *challenges;    /* (nullable): McpSipChallenge */
} McpSipAuthorization;

/**
 * mcp_sip_authorization_take: FALSE when a final answer asks for no proof, or for one that was
 * refused or that the trunk does not give; TRUE: send the request again. @sip nullable.
 */
gboolean mcp_sip_authorization_take(McpSipAuthorization *authorization, guint status,
                                    const sip_t *sip);
/** mcp_sip_authorization_lines: (transfer full) (nullable): headers for a request to @uri. */
char *mcp_sip_authorization_lines(McpSipAuthorization *authorization, const char *method,
                                  const char *uri);
/** mcp_sip_authorization_clear: forgets all. */
void mcp_sip_authorization_clear(McpSipAuthorization *authorization);

G_END_DECLS
