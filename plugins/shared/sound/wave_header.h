/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "container.h"

G_BEGIN_DECLS

/** MCP_SOUND_WAVE_HEADER_MAX: room for any header that is written here. */
#define MCP_SOUND_WAVE_HEADER_MAX 64

/**
 * mcp_sound_wave_header: writes the header of a WAV file: S16LE, A-law or μ-law, as the encoding,
 * rate and channels of @content say.
 * @bytes: of samples; G_MAXUINT32 while it is not known: players then read to the end of the file
 *
 * Returns: its length, the same for every @bytes. Any thread.
 */
gsize mcp_sound_wave_header(const McpSoundContent *content, guint32 bytes,
                            guint8 out[MCP_SOUND_WAVE_HEADER_MAX]);

G_END_DECLS
