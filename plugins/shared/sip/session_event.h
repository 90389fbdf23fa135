/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/** McpSipFarewell: what goes with a BYE or an INFO; members nullable. */
typedef struct {
    char *reason; /* value of the Reason header */
    char *content_type;
    GBytes *body;
} McpSipFarewell;

/** mcp_sip_session_event_copy: (transfer full): owns all that it points to. Any thread. */
McpSessionEvent *mcp_sip_session_event_copy(const McpSessionEvent *event);
/** mcp_sip_session_event_free: frees a copy. Any thread. */
void mcp_sip_session_event_free(McpSessionEvent *event);

/** mcp_sip_farewell_new: (transfer full): copies. Any thread. */
McpSipFarewell *mcp_sip_farewell_new(const char *reason, const char *content_type, GBytes *body);
/** mcp_sip_farewell_free: frees it. */
void mcp_sip_farewell_free(McpSipFarewell *farewell);

/** mcp_sip_headers_copy: (transfer full) (nullable): a list of headers of its own. Any thread. */
GPtrArray *mcp_sip_headers_copy(const GPtrArray *headers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSipFarewell, mcp_sip_farewell_free)

G_END_DECLS
