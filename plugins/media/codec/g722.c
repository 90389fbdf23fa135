/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.722 at 64 kbit/s (RFC 3551 §4.5.2), by libspandsp: two samples of 16 kHz a byte.
 */
#include "coder.h"

#include <spandsp.h>

#define BIT_RATE 64000

static gpointer
encoder_new(const McpMediaFormat *format)
{
    return g722_encode_init(NULL, BIT_RATE, 0);
}

static void
encoder_free(gpointer encoder)
{
    g722_encode_free(encoder);
}

static gsize
encode(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    guint used = (guint)MIN(n & ~1u, size * 2);

    return (gsize)g722_encode(encoder, out, samples, (int)used);
}

static gpointer
decoder_new(const McpMediaFormat *format)
{
    return g722_decode_init(NULL, BIT_RATE, 0);
}

static void
decoder_free(gpointer decoder)
{
    g722_decode_free(decoder);
}

static guint
decode(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    return (guint)g722_decode(decoder, out, payload, (int)MIN(length, max / 2));
}

const McpMediaCoderClass mcp_media_coder_g722 = {
    .encoder_new = encoder_new,
    .encoder_free = encoder_free,
    .encode = encode,
    .decoder_new = decoder_new,
    .decoder_free = decoder_free,
    .decode = decode,
};
