/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoders and decoders as the rest of the plugin uses them: a codec's context, a resampler where
 * the listener wants another rate, and concealment where the codec has none. Made and freed
 * anywhere but on a media worker, used by one thread at a time.
 */
#include "coder.h"

#include "concealment.h"
#include <mcp/ledger.h>
#include <speex/speex_resampler.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaEncoder);
MCP_LEDGER_DEFINE(McpMediaDecoder);

/* libspeexdsp's scale of 0…10: 4 is its choice for voice over packets. */
#define RESAMPLER_QUALITY 4

struct _McpMediaEncoder {
    McpMediaFormat format;
    gpointer context;
};

struct _McpMediaDecoder {
    McpMediaFormat format;
    guint rate;
    gpointer context;
    SpeexResamplerState *resampler;   /* nullable */
    McpMediaConcealment *concealment; /* nullable: of codecs that have none */
};

/* --- encoding --- */

McpMediaEncoder *
mcp_media_encoder_new(const McpMediaFormat *format)
{
    const McpMediaCoderClass *coder = format->codec->coder;
    McpMediaEncoder *self = g_new0(McpMediaEncoder, 1);

    MCP_LEDGER_CREATED(McpMediaEncoder);
    self->format = *format;
    if (coder->encoder_new != NULL)
        self->context = coder->encoder_new(format);
    return self;
}

void
mcp_media_encoder_free(McpMediaEncoder *encoder)
{
    if (encoder == NULL)
        return;
    if (encoder->context != NULL)
        encoder->format.codec->coder->encoder_free(encoder->context);
    g_free(encoder);
    MCP_LEDGER_FINALIZED(McpMediaEncoder);
}

gsize
mcp_media_encoder_take(McpMediaEncoder *encoder, const gint16 *samples, guint n, guint8 *out,
                       gsize size)
{
    const McpMediaCoderClass *coder = encoder->format.codec->coder;

    /* Out of memory when it was made. */
    if (coder->encoder_new != NULL && encoder->context == NULL)
        return 0;
    return coder->encode(encoder->context, samples, n, out, size);
}

const McpMediaFormat *
mcp_media_encoder_get_format(const McpMediaEncoder *encoder)
{
    return &encoder->format;
}

static gsize
join_plain(const McpMediaFrame *frames, guint n, guint8 *out, gsize size)
{
    gsize length = 0;

    for (guint i = 0; i < n; i++) {
        if (frames[i].length > size - length)
            return 0;
        memcpy(out + length, frames[i].data, frames[i].length);
        length += frames[i].length;
    }
    return length;
}

gsize
mcp_media_join(const McpMediaFormat *format, const McpMediaFrame *frames, guint n, guint8 *out,
               gsize size)
{
    const McpMediaCoderClass *coder = format->codec->coder;

    if (coder->join == NULL)
        return join_plain(frames, n, out, size);
    return coder->join(format, frames, n, out, size);
}

/* --- decoding --- */

McpMediaDecoder *
mcp_media_decoder_new(const McpMediaFormat *format, guint rate)
{
    const McpMediaCoderClass *coder = format->codec->coder;
    McpMediaDecoder *self = g_new0(McpMediaDecoder, 1);

    MCP_LEDGER_CREATED(McpMediaDecoder);
    self->format = *format;
    self->rate = rate;
    if (coder->decoder_new != NULL)
        self->context = coder->decoder_new(format);
    if (coder->conceal == NULL) {
        self->concealment = g_new(McpMediaConcealment, 1);
        mcp_media_concealment_init(self->concealment, format->rate);
    }
    if (rate != format->rate)
        self->resampler = speex_resampler_init(1, format->rate, rate, RESAMPLER_QUALITY, NULL);
    return self;
}

void
mcp_media_decoder_free(McpMediaDecoder *decoder)
{
    if (decoder == NULL)
        return;
    if (decoder->context != NULL)
        decoder->format.codec->coder->decoder_free(decoder->context);
    if (decoder->resampler != NULL)
        speex_resampler_destroy(decoder->resampler);
    g_free(decoder->concealment);
    g_free(decoder);
    MCP_LEDGER_FINALIZED(McpMediaDecoder);
}

static gboolean
is_usable(const McpMediaDecoder *self)
{
    return self->context != NULL || self->format.codec->coder->decoder_new == NULL;
}

static guint
resample(McpMediaDecoder *self, const gint16 *samples, guint n, gint16 *out)
{
    spx_uint32_t used = n;
    spx_uint32_t made = MCP_MEDIA_SAMPLES_MAX;

    speex_resampler_process_int(self->resampler, 0, samples, &used, out, &made);
    return made;
}

static guint
decode(McpMediaDecoder *self, const guint8 *payload, gsize length, gint16 *out)
{
    guint n = self->format.codec->coder->decode(self->context, payload, length, out,
                                                MCP_MEDIA_SAMPLES_MAX);

    if (self->concealment != NULL)
        mcp_media_concealment_put(self->concealment, out, n);
    return n;
}

guint
mcp_media_decoder_take(McpMediaDecoder *decoder, const guint8 *payload, gsize length, gint16 *out)
{
    gint16 samples[MCP_MEDIA_SAMPLES_MAX];
    guint n = 0;

    if (!is_usable(decoder))
        return 0;
    if (decoder->resampler == NULL)
        return decode(decoder, payload, length, out);
    n = decode(decoder, payload, length, samples);
    return n > 0 ? resample(decoder, samples, n, out) : 0;
}

guint
mcp_media_decoder_conceal(McpMediaDecoder *decoder, const guint8 *next, gsize length, gint16 *out,
                          guint n)
{
    const McpMediaCoderClass *coder = decoder->format.codec->coder;
    gint16 samples[MCP_MEDIA_SAMPLES_MAX];
    guint wanted =
        (guint)((guint64)MIN(n, MCP_MEDIA_SAMPLES_MAX) * decoder->format.rate / decoder->rate);
    guint made = 0;

    if (!is_usable(decoder))
        return 0;
    wanted = MIN(wanted, MCP_MEDIA_SAMPLES_MAX);
    if (decoder->concealment != NULL) {
        mcp_media_concealment_conceal(decoder->concealment, samples, wanted);
        made = wanted;
    } else {
        made = coder->conceal(decoder->context, next, length, samples, wanted);
    }
    if (decoder->resampler != NULL)
        return made > 0 ? resample(decoder, samples, made, out) : 0;
    memcpy(out, samples, made * sizeof *samples);
    return made;
}

guint
mcp_media_decoder_pass(McpMediaDecoder *decoder, gint16 *samples, guint n, gint16 *out)
{
    n = MIN(n, MCP_MEDIA_SAMPLES_MAX);
    if (decoder->concealment != NULL)
        mcp_media_concealment_put(decoder->concealment, samples, n);
    if (decoder->resampler != NULL)
        return resample(decoder, samples, n, out);
    memcpy(out, samples, n * sizeof *samples);
    return n;
}

const McpMediaFormat *
mcp_media_decoder_get_format(const McpMediaDecoder *decoder)
{
    return &decoder->format;
}

guint
mcp_media_decoder_get_rate(const McpMediaDecoder *decoder)
{
    return decoder->rate;
}
