/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <graph/graph.h>
#include <sound/wave_header.h>

G_BEGIN_DECLS

/** MCP_MEDIA_WAVE_HEADER_MAX: room for any header that is written here. */
#define MCP_MEDIA_WAVE_HEADER_MAX MCP_SOUND_WAVE_HEADER_MAX

/**
 * mcp_media_wave_header: writes the header of a WAV file.
 * @bytes: of samples; G_MAXUINT32 while it is not known: players then read to the end of the file
 *
 * Returns: its length, the same for every @bytes. Any thread.
 */
gsize mcp_media_wave_header(const McpGraphFormat *format, guint32 bytes,
                            guint8 out[MCP_MEDIA_WAVE_HEADER_MAX]);

G_END_DECLS
