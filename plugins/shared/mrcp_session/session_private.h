/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

/** McpMrcpSessionClass: what differs by version. All but begin() after it, on the same context. */
typedef struct {
    /* (transfer full): own data of the session, whose leg has no offer yet; or NULL with @error. */
    gpointer (*begin)(McpMrcpSession *session, GError **error);
    void (*free)(gpointer own);
    guint32 (*next_id)(gpointer own, McpMrcpResource resource);
    void (*send)(gpointer own, McpMrcpResource resource, McpMrcpMessage *message);
} McpMrcpSessionClass;

extern const McpMrcpSessionClass mcp_mrcp_session_v1;
extern const McpMrcpSessionClass mcp_mrcp_session_v2;

struct _McpMrcpSession {
    const McpMrcpSessionClass *klass;
    McpMrcpServices services;
    McpMrcpSessionParams params; /* strings and arrays are its own */
    McpMrcpSessionFunc func;     /* NULL: its last event was told */
    gpointer user_data;
    McpLeg *leg;  /* nullable */
    gpointer own; /* nullable: of its class */
    gboolean ready;
    McpTimer *timer; /* until it is ready */
    GSource *source; /* nullable: that it could not begin is still to be told */
    GError *error;
};

/** mcp_mrcp_session_is_ready: all that the class opened is there. The session may be gone then. */
void mcp_mrcp_session_is_ready(McpMrcpSession *session);
/** mcp_mrcp_session_take: @message came. The session may be gone then. */
void mcp_mrcp_session_take(McpMrcpSession *session, McpMrcpResource resource,
                           const McpMrcpMessage *message);
/** mcp_mrcp_session_fail: it has ended. The session may be gone then. */
void mcp_mrcp_session_fail(McpMrcpSession *session, const GError *error);

G_END_DECLS
