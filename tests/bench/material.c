/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coded speech in rings. Where a ring closes, a decoder with memory hears a step of a few
 * milliseconds, as where a speaker begins a syllable.
 */
#include "material.h"

#include "speech.h"

#define SILENT_FRAMES 50 /* a codec with memory takes a while to be as silent as it can */

struct _McpBenchPiece {
    GByteArray *bytes;
    GArray *ends; /* guint: where each frame ends in @bytes */
};

struct _McpBenchMaterial {
    const McpBenchCodec *codec;
    GPtrArray *speech; /* McpBenchPiece */
    McpBenchPiece *silence;
};

McpBenchPiece *
mcp_bench_piece_new(const McpBenchCodec *codec, const gint16 *samples, gsize n)
{
    g_autoptr(McpBenchEncoder) encoder = mcp_bench_encoder_new(codec);
    McpBenchPiece *piece = g_new0(McpBenchPiece, 1);
    piece->bytes = g_byte_array_new();
    piece->ends = g_array_new(FALSE, FALSE, sizeof(guint));
    for (gsize at = 0; at + codec->samples <= n; at += codec->samples) {
        guint8 coded[MCP_BENCH_CODED_MAX];
        gsize length = mcp_bench_encoder_take(encoder, samples + at, coded);
        g_byte_array_append(piece->bytes, coded, (guint)length);
        g_array_append_val(piece->ends, piece->bytes->len);
    }
    return piece;
}

void
mcp_bench_piece_free(McpBenchPiece *piece)
{
    g_byte_array_unref(piece->bytes);
    g_array_unref(piece->ends);
    g_free(piece);
}

guint
mcp_bench_piece_frames(const McpBenchPiece *piece)
{
    return piece->ends->len;
}

McpBenchFrame
mcp_bench_piece_at(const McpBenchPiece *piece, guint i)
{
    guint place = i % piece->ends->len;
    guint start = place > 0 ? g_array_index(piece->ends, guint, place - 1) : 0;
    guint end = g_array_index(piece->ends, guint, place);
    return (McpBenchFrame){.data = piece->bytes->data + start, .length = end - start};
}

static void
keep_last_frame(McpBenchPiece *piece)
{
    McpBenchFrame last = mcp_bench_piece_at(piece, piece->ends->len - 1);
    guint length = (guint)last.length;
    g_byte_array_remove_range(piece->bytes, 0, piece->bytes->len - length);
    g_array_set_size(piece->ends, 0);
    g_array_append_val(piece->ends, length);
}

static void
piece_destroy(gpointer piece)
{
    mcp_bench_piece_free(piece);
}

McpBenchMaterial *
mcp_bench_material_new(const McpBenchCodec *codec, guint pieces, guint frames, guint32 seed)
{
    McpBenchMaterial *material = g_new0(McpBenchMaterial, 1);
    gsize total = (gsize)frames * codec->samples;
    material->codec = codec;
    material->speech = g_ptr_array_new_with_free_func(piece_destroy);
    for (guint i = 0; i < pieces; i++) {
        g_autofree gint16 *samples = mcp_bench_speech_samples(total, codec->sample_rate, seed + i);
        g_ptr_array_add(material->speech, mcp_bench_piece_new(codec, samples, total));
    }
    total = (gsize)SILENT_FRAMES * codec->samples;
    g_autofree gint16 *nothing = g_new0(gint16, total);
    material->silence = mcp_bench_piece_new(codec, nothing, total);
    keep_last_frame(material->silence);
    return material;
}

void
mcp_bench_material_free(McpBenchMaterial *material)
{
    g_ptr_array_unref(material->speech);
    mcp_bench_piece_free(material->silence);
    g_free(material);
}

const McpBenchCodec *
mcp_bench_material_codec(const McpBenchMaterial *material)
{
    return material->codec;
}

const McpBenchPiece *
mcp_bench_material_speech(const McpBenchMaterial *material, guint number)
{
    return g_ptr_array_index(material->speech, number % material->speech->len);
}

const McpBenchPiece *
mcp_bench_material_silence(const McpBenchMaterial *material)
{
    return material->silence;
}
