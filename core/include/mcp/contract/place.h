/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/invite.h>

G_BEGIN_DECLS

/** McpPurpose: only caller and transfer are calls: counted, capped, recorded, drained. */
typedef enum {
    MCP_PURPOSE_CALLER,
    MCP_PURPOSE_TRANSFER,
    MCP_PURPOSE_ENGINE,
} McpPurpose;

/** McpRedirectFunc: whether a session may go on to @target, which a 3xx named. Any thread. */
typedef gboolean (*McpRedirectFunc)(const char *target, gpointer user_data);

/**
 * McpPlaceParams: an outgoing session. Strings are copied by the provider; @redirect_data is its
 * own once mcp_signalling_place() has returned a session, and destroyed by its end at the latest.
 */
typedef struct {
    McpPurpose purpose;
    const char *call_id;          /* platform call id, for log lines */
    const char *target;           /* sip: URI */
    const char *from;             /* nullable: sip: URI, else the configured identity */
    McpSdp *offer;                /* nullable: offerless */
    const GPtrArray *headers;     /* McpHeader, nullable */
    gint64 deadline;              /* µs to a final answer; then CANCEL */
    McpRedirectFunc may_redirect; /* nullable: the provider's settings say */
    gpointer redirect_data;
    GDestroyNotify redirect_destroy;
} McpPlaceParams;

G_END_DECLS
