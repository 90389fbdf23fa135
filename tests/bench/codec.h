/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codecs that callers speak: PCMU and PCMA by our own tables, G.722 by libspandsp, Opus by
 * libopus as mcpd is set up by default. Frames of 20 ms. Encoder and decoder: one thread each.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MCP_BENCH_CODED_MAX 1500   /* bytes of one frame */
#define MCP_BENCH_SAMPLES_MAX 1920 /* of one payload taken: 120 ms at 16 kHz */

/* Opus as plugins/media/config.c has it; tests/bench/check compares. */
#define MCP_BENCH_OPUS_RATE 16000
#define MCP_BENCH_OPUS_BITRATE 24000
#define MCP_BENCH_OPUS_COMPLEXITY 5
#define MCP_BENCH_OPUS_FEC 1
#define MCP_BENCH_OPUS_LOSS 10 /* percent that error correction is made for */

typedef enum {
    MCP_BENCH_PCMU,
    MCP_BENCH_PCMA,
    MCP_BENCH_G722,
    MCP_BENCH_OPUS,
    MCP_BENCH_N_CODECS,
} McpBenchCodecId;

typedef struct {
    McpBenchCodecId id;
    const char *name;    /* of --codec, any case */
    const char *rtpmap;  /* as in a=rtpmap */
    const char *fmtp;    /* nullable */
    guint8 payload_type; /* the static one, or that of our offers */
    guint clock_rate;    /* of RTP; G.722 counts 8000 (RFC 3551 §4.5.2) */
    guint step;          /* RTP ticks of a frame */
    guint sample_rate;   /* Hz of linear samples */
    guint samples;       /* of a frame */
} McpBenchCodec;

const McpBenchCodec *mcp_bench_codec_get(McpBenchCodecId id);
/* Returns: (nullable) */
const McpBenchCodec *mcp_bench_codec_find(const char *name);

typedef struct _McpBenchEncoder McpBenchEncoder;
typedef struct _McpBenchDecoder McpBenchDecoder;

/* Returns: (transfer full) */
McpBenchEncoder *mcp_bench_encoder_new(const McpBenchCodec *codec);
void mcp_bench_encoder_free(McpBenchEncoder *encoder);
/* One frame; @out has room for MCP_BENCH_CODED_MAX. Returns: bytes, 0 when it cannot be coded. */
gsize mcp_bench_encoder_take(McpBenchEncoder *encoder, const gint16 *samples, guint8 *out);

/* Returns: (transfer full) */
McpBenchDecoder *mcp_bench_decoder_new(const McpBenchCodec *codec);
void mcp_bench_decoder_free(McpBenchDecoder *decoder);
/*
 * A payload from the wire, of any length and content; @out has room for MCP_BENCH_SAMPLES_MAX.
 * Returns: samples, 0 when it is malformed or too long.
 */
guint mcp_bench_decoder_take(McpBenchDecoder *decoder, const guint8 *payload, gsize length,
                             gint16 *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchEncoder, mcp_bench_encoder_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchDecoder, mcp_bench_decoder_free)

G_END_DECLS
