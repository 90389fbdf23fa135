/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_MIX_MAX: samples of one step of a mix at most: 20 ms at 48 kHz. */
#define MCP_MEDIA_MIX_MAX 960
/** MCP_MEDIA_GAIN_ONE: a gain that changes nothing. */
#define MCP_MEDIA_GAIN_ONE (1 << 12)

/**
 * McpMediaMix: the sum of those who speak, and how much it has to be turned down so that it fits.
 * Pure data; one thread.
 */
typedef struct {
    guint n;         /* samples of a step */
    gint32 from, to; /* gain at the first and after the last sample of this step */
    gint32 sum[MCP_MEDIA_MIX_MAX];
} McpMediaMix;

/** mcp_media_mix_init: silence, not turned down. */
void mcp_media_mix_init(McpMediaMix *mix);
/** mcp_media_mix_begin: a step of @n samples begins with silence. */
void mcp_media_mix_begin(McpMediaMix *mix, guint n);
/** mcp_media_mix_add: somebody speaks. */
void mcp_media_mix_add(McpMediaMix *mix, const gint16 *samples);
/** mcp_media_mix_end: nobody is added any more; the loudest sample decides about the gain. */
void mcp_media_mix_end(McpMediaMix *mix);
/**
 * mcp_media_mix_take: what one of them hears.
 * @own: (nullable): what it added itself
 * @aside: (nullable): what it alone hears besides
 */
void mcp_media_mix_take(const McpMediaMix *mix, const gint16 *own, const gint16 *aside,
                        gint16 *out);

/** mcp_media_gain_from_db: for mcp_media_mix_gain(). */
gint32 mcp_media_gain_from_db(double db);
/** mcp_media_mix_gain: @samples louder or quieter, clipped. */
void mcp_media_mix_gain(gint16 *samples, guint n, gint32 gain);
/** mcp_media_mix_fade: from silence (@in) or to silence within @n samples. */
void mcp_media_mix_fade(gint16 *samples, guint n, gboolean in);
/** mcp_media_mix_is_silent: all are zero. Any thread. */
gboolean mcp_media_mix_is_silent(const gint16 *samples, guint n);
/** mcp_media_mix_level: mean of |sample|. */
guint mcp_media_mix_level(const gint16 *samples, guint n);

G_END_DECLS
