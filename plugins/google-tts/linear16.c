/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's LINEAR16, which is little-endian and comes in a WAV file, as the samples that the
 * platform plays. Pure functions, any thread.
 */
#include "linear16.h"

#include <mcp/error.h>
#include <string.h>

#define RIFF_HEADER 12
#define CHUNK_HEADER 8
#define FORMAT_LENGTH 16
#define FORMAT_PCM 1
#define LEAST_RATE 8000
#define MOST_RATE 48000

static guint
read16(const guint8 *at)
{
    return at[0] | (guint)at[1] << 8;
}

static guint32
read32(const guint8 *at)
{
    return read16(at) | (guint32)read16(at + 2) << 16;
}

/* Length of what chunk @id holds, 0 if there is none. */
static gsize
find_chunk(const guint8 *data, gsize length, const char *id, gsize *out_at)
{
    gsize at = RIFF_HEADER;

    while (at + CHUNK_HEADER <= length) {
        gsize size = read32(data + at + 4);
        gsize there = length - at - CHUNK_HEADER;

        if (memcmp(data + at, id, 4) == 0) {
            *out_at = at + CHUNK_HEADER;
            return MIN(size, there);
        }
        if (size + (size & 1) > there)
            break;
        at += CHUNK_HEADER + size + (size & 1);
    }
    return 0;
}

static gboolean
check_format(const guint8 *format, guint *out_rate, GError **error)
{
    guint32 rate = read32(format + 4);

    if (read16(format) != FORMAT_PCM || read16(format + 2) != 1 || read16(format + 14) != 16 ||
        rate < LEAST_RATE || rate > MOST_RATE) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                    "audio of format %u, %u channels, %u bits, %u Hz was not asked for",
                    read16(format), read16(format + 2), read16(format + 14), rate);
        return FALSE;
    }
    *out_rate = rate;
    return TRUE;
}

void
mcp_google_linear16_append(GByteArray *to, const guint8 *samples, gsize length)
{
    gsize at = to->len;

    g_byte_array_set_size(to, to->len + (guint)length);
    for (gsize i = 0; i + 1 < length; i += 2) {
        to->data[at + i] = samples[i + 1];
        to->data[at + i + 1] = samples[i];
    }
}

GBytes *
mcp_google_linear16_from_wav(GBytes *wav, guint *out_rate, GError **error)
{
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(wav, &length);
    gsize format = 0;
    gsize samples = 0;
    gsize size = 0;
    GByteArray *swapped = NULL;

    if (length < RIFF_HEADER || memcmp(data, "RIFF", 4) != 0 || memcmp(data + 8, "WAVE", 4) != 0 ||
        find_chunk(data, length, "fmt ", &format) < FORMAT_LENGTH) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                    "%" G_GSIZE_FORMAT " bytes of audio are no WAV file", length);
        return NULL;
    }
    if (!check_format(data + format, out_rate, error))
        return NULL;
    size = find_chunk(data, length, "data", &samples) & ~(gsize)1;
    swapped = g_byte_array_sized_new((guint)size);
    mcp_google_linear16_append(swapped, data + samples, size);
    return g_byte_array_free_to_bytes(swapped);
}
