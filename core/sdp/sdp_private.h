/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/sdp.h>

G_BEGIN_DECLS

/* Bounds on what a description may hold; hostile text is refused, not truncated. */
#define MCP_SDP_TEXT_MAX (64 * 1024)
#define MCP_SDP_MEDIA_MAX 64
#define MCP_SDP_ATTRIBUTES_MAX 256
#define MCP_SDP_FORMATS_MAX 128

/* All strings live in one chunk, so that a description is made and freed by few allocations. */
struct _McpSdp {
    gatomicrefcount refs;
    GStringChunk *strings;
    char *text;
    const char *origin;
    guint64 version;
    GArray *media;      /* McpSdpMedia, their arrays owned here */
    GArray *attributes; /* McpSdpAttribute of the session */
};

/** mcp_sdp_alloc: (transfer full): an empty description. */
McpSdp *mcp_sdp_alloc(void);

/**
 * mcp_sdp_parse_text: as mcp_sdp_parse(); with @strict FALSE attributes that cannot be read are
 * kept as text only instead of failing.
 */
McpSdp *mcp_sdp_parse_text(const char *text, gsize length, gboolean strict, GError **error);

/** mcp_sdp_format_fill_static: what RFC 3551 §6 says of a static payload type, else nothing. */
void mcp_sdp_format_fill_static(McpSdpFormat *format, GStringChunk *strings);

/** mcp_sdp_media_is_rtp: whether the fmt list of @protocol holds RTP payload types. */
gboolean mcp_sdp_media_is_rtp(const char *protocol);

/** mcp_sdp_parse_number: FALSE unless @text is all digits and at most @max. */
gboolean mcp_sdp_parse_number(const char *text, guint64 max, guint64 *out_number);

/**
 * mcp_sdp_media_read_attribute: takes rtpmap, fmtp, ptime and direction of one a= line into @media,
 * whose formats are still writable. Returns: NULL, or a static text that says what is wrong.
 */
const char *mcp_sdp_media_read_attribute(McpSdpMedia *media, const McpSdpAttribute *attribute,
                                         GStringChunk *strings);

/** mcp_sdp_direction_from_name: FALSE when @name is no direction attribute. */
gboolean mcp_sdp_direction_from_name(const char *name, McpSdpDirection *out_direction);

G_END_DECLS
