/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of wire formats (RFC 3551). Static data, any thread.
 */
#include "codec.h"

static const McpMediaCodec codecs[MCP_MEDIA_N_CODECS] = {
    {MCP_MEDIA_CODEC_PCMU, "PCMU", "PCMU", 8000, 1, 0, 0xff, MCP_GRAPH_MULAW},
    {MCP_MEDIA_CODEC_PCMA, "PCMA", "PCMA", 8000, 1, 8, 0xd5, MCP_GRAPH_ALAW},
    {MCP_MEDIA_CODEC_L16_8000, "L16", "L16/8000", 8000, 2, 96, 0, MCP_GRAPH_S16BE},
    {MCP_MEDIA_CODEC_L16_16000, "L16", "L16/16000", 16000, 2, 97, 0, MCP_GRAPH_S16BE},
};

const McpMediaCodec *
mcp_media_codec_get(McpMediaCodecId id)
{
    return &codecs[id];
}

const McpMediaCodec *
mcp_media_codec_find(const char *encoding, guint clock_rate, guint channels)
{
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        if (channels == 1 && codecs[i].clock_rate == clock_rate &&
            g_ascii_strcasecmp(codecs[i].encoding, encoding) == 0)
            return &codecs[i];
    return NULL;
}

const McpMediaCodec *
mcp_media_codec_find_setting(const char *name)
{
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        if (g_ascii_strcasecmp(codecs[i].setting, name) == 0)
            return &codecs[i];
    return NULL;
}
