/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The codec contract: the arithmetic of an audio codec that comes as a plugin of its own, for its
 * licence or its patents. The wire format (name, clock, payload type, a=fmtp) stands in the media
 * plugin's table; a provider is published under the encoding of a=rtpmap. Linear samples are mono,
 * of the native byte order, at the codec's own rate.
 *
 * Contexts are made and freed on any thread but a media worker, and used by one thread at a time.
 */
#define MCP_CONTRACT_CODEC "codec"
#define MCP_CONTRACT_CODEC_MAJOR 1
#define MCP_CONTRACT_CODEC_MINOR 0

#define MCP_TYPE_CODEC (mcp_codec_get_type())
G_DECLARE_INTERFACE(McpCodec, mcp_codec, MCP, CODEC, GObject)

/** McpCodecInterface: members as the functions below. */
struct _McpCodecInterface {
    GTypeInterface parent_iface;
    gpointer (*encoder_new)(McpCodec *self);
    void (*encoder_free)(McpCodec *self, gpointer encoder);
    gsize (*encode)(McpCodec *self, gpointer encoder, const gint16 *samples, guint n, guint8 *out,
                    gsize size);
    gpointer (*decoder_new)(McpCodec *self);
    void (*decoder_free)(McpCodec *self, gpointer decoder);
    guint (*decode)(McpCodec *self, gpointer decoder, const guint8 *payload, gsize length,
                    gint16 *out, guint max);
    guint (*conceal)(McpCodec *self, gpointer decoder, gint16 *out, guint n);
};

/** mcp_codec_encoder_new: (transfer full) (nullable): NULL: it cannot encode, or out of memory. */
gpointer mcp_codec_encoder_new(McpCodec *codec);
/** mcp_codec_encoder_free: @encoder of mcp_codec_encoder_new(). */
void mcp_codec_encoder_free(McpCodec *codec, gpointer encoder);
/**
 * mcp_codec_encode: whole frames of the codec, which stand back to back in @out.
 * Returns: bytes; 0: @n is no whole number of frames, or @size too small.
 */
gsize mcp_codec_encode(McpCodec *codec, gpointer encoder, const gint16 *samples, guint n,
                       guint8 *out, gsize size);
/** mcp_codec_decoder_new: (transfer full) (nullable): NULL: it cannot decode, or out of memory. */
gpointer mcp_codec_decoder_new(McpCodec *codec);
/** mcp_codec_decoder_free: @decoder of mcp_codec_decoder_new(). */
void mcp_codec_decoder_free(McpCodec *codec, gpointer decoder);
/**
 * mcp_codec_decode: a payload as it came from the network.
 * Returns: samples, @max at most; 0: malformed, the decoder stays usable.
 */
guint mcp_codec_decode(McpCodec *codec, gpointer decoder, const guint8 *payload, gsize length,
                       gint16 *out, guint max);
/**
 * mcp_codec_conceal: @n samples of a packet that did not come, or that silence is not sent for.
 * Returns: samples made, at most @n; 0: it cannot.
 */
guint mcp_codec_conceal(McpCodec *codec, gpointer decoder, gint16 *out, guint n);

G_END_DECLS
