/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of wire formats (RFC 3551 and those of the codecs' own). Static data, any thread.
 */
#include "codec.h"

#include "coder.h"
#include "fmtp.h"
#include "offered.h"

static const McpMediaCodec codecs[MCP_MEDIA_N_CODECS] = {
    {MCP_MEDIA_CODEC_PCMU, "PCMU", "PCMU", 8000, 1, 8000, 1, 0, 0xff, TRUE, MCP_GRAPH_MULAW,
     MCP_MEDIA_PACKING_PLAIN, &mcp_media_coder_mulaw},
    {MCP_MEDIA_CODEC_PCMA, "PCMA", "PCMA", 8000, 1, 8000, 1, 8, 0xd5, TRUE, MCP_GRAPH_ALAW,
     MCP_MEDIA_PACKING_PLAIN, &mcp_media_coder_alaw},
    /* RFC 3551 §4.5.2: its clock is 8000 for a mistake of old, its samples are at 16000. */
    {MCP_MEDIA_CODEC_G722, "G722", "G722", 8000, 1, 16000, 1, 9, 0xfa, FALSE, MCP_GRAPH_S16LE,
     MCP_MEDIA_PACKING_PLAIN, &mcp_media_coder_g722},
    /* RFC 7587 §4.1: always 48000 and two channels in the description. */
    {MCP_MEDIA_CODEC_OPUS, "opus", "opus", 48000, 2, 16000, 0, 98, 0, FALSE, MCP_GRAPH_S16LE,
     MCP_MEDIA_PACKING_OPUS, &mcp_media_coder_opus},
    {MCP_MEDIA_CODEC_L16_8000, "L16", "L16/8000", 8000, 1, 8000, 2, 96, 0, TRUE, MCP_GRAPH_S16BE,
     MCP_MEDIA_PACKING_PLAIN, &mcp_media_coder_l16},
    {MCP_MEDIA_CODEC_L16_16000, "L16", "L16/16000", 16000, 1, 16000, 2, 97, 0, TRUE,
     MCP_GRAPH_S16BE, MCP_MEDIA_PACKING_PLAIN, &mcp_media_coder_l16},
    {MCP_MEDIA_CODEC_GSM, "GSM", "GSM", 8000, 1, 8000, 0, 3, 0, FALSE, MCP_GRAPH_S16LE,
     MCP_MEDIA_PACKING_PLAIN, &mcp_media_coder_gsm},
    {MCP_MEDIA_CODEC_SPEEX_8000, "speex", "speex/8000", 8000, 1, 8000, 0, 104, 0, FALSE,
     MCP_GRAPH_S16LE, MCP_MEDIA_PACKING_SPEEX, &mcp_media_coder_speex},
    {MCP_MEDIA_CODEC_SPEEX_16000, "speex", "speex/16000", 16000, 1, 16000, 0, 105, 0, FALSE,
     MCP_GRAPH_S16LE, MCP_MEDIA_PACKING_SPEEX, &mcp_media_coder_speex},
    {MCP_MEDIA_CODEC_AMR, "AMR", "AMR", 8000, 1, 8000, 0, 106, 0, FALSE, MCP_GRAPH_S16LE,
     MCP_MEDIA_PACKING_AMR, &mcp_media_coder_amr},
    {MCP_MEDIA_CODEC_AMR_OCTET, "AMR", "AMR/octet-aligned", 8000, 1, 8000, 0, 107, 0, FALSE,
     MCP_GRAPH_S16LE, MCP_MEDIA_PACKING_AMR_OCTET, &mcp_media_coder_amr},
    {MCP_MEDIA_CODEC_AMR_WB, "AMR-WB", "AMR-WB", 16000, 1, 16000, 0, 108, 0, FALSE, MCP_GRAPH_S16LE,
     MCP_MEDIA_PACKING_AMR, &mcp_media_coder_amr},
    {MCP_MEDIA_CODEC_AMR_WB_OCTET, "AMR-WB", "AMR-WB/octet-aligned", 16000, 1, 16000, 0, 109, 0,
     FALSE, MCP_GRAPH_S16LE, MCP_MEDIA_PACKING_AMR_OCTET, &mcp_media_coder_amr},
    {MCP_MEDIA_CODEC_G729, "G729", "G729", 8000, 1, 8000, 0, 18, 0, FALSE, MCP_GRAPH_S16LE,
     MCP_MEDIA_PACKING_G729, &mcp_media_coder_offered, "g729"},
};

const McpMediaCodec *
mcp_media_codec_get(McpMediaCodecId id)
{
    return &codecs[id];
}

/* RFC 4867 §8.1. */
static gboolean
is_octet_aligned(const char *fmtp)
{
    return mcp_media_fmtp_get_uint(fmtp, "octet-align", 0, 1, 0) == 1;
}

static gboolean
is_packing(McpMediaPacking packing, const char *fmtp)
{
    if (packing == MCP_MEDIA_PACKING_AMR)
        return !is_octet_aligned(fmtp);
    return packing != MCP_MEDIA_PACKING_AMR_OCTET || is_octet_aligned(fmtp);
}

const McpMediaCodec *
mcp_media_codec_find(const char *encoding, guint clock_rate, guint channels, const char *fmtp)
{
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        if (channels == codecs[i].channels && codecs[i].clock_rate == clock_rate &&
            g_ascii_strcasecmp(codecs[i].encoding, encoding) == 0 &&
            is_packing(codecs[i].packing, fmtp))
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

char *
mcp_media_codec_names(void)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", codecs[i].setting);
    return g_string_free(names, FALSE);
}

gboolean
mcp_media_codec_takes_noise(const McpMediaCodec *codec)
{
    /* The others have a way of their own to say silence. */
    return codec->clock_rate == MCP_MEDIA_NOISE_CLOCK && codec->packing == MCP_MEDIA_PACKING_PLAIN;
}

gboolean
mcp_media_codec_has_short_frames(const McpMediaCodec *codec)
{
    return codec->packing == MCP_MEDIA_PACKING_OPUS || codec->packing == MCP_MEDIA_PACKING_G729;
}

gboolean
mcp_media_codec_is_framed(const McpMediaCodec *codec)
{
    return codec->sample_bytes == 0;
}
