/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of recordings. Pure functions, any thread.
 */
#include "wave_header.h"

gsize
mcp_media_wave_header(const McpGraphFormat *format, guint32 bytes,
                      guint8 out[MCP_MEDIA_WAVE_HEADER_MAX])
{
    McpSoundContent content = {.rate = format->rate, .channels = format->channels};

    if (format->encoding == MCP_GRAPH_S16LE)
        content.encoding = MCP_SOUND_S16LE;
    else
        content.encoding = format->encoding == MCP_GRAPH_ALAW ? MCP_SOUND_ALAW : MCP_SOUND_MULAW;
    return mcp_sound_wave_header(&content, bytes, out);
}
