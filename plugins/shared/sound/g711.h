/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** mcp_sound_mulaw_encode: G.711 μ-law of @n samples; any thread. */
void mcp_sound_mulaw_encode(const gint16 *samples, guint n, guint8 *out);
/** mcp_sound_alaw_encode: G.711 A-law of @n samples; any thread. */
void mcp_sound_alaw_encode(const gint16 *samples, guint n, guint8 *out);
/** mcp_sound_mulaw_decode: @n bytes; any thread. */
void mcp_sound_mulaw_decode(const guint8 *data, guint n, gint16 *out);
/** mcp_sound_alaw_decode: @n bytes; any thread. */
void mcp_sound_alaw_decode(const guint8 *data, guint n, gint16 *out);

G_END_DECLS
