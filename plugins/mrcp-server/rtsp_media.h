/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/sdp.h>
#include <mrcp/names.h>
#include <mrcp/rtsp.h>

G_BEGIN_DECLS

/** MCP_MRCPD_RTSP_KINDS: resources that RTSP has here: the first ones of McpMrcpResource. */
#define MCP_MRCPD_RTSP_KINDS 2

/** mcp_mrcpd_rtsp_resource: FALSE when @uri names no resource of ours. */
gboolean mcp_mrcpd_rtsp_resource(const char *uri, McpMrcpResource *out_resource);
/**
 * mcp_mrcpd_rtsp_audio: (transfer full): the audio line that the client of @setup offers: that of
 * its description, or one that has what Transport says.
 * @peer: address of the client, for a description that has none
 * @out_client_port: RTP port in Transport; 0: none
 *
 * Returns: NULL with @out_status of RTSP.
 */
McpSdp *mcp_mrcpd_rtsp_audio(const McpMrcpRtsp *setup, const char *peer, guint *out_client_port,
                             guint *out_status);
/** mcp_mrcpd_rtsp_transport: (transfer full): Transport of the answer, with the port of @audio. */
char *mcp_mrcpd_rtsp_transport(guint client_port, const McpSdp *audio);
/** mcp_mrcpd_rtsp_status: what RTSP has for the SIP status of a refusal. */
guint mcp_mrcpd_rtsp_status(guint status);

G_END_DECLS
