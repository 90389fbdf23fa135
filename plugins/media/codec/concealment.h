/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_CONCEALMENT_HISTORY: 60 ms at 48 kHz, in samples. */
#define MCP_MEDIA_CONCEALMENT_HISTORY 2880

/**
 * McpMediaConcealment: fills the gaps of decoders that have no concealment of their own (G.711,
 * G.722, L16) by going on with the last pitch period, fading to silence within 100 ms (the idea of
 * ITU-T G.711 Appendix I). Adds no delay. A plain struct, one a received stream; used on one media
 * worker, allocates nothing.
 */
typedef struct {
    guint rate;
    gint16 history[MCP_MEDIA_CONCEALMENT_HISTORY]; /* what was heard last, newest at the end */
    gint16 source[MCP_MEDIA_CONCEALMENT_HISTORY];  /* @history at the start of the gap */
    guint period;                                  /* samples; 0: nothing to repeat */
    guint overlap;                                 /* of two passes of the repeated piece */
    guint length;                                  /* of the repeated piece, from the end */
    guint next_length;                             /* of the pass after this one */
    guint at;                                      /* within the repeated piece */
    guint lost;                                    /* samples made up in this gap */
    gfloat step;                                   /* between the last sample and the piece */
    guint fade;                                    /* samples of the cross-fade back */
    guint fade_left;
} McpMediaConcealment;

/**
 * mcp_media_concealment_init:
 * @rate: samples a second, 8000 to 48000; others are treated as the nearest of these
 */
void mcp_media_concealment_init(McpMediaConcealment *self, guint rate);
/**
 * mcp_media_concealment_put: a frame that arrived.
 * @samples: (inout): its first milliseconds are cross-faded with the made-up signal when a gap
 *           went before; else it stays as it is
 * @n: samples, any number
 */
void mcp_media_concealment_put(McpMediaConcealment *self, gint16 *samples, gsize n);
/**
 * mcp_media_concealment_conceal: makes up samples that are missing.
 * @out: room for @n samples; silence where nothing was heard before or the gap is long
 */
void mcp_media_concealment_conceal(McpMediaConcealment *self, gint16 *out, gsize n);

G_END_DECLS
