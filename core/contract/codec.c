/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of codecs: a function a slot; what a provider lacks makes nothing. Runs
 * on the caller's thread, media workers among them.
 */
#include <mcp/contract/codec.h>

G_DEFINE_INTERFACE(McpCodec, mcp_codec, G_TYPE_OBJECT)

static void
mcp_codec_default_init(McpCodecInterface *iface)
{
}

gpointer
mcp_codec_encoder_new(McpCodec *codec)
{
    McpCodecInterface *iface = MCP_CODEC_GET_IFACE(codec);

    return iface->encoder_new != NULL && iface->encode != NULL ? iface->encoder_new(codec) : NULL;
}

void
mcp_codec_encoder_free(McpCodec *codec, gpointer encoder)
{
    McpCodecInterface *iface = MCP_CODEC_GET_IFACE(codec);

    if (iface->encoder_free != NULL)
        iface->encoder_free(codec, encoder);
}

gsize
mcp_codec_encode(McpCodec *codec, gpointer encoder, const gint16 *samples, guint n, guint8 *out,
                 gsize size)
{
    return MCP_CODEC_GET_IFACE(codec)->encode(codec, encoder, samples, n, out, size);
}

gpointer
mcp_codec_decoder_new(McpCodec *codec)
{
    McpCodecInterface *iface = MCP_CODEC_GET_IFACE(codec);

    return iface->decoder_new != NULL && iface->decode != NULL ? iface->decoder_new(codec) : NULL;
}

void
mcp_codec_decoder_free(McpCodec *codec, gpointer decoder)
{
    McpCodecInterface *iface = MCP_CODEC_GET_IFACE(codec);

    if (iface->decoder_free != NULL)
        iface->decoder_free(codec, decoder);
}

guint
mcp_codec_decode(McpCodec *codec, gpointer decoder, const guint8 *payload, gsize length,
                 gint16 *out, guint max)
{
    return MCP_CODEC_GET_IFACE(codec)->decode(codec, decoder, payload, length, out, max);
}

guint
mcp_codec_conceal(McpCodec *codec, gpointer decoder, gint16 *out, guint n)
{
    McpCodecInterface *iface = MCP_CODEC_GET_IFACE(codec);

    return iface->conceal != NULL ? iface->conceal(codec, decoder, out, n) : 0;
}
