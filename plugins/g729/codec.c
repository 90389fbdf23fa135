/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.729 (RFC 3551 §4.5.6) by libbcg729: frames of 10 ms, 10 bytes each; what is received may end
 * in a frame of silence (Annex B). We send no such frames. Stateless: contexts hold all there is.
 */
#include "codec.h"

#include <bcg729/decoder.h>
#include <bcg729/encoder.h>

struct _McpG729Codec {
    GObject parent_instance;
};

static void codec_iface_init(McpCodecInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpG729Codec, mcp_g729_codec, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_CODEC, codec_iface_init))

static gpointer
encoder_new(McpCodec *codec)
{
    return initBcg729EncoderChannel(0);
}

static void
encoder_free(McpCodec *codec, gpointer encoder)
{
    closeBcg729EncoderChannel(encoder);
}

static gsize
encode(McpCodec *codec, gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    guint frames = n / MCP_G729_FRAME_SAMPLES;

    if (n % MCP_G729_FRAME_SAMPLES != 0 || size / MCP_G729_FRAME_BYTES < frames)
        return 0;
    for (guint i = 0; i < frames; i++) {
        guint8 length = 0;

        bcg729Encoder(encoder, samples + (gsize)i * MCP_G729_FRAME_SAMPLES,
                      out + (gsize)i * MCP_G729_FRAME_BYTES, &length);
    }
    return (gsize)frames * MCP_G729_FRAME_BYTES;
}

static gpointer
decoder_new(McpCodec *codec)
{
    return initBcg729DecoderChannel();
}

static void
decoder_free(McpCodec *codec, gpointer decoder)
{
    closeBcg729DecoderChannel(decoder);
}

static guint
decode(McpCodec *codec, gpointer decoder, const guint8 *payload, gsize length, gint16 *out,
       guint max)
{
    gsize rest = length % MCP_G729_FRAME_BYTES;
    guint n = 0;

    /* RFC 3551 §4.5.6: a frame of silence is the last one of its packet. */
    if (rest != 0 && rest != MCP_G729_SID_BYTES)
        return 0;
    for (gsize at = 0; at < length && n + MCP_G729_FRAME_SAMPLES <= max;
         at += MCP_G729_FRAME_BYTES) {
        gboolean is_silence = length - at < MCP_G729_FRAME_BYTES;

        bcg729Decoder(decoder, payload + at, is_silence ? MCP_G729_SID_BYTES : MCP_G729_FRAME_BYTES,
                      0, is_silence, 0, out + n);
        n += MCP_G729_FRAME_SAMPLES;
    }
    return n;
}

/* After a frame of silence the library goes on with noise of its kind, else it conceals. */
static guint
conceal(McpCodec *codec, gpointer decoder, gint16 *out, guint n)
{
    guint made = 0;

    for (; made + MCP_G729_FRAME_SAMPLES <= n; made += MCP_G729_FRAME_SAMPLES)
        bcg729Decoder(decoder, NULL, 0, 1, 0, 0, out + made);
    return made;
}

McpG729Codec *
mcp_g729_codec_new(void)
{
    return g_object_new(MCP_TYPE_G729_CODEC, NULL);
}

static void
codec_iface_init(McpCodecInterface *iface)
{
    iface->encoder_new = encoder_new;
    iface->encoder_free = encoder_free;
    iface->encode = encode;
    iface->decoder_new = decoder_new;
    iface->decoder_free = decoder_free;
    iface->decode = decode;
    iface->conceal = conceal;
}

static void
mcp_g729_codec_class_init(McpG729CodecClass *klass)
{
}

static void
mcp_g729_codec_init(McpG729Codec *self)
{
}
