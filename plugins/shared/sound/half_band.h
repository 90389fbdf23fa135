/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_SOUND_TAPS: of the low-pass at half of the band; odd. */
#define MCP_SOUND_TAPS 31
/** MCP_SOUND_BLOCK: samples at most at the higher rate that are taken or made at once. */
#define MCP_SOUND_BLOCK 1600

/** McpSoundHalfBand: what a low-pass keeps from one block to the next; zeroed to begin with. */
typedef struct {
    gint16 before[MCP_SOUND_TAPS - 1];
} McpSoundHalfBand;

/** mcp_sound_halve: to half of the rate: @n is even; returns n / 2 samples in @out. */
guint mcp_sound_halve(McpSoundHalfBand *state, const gint16 *samples, guint n, gint16 *out);
/** mcp_sound_double: to twice the rate, the upper band empty; returns n * 2 samples in @out. */
guint mcp_sound_double(McpSoundHalfBand *state, const gint16 *samples, guint n, gint16 *out);

G_END_DECLS
