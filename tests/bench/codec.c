/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The callers' codecs. The codec table is static data; an encoder or decoder belongs to whoever
 * made it and is used on one thread.
 */
#include "codec.h"

#include "speech.h"

#include <opus/opus.h>
#include <spandsp.h>

#define G722_BIT_RATE 64000

struct _McpBenchEncoder {
    const McpBenchCodec *codec;
    OpusEncoder *opus;         /* Opus only */
    g722_encode_state_t *g722; /* G.722 only */
};

struct _McpBenchDecoder {
    const McpBenchCodec *codec;
    OpusDecoder *opus;         /* Opus only */
    g722_decode_state_t *g722; /* G.722 only */
};

static const McpBenchCodec codecs[MCP_BENCH_N_CODECS] = {
    {MCP_BENCH_PCMU, "PCMU", "PCMU/8000", NULL, 0, 8000, 160, 8000, 160},
    {MCP_BENCH_PCMA, "PCMA", "PCMA/8000", NULL, 8, 8000, 160, 8000, 160},
    {MCP_BENCH_G722, "G722", "G722/8000", NULL, 9, 8000, 160, 16000, 320},
    {MCP_BENCH_OPUS, "opus", "opus/48000/2", "useinbandfec=1", 111, 48000, 960, MCP_BENCH_OPUS_RATE,
     MCP_BENCH_OPUS_RATE / 50},
};

const McpBenchCodec *
mcp_bench_codec_get(McpBenchCodecId id)
{
    return &codecs[id];
}

const McpBenchCodec *
mcp_bench_codec_find(const char *name)
{
    for (guint i = 0; i < MCP_BENCH_N_CODECS; i++)
        if (g_ascii_strcasecmp(codecs[i].name, name) == 0)
            return &codecs[i];
    return NULL;
}

static OpusEncoder *
opus_encoder_new(const McpBenchCodec *codec)
{
    int error = OPUS_OK;
    OpusEncoder *opus =
        opus_encoder_create((opus_int32)codec->sample_rate, 1, OPUS_APPLICATION_VOIP, &error);
    if (opus == NULL)
        g_error("libopus: %s", opus_strerror(error)); /* our own settings, or no memory */
    opus_encoder_ctl(opus, OPUS_SET_BITRATE(MCP_BENCH_OPUS_BITRATE));
    opus_encoder_ctl(opus, OPUS_SET_COMPLEXITY(MCP_BENCH_OPUS_COMPLEXITY));
    opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(MCP_BENCH_OPUS_FEC));
    opus_encoder_ctl(opus, OPUS_SET_PACKET_LOSS_PERC(MCP_BENCH_OPUS_LOSS));
    opus_encoder_ctl(opus, OPUS_SET_DTX(0));
    opus_encoder_ctl(opus, OPUS_SET_VBR(1));
    return opus;
}

McpBenchEncoder *
mcp_bench_encoder_new(const McpBenchCodec *codec)
{
    McpBenchEncoder *encoder = g_new0(McpBenchEncoder, 1);
    encoder->codec = codec;
    if (codec->id == MCP_BENCH_OPUS)
        encoder->opus = opus_encoder_new(codec);
    else if (codec->id == MCP_BENCH_G722)
        encoder->g722 = g722_encode_init(NULL, G722_BIT_RATE, 0);
    return encoder;
}

void
mcp_bench_encoder_free(McpBenchEncoder *encoder)
{
    g_clear_pointer(&encoder->opus, opus_encoder_destroy);
    if (encoder->g722 != NULL)
        g722_encode_free(encoder->g722);
    g_free(encoder);
}

gsize
mcp_bench_encoder_take(McpBenchEncoder *encoder, const gint16 *samples, guint8 *out)
{
    guint n = encoder->codec->samples;
    if (encoder->opus != NULL) {
        opus_int32 bytes = opus_encode(encoder->opus, samples, (int)n, out, MCP_BENCH_CODED_MAX);
        return bytes > 0 ? (gsize)bytes : 0;
    }
    if (encoder->g722 != NULL)
        return (gsize)g722_encode(encoder->g722, out, samples, (int)n);
    gboolean alaw = encoder->codec->id == MCP_BENCH_PCMA;
    for (guint i = 0; i < n; i++)
        out[i] = alaw ? mcp_bench_alaw_encode(samples[i]) : mcp_bench_mulaw_encode(samples[i]);
    return n;
}

McpBenchDecoder *
mcp_bench_decoder_new(const McpBenchCodec *codec)
{
    int error = OPUS_OK;
    McpBenchDecoder *decoder = g_new0(McpBenchDecoder, 1);
    decoder->codec = codec;
    if (codec->id == MCP_BENCH_OPUS) {
        decoder->opus = opus_decoder_create((opus_int32)codec->sample_rate, 1, &error);
        if (decoder->opus == NULL)
            g_error("libopus: %s", opus_strerror(error)); /* our own settings, or no memory */
    } else if (codec->id == MCP_BENCH_G722) {
        decoder->g722 = g722_decode_init(NULL, G722_BIT_RATE, 0);
    }
    return decoder;
}

void
mcp_bench_decoder_free(McpBenchDecoder *decoder)
{
    g_clear_pointer(&decoder->opus, opus_decoder_destroy);
    if (decoder->g722 != NULL)
        g722_decode_free(decoder->g722);
    g_free(decoder);
}

guint
mcp_bench_decoder_take(McpBenchDecoder *decoder, const guint8 *payload, gsize length, gint16 *out)
{
    if (length == 0)
        return 0;
    if (decoder->opus != NULL) {
        int n =
            opus_decode(decoder->opus, payload, (opus_int32)length, out, MCP_BENCH_SAMPLES_MAX, 0);
        return n > 0 ? (guint)n : 0;
    }
    guint a_byte = decoder->g722 != NULL ? 2 : 1;
    if (length > MCP_BENCH_SAMPLES_MAX / a_byte)
        return 0;
    if (decoder->g722 != NULL)
        return (guint)g722_decode(decoder->g722, out, payload, (int)length);
    gboolean alaw = decoder->codec->id == MCP_BENCH_PCMA;
    for (gsize i = 0; i < length; i++)
        out[i] = alaw ? mcp_bench_alaw_decode(payload[i]) : mcp_bench_mulaw_decode(payload[i]);
    return (guint)length;
}
