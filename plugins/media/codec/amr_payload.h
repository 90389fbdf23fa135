/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "coder.h"

G_BEGIN_DECLS

/** MCP_MEDIA_AMR_FRAME_MAX: longest frame in the storage format: 23.85 kbit/s and its header. */
#define MCP_MEDIA_AMR_FRAME_MAX 61
/** MCP_MEDIA_AMR_NO_REQUEST: nobody asks for a mode (RFC 4867 §4.3.1). */
#define MCP_MEDIA_AMR_NO_REQUEST 15

/** McpMediaAmrPayload: what a packet of AMR or AMR-WB holds. */
typedef struct {
    guint request; /* of a mode, MCP_MEDIA_AMR_NO_REQUEST */
    guint n;
    guint8 frames[MCP_MEDIA_FRAMES_MAX][MCP_MEDIA_AMR_FRAME_MAX]; /* storage format (§5.3) */
} McpMediaAmrPayload;

/**
 * mcp_media_amr_read: takes a payload apart.
 * @wide: AMR-WB
 * @octet_aligned: §4.4, else §4.3
 *
 * Returns: FALSE when it is malformed: a type that does not exist, more than
 * MCP_MEDIA_FRAMES_MAX frames, or less bits than the table of contents announces. Any thread.
 */
gboolean mcp_media_amr_read(const guint8 *payload, gsize length, gboolean wide,
                            gboolean octet_aligned, McpMediaAmrPayload *out_payload);
/**
 * mcp_media_amr_write: puts frames of the storage format into a payload.
 * @request: mode asked for, or MCP_MEDIA_AMR_NO_REQUEST
 *
 * Returns: length, 0 when a frame is malformed or @size too small. Any thread.
 */
gsize mcp_media_amr_write(const McpMediaFrame *frames, guint n, guint request, gboolean wide,
                          gboolean octet_aligned, guint8 *out, gsize size);

G_END_DECLS
