/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "format.h"

G_BEGIN_DECLS

/** MCP_MEDIA_CODED_MAX: longest payload of a packet, bytes. */
#define MCP_MEDIA_CODED_MAX 1920
/** MCP_MEDIA_SAMPLES_MAX: linear samples of the longest packet: 120 ms at 48 kHz. */
#define MCP_MEDIA_SAMPLES_MAX 5760
/** MCP_MEDIA_FRAMES_MAX: coded frames that we put into one packet at most. */
#define MCP_MEDIA_FRAMES_MAX 6

/** McpMediaFrame: one coded frame; of AMR in the storage format (RFC 4867 §5.3). */
typedef struct {
    const guint8 *data;
    gsize length;
} McpMediaFrame;

/**
 * McpMediaCoderClass: a codec. Contexts are made and freed on any thread but a media worker, and
 * used by one thread at a time.
 */
struct _McpMediaCoderClass {
    gpointer (*encoder_new)(const McpMediaFormat *format); /* nullable */
    void (*encoder_free)(gpointer encoder);
    /* Returns: bytes, 0 when nothing has to be sent. */
    gsize (*encode)(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size);
    /* nullable: frames are put back to back. Returns: bytes of the payload, 0: no room. */
    gsize (*join)(const McpMediaFormat *format, const McpMediaFrame *frames, guint n, guint8 *out,
                  gsize size);
    gpointer (*decoder_new)(const McpMediaFormat *format); /* nullable */
    void (*decoder_free)(gpointer decoder);
    /* A whole payload. Returns: linear samples, 0: malformed. */
    guint (*decode)(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max);
    /*
     * nullable: a packet that did not come, @n samples.
     * @next: (nullable): payload of the packet after it, that may carry a copy
     */
    guint (*conceal)(gpointer decoder, const guint8 *next, gsize length, gint16 *out, guint n);
};

extern const McpMediaCoderClass mcp_media_coder_mulaw;
extern const McpMediaCoderClass mcp_media_coder_alaw;
extern const McpMediaCoderClass mcp_media_coder_l16;
extern const McpMediaCoderClass mcp_media_coder_g722;
extern const McpMediaCoderClass mcp_media_coder_opus;
extern const McpMediaCoderClass mcp_media_coder_gsm;
extern const McpMediaCoderClass mcp_media_coder_speex;
extern const McpMediaCoderClass mcp_media_coder_amr;

/** McpMediaEncoder: linear samples to coded frames. */
typedef struct _McpMediaEncoder McpMediaEncoder;

/** mcp_media_encoder_new: (transfer full): any thread but a media worker. */
McpMediaEncoder *mcp_media_encoder_new(const McpMediaFormat *format);
/** mcp_media_encoder_free: any thread but a media worker. */
void mcp_media_encoder_free(McpMediaEncoder *encoder);
/**
 * mcp_media_encoder_take: one frame, or any number of samples where bytes can be cut.
 * Returns: bytes written to @out, 0 when there is nothing to send (Opus with DTX).
 */
gsize mcp_media_encoder_take(McpMediaEncoder *encoder, const gint16 *samples, guint n, guint8 *out,
                             gsize size);
/** mcp_media_encoder_get_format: (transfer none). */
const McpMediaFormat *mcp_media_encoder_get_format(const McpMediaEncoder *encoder);

/**
 * mcp_media_join: makes a payload of @n coded frames. Pure function.
 * Returns: its length, 0 when @size is too small or a frame is malformed.
 */
gsize mcp_media_join(const McpMediaFormat *format, const McpMediaFrame *frames, guint n,
                     guint8 *out, gsize size);

/** McpMediaDecoder: payloads to linear samples at a rate of the listener's choice. */
typedef struct _McpMediaDecoder McpMediaDecoder;

/** mcp_media_decoder_new: (transfer full): @rate: Hz of what comes out. Not on a media worker. */
McpMediaDecoder *mcp_media_decoder_new(const McpMediaFormat *format, guint rate);
/** mcp_media_decoder_free: any thread but a media worker. */
void mcp_media_decoder_free(McpMediaDecoder *decoder);
/**
 * mcp_media_decoder_take: a payload from the wire.
 * @out: room for MCP_MEDIA_SAMPLES_MAX
 *
 * Returns: samples, 0 when it is malformed (its state stays usable).
 */
guint mcp_media_decoder_take(McpMediaDecoder *decoder, const guint8 *payload, gsize length,
                             gint16 *out);
/**
 * mcp_media_decoder_conceal: what may have been in a packet that did not come.
 * @next: (nullable): payload of the packet that follows it
 * @n: samples wanted, at most MCP_MEDIA_SAMPLES_MAX
 *
 * Returns: samples made.
 */
guint mcp_media_decoder_conceal(McpMediaDecoder *decoder, const guint8 *next, gsize length,
                                gint16 *out, guint n);
/**
 * mcp_media_decoder_pass: samples of other origin at the format's own rate, in place of a payload.
 * @samples: faded into after a concealed packet
 * @out: room for MCP_MEDIA_SAMPLES_MAX
 *
 * Returns: samples.
 */
guint mcp_media_decoder_pass(McpMediaDecoder *decoder, gint16 *samples, guint n, gint16 *out);
/** mcp_media_decoder_get_format: (transfer none). */
const McpMediaFormat *mcp_media_decoder_get_format(const McpMediaDecoder *decoder);
/** mcp_media_decoder_get_rate: Hz of what comes out. */
guint mcp_media_decoder_get_rate(const McpMediaDecoder *decoder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaEncoder, mcp_media_encoder_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaDecoder, mcp_media_decoder_free)

G_END_DECLS
