/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "services.h"
#include <mrcp/rtsp.h>

G_BEGIN_DECLS

/** McpMrcpdTalk: an RTSP session with what MRCPv1 has in it. Control context. */
typedef struct _McpMrcpdTalk McpMrcpdTalk;

/**
 * McpMrcpdTalkEvents: what it wants of its connection.
 *
 * @write: sends a message (transfer full)
 * @ended: it is over, and is to be freed
 */
typedef struct {
    void (*write)(McpMrcpRtsp *rtsp, gpointer user_data);
    void (*ended)(McpMrcpdTalk *talk, const char *reason, gpointer user_data);
} McpMrcpdTalkEvents;

/** McpMrcpdTalkPlace: where its connection goes from and to. */
typedef struct {
    GInetAddress *peer;
    const char *remote; /* "192.0.2.1:40000" */
    const char *local;  /* "192.0.2.9:1554" */
} McpMrcpdTalkPlace;

/** mcp_mrcpd_talk_new: (transfer full): without resources. */
McpMrcpdTalk *mcp_mrcpd_talk_new(McpMrcpdServices *services, const McpMrcpdTalkPlace *place,
                                 const McpMrcpdTalkEvents *events, gpointer user_data);
/** mcp_mrcpd_talk_free: ends it. */
void mcp_mrcpd_talk_free(McpMrcpdTalk *talk);
/** mcp_mrcpd_talk_get_id: (transfer none): as in Session. */
const char *mcp_mrcpd_talk_get_id(const McpMrcpdTalk *talk);
/** mcp_mrcpd_talk_is_busy: a SETUP or TEARDOWN is not answered yet: others wait. */
gboolean mcp_mrcpd_talk_is_busy(const McpMrcpdTalk *talk);
/** mcp_mrcpd_talk_take: a request (transfer none) of its session: SETUP, TEARDOWN or ANNOUNCE. */
void mcp_mrcpd_talk_take(McpMrcpdTalk *talk, const McpMrcpRtsp *request);

G_END_DECLS
