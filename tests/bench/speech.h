/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.711 and the speech-like material that callers send: syllables of harmonics and noise
 * with pauses between phrases, made once at start. Read-only afterwards, any thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MCP_BENCH_FRAME 160 /* samples, and bytes, of 20 ms at 8 kHz */

guint8 mcp_bench_mulaw_encode(gint16 sample);
gint16 mcp_bench_mulaw_decode(guint8 byte);
guint8 mcp_bench_alaw_encode(gint16 sample);
gint16 mcp_bench_alaw_decode(guint8 byte);

/* Mean absolute level of @n μ-law bytes, on the scale of 16-bit samples. */
guint mcp_bench_mulaw_level(const guint8 *bytes, gsize n);

/* The same of linear samples. */
guint mcp_bench_level(const gint16 *samples, gsize n);

/* Levels above this are sound, not line noise (about −54 dBFS). */
#define MCP_BENCH_SOUND_LEVEL 64

/* @n linear samples of speech, the same for the same @seed. Returns: (transfer full) */
gint16 *mcp_bench_speech_samples(gsize n, guint rate, guint32 seed);

/*
 * The material: @frames × MCP_BENCH_FRAME bytes of μ-law, the same for the same @seed.
 * Returns: (transfer full)
 */
GBytes *mcp_bench_speech_new(guint frames, guint32 seed);

G_END_DECLS
