/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "control.h"
#include <mcp/contract/media.h>
#include <mcp/contract/signalling.h>
#include <mrcp/names.h>

G_BEGIN_DECLS

/**
 * McpMrcpSession: a client's session with a server: a leg for the audio and a channel a resource,
 * of MRCPv2 (a SIP dialog and control channels, RFC 6787 §4) or MRCPv1 (RTSP, RFC 4463). Messages
 * are those of v2 in both. On the context that was thread-default when it was made; never blocks.
 */
typedef struct _McpMrcpSession McpMrcpSession;

typedef enum {
    MCP_MRCP_SESSION_READY,   /* all channels are there, audio may flow */
    MCP_MRCP_SESSION_MESSAGE, /* @message of @resource */
    MCP_MRCP_SESSION_ENDED,   /* the last event: @error says why */
} McpMrcpSessionEventType;

/** McpMrcpSessionEvent: valid during the callback, which may free the session. */
typedef struct {
    McpMrcpSessionEventType type;
    McpMrcpResource resource;
    const McpMrcpMessage *message;
    const GError *error; /* MCP_ERROR_REFUSED, TIMEOUT, MEDIA (formats), CLOSED, INVALID */
} McpMrcpSessionEvent;

/** McpMrcpSessionFunc: never before mcp_mrcp_session_new() has returned. */
typedef void (*McpMrcpSessionFunc)(McpMrcpSession *session, const McpMrcpSessionEvent *event,
                                   gpointer user_data);

/** McpMrcpServices: what sessions are made with; outlives them. */
typedef struct {
    McpSignalling *signalling;
    McpMedia *media;
    McpClock *clock;
    McpMrcpControls *controls;
} McpMrcpServices;

/** McpMrcpSessionParams: a session to be. Everything is copied or referenced. */
typedef struct {
    McpMrcpVersion version;
    const char *server;  /* name, for log lines; connections to it are shared */
    const char *target;  /* sip: or sips: URI; rtsp: or rtsps: URI up to the resource */
    const char *call_id; /* nullable: of the call that it is for */
    const McpMrcpResource *resources;
    guint n_resources;                       /* one of each at most */
    const char *paths[MCP_MRCP_N_RESOURCES]; /* nullable each: v1: below the target; usual ones */
    McpSdpDirection direction;               /* of the audio, as we see it */
    const char *const *codecs;               /* nullable: all of the leg */
    McpTlsContext *tls;                      /* nullable: control channels, or RTSP, over TCP */
    gboolean shared;                         /* v2: control channels share a connection */
    gint64 timeout;                          /* µs until it is ready */
} McpMrcpSessionParams;

/** mcp_mrcp_session_new: (transfer full): what goes wrong at once comes as ENDED, too. */
McpMrcpSession *mcp_mrcp_session_new(const McpMrcpServices *services,
                                     const McpMrcpSessionParams *params, McpMrcpSessionFunc func,
                                     gpointer user_data);
/**
 * mcp_mrcp_session_free: ends it: BYE or TEARDOWN, channels and ports are gone; no event comes any
 * more.
 */
void mcp_mrcp_session_free(McpMrcpSession *session);
/** mcp_mrcp_session_get_leg: (transfer none) (nullable): NULL until it is ready, and at its end. */
McpLeg *mcp_mrcp_session_get_leg(McpMrcpSession *session);
/**
 * mcp_mrcp_session_request: (transfer full): a request @method with an id of its own, to be filled
 * and sent.
 */
McpMrcpMessage *mcp_mrcp_session_request(McpMrcpSession *session, McpMrcpResource resource,
                                         const char *method);
/** mcp_mrcp_session_send: (transfer full): @message to its resource. */
void mcp_mrcp_session_send(McpMrcpSession *session, McpMrcpResource resource,
                           McpMrcpMessage *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpSession, mcp_mrcp_session_free)

G_END_DECLS
