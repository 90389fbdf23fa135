/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/coder.h"
#include <mcp/audio.h>

G_BEGIN_DECLS

/** McpMediaCoded: audio in a wire format. */
typedef struct {
    GBytes *bytes;    /* payload, or coded frames back to back */
    guint32 *offsets; /* nullable: where each frame begins, and the end; @n_frames + 1 */
    guint n_frames;   /* 0 where bytes can be cut */
} McpMediaCoded;

/**
 * mcp_media_encode: @audio in @format. Content that is in that format already is not copied.
 * @out_coded: (transfer full)
 *
 * Blocks: compute pool. Error: MCP_ERROR_INVALID, MCP_ERROR_LIMIT for what is too long.
 */
gboolean mcp_media_encode(McpAudio *audio, const McpMediaFormat *format, McpMediaCoded *out_coded,
                          GError **error);
/** mcp_media_coded_clear: frees what it holds. */
void mcp_media_coded_clear(McpMediaCoded *coded);

G_END_DECLS
