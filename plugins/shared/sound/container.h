/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** McpSoundEncoding: how samples stand in bytes. */
typedef enum {
    MCP_SOUND_MULAW,
    MCP_SOUND_ALAW,
    MCP_SOUND_U8,
    MCP_SOUND_S8,
    MCP_SOUND_S16LE,
    MCP_SOUND_S16BE,
} McpSoundEncoding;

/** McpSoundContent: the samples of an audio file: their format, and where they stand. */
typedef struct {
    McpSoundEncoding encoding;
    guint rate; /* Hz */
    guint channels;
    const guint8 *data; /* within the bytes given */
    gsize length;       /* whole frames */
} McpSoundContent;

/**
 * mcp_sound_container_parse: reads a WAV or AU header; without one @content_type names the format
 * of raw samples (audio/basic, audio/x-alaw-basic, audio/L16;rate=N …).
 * @content_type: (nullable)
 *
 * Returns: FALSE with MCP_ERROR_INVALID naming the fault. Any thread.
 */
gboolean mcp_sound_container_parse(const guint8 *data, gsize length, const char *content_type,
                                   McpSoundContent *out_content, GError **error);
/** mcp_sound_content_frame: bytes of one sample of all channels. */
guint mcp_sound_content_frame(const McpSoundContent *content);
/** mcp_sound_content_read: up to @n linear samples of what is mono, from sample @from on. */
guint mcp_sound_content_read(const McpSoundContent *content, gsize from, guint n, gint16 *out);

G_END_DECLS
