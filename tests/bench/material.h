/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What callers say: several pieces of speech, coded once, each a ring of frames; one of silence
 * besides. Read-only after it was made, any thread.
 */
#pragma once

#include "codec.h"

G_BEGIN_DECLS

typedef struct {
    const guint8 *data;
    gsize length;
} McpBenchFrame;

/* A ring of coded frames. */
typedef struct _McpBenchPiece McpBenchPiece;

/* Codes @n samples (whole frames) at the codec's rate. Returns: (transfer full) */
McpBenchPiece *mcp_bench_piece_new(const McpBenchCodec *codec, const gint16 *samples, gsize n);
void mcp_bench_piece_free(McpBenchPiece *piece);
guint mcp_bench_piece_frames(const McpBenchPiece *piece);
/* Frame @i of the ring, counted round and round; valid as long as the piece. */
McpBenchFrame mcp_bench_piece_at(const McpBenchPiece *piece, guint i);

typedef struct _McpBenchMaterial McpBenchMaterial;

/*
 * @pieces pieces of @frames frames, all different, the same ones for the same @seed.
 * Returns: (transfer full)
 */
McpBenchMaterial *mcp_bench_material_new(const McpBenchCodec *codec, guint pieces, guint frames,
                                         guint32 seed);
void mcp_bench_material_free(McpBenchMaterial *material);
const McpBenchCodec *mcp_bench_material_codec(const McpBenchMaterial *material);
/* Speech for caller @number. Returns: (transfer none) */
const McpBenchPiece *mcp_bench_material_speech(const McpBenchMaterial *material, guint number);
/* Digital silence. Returns: (transfer none) */
const McpBenchPiece *mcp_bench_material_silence(const McpBenchMaterial *material);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchPiece, mcp_bench_piece_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchMaterial, mcp_bench_material_free)

G_END_DECLS
