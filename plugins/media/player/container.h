/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <graph/graph.h>

G_BEGIN_DECLS

/** McpMediaContent: where the samples of an audio file stand, and in which format. */
typedef struct {
    McpGraphFormat format;
    const guint8 *data; /* within the bytes given */
    gsize length;       /* whole frames */
} McpMediaContent;

/**
 * mcp_media_container_parse: reads a WAV or AU header; without one @content_type names the format
 * of raw samples (audio/basic, audio/x-alaw-basic, audio/L16;rate=N …).
 * @content_type: (nullable)
 *
 * Returns: FALSE with MCP_ERROR_INVALID naming the fault. Any thread.
 */
gboolean mcp_media_container_parse(const guint8 *data, gsize length, const char *content_type,
                                   McpMediaContent *out_content, GError **error);

G_END_DECLS
