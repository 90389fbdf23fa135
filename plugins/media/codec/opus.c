/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opus (RFC 6716, RTP by RFC 7587), by libopus. We send one channel and take both kinds: the
 * decoder mixes two channels down.
 */
#include "coder.h"

#include <opus/opus.h>

/* Expected loss that in-band error correction is made for, percent. */
#define FEC_LOSS 10
/* A packet of one or two bytes says that nothing is to be sent (libopus, DTX). */
#define DTX_BYTES 2
/* Room for a repacketizer; checked when it is used. */
#define REPACKETIZER_SIZE 1024

static gpointer
encoder_new(const McpMediaFormat *format)
{
    int error = OPUS_OK;
    OpusEncoder *encoder =
        opus_encoder_create((opus_int32)format->rate, 1, OPUS_APPLICATION_VOIP, &error);

    if (encoder == NULL)
        return NULL;
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE((opus_int32)format->bitrate));
    opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY((opus_int32)format->complexity));
    opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(format->fec ? 1 : 0));
    opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(format->fec ? FEC_LOSS : 0));
    opus_encoder_ctl(encoder, OPUS_SET_DTX(format->dtx ? 1 : 0));
    opus_encoder_ctl(encoder, OPUS_SET_VBR(format->cbr ? 0 : 1));
    return encoder;
}

static void
encoder_free(gpointer encoder)
{
    opus_encoder_destroy(encoder);
}

static gsize
encode(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    opus_int32 bytes = opus_encode(encoder, samples, (int)n, out, (opus_int32)size);

    return bytes > DTX_BYTES ? (gsize)bytes : 0;
}

/* RFC 6716 §3.2: frames of one configuration share a packet. */
static gsize
join(const McpMediaFormat *format, const McpMediaFrame *frames, guint n, guint8 *out, gsize size)
{
    _Alignas(max_align_t) guint8 memory[REPACKETIZER_SIZE];
    OpusRepacketizer *packets = (OpusRepacketizer *)memory;
    opus_int32 bytes = 0;

    if (opus_repacketizer_get_size() > REPACKETIZER_SIZE)
        return 0;
    opus_repacketizer_init(packets);
    for (guint i = 0; i < n; i++)
        if (opus_repacketizer_cat(packets, frames[i].data, (opus_int32)frames[i].length) != OPUS_OK)
            return 0;
    bytes = opus_repacketizer_out(packets, out, (opus_int32)size);
    return bytes > 0 ? (gsize)bytes : 0;
}

static gpointer
decoder_new(const McpMediaFormat *format)
{
    int error = OPUS_OK;

    return opus_decoder_create((opus_int32)format->rate, 1, &error);
}

static void
decoder_free(gpointer decoder)
{
    opus_decoder_destroy(decoder);
}

static guint
decode(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    int n = length > 0 ? opus_decode(decoder, payload, (opus_int32)length, out, (int)max, 0) : 0;

    return n > 0 ? (guint)n : 0;
}

/* RFC 6716 §2.1.7: what the next packet holds of the lost one, else an extrapolation. */
static guint
conceal(gpointer decoder, const guint8 *next, gsize length, gint16 *out, guint n)
{
    int made = opus_decode(decoder, length > 0 ? next : NULL, (opus_int32)length, out, (int)n,
                           length > 0 ? 1 : 0);

    return made > 0 ? (guint)made : 0;
}

const McpMediaCoderClass mcp_media_coder_opus = {
    .encoder_new = encoder_new,
    .encoder_free = encoder_free,
    .encode = encode,
    .join = join,
    .decoder_new = decoder_new,
    .decoder_free = decoder_free,
    .decode = decode,
    .conceal = conceal,
};
