/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audio files in the formats of graphs. Pure functions, any thread.
 */
#include "container.h"

#include <sound/container.h>

gboolean
mcp_media_container_parse(const guint8 *data, gsize length, const char *content_type,
                          McpMediaContent *out_content, GError **error)
{
    static const McpGraphEncoding encodings[] = {
        [MCP_SOUND_MULAW] = MCP_GRAPH_MULAW, [MCP_SOUND_ALAW] = MCP_GRAPH_ALAW,
        [MCP_SOUND_U8] = MCP_GRAPH_U8,       [MCP_SOUND_S8] = MCP_GRAPH_S8,
        [MCP_SOUND_S16LE] = MCP_GRAPH_S16LE, [MCP_SOUND_S16BE] = MCP_GRAPH_S16BE,
    };
    McpSoundContent content;

    if (!mcp_sound_container_parse(data, length, content_type, &content, error))
        return FALSE;
    out_content->format =
        (McpGraphFormat){encodings[content.encoding], content.rate, content.channels};
    out_content->data = content.data;
    out_content->length = content.length;
    return TRUE;
}
