/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.722 at 64 kbit/s (ITU-T G.722, RFC 3551 §4.5.2): two samples of 16 kHz a byte. Here are the
 * filters that make two bands of a signal and the way back; they need no feedback, so a piece at a
 * time makes vectors. A context is used by one thread at a time.
 */
#include "coder.h"

#include "g722_band.h"
#include <string.h>

#define TAPS 12 /* for each one of two samples */
#define OLD (TAPS - 1)
#define PIECE 160 /* pairs: 20 ms */

typedef struct {
    McpMediaG722Band low;
    McpMediaG722Band high;
    gint16 even[OLD]; /* what the filters still need, oldest first */
    gint16 odd[OLD];
} Context;

/* Table 11: the filter's 24 coefficients are symmetrical, these are every second one. */
static const gint16 forwards[TAPS] = {3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11};
static const gint16 backwards[TAPS] = {-11, 53, -156, 362, -805, 3876, 951, -210, 32, 12, -11, 3};

static gpointer
context_new(const McpMediaFormat *format)
{
    Context *self = g_new0(Context, 1);

    mcp_media_g722_low_init(&self->low);
    mcp_media_g722_high_init(&self->high);
    return self;
}

static G_ALWAYS_INLINE inline void
filter(const gint16 *in, const gint16 *taps, gint32 *out)
{
    for (guint i = 0; i < PIECE; i++) {
        gint32 sum = 0;

#pragma GCC unroll 12
        for (guint k = 0; k < TAPS; k++)
            sum += in[i + k] * taps[k];
        out[i] = sum;
    }
}

/* What is kept of the two rows for the next piece. */
static void
keep(Context *self, const gint16 *even, const gint16 *odd, guint n)
{
    memcpy(self->even, even + n, sizeof self->even);
    memcpy(self->odd, odd + n, sizeof self->odd);
}

/* @n pairs. */
static void
encode_piece(Context *self, const gint16 *samples, guint8 *out, guint n)
{
    gint16 even[OLD + PIECE] = {0};
    gint16 odd[OLD + PIECE] = {0};
    gint32 of_even[PIECE];
    gint32 of_odd[PIECE];
    gint32 low[PIECE];
    gint32 high[PIECE];

    memcpy(even, self->even, sizeof self->even);
    memcpy(odd, self->odd, sizeof self->odd);
    for (guint i = 0; i < n; i++) {
        even[OLD + i] = samples[2 * i];
        odd[OLD + i] = samples[2 * i + 1];
    }
    filter(even, forwards, of_even);
    filter(odd, backwards, of_odd);
    for (guint i = 0; i < PIECE; i++) {
        low[i] = (of_odd[i] + of_even[i]) >> 14;
        high[i] = (of_odd[i] - of_even[i]) >> 14;
    }
    mcp_media_g722_encode_bands(&self->low, &self->high, low, high, out, n);
    keep(self, even, odd, n);
}

static gsize
encode(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    guint pairs = (guint)MIN(n / 2, size);

    for (guint done = 0; done < pairs; done += PIECE)
        encode_piece(encoder, samples + (gsize)2 * done, out + done, MIN(pairs - done, PIECE));
    return pairs;
}

static inline gint16
clip(gint32 value)
{
    return (gint16)CLAMP(value, G_MININT16, G_MAXINT16);
}

/* @n bytes. */
static void
decode_piece(Context *self, const guint8 *payload, gint16 *out, guint n)
{
    gint16 sums[OLD + PIECE] = {0};
    gint16 differences[OLD + PIECE] = {0};
    gint32 low[PIECE] = {0};
    gint32 high[PIECE] = {0};
    gint32 first[PIECE];
    gint32 second[PIECE];

    memcpy(sums, self->even, sizeof self->even);
    memcpy(differences, self->odd, sizeof self->odd);
    mcp_media_g722_decode_bands(&self->low, &self->high, payload, low, high, n);
    for (guint i = 0; i < PIECE; i++) {
        sums[OLD + i] = (gint16)(low[i] + high[i]);
        differences[OLD + i] = (gint16)(low[i] - high[i]);
    }
    filter(differences, backwards, first);
    filter(sums, forwards, second);
    for (guint i = 0; i < n; i++) {
        out[2 * i] = clip(first[i] >> 11);
        out[2 * i + 1] = clip(second[i] >> 11);
    }
    keep(self, sums, differences, n);
}

static guint
decode(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    guint n = (guint)MIN(length, max / 2);

    for (guint done = 0; done < n; done += PIECE)
        decode_piece(decoder, payload + done, out + (gsize)2 * done, MIN(n - done, PIECE));
    return 2 * n;
}

const McpMediaCoderClass mcp_media_coder_g722 = {
    .encoder_new = context_new,
    .encoder_free = g_free,
    .encode = encode,
    .decoder_new = context_new,
    .decoder_free = g_free,
    .decode = decode,
};
