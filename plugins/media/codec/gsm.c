/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GSM full rate (RFC 3551 §4.5.8), by libgsm: frames of 33 bytes, 160 samples each.
 */
#include "coder.h"

#include <gsm/gsm.h>
#include <string.h>

#define FRAME_BYTES 33
#define FRAME_SAMPLES 160
/* The signature in the upper half of the first byte. */
#define SIGNATURE 0xd0

static gpointer
context_new(const McpMediaFormat *format)
{
    return gsm_create();
}

static void
context_free(gpointer context)
{
    gsm_destroy(context);
}

static gsize
encode(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    gint16 frame[FRAME_SAMPLES];

    if (n != FRAME_SAMPLES || size < FRAME_BYTES)
        return 0;
    memcpy(frame, samples, sizeof frame);
    gsm_encode(encoder, frame, out);
    return FRAME_BYTES;
}

static guint
decode(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    guint n = 0;

    if (length % FRAME_BYTES != 0)
        return 0;
    for (gsize at = 0; at < length && n + FRAME_SAMPLES <= max; at += FRAME_BYTES) {
        gsm_byte frame[FRAME_BYTES];

        if ((payload[at] & 0xf0) != SIGNATURE)
            return n;
        memcpy(frame, payload + at, sizeof frame);
        if (gsm_decode(decoder, frame, out + n) != 0)
            return n;
        n += FRAME_SAMPLES;
    }
    return n;
}

const McpMediaCoderClass mcp_media_coder_gsm = {
    .encoder_new = context_new,
    .encoder_free = context_free,
    .encode = encode,
    .decoder_new = context_new,
    .decoder_free = context_free,
    .decode = decode,
};
