/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_TIME_SCALE_MS: the longest piece that is left out or repeated. */
#define MCP_MEDIA_TIME_SCALE_MS 15
/** MCP_MEDIA_TIME_SCALE_MIN_MS: about the shortest one. */
#define MCP_MEDIA_TIME_SCALE_MIN_MS 3

/**
 * mcp_media_time_scale_find: the piece of a sound that can be left out, or repeated, with least
 * harm: a period of voice. Pure function; 5 µs.
 * @at: samples; 15 ms before it (@back) or after its window can be read
 * @back: what is before @at is to look like it (repeat), else what is after (leave out)
 * @rate: 8000 … 48000
 * @window: samples that have to look alike, up to 20 ms
 * @out_likeness: -1 … 1
 *
 * Returns: its length in samples.
 */
guint mcp_media_time_scale_find(const gint16 *at, gboolean back, guint rate, guint window,
                                gfloat *out_likeness);
/**
 * mcp_media_time_scale_glide: from @from to @to. Pure function.
 * @n: samples of each, and of @out
 */
void mcp_media_time_scale_glide(gint16 *out, const gint16 *from, const gint16 *to, guint n);

G_END_DECLS
