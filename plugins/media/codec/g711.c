/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.711 and L16 (RFC 3551 §4.5.11) as codecs: without memory. Any thread.
 */
#include "coder.h"
#include <sound/g711.h>

static gsize
encode_mulaw(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    guint used = (guint)MIN(n, size);

    mcp_sound_mulaw_encode(samples, used, out);
    return used;
}

static guint
decode_mulaw(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    guint n = (guint)MIN(length, max);

    mcp_sound_mulaw_decode(payload, n, out);
    return n;
}

static gsize
encode_alaw(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    guint used = (guint)MIN(n, size);

    mcp_sound_alaw_encode(samples, used, out);
    return used;
}

static guint
decode_alaw(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    guint n = (guint)MIN(length, max);

    mcp_sound_alaw_decode(payload, n, out);
    return n;
}

static gsize
encode_l16(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    guint used = (guint)MIN(n, size / 2);

    for (guint i = 0; i < used; i++) {
        out[2 * i] = (guint8)((guint16)samples[i] >> 8);
        out[2 * i + 1] = (guint8)samples[i];
    }
    return 2 * (gsize)used;
}

static guint
decode_l16(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    guint n = (guint)MIN(length / 2, max);

    for (guint i = 0; i < n; i++)
        out[i] = (gint16)(guint16)(payload[2 * i] << 8 | payload[2 * i + 1]);
    return n;
}

const McpMediaCoderClass mcp_media_coder_mulaw = {
    .encode = encode_mulaw,
    .decode = decode_mulaw,
};

const McpMediaCoderClass mcp_media_coder_alaw = {
    .encode = encode_alaw,
    .decode = decode_alaw,
};

const McpMediaCoderClass mcp_media_coder_l16 = {
    .encode = encode_l16,
    .decode = decode_l16,
};
