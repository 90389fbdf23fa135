/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/sdp.h>
#include <mrcp/names.h>
#include <mrcp/rtsp.h>

G_BEGIN_DECLS

/* Where the resources of a server of MRCPv1 are, and what it agrees to in SETUP. Pure functions. */

/** McpMrcpRtspTarget: a server by its URI: rtsp://mrcp.example:554/ or rtsps: (TLS). */
typedef struct {
    char *host; /* name or literal, without brackets */
    guint port; /* 554, of rtsps 322, unless said */
    char *uri;  /* all of it that stands before a resource, without a "/" at its end */
    gboolean has_path;
    gboolean tls;
} McpMrcpRtspTarget;

/** mcp_mrcp_rtsp_target_clear: frees what it holds. */
void mcp_mrcp_rtsp_target_clear(McpMrcpRtspTarget *target);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpMrcpRtspTarget, mcp_mrcp_rtsp_target_clear)

/** mcp_mrcp_rtsp_target_parse: FALSE with MCP_ERROR_INVALID: @uri is none of RTSP. */
gboolean mcp_mrcp_rtsp_target_parse(const char *uri, McpMrcpRtspTarget *out_target, GError **error);
/**
 * mcp_mrcp_rtsp_target_resource: (transfer full): the URI of @resource (RFC 4463 §2.2).
 * @path: (nullable): where it is below the target; NULL: where servers usually have it:
 * media/speechrecognizer, or speechrecognizer below a target with a path of its own
 */
char *mcp_mrcp_rtsp_target_resource(const McpMrcpRtspTarget *target, McpMrcpResource resource,
                                    const char *path);
/**
 * mcp_mrcp_rtsp_target_move: the target by which @location, to which the server sends who asks for
 * the resource at @uri (RFC 2326 §11.3), is that resource.
 */
gboolean mcp_mrcp_rtsp_target_move(const McpMrcpRtspTarget *target, const char *uri,
                                   const char *location, McpMrcpRtspTarget *out_target,
                                   GError **error);

/** mcp_mrcp_rtsp_transport: (transfer full): the Transport field of a leg's @offer. */
char *mcp_mrcp_rtsp_transport(McpSdp *offer);
/**
 * mcp_mrcp_rtsp_answer: (transfer full): the answer to a leg's @offer in @response to SETUP: its
 * description with the port that Transport names, or one made of that where it has none.
 * @remote: address of the server, unless it says another one
 *
 * Returns: NULL with MCP_ERROR_MEDIA.
 */
McpSdp *mcp_mrcp_rtsp_answer(const McpMrcpRtsp *response, McpSdp *offer, const char *remote,
                             GError **error);

G_END_DECLS
