/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMediaG722Lanes: what the processor works on at once. */
typedef gint16 McpMediaG722Lanes __attribute__((vector_size(16)));

/**
 * McpMediaG722Band: what the encoder and the decoder of one of the two bands of G.722 know of it
 * alike: its scale and its predictor (ITU-T G.722 §3.4 to §3.6, with its numbers' names).
 */
typedef struct {
    gint32 s;   /* the prediction */
    gint32 sz;  /* the part of it that is of the zeros */
    gint32 nb;  /* logarithm of the scale */
    gint32 det; /* scale of the quantiser */
    gint32 a[2];
    gint32 r[2];         /* reconstructed signal, latest first */
    gint32 p[2];         /* the same without the poles */
    McpMediaG722Lanes b; /* six of the lanes are used */
    McpMediaG722Lanes d; /* differences, latest first; 0 in the others */
} McpMediaG722Band;

/** mcp_media_g722_low_init: the lower band's start. */
void mcp_media_g722_low_init(McpMediaG722Band *band);
/** mcp_media_g722_high_init: the higher band's start. */
void mcp_media_g722_high_init(McpMediaG722Band *band);
/**
 * mcp_media_g722_encode_bands: @n samples of 15 bits of each band into @n bytes. One thread at a
 * time.
 */
void mcp_media_g722_encode_bands(McpMediaG722Band *low, McpMediaG722Band *high,
                                 const gint32 *low_in, const gint32 *high_in, guint8 *out, guint n);
/** mcp_media_g722_decode_bands: @n bytes into samples of 15 bits. One thread at a time. */
void mcp_media_g722_decode_bands(McpMediaG722Band *low, McpMediaG722Band *high, const guint8 *in,
                                 gint32 *low_out, gint32 *high_out, guint n);

G_END_DECLS
