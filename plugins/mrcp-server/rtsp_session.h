/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/**
 * McpMrcpdRtspSession: a session of the signalling contract that an RTSP connection stands behind,
 * so that the core has it as any call. Its owner lives on the context that is given at first.
 */
#define MCP_TYPE_MRCPD_RTSP_SESSION (mcp_mrcpd_rtsp_session_get_type())
G_DECLARE_FINAL_TYPE(McpMrcpdRtspSession, mcp_mrcpd_rtsp_session, MCP, MRCPD_RTSP_SESSION, GObject)

/**
 * McpMrcpdRtspEvents: what the core wants; on the owner's context.
 *
 * @answered: the offer, the first one or a later one, is answered by @answer; NULL: it is refused
 *   with @status and @reason, and a first one ends the session
 * @ended: the core ends it
 */
typedef struct {
    void (*answered)(McpMrcpdRtspSession *session, McpSdp *answer, guint status, const char *reason,
                     gpointer user_data);
    void (*ended)(McpMrcpdRtspSession *session, const char *reason, gpointer user_data);
} McpMrcpdRtspEvents;

/** mcp_mrcpd_rtsp_session_new: (transfer full): @id: of RTSP. */
McpMrcpdRtspSession *mcp_mrcpd_rtsp_session_new(const char *id, GMainContext *context,
                                                const McpMrcpdRtspEvents *events,
                                                gpointer user_data);
/** mcp_mrcpd_rtsp_session_get_id: (transfer none). Any thread. */
const char *mcp_mrcpd_rtsp_session_get_id(McpMrcpdRtspSession *session);
/** mcp_mrcpd_rtsp_session_offer: the client wants @sdp from now on. */
void mcp_mrcpd_rtsp_session_offer(McpMrcpdRtspSession *session, McpSdp *sdp);
/** mcp_mrcpd_rtsp_session_end: the client is gone; nothing is told its owner any more. */
void mcp_mrcpd_rtsp_session_end(McpMrcpdRtspSession *session, const char *reason);

G_END_DECLS
